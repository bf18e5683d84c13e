//! What leaves the program for spreadsheets and paper: no name becomes a formula or a script.

use crate::common::office::{facts, home, import_all};
use crate::common::{TestHome, path, python, run_python};
use calamine::{Data, Reader as _, Xlsx};
use std::io::Cursor;

/// Names that a spreadsheet would take for formulas, and a browser for mark-up.
const EVIL: [&str; 6] = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "<script>alert(1)</script>&\"'"];

/// March of the small office, its six windows under evil names.
fn evil_office() -> TestHome {
    let home = home();
    let mut windows = csv::Writer::from_writer(Vec::new());
    windows.write_record(["window", "from", "to", "name", "centre", "type"]).expect("written");
    for ((window, centre, ty), name) in crate::common::office::WINDOWS.iter().zip(EVIL) {
        windows.write_record([*window, "2025-01-01", "", name, *centre, *ty]).expect("written");
    }
    let windows = String::from_utf8(windows.into_inner().expect("bytes")).expect("text");
    home.home_file("register/windows.csv", &windows);
    import_all(&home, &facts());
    home.ok(&["close", "--period", "2026-03"]);
    home
}

#[test]
fn a_workbook_has_text_cells_for_every_name_and_the_numbers_of_the_json() {
    let home = evil_office();
    let file = home.home().with_file_name("march.xlsx");
    home.ok(&["score", "2026-03", "--xlsx", path(&file)]);
    let bytes = std::fs::read(&file).expect("written");
    let mut book = Xlsx::new(Cursor::new(bytes.clone())).expect("a workbook");
    assert_eq!(book.sheet_names(), ["Ranking", "Layers", "Indicators", "Columns"]);
    for sheet in book.sheet_names() {
        assert!(book.worksheet_formula(&sheet).expect("a sheet").used_cells().next().is_none(), "{sheet}");
    }
    let ranking = book.worksheet_range("Ranking").expect("a sheet");
    let header: Vec<String> = ranking.rows().next().expect("a header").iter().map(Data::to_string).collect();
    let column = |name: &str| header.iter().position(|column| column == name).expect("a column");
    let scores = home.scores(&["2026-03"]);
    for unit in scores["units"].as_array().expect("units") {
        let row =
            ranking.rows().find(|row| row[column("unit")] == Data::String(unit["unit"].as_str().expect("id").into()));
        let row = row.expect("every unit has a row");
        assert_eq!(row[column("name")], Data::String(unit["name"].as_str().expect("a name").into()));
        match unit["score"].as_str() {
            Some(score) => {
                assert_eq!(row[column("score")], Data::Float(score.parse().expect("a number")));
                assert_eq!(row[column("exact")], Data::String(unit["exact"].as_str().expect("exact").into()));
            }
            None => assert_eq!(row[column("score")], Data::Empty),
        }
    }
    let names: Vec<&Data> = ranking.rows().map(|row| &row[column("name")]).collect();
    for name in EVIL {
        assert!(names.contains(&&Data::String(name.to_owned())), "{name:?}");
    }
    let indicators = book.worksheet_range("Indicators").expect("a sheet");
    let lines: usize = units_lines(&scores);
    assert_eq!(indicators.height(), lines + 1);

    home.ok(&["score", "2026-03", "--xlsx", path(&file)]);
    assert_eq!(std::fs::read(&file).expect("written"), bytes, "the same scores give the same bytes");
    let Some(python) = python(&["openpyxl"]) else { return };
    let script = "import openpyxl, sys\n\
        book = openpyxl.load_workbook(sys.argv[1])\n\
        assert book.properties.created.year == 2000, book.properties.created\n\
        cells = [c for s in book for row in s.iter_rows() for c in row if c.value is not None]\n\
        assert not [c for c in cells if c.data_type not in 'sn'], 'a formula'\n\
        print(len(cells), sum(c.value in sys.argv[2:] for c in cells))";
    let mut words = vec!["-c", script, path(&file)];
    words.extend(EVIL);
    let printed = run_python(&python, &words);
    let (cells, evil) = printed.trim().split_once(' ').expect("two numbers");
    assert!(cells.parse::<usize>().expect("a number") > 500, "{printed}");
    assert!(evil.parse::<usize>().expect("a number") >= EVIL.len(), "{printed}");
}

fn units_lines(scores: &serde_json::Value) -> usize {
    let list = |value: &serde_json::Value, key: &str| value[key].as_array().expect(key).clone();
    let units = list(scores, "units").into_iter();
    let groups = units.flat_map(|unit| list(&unit, "layers")).flat_map(|layer| list(&layer, "groups"));
    groups.map(|group| list(&group, "indicators").len()).sum()
}

#[test]
fn csv_neutralises_every_name() {
    let home = evil_office();
    let text = home.ok(&["score", "2026-03", "--csv"]);
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let names: Vec<String> = reader.records().map(|row| row.expect("a row")[2].to_owned()).collect();
    for name in &EVIL[..5] {
        assert!(names.contains(&format!("'{name}")), "{name:?}: {names:?}");
    }
}

#[test]
fn means_of_months_have_a_workbook_too_and_one_format_is_asked_for_at_a_time() {
    let home = evil_office();
    let file = home.home().with_file_name("quarter.xlsx");
    home.ok(&["score", "2026-Q1", "--xlsx", path(&file)]);
    let mut book: Xlsx<_> = calamine::open_workbook(&file).expect("a workbook");
    assert!(book.worksheet_range("Means").expect("a sheet").height() > 6);
    home.fails(2, &["score", "2026-03", "--xlsx", path(&file), "--json"]);
    home.fails(2, &["score", "2026-03", "--xlsx", path(&file), "--csv"]);
    let nowhere = home.home().join("no/such/folder.xlsx");
    assert!(home.fails(1, &["score", "2026-03", "--xlsx", path(&nowhere)]).contains("could not be written"));
}

/// The texts between the tags of a page, unescaped.
fn visible(page: &str) -> String {
    let body = page.split("</style>").nth(1).expect("a body");
    let texts: Vec<&str> = body.split('<').filter_map(|piece| piece.split_once('>').map(|(_, text)| text)).collect();
    let text = texts.join("\u{1f}");
    [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")]
        .into_iter()
        .fold(text, |text, (entity, character)| text.replace(entity, character))
}

#[test]
fn a_scorecard_page_says_what_the_json_says_and_fetches_nothing() {
    let home = evil_office();
    let file = home.home().with_file_name("card.html");
    for unit in ["A1", "B3", "S0", "S3"] {
        home.ok(&["explain", unit, "2026-03", "--html", path(&file)]);
        let page = std::fs::read_to_string(&file).expect("a page");
        for forbidden in ["<script", "http:", "https:", "src=", "href=", "url(", "@import", "javascript:"] {
            assert!(!page.contains(forbidden), "{unit}: {forbidden}");
        }
        let text = visible(&page);
        let json: serde_json::Value =
            serde_json::from_str(&home.ok(&["explain", unit, "2026-03", "--json"])).expect("JSON");
        let card = &json["unit"];
        for field in
            [&card["name"], &card["exact"], &card["score"], &json["digest"], &json["inputs"]["tally"]["sha256"]]
        {
            if let Some(field) = field.as_str().filter(|_| *field != card["name"] || card["name"] != card["unit"]) {
                assert!(text.contains(field), "{unit}: {field}");
            }
        }
        let lines = units_lines(&serde_json::json!({"units": [card]}));
        assert_eq!(page.matches("<details class=\"line").count(), lines, "{unit}");
        for facts in json["facts"].as_object().expect("facts").values() {
            let negative = |fact: &&serde_json::Value| fact["left_out"]["rule"] == "negative_duration";
            let count = facts.as_array().expect("a list").iter().filter(negative).count();
            assert!(count == 0 || text.contains(&format!("{count} × ")), "{unit}: {count} left out");
        }
        // The bars end where the score does.
        let last = page.rsplit("<rect class=\"total\" x=\"0.000\"").next().expect("a bar");
        if let Some(exact) = card["exact"].as_str() {
            let width: f64 = last
                .split("width=\"")
                .nth(1)
                .and_then(|rest| rest.split('"').next())
                .expect("a width")
                .parse()
                .expect("a number");
            assert!((width - exact.parse::<f64>().expect("a number")).abs() < 0.001, "{unit}: {width} {exact}");
        }
    }
    let zh = home.ok(&["--lang", "zh", "explain", "A1", "2026-03", "--html", path(&file)]);
    assert!(zh.contains("已写入"), "{zh}");
    assert!(std::fs::read_to_string(&file).expect("a page").contains("<html lang=\"zh-CN\">"));
    home.fails(2, &["explain", "A1", "2026-03", "--html", path(&file), "--json"]);
}

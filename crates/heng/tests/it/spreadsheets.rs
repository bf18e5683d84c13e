//! Workbooks and Parquet files as others write them, and as an enemy would.

use crate::common::office::home;
use crate::common::{TestHome, path, project};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use std::io::Write as _;
use std::path::PathBuf;
use zip::write::{SimpleFileOptions, ZipWriter};

const MAP: &str = "kind = 'case'\nsource = 'hall'\nid = ['办件编号']\ntimezone = 'Asia/Shanghai'\n[fields]\nwindow = '窗口'\n\
    accepted_at = '受理时间'\nfinished_at = '办结时间'\nsupplement_notices = '补正次数'\nasked = '已邀请评价'\nclient = '电话'\n";

/// The same cases as in the files that other programs wrote.
const CSV: &str = "办件编号,窗口,受理时间,办结时间,补正次数,已邀请评价,电话\n\
    A1,一号,2026-03-05 09:00:00,2026-03-05 09:10:00,1,true,13800000001\n\
    A2,一号,2026-03-05 09:20:30,2026-03-06 00:00:00,0,false,13800000002\n\
    A3,二号,2026-03-06 10:40:00,,2,true,13800000003\n\
    =1+1,二号,2026-03-06 11:00:00,2026-03-06 11:05:00,3,true,13800000004\n\
    0012,@三号,2026-03-09 08:59:59,2026-03-09 09:00:00,12,false,13800000005\n";

/// A mapping with more said in its head.
fn map(home: &TestHome, head: &str) -> PathBuf {
    home.file("map.toml", format!("{head}\n{MAP}"))
}

fn data(name: &str) -> PathBuf {
    project().join("crates/heng/tests/data").join(name)
}

/// A home that knows the cases already, from CSV.
fn home_with_cases() -> TestHome {
    let home = home();
    let csv = home.file("cases.csv", CSV);
    let said = home.ok(&["import", "--map", path(&map(&home, "")), path(&csv)]);
    assert!(said.contains("5 new"), "{said}");
    home
}

#[test]
fn a_workbook_that_openpyxl_wrote_holds_the_same_facts_as_csv() {
    let home = home_with_cases();
    let map = map(&home, "sheet = '办件'\nheader_row = 3");
    let output = home.run(&["import", "--map", path(&map), path(&data("office.xlsx"))]);
    assert_eq!(output.status.code(), Some(1), "there are bad rows");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("9 rows, 5 known already, 4 bad"), "{said}");
    let rejected = std::fs::read_to_string(home.home().join("rejected/office.rejected.csv")).expect("bad rows");
    assert!(rejected.starts_with('\u{feff}'), "spreadsheets know UTF-8 by its mark");
    for (id, reason) in [
        ("B1,一号,", "a formula without its result"),
        ("B2,#DIV/0!,2026-03-09 09:00:00", "an error of the workbook"),
        ("110101199003071", "more than 15 digits"),
        ("B4,一号,昨天", "is not a time"),
    ] {
        assert!(rejected.lines().any(|line| line.starts_with(id) && line.contains(reason)), "{id}: {rejected}");
    }
    // Mended, the file goes back under the same mapping, even where the mapping says what the workbook was.
    let mended = rejected
        .replace("B1,一号,", "B1,一号,2026-03-09 10:00:00")
        .replace("#DIV/0!", "一号")
        .replace("110101199003071232", "B3")
        .replace("昨天", "2026-03-09 10:20:00");
    let mended = home.file("mended.csv", mended);
    for head in ["sheet = '办件'\nheader_row = 3", "format = 'xlsx'", "format = 'xlsx'\nencoding = 'gb18030'"] {
        let map = self::map(&home, head);
        let said = home.ok(&["import", "--map", path(&map), path(&mended), "--dry-run"]);
        assert!(said.contains("4 new"), "{said}");
    }
}

#[test]
fn a_parquet_file_that_pyarrow_wrote_holds_the_same_facts_as_csv() {
    let home = home_with_cases();
    let file = data("office.parquet");
    let said = home.ok(&["import", "--map", path(&map(&home, "")), path(&file)]);
    assert!(said.contains("5 rows, 5 known already"), "{said}");
    let map = home.file("nested.toml", MAP.replace("'窗口'", "'环节'"));
    assert!(home.fails(1, &["import", "--map", path(&map), path(&file)]).contains("column `环节` is nested"));
    let map = home.file("other.toml", MAP.replace("'窗口'", "'柜台'"));
    let said = home.fails(1, &["import", "--map", path(&map), path(&file)]);
    assert!(said.contains("no column `柜台`") && said.contains("`环节`"), "{said}");
}

#[test]
fn bad_records_of_parquet_come_back_as_csv_and_go_in_again() {
    let home = home();
    let file = data("office.parquet");
    let map = home.file("map.toml", MAP.replace("asked = '已邀请评价'", "asked = { column = '窗口' }"));
    let output = home.run(&["import", "--map", path(&map), path(&file)]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("5 bad"), "{output:?}");
    let rejected = home.home().join("rejected/office.rejected.csv");
    let map = self::map(&home, "format = 'parquet'").with_file_name("again.toml");
    std::fs::write(&map, MAP.replace("asked = '已邀请评价'\n", "")).expect("written");
    let said = home.ok(&["import", "--map", path(&map), path(&rejected)]);
    assert!(said.contains("5 new"), "{said}");
}

/// A workbook as `rust_xlsxwriter` writes it, with cells of every type.
fn written() -> Workbook {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let when = Format::new().set_num_format("yyyy\"年\"m\"月\"d\"日\" hh:mm");
    let time = |text: &str| ExcelDateTime::parse_from_str(text).expect("a time");
    for (column, name) in
        ["办件编号", "窗口", "受理时间", "办结时间", "补正次数", "已邀请评价", "电话"].into_iter().enumerate()
    {
        sheet.write(0, u16::try_from(column).expect("few"), name).expect("written");
    }
    sheet.write(1, 0, "A1").expect("written");
    sheet.write(1, 1, "一号").expect("written");
    sheet.write_with_format(1, 2, time("2026-03-05 09:00:00"), &when).expect("written");
    sheet.write_formula(1, 3, Formula::new("=C2+1/144").set_result("46086.3819444444")).expect("written");
    sheet.write(1, 4, 0.999_999_999_999_999_9).expect("written");
    sheet.write(1, 5, true).expect("written");
    sheet.write(1, 6, 13_800_000_001_i64).expect("written");
    book
}

#[test]
fn a_formula_gives_its_stored_result_and_noise_is_rounded_off() {
    let home = home_with_cases();
    let book = written().save_to_buffer().expect("a workbook");
    let file = home.file("one.xlsx", book);
    let map = home.file("map.toml", MAP.replace("'办结时间'", "{ column = '办结时间', time = ['excel'] }"));
    let said = home.ok(&["import", "--map", path(&map), path(&file)]);
    assert!(said.contains("1 known already"), "{said}");
}

/// A zip with these parts; each stands for a part of a workbook.
fn zipped(parts: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).expect("a part");
        zip.write_all(content).expect("written");
    }
    zip.finish().expect("a zip").into_inner()
}

/// A workbook of which one part is replaced.
fn workbook_with(part: &str, content: &[u8]) -> Vec<u8> {
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let main = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
    let relation = |ty: &str, to: &str| format!("<Relationship Id=\"r1\" Type=\"{office}/{ty}\" Target=\"{to}\"/>");
    let relations = |inner: String| format!("<Relationships xmlns=\"{package}\">{inner}</Relationships>").into_bytes();
    let mut parts = vec![
        ("_rels/.rels", relations(relation("officeDocument", "xl/workbook.xml"))),
        ("xl/_rels/workbook.xml.rels", relations(relation("worksheet", "worksheets/sheet1.xml"))),
        (
            "xl/workbook.xml",
            format!("<workbook {main} xmlns:r=\"{office}\"><sheets><sheet name=\"s\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>")
                .into_bytes(),
        ),
        ("xl/sharedStrings.xml", format!("<sst {main} uniqueCount=\"1\"><si><t>x</t></si></sst>").into_bytes()),
        ("xl/worksheets/sheet1.xml", sheet("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>")),
    ];
    parts.iter_mut().filter(|(name, _)| *name == part).for_each(|(_, old)| *old = content.to_vec());
    zipped(&parts)
}

fn sheet(rows: &str) -> Vec<u8> {
    let main = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
    format!("<worksheet {main}><sheetData>{rows}</sheetData></worksheet>").into_bytes()
}

/// Workbooks that are refused whole: name, bytes, part of the reason.
fn bad_workbooks() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let part = |rows: &str| workbook_with("xl/worksheets/sheet1.xml", &sheet(rows));
    let whole = written().save_to_buffer().expect("a workbook");
    let mut flipped = whole.clone();
    // Within the packed bytes of the first part.
    flipped[60] ^= 0xff;
    let texts = |text: &str| workbook_with("xl/sharedStrings.xml", text.as_bytes());
    let bomb = [b"<worksheet><sheetData><row><c><v>".as_slice(), &vec![b'1'; 40 << 20]].concat();
    let rows = |r: &str| format!("<row r=\"{r}\"><c r=\"A{r}\"><v>1</v></c></row>");
    vec![
        ("empty.xlsx", Vec::new(), "not a workbook"),
        ("text.xlsx", b"no,w\n1,2\n".to_vec(), "not a workbook"),
        ("cut.xlsx", whole[..whole.len() / 2].to_vec(), "not a workbook"),
        ("no_end.xlsx", whole[..whole.len() - 10].to_vec(), "not a workbook"),
        ("flipped.xlsx", flipped, ""),
        ("old.xlsx", [&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1][..], &[0; 600]].concat(), "not a workbook"),
        ("document.xlsx", zipped(&[("word/document.xml", b"<document/>".to_vec())]), "workbook"),
        ("photos.xlsx", zipped(&[("a.jpg", vec![7; 1000]), ("b.jpg", vec![8; 1000])]), "workbook"),
        ("bomb.xlsx", workbook_with("xl/worksheets/sheet1.xml", &bomb), "tighter"),
        ("bomb_texts.xlsx", workbook_with("xl/sharedStrings.xml", &bomb), "tighter"),
        ("many_texts.xlsx", texts("<sst uniqueCount=\"99999999999\"><si><t>x</t></si></sst>"), "cannot hold"),
        ("hidden_texts.xlsx", texts("<!-- <sst> --><x:sst uniqueCount = '9999999999'/>"), "cannot hold"),
        (
            "long_text.xlsx",
            texts(&format!("<sst><si><t>{}</t></si></sst>", "长".repeat(400_000))),
            "has a text of more",
        ),
        ("far_row.xlsx", part(&rows("1048577")), "more than 1048576 rows"),
        ("no_row.xlsx", part(&rows("99999999999")), ""),
        ("far_column.xlsx", part("<row r=\"1\"><c r=\"XFE1\"><v>1</v></c></row>"), "16384 columns"),
        ("backwards.xlsx", part(&[rows("2"), rows("1")].concat()), "stands after"),
        ("open_tags.xlsx", part("<row><c><v>1"), ""),
        ("no_text.xlsx", part("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>77</v></c></row>"), "shared strings"),
        ("no_error.xlsx", part("<row r=\"1\"><c r=\"A1\" t=\"e\"><v>#NOPE!</v></c></row>"), "row 1"),
        ("no_header.xlsx", part("<row r=\"2\"><c r=\"A2\"><v>1</v></c></row>"), "row 1 is empty"),
        ("other_header.xlsx", part("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>"), "has no column"),
        ("wide.xlsx", wide(), "has no column"),
    ]
}

/// A header of as many columns as a sheet can have.
fn wide() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for column in 0..16_384_u16 {
        sheet.write(0, column, format!("列{column}")).expect("written");
        sheet.write(1, column, column).expect("written");
    }
    book.save_to_buffer().expect("a workbook")
}

/// Parquet files that are refused whole.
fn bad_parquets() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let whole = std::fs::read(data("office.parquet")).expect("readable");
    let end = whole.len();
    let length = whole[end - 8..end - 4].iter().rev().fold(0, |length, byte| length << 8 | usize::from(*byte));
    let start = end - 8 - length;
    let changed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = whole.clone();
        change(&mut bytes);
        bytes
    };
    let footer = |footer: &[u8]| {
        let length = u32::try_from(footer.len()).expect("short").to_le_bytes();
        [b"PAR1", footer, &length, b"PAR1"].concat()
    };
    vec![
        ("empty.parquet", Vec::new(), "too short"),
        ("text.parquet", b"no,w\n1,2\n1,2\n".to_vec(), "does not end with PAR1"),
        ("cut.parquet", whole[..end / 2].to_vec(), "cut off"),
        ("long_footer.parquet", changed(&|bytes| bytes[end - 5] = 0x7f), "longer than the file"),
        ("zero_footer.parquet", changed(&|bytes| bytes[start..start + 100].fill(0)), ""),
        ("wild_footer.parquet", changed(&|bytes| bytes[start..start + 100].fill(0xff)), "footer is damaged"),
        // A list of 2,147,483,647 columns in a footer of nine bytes.
        ("long_list.parquet", footer(&[0x15, 0x02, 0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07]), "more entries than"),
        ("no_footer.parquet", footer(&[0x00]), "not readable"),
        ("wild_pages.parquet", changed(&|bytes| bytes[4..600].fill(0x99)), ""),
    ]
}

#[test]
fn broken_and_hostile_files_are_refused_whole_and_nothing_is_imported() {
    let home = home();
    let map = map(&home, "");
    let files: Vec<_> = bad_workbooks().into_iter().chain(bad_parquets()).collect();
    for (name, content, expect) in files {
        let file = home.file(name, content);
        let said = home.fails(1, &["import", "--map", path(&map), path(&file)]);
        assert!(said.contains(expect) && said.contains(name), "{name}: {said}");
        let own = said.lines().filter(|line| line.contains("error: ")).map(str::len).sum::<usize>();
        assert!((1..4_000).contains(&own), "{name}: {said}");
    }
    assert!(home.ok(&["status"]).contains("no facts yet"));
    let map = self::map(&home, "sheet = '办件 '");
    let said = home.fails(1, &["import", "--map", path(&map), path(&data("office.xlsx"))]);
    assert!(said.contains("no sheet `办件 `; it has: `说明`, `办件`"), "{said}");
}

#[test]
fn a_row_that_is_too_long_or_of_wrong_types_is_bad_and_the_next_one_good() {
    let home = home();
    let mut book = written();
    let sheet = book.worksheet_from_index(0).expect("a sheet");
    for row in 2..4 {
        sheet.write(row, 0, format!("L{row}")).expect("written");
        sheet.write(row, 1, "一号").expect("written");
        sheet.write(row, 2, "2026-03-05 09:00:00").expect("written");
    }
    // 40 texts of the longest kind make more than a MiB.
    for column in 7..47 {
        sheet.write(0, column, format!("附注{column}")).expect("written");
        sheet.write(2, column, "x".repeat(32_767)).expect("written");
    }
    for (column, wrong) in [(2, "true"), (4, "many"), (5, "perhaps")] {
        let row = 4 + u32::from(column);
        sheet.write(row, 0, format!("W{column}")).expect("written");
        sheet.write(row, 1, "一号").expect("written");
        sheet.write(row, 2, "2026-03-05 09:00:00").expect("written");
        sheet.write(row, column, wrong).expect("written");
    }
    let file = home.file("rows.xlsx", book.save_to_buffer().expect("a workbook"));
    let map = home.file("map.toml", MAP.replace("'办结时间'", "{ column = '办结时间', time = ['excel'] }"));
    let output = home.run(&["import", "--map", path(&map), path(&file)]);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(out.contains("6 rows, 2 new, 4 bad"), "{out}{err}");
    for expect in
        ["line 3: the row has more than 1048576 bytes", "line 7: `accepted_at`: `true`", "line 9: ", "line 10: "]
    {
        assert!(err.contains(expect), "{expect}: {err}");
    }
}

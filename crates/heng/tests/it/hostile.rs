//! Broken and hostile inputs: each a clear error, in bounded time, and a home that is as it was.

use crate::common::office::home;
use crate::common::{TestHome, path};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const ARTICLE: &str = include_str!("../../../../schemes/article.toml");

const CASES: &str = "kind = 'case'\nsource = 's'\nid = ['no']\n[fields]\nwindow = 'w'\naccepted_at = 'a'\nfinished_at = 'f'\nsupplement_notices = 'k'\n";

/// Every file of a home with its content, but for the lock.
fn snapshot(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(folder).expect("readable") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if path.is_dir() {
                pending.push(path);
            } else if !["home.lock", "heng.db-wal", "heng.db-shm"].contains(&name.as_str()) {
                files.insert(path.clone(), std::fs::read(&path).expect("readable"));
            }
        }
    }
    files
}

/// A home that has been used once, so that its database is there.
fn used_home() -> TestHome {
    let home = home();
    home.ok(&["status"]);
    home
}

/// Schemes that are refused, each with a part of the reason.
fn schemes() -> Vec<(String, &'static str)> {
    let change = |from: &str, to: &str| {
        assert!(ARTICLE.contains(from), "{from}");
        ARTICLE.replacen(from, to, 1)
    };
    let rule = |rule: &str| change("where = \"elapsed_seconds < 0\"", &format!("where = '''{rule}'''"));
    vec![
        (String::new(), "missing field"),
        ("\u{0}\u{1}\u{2}".to_owned(), "line 1"),
        ("[[[[".to_owned(), "line 1"),
        ("a = [".repeat(50_000), "line 1"),
        ("#".repeat(2 << 20), "at most"),
        (change("format = 1", "format = 7"), "reads format = 1"),
        (change("weight = 60", "weight = 1e999"), "line"),
        (change("floor = \"1.40\"", "floor = 1.40"), "in quotes"),
        (change("floor = \"1.40\"", "floor = \"1/0\""), "is not a number"),
        (change("floor = \"1.40\"", &format!("floor = \"{}\"", "9".repeat(60))), "is not a number"),
        (change("min_n = 25", "min_n = -1"), "line"),
        (change("min_n = 25", "min_n = 99999999999"), "line"),
        (change("table = \"case\"", "table = \"sqlite_master\""), "no table"),
        (rule("elapsed_seconds < 0; DROP TABLE fact"), "after the end"),
        (rule("1"), "a condition is needed"),
        (rule("elapsed_seconds < (SELECT 1)"), "not allowed"),
        (rule("EXISTS (SELECT * FROM fact)"), "not allowed"),
        (rule("elapsed_seconds IN (SELECT 1)"), "not allowed"),
        (rule("random() > 0"), "not allowed"),
        (rule("accepted_at < now()"), "not allowed"),
        (rule("accepted_at < CURRENT_TIMESTAMP"), "not allowed"),
        (rule("length(channel) > 3"), "not allowed"),
        (rule("length(repeat('ab', 1000000000)) > 0"), "not allowed"),
        (rule("elapsed_seconds / 0 > 1"), "not allowed"),
        (rule("elapsed_seconds * elapsed_seconds > 1"), "not allowed"),
        (rule("CAST(channel AS INT) = 1"), "not allowed"),
        (rule("channel LIKE '%a%'"), "not allowed"),
        (rule("channel ~ '(a+)+$'"), "not allowed"),
        (rule("channel || 'x' = 'y'"), "not allowed"),
        (rule("CASE WHEN overdue THEN TRUE END"), "not allowed"),
        (rule("elapsed_seconds = ANY (ARRAY[1])"), "not allowed"),
        (rule("INTERVAL '1 day' > elapsed_seconds"), "not allowed"),
        (rule("elapsed_seconds::int > 1"), "not allowed"),
        (rule("channel < 'b'"), "no order"),
        (rule("staff = rater"), ""),
        (rule("rater = 1"), "person"),
        (rule("comment = 'x'"), "no column"),
        (rule("elapsed_seconds > 9223372036854775808"), "whole numbers"),
        (rule("elapsed_seconds + 9223372036854775807 > 0"), "could pass"),
        (rule(&vec!["elapsed_seconds = 1"; 8_000].join(" OR ")), "at most 4096"),
        (rule(&vec!["1"; 100_000].join("+")), "at most 4096"),
        (rule(&vec!["overdue"; 300].join(" OR ")), "more than 256"),
        (rule(&format!("{}overdue{}", "NOT (".repeat(30), ")".repeat(30))), "deeper than 16"),
        (rule(&"(".repeat(2_000)), "not an expression"),
        (rule(&format!("{}1", "-".repeat(3_000))), ""),
        (rule("\"; DROP TABLE fact; --\" = 'x'"), "no column"),
        (change("sum = \"handling_permille\"", "sum = \"finished_at\""), "cannot be summed"),
        (change("sum = \"handling_permille\"", "sum = \"4294967296\""), "could pass"),
        (change("id = \"finished\"", &format!("id = \"{}\"", "x".repeat(500))), "use letters"),
    ]
}

#[test]
fn hostile_schemes_are_refused_in_bounded_time() {
    let home = used_home();
    let before = snapshot(&home.home());
    let schemes = schemes();
    assert!(schemes.len() >= 45);
    for (index, (text, expect)) in schemes.iter().enumerate() {
        let file = home.file(&format!("s{index}.toml"), text);
        for words in [vec!["scheme", "lint", path(&file)], vec!["score", "2026-01", "--scheme", path(&file)]] {
            let said = home.fails(1, &words);
            assert!(said.contains(expect), "{expect}: {said}");
            assert!(said.len() < 4_000 && !said.contains("panicked"), "{said}");
        }
    }
    assert_eq!(snapshot(&home.home()), before);
}

/// Mappings that are refused before the first row, each with a part of the reason.
const MAPPINGS: [(&str, &str, &str); 16] = [
    ("kind = 'case'", "kind = 'cases'", "is unknown"),
    ("source = 's'\n", "", "which system reports"),
    ("id = ['no']\n", "", "own id"),
    ("id = ['no']", "id = ['no']\nformat = 'xls'", "unknown variant"),
    ("id = ['no']", "id = ['no']\nencoding = 'latin1'", "unknown variant"),
    ("id = ['no']", "id = ['no']\ndelimiter = 'x'", "a comma"),
    ("id = ['no']", "id = ['no']\ntimezone = '../../etc/passwd'", "IANA"),
    ("id = ['no']", "id = ['$value']", "needs [unpivot]"),
    ("id = ['no']", "id = ['no']\nunpivot = { columns = {} }", "names no columns"),
    ("id = ['no']", "id = ['no']\ngroup = { by = ['no'] }\nunpivot = { columns = { a = 'b' } }", "do not go together"),
    ("window = 'w'", "windows = 'w'", "no such field"),
    ("window = 'w'", "window = { column = 'w', const = 'x' }", "either column"),
    ("supplement_notices = 'k'", "supplement_notices = { column = 'k', scale = 0 }", "from 1 to"),
    ("supplement_notices = 'k'", "supplement_notices = { column = 'k', scale = 99999999999 }", "from 1 to"),
    ("accepted_at = 'a'", "accepted_at = { column = 'a', time = ['%'] }", "time format"),
    ("accepted_at = 'a'\nfinished_at = 'f'\n", "", "needs one of the fields"),
];

#[test]
fn wrong_mappings_are_refused_before_the_first_row() {
    let home = used_home();
    let before = snapshot(&home.home());
    let data = home.file("data.csv", "no,w,a,f,k\n1,W,2026-01-05 09:00:00,,\n");
    for (index, (from, to, expect)) in MAPPINGS.iter().enumerate() {
        assert!(CASES.contains(from), "{from}");
        let file = home.file(&format!("m{index}.toml"), CASES.replacen(from, to, 1));
        let said = home.fails(1, &["import", "--map", path(&file), path(&data)]);
        assert!(said.contains(expect), "{expect}: {said}");
    }
    assert_eq!(snapshot(&home.home()), before);
}

/// Whole files that are refused: name, content, part of the reason.
fn files() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain("no,w,a,f,k\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    vec![
        ("empty.csv", Vec::new(), "has no column"),
        ("other.csv", b"x,y\n1,2\n".to_vec(), "has no column"),
        ("binary.csv", (0..=255).collect(), "has no column"),
        ("utf16.csv", utf16, "has no column"),
        ("nul.csv", vec![0; 1000], "has no column"),
        ("long_header.csv", vec![b'x'; 3 << 20], "has no column"),
        ("cut.json", b"[{\"no\": \"1\"}, {\"no\": ".to_vec(), "not a whole JSON array"),
        ("object.json", b"{\"no\": \"1\"}".to_vec(), "not a whole JSON array"),
        ("two.json", b"[]\n[]".to_vec(), "not a whole JSON array"),
        ("deep.json", "[".repeat(100_000).into_bytes(), "not a whole JSON array"),
        ("huge.json", format!("[{{\"no\": \"{}\"}}]", "x".repeat(2 << 20)).into_bytes(), "longer than 1 MiB"),
        ("what.bin", b"no,w\n".to_vec(), "cannot tell the format"),
    ]
}

#[test]
fn broken_files_are_refused_whole_and_the_home_stays_as_it_was() {
    let home = used_home();
    let before = snapshot(&home.home());
    let map = home.file("cases.toml", CASES);
    for (name, content, expect) in files() {
        let file = home.file(name, content);
        let said = home.fails(1, &["import", "--map", path(&map), path(&file)]);
        assert!(said.contains(expect) && said.contains(name), "{name}: {said}");
    }
    let missing = home.home().with_file_name("nowhere.csv");
    assert!(home.fails(1, &["import", "--map", path(&map), path(&missing)]).contains("nowhere.csv"));
    let folder = home.home().with_file_name("folder");
    std::fs::create_dir(&folder).expect("made");
    home.fails(1, &["import", "--map", path(&map), path(&folder)]);
    assert_eq!(snapshot(&home.home()), before);
}

#[test]
fn bad_rows_come_back_with_their_reason_and_never_stop_the_good_ones() {
    let rows = [
        ("g1,W,2026-01-05 09:00:00,2026-01-05 09:10:00,1", ""),
        (",W,2026-01-05 09:00:00,,", "own id is empty"),
        ("b2,W,yesterday,,", "is not a time"),
        ("b3,W,2026-02-30 09:00:00,,", "is not a time"),
        ("b4,W,1969-01-01 00:00:00,,", "between 2000 and 2099"),
        ("b5,W,2999-01-01 00:00:00,,", "between 2000 and 2099"),
        ("b6,W,2090-01-01 00:00:00,,", "more than a day ahead"),
        ("b7,W,2026-01-05 09:00:00,,many", "is not a whole number"),
        ("b8,W,2026-01-05 09:00:00,,99999999999", "at most 2,147,483,647"),
        ("b9,W,,,", "at least one of these times"),
        ("b10,W,2026-01-05 09:00:00", "has 3 cells"),
        ("b11,\"W\u{7}\",2026-01-05 09:00:00,,", "without control characters"),
        ("g2,W,2026-01-05 10:00:00,,", ""),
    ];
    let long = format!("{},W,2026-01-05 09:00:00,,", "x".repeat(300));
    let mut text = String::from("\u{feff}no,w,a,f,k\n");
    for row in rows.iter().map(|(row, _)| *row).chain([long.as_str()]) {
        text.push_str(row);
        text.push('\n');
    }
    let home = used_home();
    let map = home.file("cases.toml", CASES);
    let file = home.file("rows.csv", text);
    let dry = home.run(&["import", "--map", path(&map), path(&file), "--dry-run"]);
    assert_eq!(dry.status.code(), Some(1));
    assert!(!home.home().join("rejected").exists(), "a dry run writes nothing");
    assert!(home.ok(&["status"]).contains("no facts yet"));
    let output = home.run(&["import", "case", "--map", path(&map), path(&file)]);
    assert_eq!(output.status.code(), Some(1), "bad rows are said by the exit status");
    assert!(String::from_utf8_lossy(&output.stdout).contains("2 new, 12 bad"), "{output:?}");
    let rejected = std::fs::read_to_string(home.home().join("rejected/rows.rejected.csv")).expect("bad rows");
    assert!(rejected.starts_with("\u{feff}no,w,a,f,k,错误原因\n"), "{rejected}");
    for (row, reason) in rows.iter().filter(|(_, reason)| !reason.is_empty()) {
        let line =
            rejected.lines().find(|line| line.contains(row.split(',').next().expect("id")) && line.contains(reason));
        assert!(line.is_some(), "{row} {reason}\n{rejected}");
    }
    assert!(rejected.contains("1 to 200 bytes"));
}

#[test]
fn gb18030_is_read_and_its_bad_rows_come_back_in_it() {
    let home = used_home();
    let map = home.file("cases.toml", CASES.replace("'no'", "'编号'").replace("'w'", "'窗口'"));
    let text = "编号,窗口,a,f,k\n甲1,一号窗口,2026-01-05 09:00:00,,\n甲2,二号窗口,坏的,,\n";
    let (bytes, _, _) = encoding_rs::GB18030.encode(text);
    let file = home.file("gb.csv", bytes);
    home.run(&["import", "--map", path(&map), path(&file)]);
    assert!(home.ok(&["status"]).contains("case         1"));
    let rejected = std::fs::read(home.home().join("rejected/gb.rejected.csv")).expect("bad rows");
    let (rejected, _, wrong) = encoding_rs::GB18030.decode(&rejected);
    assert!(!wrong && rejected.contains("甲2,二号窗口,坏的,,,") && rejected.contains("错误原因"), "{rejected}");
}

#[test]
fn ndjson_and_json_arrays_give_the_same_facts_as_csv() {
    let home = used_home();
    let map = home.file("cases.toml", CASES);
    let row = r#"{"no": 1, "w": "W", "a": "2026-01-05 09:00:00", "f": null, "k": 2}"#;
    let csv = home.file("a.csv", "no,w,a,f,k\n1,W,2026-01-05 09:00:00,,2\n");
    home.ok(&["import", "--map", path(&map), path(&csv)]);
    for (name, text) in [("a.ndjson", format!("{row}\nnot json\n[1]\n\n")), ("a.json", format!("[{row}, 5]"))] {
        let file = home.file(name, text);
        let output = home.run(&["import", "--map", path(&map), path(&file)]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains("1 known already") && said.contains("bad"), "{said}");
    }
    let rejected = std::fs::read_to_string(home.home().join("rejected/a.rejected.json")).expect("bad rows");
    let rejected: serde_json::Value = serde_json::from_str(&rejected).expect("a JSON array");
    assert!(rejected[0]["错误原因"].as_str().is_some_and(|reason| reason.contains("not a JSON object")));
}

#[test]
fn damaged_and_missing_files_of_a_home_are_named() {
    let facts = crate::common::office::facts();
    let home = home();
    crate::common::office::import_all(&home, &facts);
    home.ok(&["close", "--period", "2026-01"]);
    let lake = home.home().join("lake");
    let find = |folder: &str, part: &str| {
        let entries = std::fs::read_dir(lake.join(folder)).expect("readable");
        let mut paths = entries.map(|entry| entry.expect("an entry").path());
        paths.find(|path| path.to_string_lossy().contains(part)).expect("the file")
    };
    let tally = find("periods/2026-01", "tally-");
    let whole = std::fs::read(&tally).expect("readable");
    let name = tally.file_name().expect("a name").to_string_lossy().into_owned();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    for (damage, expect) in
        [(flipped, "damaged"), (whole[..whole.len() / 2].to_vec(), "damaged"), (Vec::new(), "damaged")]
    {
        std::fs::write(&tally, damage).expect("written");
        let said = home.fails(1, &["score", "2026-01"]);
        assert!(said.contains(&name) && said.contains(expect), "{said}");
    }
    std::fs::remove_file(&tally).expect("removed");
    assert!(home.fails(1, &["score", "2026-01"]).contains("missing"));
    std::fs::write(&tally, &whole).expect("written");
    home.ok(&["score", "2026-01"]);
    // A derived file is a cache: damaged, it is counted again.
    let derived = find("derived/2026-01-05", "tally-");
    std::fs::write(&derived, b"x").expect("written");
    home.ok(&["close", "--period", "2026-01"]);
    // A facts file is not: it is named.
    let case = find("days/2026-01-05", "case-");
    std::fs::write(&case, b"x").expect("written");
    assert!(home.fails(1, &["explain", "A1", "2026-01"]).contains("case-"));
    // Files nobody refers to are nobody's business.
    std::fs::write(lake.join("days/2026-01-05/stray.parquet"), b"x").expect("written");
    home.ok(&["score", "2026-01"]);
}

#[test]
fn wrong_words_end_with_2_and_a_wrong_world_with_1() {
    let home = used_home();
    for words in [
        &["score"][..],
        &["score", "2026-13"],
        &["score", "March"],
        &["score", "2026-01", "--threads", "0"],
        &["score", "2026-01", "--json", "--csv"],
        &["close"],
        &["close", "2026-02-30"],
        &["close", "2026-01-05", "--through", "2026-01-06"],
        &["import", "x.csv"],
        &["frobnicate"],
        &[],
    ] {
        home.fails(2, words);
    }
    assert!(home.fails(1, &["score", "2026-01"]).contains("no sealed day"));
    assert!(home.fails(1, &["close", "--period", "2099-01"]).contains("is not over"));
    assert!(home.fails(1, &["close", "2099-01-01"]).contains("is not over"));
    assert!(home.fails(1, &["init"]).contains("a home here already"));
    assert!(TestHome::empty().fails(1, &["status"]).contains("init"));
    home.home_file("heng.toml", "timezone = \"Asia/Nowhere\"\noffice_hours = []\nscheme = \"scheme.toml\"\n");
    assert!(home.fails(1, &["status"]).contains("Asia/Nowhere"));
    home.home_file("heng.toml", "timezone = \"UTC\"\noffice_hours = [\"9-5\"]\nscheme = \"scheme.toml\"\n");
    assert!(home.fails(1, &["status"]).contains("9-5"));
}

#[test]
fn a_register_that_contradicts_itself_is_named_with_its_line() {
    let home = used_home();
    for (file, text, expect) in [
        (
            "windows.csv",
            "window,from,to,name,centre,type\nA,2026-01-01,,,甲,simple\nA,2026-02-01,,,甲,simple\n",
            "same day",
        ),
        ("windows.csv", "window,from,to,name,centre,type\nA,2026-01-01,,,丙,simple\n", "unknown centre"),
        ("windows.csv", "window,from,to,name,centre,type\nA,1月1日,,,甲,simple\n", "line 2, column from"),
        ("windows.csv", "window,colour\nA,red\n", "unknown column"),
        ("posts.csv", "staff,window,from,to,halves\nS0,A1,,,noon\n", "morning, afternoon or day"),
        ("items.csv", "item,promised\nI0,soon\n", "a limit in office time"),
        ("workdays.csv", "2027-01-01,perhaps,x\n", "line 1"),
    ] {
        let path = home.home().join("register").join(file);
        let before = std::fs::read(&path).ok();
        home.home_file(&format!("register/{file}"), text);
        let said = home.fails(1, &["status"]);
        assert!(said.contains(expect) && (said.contains(file) || said.contains("window `A`")), "{expect}: {said}");
        match before {
            Some(before) => std::fs::write(&path, before).expect("written"),
            None => std::fs::remove_file(&path).expect("removed"),
        }
    }
    home.ok(&["status"]);
}

#[test]
fn completions_and_manual_pages_know_every_command() {
    let home = TestHome::empty();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = home.ok(&["completions", shell]);
        assert!(script.contains("whatif") && script.contains("outcomes"), "{shell}");
    }
    let folder = home.file("man/empty", "").with_file_name("");
    let said = home.ok(&["man", "--out", path(&folder)]);
    for page in ["heng.1", "heng-score.1", "heng-scheme-print.1"] {
        let text = std::fs::read_to_string(folder.join(page)).expect(page);
        assert!(text.contains(".SH NAME") && text.contains("Examples:"), "{page}: {said}");
    }
    assert!(home.ok(&["man"]).contains(".TH heng 1"));
}

#[test]
fn the_doctor_names_what_is_damaged_and_says_what_to_do() {
    let home = home();
    crate::common::office::import_all(&home, &crate::common::office::facts());
    home.ok(&["close", "--through", "2026-01-09"]);
    let sound = home.ok(&["doctor"]);
    assert!(sound.contains("timezone = Asia/Shanghai (from heng.toml)"), "{sound}");
    assert!(sound.contains("✓ the database is sound") && !sound.contains("close the day again"), "{sound}");
    let days = home.home().join("lake/days");
    let day = std::fs::read_dir(&days).expect("days").next().expect("a day").expect("a day").path();
    let sealed = |name: &str| {
        let mut files = std::fs::read_dir(&day).expect("files").map(|file| file.expect("a file").path());
        files.find(|file| file.file_name().is_some_and(|found| found.to_string_lossy().starts_with(name)))
    };
    let file = sealed("case-").expect("a file of cases");
    let mut bytes = std::fs::read(&file).expect("readable");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).expect("written");
    let output = home.run(&["doctor"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    let name = file.file_name().expect("a name").to_string_lossy().into_owned();
    assert!(said.contains(&name) && said.contains("close the day again"), "{said}");
    let date = day.file_name().expect("a name").to_string_lossy().into_owned();
    home.ok(&["close", &date]);
    home.ok(&["doctor"]);
}

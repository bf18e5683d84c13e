//! A hotline puts its exports into a folder; Heng takes each file once, and leaves it where it is.

use crate::common::office::{COMPLAINTS_MAP, home as office, home_with};
use crate::common::{Server, TestHome, path};
use rust_xlsxwriter::Workbook;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

const HEADER: [&str; 7] = ["编号", "窗口", "工号", "时间", "结论", "原因", "内容"];
const ROWS: [[&str; 7]; 3] = [
    ["h1", "A1", "S0", "2026-03-05 10:00:00", "founded", "person", "排队太久"],
    ["h2", "A2", "S1", "2026-03-05 11:00:00", "pending", "person", "态度不好"],
    ["h3", "A2", "S1", "no time", "pending", "person", "时间写错"],
];

/// A home that looks into a folder beside it.
fn home(office: TestHome, more: &str) -> (TestHome, PathBuf) {
    let folder = office.home().parent().expect("a folder").join("exports");
    fs::create_dir(&folder).expect("made");
    office.home_file("hotline.toml", COMPLAINTS_MAP);
    ask(&office, more);
    (office, folder)
}

/// Says in the configuration that there is a folder.
fn ask(home: &TestHome, more: &str) {
    let file = home.home().join("heng.toml");
    let config = fs::read_to_string(&file).expect("readable");
    let config = config.split("\n[[folder]]").next().unwrap_or_default();
    let folder = "[[folder]]\nsource = \"hotline\"\npath = \"../exports\"\nmapping = \"hotline.toml\"";
    fs::write(&file, format!("{config}\n{folder}\n{more}\n")).expect("written");
}

fn workbook(rows: &[[&str; 7]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in (0..).zip([HEADER].iter().chain(rows)) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write(row, column, *cell).expect("written");
        }
    }
    book.save_to_buffer().expect("a workbook")
}

fn csv(rows: &[[&str; 7]]) -> Vec<u8> {
    let lines: Vec<String> = [HEADER].iter().chain(rows).map(|row| row.join(",")).collect();
    lines.join("\n").into_bytes()
}

/// Puts a file there that nobody has written to since long; `later` tells times apart.
fn put(folder: &Path, name: &str, content: impl AsRef<[u8]>, later: u64) -> PathBuf {
    let file = folder.join(name);
    fs::write(&file, content).expect("written");
    touch(&file, later);
    file
}

fn touch(file: &Path, later: u64) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_772_700_000 + later);
    File::options().write(true).open(file).expect("there").set_modified(time).expect("touched");
}

#[test]
fn each_file_is_taken_once_and_left_where_it_is() {
    let (home, folder) = home(office(), "");
    let collect = |status: i32| {
        let output = home.run(&["collect", "--source", "hotline"]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{said}");
        said
    };
    assert!(collect(0).contains("0 files were taken before"));
    let first = put(&folder, "工单.xlsx", workbook(&ROWS), 0);
    fs::write(folder.join("now.csv"), csv(&ROWS)).expect("written");
    put(&folder, "readme.md", "not for us", 0);
    put(&folder, "~$工单.xlsx", "held by somebody", 0);
    let said = collect(1);
    assert!(said.contains("hotline 工单.xlsx: 3 rows: 2 new, 0 known, 0 contradicting, 1 bad"), "{said}");
    assert!(said.contains("0 files were taken before, 1 may still be written"), "{said}");
    // The bad row is in the home, with its reason; the folder is as it was.
    let rejected: Vec<_> = fs::read_dir(home.home().join("rejected")).expect("there").collect();
    assert_eq!(rejected.len(), 1);
    let rejected = rejected[0].as_ref().expect("readable").path();
    let text = fs::read_to_string(&rejected).expect("readable");
    assert!(text.contains("h3") && text.contains("no time") && text.contains("错误原因"), "{text}");
    assert!(said.contains(path(&rejected)), "{said}");
    assert_eq!(fs::read_dir(&folder).expect("there").count(), 4);
    assert!(!home.home().join("incoming").exists());
    // The same content is not taken twice, whenever it was written.
    assert!(collect(0).contains("1 files were taken before, 1 may still be written"));
    touch(&first, 60);
    touch(&folder.join("now.csv"), 0);
    let said = collect(1);
    assert!(said.contains("now.csv: 3 rows: 0 new, 2 known") && said.contains("1 files were taken"), "{said}");
    // Another content under the same name is another file; citizens' reports are the same ones.
    let mended = [ROWS[0], ROWS[1], ["h3", "A2", "S1", "2026-03-05 12:00:00", "pending", "person", "已更正"]];
    put(&folder, "工单.xlsx", workbook(&mended), 120);
    assert!(collect(0).contains("工单.xlsx: 3 rows: 1 new, 2 known, 0 contradicting, 0 bad"));
    let status = home.ok(&["status"]);
    assert!(status.contains("complaint    3 "), "{status}");
    assert!(status.contains("collected: folder hotline/工单.xlsx: 3 rows: 1 new, 2 known"), "{status}");
    assert!(home.ok(&["doctor"]).contains("folder = hotline · ../exports · 60 s"));
}

#[test]
fn what_cannot_be_taken_is_said_and_tried_again() {
    let (home, folder) = home(office(), "pattern = \"*.xlsx\"");
    let outside = home.file("outside.xlsx", workbook(&ROWS[..1]));
    touch(&outside, 0);
    std::os::unix::fs::symlink(&outside, folder.join("link.xlsx")).expect("linked");
    put(&folder, "broken.xlsx", b"PK\x03\x04 not whole", 0);
    put(&folder, "other.csv", csv(&ROWS), 0);
    let collect = |status: i32| {
        let output = home.run(&["collect"]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{said}");
        said
    };
    let said = collect(1);
    assert!(said.contains("link.xlsx: it is no file of this folder but a link"), "{said}");
    assert!(said.contains("broken.xlsx") && said.contains("not a workbook"), "{said}");
    assert!(!said.contains("other.csv"), "{said}");
    let status = home.ok(&["status"]);
    assert!(status.contains("job: folder hotline/broken.xlsx (to be tried again): "), "{status}");
    assert!(!status.contains("complaint "), "{status}");
    // A mapping that is not there is said with its place; once it is, everything that waits is taken.
    fs::remove_file(folder.join("link.xlsx")).expect("removed");
    put(&folder, "broken.xlsx", workbook(&ROWS[..2]), 1);
    fs::rename(home.home().join("hotline.toml"), home.home().join("away.toml")).expect("moved");
    assert!(collect(1).contains("hotline.toml"));
    fs::rename(home.home().join("away.toml"), home.home().join("hotline.toml")).expect("moved");
    assert!(collect(0).contains("broken.xlsx: 2 rows: 2 new"));
    // Files of the register are for people.
    put(&folder, "broken.xlsx", workbook(&ROWS[..1]), 2);
    home.home_file("hotline.toml", "kind = \"staff\"\n[fields]\nstaff = \"工号\"\nname = \"编号\"\n");
    assert!(collect(1).contains("entries of the register"));
    fs::remove_dir_all(&folder).expect("removed");
    assert!(collect(1).contains("the folder cannot be looked into"));
    for (more, part) in [
        ("pattern = \"../*\"", "without a slash"),
        ("every_seconds = 100000", "every_seconds"),
        ("x = 1", "unknown field"),
    ] {
        ask(&home, more);
        assert!(collect(1).contains(part), "{part}");
    }
}

#[test]
fn a_server_takes_what_a_hotline_puts_into_its_folder() {
    let Some(postgres) = testkit::postgres() else { return };
    let url = postgres.database();
    let (home, folder) = home(home_with(&["--database-url", &url]), "every_seconds = 1");
    put(&folder, "工单.xlsx", workbook(&ROWS), 0);
    put(&folder, "更多.csv", csv(&[["h9", "A1", "S0", "2026-03-06 10:00:00", "founded", "person", "无"]]), 0);
    std::os::unix::fs::symlink(home.home().join("heng.toml"), folder.join("link.csv")).expect("linked");
    let (one, other) = (Server::of(&home, &[]), Server::of(&home, &[]));
    let jobs = |rest: &str| {
        let sql = format!("SELECT COUNT(*) FROM job WHERE kind = 'folder' AND {rest}");
        postgres.execute(&url, &sql).parse::<u32>().expect("a number")
    };
    let until = |what: &str, holds: &dyn Fn() -> bool| {
        for _ in 0..20_000 {
            if holds() {
                return;
            }
            assert!(one.get("/healthz").contains("alive"));
        }
        panic!("{what} never came");
    };
    until("the files", &|| jobs("state = 'done'") == 2);
    assert_eq!(jobs("said LIKE '3 rows: 2 new, 0 known, 0 contradicting, 1 bad (%'"), 1);
    until("the link", &|| {
        jobs("subject LIKE 'hotline/link.csv/%' AND state = 'waiting' AND said LIKE '%a link%'") == 1
    });
    // What is put there while it runs is taken, too, and what vanishes is missed.
    put(&folder, "更多.csv", csv(&[["h10", "A1", "S0", "2026-03-06 11:00:00", "founded", "person", "无"]]), 60);
    until("the other content", &|| jobs("state = 'done'") == 3);
    // A job about another content, or about a file elsewhere, takes nothing.
    for (id, name) in [(1_000, "更多.csv"), (1_001, "..\\heng.csv"), (1_002, "..")] {
        let subject = format!("hotline/{name}/5/{}", "0".repeat(64));
        let columns = "id, kind, subject, state, run_at, attempts, said";
        postgres.execute(
            &url,
            &format!("INSERT INTO job ({columns}) VALUES ({id}, 'folder', '{subject}', 'waiting', 0, 0, '')"),
        );
    }
    until("another content", &|| jobs("id = 1000 AND state = 'done' AND said LIKE '%another one by now%'") == 1);
    until("what is elsewhere", &|| jobs("id > 1000 AND said LIKE '%not a file that heng.toml wants%'") == 2);
    fs::rename(&folder, folder.with_extension("away")).expect("moved");
    until("the missing folder", &|| jobs("said LIKE '%cannot be looked into%'") == 1);
    assert!(one.stop().success() && other.stop().success());
    let facts = "SELECT COUNT(*) FROM fact WHERE current";
    assert_eq!(postgres.execute(&url, facts), "4");
    let said = home.ok(&["status"]);
    assert!(said.contains("job: folder hotline/link.csv (to be tried again)"), "{said}");
}

//! Backups, what is restored of them, and databases that move.

use crate::common::office::{facts, home, import, import_all};
use crate::common::{Server, TestHome, path};
use std::fs;
use std::path::Path;

const MONTH: &str = "2026-02";

fn digest(home: &TestHome) -> String {
    home.scores(&[MONTH])["digest"].as_str().expect("a digest").to_owned()
}

/// A home with something in it, closed.
fn filled() -> TestHome {
    let home = home();
    import_all(&home, &facts());
    home.ok(&["close", "--period", MONTH]);
    home
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("readable") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn a_backup_made_while_others_work_is_a_home() {
    let home = filled();
    let backup = home.home().with_file_name("backup");
    let server = Server::of(&home, &[]);
    assert!(home.ok(&["backup", path(&backup)]).contains("all compared"));
    assert!(server.stop().success());
    // There already, it is left alone.
    assert!(home.fails(1, &["backup", path(&backup)]).contains("there is something here already"));
    let restored = TestHome::empty();
    assert!(restored.ok(&["restore", path(&backup)]).contains("all compared"));
    assert_eq!(digest(&restored), digest(&home));
    restored.ok(&["doctor"]);
    restored.file("cases.toml", fs::read(home.home().with_file_name("cases.toml")).expect("there"));
    assert!(import(&restored, "cases", &facts().cases).contains("nothing changed"));
    assert!(restored.fails(1, &["restore", path(&backup)]).contains("there is something here already"));
}

#[test]
fn what_is_damaged_in_a_backup_is_refused() {
    let home = filled();
    let backup = home.home().with_file_name("backup");
    home.ok(&["backup", path(&backup)]);
    for file in files(&backup) {
        let name = file.strip_prefix(&backup).expect("within").display().to_string();
        // The database beside its log, and one of the many sealed files, stand for the rest.
        let sealed = name.starts_with("lake/");
        if name == "backup.json" || (sealed && !name.contains("2026-02-10")) {
            continue;
        }
        let sound = fs::read(&file).expect("readable");
        let mut damaged = sound.clone();
        let middle = damaged.len() / 2;
        // A database has room that says nothing: its beginning says what it is.
        let at = if name == "heng.db" { 0 } else { middle };
        if let Some(byte) = damaged.get_mut(at) {
            *byte ^= 1;
        } else {
            damaged.push(b'x');
        }
        fs::write(&file, damaged).expect("written");
        let empty = TestHome::empty();
        let said = empty.fails(1, &["restore", path(&backup)]);
        assert!(said.contains(name.as_str()) || name == "heng.db", "{name}: {said}");
        assert!(!empty.home().exists(), "{name}: nothing half-restored has the home's name");
        fs::write(&file, sound).expect("written");
    }
    fs::remove_file(backup.join("backup.json")).expect("removed");
    assert!(TestHome::empty().fails(1, &["restore", path(&backup)]).contains("backup.json is missing"));
}

#[test]
fn a_database_moves_to_a_server_and_back() {
    let Some(server) = testkit::postgres() else { return };
    let home = filled();
    let expected = digest(&home);
    let url = server.database();
    let said = home.ok(&["copy-db", &url]);
    assert!(said.contains("every table compared") && said.contains("fact "), "{said}");
    assert!(home.fails(1, &["copy-db", &url]).contains("holds something already"));
    let file = home.home().join("heng.toml");
    let config = fs::read_to_string(&file).expect("readable");
    fs::write(&file, format!("{config}database_url = \"{url}\"\n")).expect("written");
    fs::remove_file(home.home().join("heng.db")).expect("removed");
    assert_eq!(digest(&home), expected);
    home.ok(&["doctor"]);
    home.ok(&["migrate"]);
    // A backup of a home on a server is a home on a file; restored to another server, it is one there.
    let backup = home.home().with_file_name("backup");
    home.ok(&["backup", path(&backup)]);
    for words in [vec!["restore", path(&backup)], vec!["restore", path(&backup), "--database-url", &server.database()]]
    {
        let restored = TestHome::empty();
        restored.ok(&words);
        assert_eq!(digest(&restored), expected);
        restored.ok(&["doctor"]);
        assert_eq!(restored.home().join("heng.db").exists(), words.len() == 2);
    }
    let back = home.home().with_file_name("back.db");
    let again = home.ok(&["copy-db", path(&back)]);
    // Table by table, the digests are those of the first copy.
    let tables = |said: &str| -> Vec<String> {
        let digest = |line: &&str| line.rsplit(' ').next().is_some_and(|word| word.len() == 64);
        said.lines().filter(digest).map(str::to_owned).collect()
    };
    assert!(tables(&said).len() > 10, "{said}");
    assert_eq!(tables(&again), tables(&said));
}

//! What a backfill brings is sealed to the byte as if it had come the ordinary way, and so is whatever is reported later.

use crate::common::office::Sequence;
use crate::common::{Server, TestHome, path};
use model::fact::Kind;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// 2026-01-05, 08:00 in Shanghai.
const MONDAY: i64 = 1_767_571_200;
const DAY: i64 = 86_400;
/// The last day that is closed.
const LAST: &str = "2026-05-31";

/// Kinds of the tangled records, and the fields of their mappings.
const KINDS: [(&str, &[&str]); 5] = [
    (
        "case",
        &[
            "case_id",
            "window",
            "staff",
            "item",
            "channel",
            "client",
            "ticketed_at",
            "called_at",
            "abandoned_at",
            "accepted_at",
            "finished_at",
            "due_at",
            "asked",
            "stages",
        ],
    ),
    ("rating", &["case_id", "window", "staff", "rated_at", "level", "scale", "rater", "comment"]),
    ("survey", &["case_id", "window", "answered_on", "mode", "answered", "satisfied", "respondent", "note"]),
    ("complaint", &["window", "staff", "occurred_at", "verdict", "verdict_at", "cause", "confirmed_by", "text"]),
    ("exam", &["staff", "held_on", "subject", "due", "passed"]),
];

/// A home of the small office, with the key of another one, so that citizens are the same persons in both.
fn home(like: Option<&TestHome>, words: &[&str]) -> TestHome {
    let home = crate::common::office::home_with(words);
    if let Some(like) = like {
        fs::copy(like.home().join("keys/pseudonym.key"), home.home().join("keys/pseudonym.key")).expect("copied");
    }
    for (kind, fields) in KINDS {
        let envelope = ["revision", "void", "reported_at"].iter();
        let fields = fields.iter().chain(envelope).map(|field| match *field {
            "answered_on" | "held_on" => format!("{field} = {{ column = \"{field}\", time = [] }}\n"),
            _ => format!("{field} = \"{field}\"\n"),
        });
        let fields: String = fields.collect();
        let mapping =
            format!("kind = \"{kind}\"\nsource = \"hall\"\nid = [\"id\"]\ntime = [\"unix\"]\n[fields]\n{fields}");
        home.file(&format!("{kind}.map.toml"), mapping);
    }
    home
}

/// Every file below a folder, by its path within.
fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).expect("readable") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path);
        }
    }
    found
}

/// Every sealed file: its name says its digest.
fn sealed(home: &TestHome) -> BTreeSet<PathBuf> {
    let days = home.home().join("lake/days");
    files(&days).into_iter().map(|file| file.strip_prefix(&days).expect("within").to_owned()).collect()
}

/// Closes both homes, which must then have sealed the same bytes all along.
fn closed_alike(one: &TestHome, other: &TestHome, what: &str) {
    for home in [one, other] {
        home.ok(&["close", "--through", LAST]);
    }
    let (sealed, others) = (sealed(one), sealed(other));
    assert!(!sealed.is_empty(), "{what}");
    let apart: Vec<_> = sealed.symmetric_difference(&others).collect();
    assert!(apart.is_empty(), "{what}: {apart:?}");
    let facts = |home: &TestHome| {
        let said = home.ok(&["status", "--day", "2026-06-01"]);
        said.lines().skip(1).take_while(|line| !line.contains("sealed")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(facts(one), facts(other), "{what}");
    other.ok(&["doctor"]);
}

/// Records that share cases, come in revisions, contradict each other and are taken back: (kind, report).
fn tangled(seed: u64, count: usize) -> Vec<(&'static str, Value)> {
    let mut sequence = Sequence::new(seed);
    (0..count).map(|_| one(&mut sequence)).collect()
}

fn one(sequence: &mut Sequence) -> (&'static str, Value) {
    let mut next = |below: u64| i64::try_from(sequence.next(below)).expect("small");
    let at = MONDAY + next(40) * DAY + next(9 * 60) * 60;
    let pick = |list: &[&str], at: i64| list[usize::try_from(at).expect("small") % list.len()].to_owned();
    let window = pick(&["A1", "A2", "A3", "B1", "B2"], next(5));
    let staff = pick(&["S0", "S1", "S2", "S3"], next(4));
    let revision = [0, 0, 0, 0, 1, 1, 2][usize::try_from(next(7)).expect("small")];
    let void = i64::from(next(14) == 0);
    // A number is often that of another record; some records name none, or another one in a later revision.
    let case = format!("C{}", next(250));
    let names = next(8) > 0;
    let kind = KINDS[[0, 0, 0, 0, 1, 1, 1, 2, 3, 4][usize::try_from(next(10)).expect("small")]].0;
    let later = at + [0, 1, 3, 20, 70][usize::try_from(next(5)).expect("small")] * DAY;
    let mut report = match kind {
        "case" => {
            let id = format!("C{}", next(250));
            let mut report = json!({
                "id": id, "window": window, "staff": staff, "item": format!("I{}", next(3)), "channel": "window",
                "client": format!("1380000{:04}", next(50)), "ticketed_at": at - 900, "called_at": at - 300,
                "accepted_at": at, "due_at": at + next(4) * DAY + 1800, "asked": next(2),
            });
            // Given up, finished at once, much later, or open.
            match next(12) {
                0 => {
                    report = json!({"id": report["id"], "window": window, "ticketed_at": at, "abandoned_at": at + 600});
                }
                1 => {}
                2..=4 => report["finished_at"] = (later + 1200).into(),
                _ => report["finished_at"] = (at + 1200).into(),
            }
            if next(5) == 0 {
                report["stages"] = json!([
                    {"staff": staff, "from": at, "to": at + 600, "limit_seconds": 900},
                    {"staff": "S4", "window": "B3", "from": at + 600, "to": null, "limit_seconds": 60},
                ])
                .to_string()
                .into();
            }
            if next(6) == 0 {
                report["case_id"] = case.into();
            }
            report
        }
        "rating" => json!({
            "id": format!("R{}", next(300)), "case_id": names.then_some(case), "window": window, "rated_at": later,
            "level": 1 + next(4), "scale": 4, "rater": format!("1380000{:04}", next(50)),
            "comment": (next(3) == 0).then_some("一句话"),
        }),
        "survey" => json!({
            "id": format!("Q{}", next(150)), "case_id": names.then_some(case), "window": window,
            "answered_on": format!("2026-02-{:02}", 1 + next(28)), "mode": "revisit", "answered": 1, "satisfied": next(2),
            "note": "还好",
        }),
        "complaint" => json!({
            "id": format!("T{}", next(90)), "window": window, "staff": staff, "occurred_at": at,
            "verdict": pick(&["founded", "unfounded", "pending"], next(3)), "verdict_at": later, "cause": "person",
            "confirmed_by": "second", "text": "金丝雀",
        }),
        _ => json!({
            "id": format!("E{}", next(60)), "staff": staff, "held_on": "2026-02-10", "subject": "business", "due": 1,
            "passed": next(2),
        }),
    };
    report["revision"] = revision.into();
    report["void"] = void.into();
    if next(3) == 0 {
        report["reported_at"] = (later + 3 * DAY).into();
    }
    (kind, report)
}

/// Writes reports into a file per kind. Returns words for `heng backfill`.
fn written(home: &TestHome, name: &str, reports: &[(&str, Value)]) -> Vec<String> {
    let mut words = Vec::new();
    for (kind, _) in KINDS {
        let of_kind: Vec<String> =
            reports.iter().filter(|(of, _)| *of == kind).map(|(_, report)| report.to_string()).collect();
        if of_kind.is_empty() {
            continue;
        }
        words.push(path(&home.home().with_file_name(format!("{kind}.map.toml"))).to_owned());
        words.push(path(&home.file(&format!("{name}-{kind}.ndjson"), of_kind.join("\n"))).to_owned());
    }
    words
}

fn import(home: &TestHome, name: &str, reports: &[(&str, Value)]) -> String {
    let words = written(home, name, reports);
    words.chunks(2).map(|pair| home.ok(&["import", "--map", &pair[0], &pair[1]])).collect()
}

fn backfill(home: &TestHome, name: &str, reports: &[(&str, Value)]) -> String {
    let words = written(home, name, reports);
    let words: Vec<&str> = std::iter::once("backfill").chain(words.iter().map(String::as_str)).collect();
    home.ok(&words)
}

/// Two lots are backfilled, of which the second shares records with the first; then come ordinary reports of both.
fn lots_are_sealed_alike(seed: u64, words: &[&str]) {
    let ordinary = home(None, &[]);
    let cold = home(Some(&ordinary), words);
    let all = tangled(seed, 900);
    let (first, second, third) = (&all[..500], &all[400..700], &all[650..]);
    import(&ordinary, "first", first);
    let said = backfill(&cold, "first", first);
    assert!(said.contains("days with a file of them"), "{said}");
    closed_alike(&ordinary, &cold, &format!("{seed}: first"));
    assert!(backfill(&cold, "again", first).contains("nothing changed"));
    assert!(import(&cold, "again", first).lines().all(|line| line.contains("nothing changed")));
    closed_alike(&ordinary, &cold, &format!("{seed}: first again"));
    import(&ordinary, "second", second);
    backfill(&cold, "second", second);
    closed_alike(&ordinary, &cold, &format!("{seed}: second"));
    import(&ordinary, "third", third);
    import(&cold, "third", third);
    closed_alike(&ordinary, &cold, &format!("{seed}: third"));
    // From rows alone, and in another order.
    let backwards: Vec<_> = all.iter().rev().cloned().collect();
    assert!(import(&cold, "backwards", &backwards).lines().all(|line| line.contains("nothing changed")));
    closed_alike(&ordinary, &cold, &format!("{seed}: backwards"));
}

#[test]
fn tangled_records_are_sealed_to_the_byte_as_if_they_had_been_imported() {
    for seed in 1..=2 {
        lots_are_sealed_alike(seed, &[]);
    }
}

#[test]
fn they_are_beside_a_server_of_the_database_too() {
    let Some(server) = testkit::postgres() else { return };
    lots_are_sealed_alike(4, &["--database-url", &server.database()]);
}

/// The city's files, and a home of it.
fn city() -> (TestHome, PathBuf) {
    let home = TestHome::empty();
    let city = home.file("city/empty", "").with_file_name("");
    home.ok(&["generate", "--cases", "4000", "--seed", "3", "--out", path(&city)]);
    (home, city)
}

fn with_register(home: &TestHome, city: &Path, like: Option<&TestHome>) {
    home.ok(&["init"]);
    if let Some(like) = like {
        fs::copy(like.home().join("keys/pseudonym.key"), home.home().join("keys/pseudonym.key")).expect("copied");
    }
    for noun in ["centre", "window", "staff", "post", "item"] {
        let (map, file) = (city.join(format!("mappings/{noun}.toml")), city.join(format!("register/{noun}.csv")));
        home.ok(&["import", "--map", path(&map), path(&file)]);
    }
}

/// The mappings and files of a city's facts.
fn facts_of(city: &Path) -> Vec<String> {
    let files = Kind::ALL.map(|kind| {
        let of = |folder: &str, end: &str| path(&city.join(format!("{folder}/{kind}.{end}"))).to_owned();
        [of("mappings", "toml"), of("facts", "csv")]
    });
    files.concat()
}

/// A home that imported a city, one beside it that has only its register, and the city's folder.
fn imported_city() -> (TestHome, TestHome, PathBuf) {
    let (ordinary, city) = city();
    with_register(&ordinary, &city, None);
    for pair in facts_of(&city).chunks(2) {
        ordinary.ok(&["import", "--map", &pair[0], &pair[1]]);
    }
    let cold = TestHome::empty();
    with_register(&cold, &city, Some(&ordinary));
    (ordinary, cold, city)
}

#[test]
fn a_city_is_sealed_to_the_byte_as_if_it_had_been_imported() {
    let (ordinary, cold, city) = imported_city();
    let words = facts_of(&city);
    let words: Vec<&str> = std::iter::once("backfill").chain(words.iter().map(String::as_str)).collect();
    let said = cold.ok(&words);
    assert!(!cold.home().join("rejected").exists() && !cold.home().join("backfill").exists(), "{said}");
    closed_alike(&ordinary, &cold, "city");
    for home in [&ordinary, &cold] {
        home.ok(&["close", "--period", "2026-01"]);
    }
    assert_eq!(ordinary.scores(&["2026-01"])["digest"], cold.scores(&["2026-01"])["digest"]);
    assert!(cold.ok(&words).contains("nothing changed"));
    // A backup holds the files; what is restored of it goes on as before.
    let backup = cold.home().with_file_name("backup");
    cold.ok(&["backup", path(&backup)]);
    let restored = TestHome::empty();
    restored.ok(&["restore", path(&backup)]);
    restored.ok(&["doctor"]);
    assert!(restored.ok(&words).contains("nothing changed"));
}

#[test]
fn a_server_takes_what_concerns_a_backfill() {
    let ordinary = home(None, &[]);
    let cold = home(Some(&ordinary), &[]);
    let all = tangled(9, 300);
    import(&ordinary, "all", &all);
    backfill(&cold, "all", &all);
    closed_alike(&ordinary, &cold, "before");
    let late: Vec<Value> = (0..60)
        .map(|number| {
            json!({"id": format!("L{number}"), "case_id": format!("C{number}"), "rated_at": MONDAY + 30 * DAY, "level": 2, "scale": 4})
        })
        .collect();
    for home in [&ordinary, &cold] {
        let token = home.ok(&["token", "add", "hall"]);
        let bearer = format!("Authorization: Bearer {}", token.trim());
        let server = Server::of(home, &[]);
        let body = Value::from(late.clone()).to_string();
        for result in ["\"new\":60", "\"same\":60"] {
            let headers = [bearer.as_str(), "Content-Type: application/json"];
            let (status, _, answer) = server.post("/api/v1/facts/rating", &headers, body.as_bytes());
            assert!(status == 200 && answer.contains(result), "{answer}");
        }
        assert!(server.stop().success());
    }
    closed_alike(&ordinary, &cold, "after");
}

#[test]
fn a_backfill_that_is_killed_or_fails_counts_for_nothing_and_can_be_repeated() {
    let (ordinary, cold, city) = imported_city();
    let words = facts_of(&city);
    let words: Vec<&str> = std::iter::once("backfill").chain(words.iter().map(String::as_str)).collect();
    let nothing = cold.ok(&["status"]);
    // Killed as soon as something of each step is there.
    for stage in ["backfill/report-000", "backfill/day-000", "lake/cold", "lake/cold/keys"] {
        let mut process = Command::new(env!("CARGO_BIN_EXE_heng"))
            .args(["--home", path(&cold.home())])
            .args(&words)
            .stdout(Stdio::null())
            .spawn()
            .expect("the program starts");
        let place = cold.home().join(stage);
        while !place.exists() && process.try_wait().expect("asked").is_none() {
            std::thread::yield_now();
        }
        let _ = process.kill();
        process.wait().expect("it ends");
        if stage != "lake/cold/keys" {
            assert_eq!(cold.ok(&["status"]), nothing, "{stage}");
        }
    }
    // A disk that refuses in the middle of it.
    let other = TestHome::empty();
    with_register(&other, &city, Some(&ordinary));
    let nothing = other.ok(&["status"]);
    fs::create_dir_all(other.home().join("lake/cold")).expect("made");
    fs::write(other.home().join("lake/cold/keys"), "").expect("written");
    assert!(other.fails(1, &words).contains("cold/keys"));
    assert_eq!(other.ok(&["status"]), nothing);
    fs::remove_file(other.home().join("lake/cold/keys")).expect("removed");
    for home in [&cold, &other] {
        home.ok(&words);
        closed_alike(&ordinary, home, "in the end");
    }
}

#[test]
fn a_damaged_file_is_named_by_whoever_needs_it() {
    let home = home(None, &[]);
    backfill(&home, "all", &tangled(5, 300));
    let damage = |folder: &str, name: &str| {
        let folder = home.home().join("lake/cold").join(folder);
        let file = files(&folder).into_iter().find(|file| path(file).contains(name)).expect("there");
        let sound = fs::read(&file).expect("read");
        let mut damaged = sound.clone();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 1;
        fs::write(&file, damaged).expect("written");
        (file, sound)
    };
    let (file, sound) = damage("2026-01-07", "reports");
    let name = file.file_name().expect("a name").to_string_lossy().into_owned();
    assert!(home.fails(1, &["close", "2026-01-07"]).contains(&name));
    assert!(home.run(&["doctor"]).status.code() == Some(1));
    fs::write(&file, sound).expect("written");
    home.ok(&["doctor"]);
    let (file, sound) = damage("keys", "directory");
    let name = file.file_name().expect("a name").to_string_lossy().into_owned();
    let case = json!({"id": "C1", "window": "A1", "accepted_at": MONDAY, "finished_at": MONDAY + 60, "revision": 9});
    let words = written(&home, "late", &[("case", case)]);
    assert!(home.fails(1, &["import", "--map", &words[0], &words[1]]).contains(&name));
    fs::write(&file, sound).expect("written");
    home.ok(&["import", "--map", &words[0], &words[1]]);
    home.ok(&["doctor"]);
}

#[test]
fn what_is_no_backfill_is_refused() {
    let home = home(None, &[]);
    let file = path(&home.file("x.ndjson", "{}")).to_owned();
    let map = path(&home.home().with_file_name("case.map.toml")).to_owned();
    assert!(home.fails(1, &["backfill", &file, &map]).contains("name a mapping"));
    assert!(home.fails(1, &["backfill", &map]).contains("name a mapping"));
    let register =
        path(&home.file("window.toml", "kind = \"window\"\n[fields]\nwindow = \"w\"\nfrom = \"f\"\n")).to_owned();
    let said = home.run(&["backfill", &register, &file]);
    assert_ne!(said.status.code(), Some(0));
    // A bad row comes back, and the good ones count.
    let good = json!({"id": "C1", "window": "A1", "accepted_at": MONDAY, "finished_at": MONDAY + 60});
    let mixed = home.file("mixed.ndjson", format!("{good}\n{{\"id\":\"C2\"}}\nno json\n"));
    let said = home.run(&["backfill", &map, path(&mixed)]);
    let out = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.status.code() == Some(1) && out.contains("1 new") && out.contains("bad 2"), "{out}");
    let back = fs::read_to_string(home.home().join("rejected/mixed.rejected.ndjson")).expect("written");
    assert_eq!(back.lines().count(), 2, "{back}");
    home.ok(&["close", "--through", LAST]);
}

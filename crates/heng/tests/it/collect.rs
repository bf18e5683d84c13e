//! Heng asks a business system what its windows did: here another Heng, which answers by the same interface.

use crate::common::office::{home as office, home_with};
use crate::common::{Server, TestHome};
use serde_json::{Value, json};
use std::fs;

/// Adds a system to the configuration of a home.
fn ask(home: &TestHome, url: &str, more: &str) {
    let file = home.home().join("heng.toml");
    let config = fs::read_to_string(&file).expect("readable");
    let config = config.split("\n[[collect]]").next().unwrap_or_default();
    let system =
        format!("\n[[collect]]\nsource = \"hall-a\"\nurl = \"{url}\"\ntoken_file = \"keys/hall-a.token\"\n{more}\n");
    fs::write(&file, format!("{config}{system}")).expect("written");
}

/// A system that has something to tell of a day, and a token for it.
fn system() -> (TestHome, Server, String) {
    let home = office();
    let token = home.ok(&["token", "add", "hall"]).trim().to_owned();
    let server = Server::of(&home, &[]);
    push(&server, &token, &json!([case("x1", 10), case("x2", 21)]));
    (home, server, token)
}

fn case(id: &str, minutes: u32) -> Value {
    let finished = format!("2026-03-05T10:{minutes:02}:00");
    json!({"id": id, "window": "A1", "accepted_at": "2026-03-05T10:00:00", "finished_at": finished})
}

fn push(server: &Server, token: &str, items: &Value) {
    let headers = [&format!("Authorization: Bearer {token}"), "Content-Type: application/json"];
    assert_eq!(server.post("/api/v1/facts/case", &headers, items.to_string().as_bytes()).0, 200);
}

#[test]
fn figures_are_kept_once_and_failures_are_named() {
    let (_system, server, token) = system();
    let home = office();
    let day = ["--day", "2026-03-05"];
    let collect = |status: i32| {
        let output = home.run(&[&["collect"], &day[..]].concat());
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{said}");
        said
    };
    assert!(collect(1).contains("no such [[collect]]"));
    ask(&home, &server.address, "windows = [\"A1\", \"A2\"]");
    assert!(collect(1).contains("token is missing"));
    fs::write(home.home().join("keys/hall-a.token"), &token).expect("written");
    let said = collect(0);
    // A2 did nothing: it has no average.
    assert!(said.contains("A1 2026-03-05: 3 new") && said.contains("A2 2026-03-05: 2 new"), "{said}");
    assert!(collect(0).contains("A1 2026-03-05: 0 new, 3 known"));
    assert!(home.ok(&["status"]).contains("statistic"));
    // What the system says otherwise later is kept beside it, for a person.
    push(&server, &token, &json!([case("x3", 40)]));
    assert!(collect(0).contains("A1 2026-03-05: 0 new, 1 known, 2 contradicting"));
    assert!(home.ok(&["status"]).contains("conflict: statistic hall-a/A1/2026-03-05/avg_process_time"));
    // Whatever goes wrong is said with the place.
    fs::write(home.home().join("keys/hall-a.token"), "heng_x").expect("written");
    assert!(collect(1).contains("it answered 401"));
    fs::write(home.home().join("keys/hall-a.token"), &token).expect("written");
    ask(&home, &server.address, "windows = [\"ZZ\"]");
    assert!(collect(1).contains("it answered 404"));
    ask(&home, &server.address, "windows = [\"A1\"]\nmetrics = [\"called_count\"]");
    assert!(collect(0).contains("1 new"), "what was not asked for is not missed");
    let address = server.address.clone();
    assert!(server.stop().success());
    let said = collect(1);
    assert!(said.contains(&address) && said.contains("refused"), "{said}");
    for (url, more, part) in [
        ("https://x", "", "plain HTTP"),
        ("ftp://x", "", "http://"),
        ("http://x", "token_env = \"T\"", "either token_env or token_file"),
        ("http://x", "at = \"noon\"", "write a time like"),
        ("http://x", "metrics = []", "needs metrics"),
        ("http://x", "windows = [\"a/b\"]", "without a slash"),
    ] {
        ask(&home, url, more);
        assert!(collect(1).contains(part), "{part}");
    }
}

#[test]
fn a_server_collects_at_night_what_is_missing() {
    let Some(postgres) = testkit::postgres() else { return };
    let (_system, answering, token) = system();
    let url = postgres.database();
    let home = home_with(&["--database-url", &url]);
    fs::write(home.home().join("keys/hall-a.token"), &token).expect("written");
    ask(&home, &answering.address, "at = \"00:00\"");
    let server = Server::of(&home, &[]);
    let count = |state: &str| {
        let sql = format!("SELECT COUNT(*) FROM job WHERE kind = 'collect' AND state = '{state}'");
        postgres.execute(&url, &sql).parse::<u32>().expect("a number")
    };
    // Six windows, and the week before today.
    let until = |what: &str, holds: &dyn Fn() -> bool| {
        for _ in 0..5_000 {
            if holds() {
                return;
            }
            assert!(server.get("/healthz").contains("alive"));
        }
        panic!("{what} never came");
    };
    until("the week", &|| count("done") >= 6 * 7);
    assert_eq!(count("failed"), 0);
    // A system that is gone is a job that waits, with its reason.
    assert!(answering.stop().success());
    postgres.execute(&url, "DELETE FROM job WHERE subject LIKE '%/A1'");
    postgres.execute(&url, "DELETE FROM job WHERE subject LIKE '%/B3'");
    let waiting = "SELECT COUNT(*) FROM job WHERE state = 'waiting' AND attempts > 0 AND said LIKE '%refused%'";
    until("the gap", &|| postgres.execute(&url, waiting) != "0");
    assert!(server.stop().success());
    let said = home.ok(&["status"]);
    assert!(said.contains("job: collect hall-a/") && said.contains("to be tried again"), "{said}");
}

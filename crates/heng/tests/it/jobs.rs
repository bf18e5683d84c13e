//! What the server does beside requests.

use crate::common::office::{facts, home as office, home_with, import_all};
use crate::common::{Server, TestHome};
use serde_json::json;
use std::fs;

/// From midnight on, yesterday is closed: at any time of day there is something to do.
fn close_at_midnight(home: &TestHome) {
    let file = home.home().join("heng.toml");
    let config = fs::read_to_string(&file).expect("readable");
    assert!(config.contains("close_at = \"02:00\""), "{config}");
    fs::write(&file, config.replace("close_at = \"02:00\"", "close_at = \"00:00\"")).expect("written");
}

/// Asks the server until something is so.
fn until(server: &Server, what: &str, holds: impl Fn() -> bool) {
    for _ in 0..20_000 {
        if holds() {
            return;
        }
        assert!(server.get("/healthz").contains("alive"));
    }
    panic!("{what} never came");
}

#[test]
fn the_server_closes_the_days_that_are_over() {
    let (home, by_hand) = (office(), office());
    for one in [&home, &by_hand] {
        import_all(one, &facts());
    }
    close_at_midnight(&home);
    let server = Server::of(&home, &[]);
    // The last day of the facts is sealed last.
    until(&server, "the close", || home.home().join("lake/days/2026-03-27").exists());
    assert!(server.stop().success());
    let said = home.ok(&["status"]);
    assert!(said.contains("sealed: 2026-01-01 … ") && !said.contains("to close"), "{said}");
    for one in [&home, &by_hand] {
        one.ok(&["close", "--period", "2026-02"]);
    }
    assert_eq!(home.scores(&["2026-02"])["digest"], by_hand.scores(&["2026-02"])["digest"]);
    home.ok(&["doctor"]);
    // Whoever wants to close by hand says so.
    home.home_file(
        "heng.toml",
        "timezone = \"Asia/Shanghai\"\noffice_hours = []\nscheme = \"s\"\nclose_at = \"25:00\"\n",
    );
    assert!(home.fails(1, &["status"]).contains("write a time like"));
}

#[test]
fn nodes_on_one_server_carry_on_without_each_other() {
    let Some(postgres) = testkit::postgres() else { return };
    let url = postgres.database();
    let home = home_with(&["--database-url", &url]);
    import_all(&home, &facts());
    let bearer = format!("Authorization: Bearer {}", home.ok(&["token", "add", "hall"]).trim());
    close_at_midnight(&home);
    let (one, other) = (Server::of(&home, &[]), Server::of(&home, &[]));
    let push = |server: &Server, id: &str| {
        let case = json!({"id": id, "window": "A1", "finished_at": "2026-03-27T10:00:00"}).to_string();
        server.post("/api/v1/facts/case", &[&bearer, "Content-Type: application/json"], case.as_bytes())
    };
    assert!(push(&one, "n1").2.contains("\"new\":1") && push(&other, "n1").2.contains("\"same\":1"));
    // On a server, what people do is done beside the nodes.
    assert!(home.ok(&["token", "list"]).contains("hall"));
    drop(one);
    assert!(push(&other, "n2").2.contains("\"new\":1"));
    let closed = || postgres.execute(&url, "SELECT COUNT(*) FROM job WHERE kind = 'close' AND state = 'done'") == "1";
    // A node that was killed at its work is missed after a minute; one that was not has left nothing to wait for.
    postgres.execute(&url, "UPDATE job SET heartbeat_at = 0 WHERE state = 'running'");
    until(&other, "the close", closed);
    let twice = "SELECT COUNT(*) FROM (SELECT 1 FROM day_seal GROUP BY day, facts_digest HAVING COUNT(*) > 1) AS twice";
    assert_eq!(postgres.execute(&url, twice), "0");
    assert!(other.stop().success());
    home.ok(&["doctor"]);
}

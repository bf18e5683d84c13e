//! What the program logs, for programs to read.

use crate::common::office::home;
use crate::common::{Server, TestHome};
use serde_json::Value;
use std::fs::{self, File};

/// The lines of a log, each of which must be one JSON object.
fn lines(text: &str) -> Vec<Value> {
    let object = |line: &str| {
        let value: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert!(value.is_object() && value["timestamp"].is_string() && value["level"].is_string(), "{line}");
        value
    };
    text.lines().map(object).collect()
}

#[test]
fn a_request_is_found_in_the_log_by_its_name_and_no_token_is_in_it() {
    let home = home();
    let token = home.ok(&["token", "add", "hall"]).trim().to_owned();
    let log = home.file("log.ndjson", "");
    let environment = [("HENG_LOG_FORMAT", "json"), ("HENG_LOG", "debug")];
    let server = Server::with(&home, &[], &environment, File::create(&log).expect("a file"));
    let bearer = format!("Authorization: Bearer {token}");
    let headers = [bearer.as_str(), "Content-Type: application/json", "X-Request-Id: night-7.a"];
    let (status, head, _) = server.post("/api/v1/facts/case", &headers, b"[]");
    assert!(status == 200 && head.contains("x-request-id: night-7.a"), "{head}");
    // Pages are requests, too.
    assert!(server.get("/en/method").contains("x-request-id: "));
    assert!(server.stop().success());
    let text = fs::read_to_string(&log).expect("a log");
    let lines = lines(&text);
    let of_request: Vec<&Value> = lines.iter().filter(|line| line["span"]["id"] == "night-7.a").collect();
    let answered = of_request.iter().find(|line| line["message"] == "answered").expect("a line");
    assert_eq!((&answered["status"], &answered["span"]["method"]), (&200.into(), &"POST".into()));
    assert!(!text.contains(&token), "a token is in the log");
}

#[test]
fn a_failure_is_one_line_in_the_form_that_was_asked_for() {
    let home = TestHome::empty();
    home.ok(&["init"]);
    let text = home.fails(1, &["score", "2026-03"]);
    assert!(text.starts_with("error: 2026-03"), "{text}");
    let one = |said: &str| {
        let lines = lines(said);
        assert_eq!(lines.len(), 1, "{said}");
        assert_eq!(lines[0]["level"], "ERROR");
        assert!(lines[0]["error"].as_str().is_some_and(|error| error.contains("2026-03")), "{said}");
    };
    one(&home.fails(1, &["--log-format", "json", "score", "2026-03"]));
    let config = home.home().join("heng.toml");
    let said = fs::read_to_string(&config).expect("readable");
    fs::write(&config, format!("{said}log_format = \"json\"\n")).expect("written");
    one(&home.fails(1, &["score", "2026-03"]));
    assert!(home.ok(&["doctor"]).contains("log_format = json"));
    assert!(home.fails(1, &["--log-format", "text", "score", "2026-03"]).starts_with("error: "));
    home.fails(2, &["--log-format", "xml", "status"]);
    fs::write(&config, format!("{said}log_format = \"xml\"\n")).expect("written");
    assert!(home.fails(1, &["status"]).contains("unknown variant `xml`"));
}

//! The interface of the article, asked by a client that was written from its description.

use crate::common::office::home;
use crate::common::{Server, path, project, python, run_python};
use serde_json::{Value, json};

#[test]
fn a_client_of_the_article_collects_from_heng() {
    let Some(python) = python(&["requests"]) else { return };
    let home = home();
    let token = home.ok(&["token", "add", "hall"]).trim().to_owned();
    let narrow = home.ok(&["token", "add", "a2", "--window", "A2"]).trim().to_owned();
    let server = Server::of(&home, &[]);
    let case = |id: &str, minutes: u32, due: u32| {
        json!({
            "id": id, "window": "A1", "accepted_at": "2026-03-05T10:00:00", "due_at": format!("2026-03-05T10:{due:02}:00"),
            "finished_at": format!("2026-03-05T10:{minutes:02}:00"),
        })
    };
    let cases = json!([case("s1", 10, 30), case("s2", 21, 30), case("s3", 40, 30)]).to_string();
    let bearer = format!("Authorization: Bearer {token}");
    let headers = [bearer.as_str(), "Content-Type: application/json"];
    assert_eq!(server.post("/api/v1/facts/case", &headers, cases.as_bytes()).0, 200);
    let script = project().join("crates/heng/tests/collector.py");
    let collect = |window: &str, day: &str| -> Value {
        let said = run_python(&python, &[path(&script), &server.address, &token, window, day]);
        serde_json::from_str(&said).expect("JSON")
    };
    // 10, 21 and 40 minutes are 1,420 seconds on average.
    let expected = json!({
        "window_id": "A1", "date": "2026-03-05", "avg_process_time": 1420, "completed_count": 3, "overdue_count": 1,
    });
    assert_eq!(collect("A1", "2026-03-05"), expected);
    // The same once the day is sealed, and nothing of a window that did nothing.
    let nothing = collect("A2", "2026-03-05");
    assert_eq!((&nothing["completed_count"], &nothing["avg_process_time"]), (&json!(0), &Value::Null));
    let get = |query: &str, token: &str| {
        let host = server.address.trim_start_matches("http://");
        server.send(&format!(
            "GET /v1/windows/stats?{query} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
        ))
    };
    let check = |query: &str, token: &str, status: u16, code: &str| {
        let answer = get(query, token);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")) && answer.contains(code), "{query}: {answer}");
    };
    check("window_id=A1&date=2026-03-05", &narrow, 403, "window_not_allowed");
    check("window_id=A2&date=2026-03-05", &narrow, 200, "\"called_count\":0");
    check("window_id=A1&date=2026-03-05", "heng_x", 401, "unauthorized");
    check("window_id=A1&date=March", &token, 400, "bad_query");
    check("window_id=ZZ&date=2026-03-05", &token, 404, "not_found");
    // What comes in is counted with the next question.
    let more = json!([case("s4", 40, 50)]).to_string();
    assert_eq!(server.post("/api/v1/facts/case", &headers, more.as_bytes()).0, 200);
    assert_eq!(collect("A1", "2026-03-05")["completed_count"], 4);
}

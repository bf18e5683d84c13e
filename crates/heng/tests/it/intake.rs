//! Sources push facts to the real server, over HTTP.

use crate::common::office::{facts, home, home_with, import_all};
use crate::common::{Server, TestHome, project};
use serde_json::{Value, json};

const JSON: &str = "Content-Type: application/json";
const LINES: &str = "Content-Type: application/x-ndjson";

/// A token of a source, as a header.
fn token(home: &TestHome, words: &[&str]) -> String {
    let text = home.ok(&[&["token", "add"], words].concat());
    format!("Authorization: Bearer {}", text.trim())
}

fn pushed(server: &Server, path: &str, headers: &[&str], body: &Value) -> (u16, Value) {
    let (status, _, answer) = server.post(path, headers, body.to_string().as_bytes());
    (status, serde_json::from_str(&answer).expect("JSON"))
}

fn case(id: &str, window: &str) -> Value {
    json!({"id": id, "window": window, "accepted_at": "2026-02-10T09:00:00+08:00", "finished_at": "2026-02-10T09:20:00"})
}

#[test]
fn facts_are_taken_once_and_what_is_wrong_comes_back() {
    for home in homes() {
        let bearer = token(&home, &["hall"]);
        let server = Server::of(&home, &[]);
        let path = "/api/v1/facts/case";
        let both = [bearer.as_str(), JSON];
        let (status, answer) = pushed(&server, path, &both, &json!([case("p1", "A1"), case("p2", "A2")]));
        assert_eq!((status, &answer["new"], &answer["items"][1]["status"]), (200, &json!(2), &json!(201)));
        let (status, answer) = pushed(&server, path, &both, &json!([case("p2", "A2"), case("p3", "A1")]));
        assert_eq!((status, &answer["same"], &answer["new"]), (200, &json!(1), &json!(1)));
        // One item needs no list; a contradiction and bad ones come back, the good one beside them is taken.
        let (status, answer) = pushed(&server, path, &both, &case("p1", "A3"));
        assert_eq!((status, &answer["items"][0]["result"]), (207, &json!("conflict")));
        let mixed = json!([case("p4", "A1"), {"id": "p5"}, {"id": "p6", "mood": 1}, 7]);
        let (status, answer) = pushed(&server, path, &[&both[..], &["Prefer: return=minimal"]].concat(), &mixed);
        assert_eq!((status, &answer["new"], &answer["refused"]), (207, &json!(1), &json!(3)));
        let codes: Vec<&Value> = answer["items"].as_array().expect("items").iter().map(|item| &item["code"]).collect();
        assert_eq!(codes, ["undated", "unknown_field", "not_an_object"]);
        let lines = format!("{}\n\n{}\n", case("p7", "A1"), case("p7", "A1"));
        let (status, _, answer) = server.post(path, &[&bearer, LINES], lines.as_bytes());
        assert!(status == 200 && answer.contains("\"new\":1,\"same\":1"), "{answer}");
        let (status, head, _) = server.post("/api/v1/facts/rating", &both, b"[]");
        assert!(status == 200 && head.contains("x-request-id: "), "{head}");
        assert!(server.stop().success());
        let said = home.ok(&["status"]);
        assert!(said.contains("conflict"), "{said}");
        assert!(home.ok(&["token", "list"]).contains("hall  kinds all  windows all"));
        home.ok(&["doctor"]);
    }
}

/// A home on each database.
fn homes() -> Vec<TestHome> {
    let mut homes = vec![home()];
    homes.extend(testkit::postgres().map(|server| home_with(&["--database-url", &server.database()])));
    homes
}

#[test]
fn what_is_pushed_counts_like_what_is_imported() {
    let imported = home();
    let all = facts();
    import_all(&imported, &all);
    imported.ok(&["close", "--period", "2026-02"]);
    let home = home();
    let hall = token(&home, &["hall"]);
    let kiosk = token(&home, &["kiosk"]);
    let rest: Vec<String> = ["12345", "training", "visitor"].iter().map(|source| token(&home, &[source])).collect();
    let server = Server::of(&home, &[]);
    let send = |path: &str, bearer: &str, items: Vec<Value>| {
        for items in items.chunks(500) {
            let body = items.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
            let (status, _, answer) = server.post(path, &[bearer, LINES], body.as_bytes());
            assert_eq!(status, 200, "{answer}");
        }
    };
    let parse = |line: &String| serde_json::from_str::<Value>(line).expect("JSON");
    let yes = |value: &Value| value == "是";
    let cases = all.cases.iter().map(parse).map(|row| {
        json!({
            "id": format!("{}/{}", row["办件编号"].as_str().expect("text"), row["轮"].as_str().expect("text")),
            "case_id": row["办件编号"], "window": row["窗口"], "staff": row["工号"], "item": row["事项"],
            "channel": if row["渠道"] == "窗口" { "window" } else { "online" },
            "ticketed_at": row["取号"], "called_at": row["叫号"], "accepted_at": row["受理"], "finished_at": row["办结"],
            "due_at": row["期限"], "asked": true, "revision": row["版本"], "void": yes(&row["作废"]),
        })
    });
    send("/api/v1/facts/case", &hall, cases.collect());
    let level = |text: &Value| match text.as_str() {
        Some("非常满意") => 4,
        Some("满意") => 3,
        Some("一般") => 2,
        _ => 1,
    };
    let ratings = all.ratings.iter().map(parse).map(|row| {
        json!({
            "id": row["评价编号"], "case_id": row["办件编号"], "rated_at": row["时间"], "scale": 4,
            "level": level(&row["评价"]), "channel": "kiosk", "rater": row["手机"],
        })
    });
    send("/api/v1/facts/rating", &kiosk, ratings.collect());
    let complaints = all.complaints.iter().map(parse).map(|row| {
        json!({
            "id": row["编号"], "window": row["窗口"], "staff": row["工号"], "occurred_at": row["时间"],
            "verdict": row["结论"], "cause": row["原因"], "confirmed_by": "second", "text": row["内容"],
        })
    });
    send("/api/v1/facts/complaint", &rest[0], complaints.collect());
    let exams = all.exams.iter().map(parse).map(|row| {
        json!({
            "id": format!("{}/{}", row["工号"].as_str().expect("text"), row["科目"].as_str().expect("text")),
            "staff": row["工号"], "held_on": "2026-01-15", "subject": row["科目"], "due": 1, "passed": row["合格"],
            "asked": 20, "correct": row["答对"],
        })
    });
    send("/api/v1/facts/exam", &rest[1], exams.collect());
    let inspections = all.inspections.iter().map(parse).map(|row| {
        json!({
            "id": row["编号"], "window": row["窗口"], "staff": row["工号"], "visited_at": row["时间"],
            "topic": row["主题"], "checked": 30, "passed": row["合格"],
        })
    });
    send("/api/v1/facts/inspection", &rest[2], inspections.collect());
    assert!(server.stop().success());
    home.ok(&["close", "--period", "2026-02"]);
    assert_eq!(home.scores(&["2026-02"])["digest"], imported.scores(&["2026-02"])["digest"]);
}

#[test]
fn nobody_reports_without_a_token_that_allows_it() {
    let home = home();
    let all = token(&home, &["hall"]);
    let narrow = token(&home, &["kiosk", "--kind", "rating", "--window", "A1", "--note", "评价器"]);
    let revoked = token(&home, &["old"]);
    let id = revoked.split('_').nth(1).expect("a name");
    assert!(home.ok(&["token", "revoke", id]).contains("revoked"));
    home.fails(1, &["token", "revoke", id]);
    home.fails(2, &["token", "add", "x", "--kind", "ratings"]);
    // The secret is nowhere in the home.
    let secret = all.rsplit('_').next().expect("a secret");
    let database = std::fs::read(home.home().join("heng.db")).expect("readable");
    assert!(!database.windows(secret.len()).any(|bytes| bytes == secret.as_bytes()));
    let server = Server::of(&home, &[]);
    let body = json!([case("x1", "A1")]).to_string();
    let check = |headers: &[&str], path: &str, body: &[u8], status: u16, code: &str| {
        let (found, head, answer) = server.post(path, headers, body);
        assert!(found == status && answer.contains(code), "{path} {headers:?}: {found} {answer}");
        assert!(status < 400 || status == 422 || head.contains("application/problem+json"), "{head}");
        if status == 401 {
            assert!(head.contains("www-authenticate: Bearer"), "{head}");
        }
    };
    let (path, body) = ("/api/v1/facts/case", body.as_bytes());
    check(&[JSON], path, body, 401, "unauthorized");
    check(&[&revoked, JSON], path, body, 401, "unauthorized");
    check(&["Authorization: Bearer heng_x_y", JSON], path, body, 401, "unauthorized");
    check(&["Authorization: Basic aGVuZzp4", JSON], path, body, 401, "unauthorized");
    let wrong = format!("{}0", &all[..all.len() - 1]);
    check(&[if wrong == all { "Authorization: Bearer heng_" } else { &wrong }, JSON], path, body, 401, "unauthorized");
    check(&[&narrow, JSON], path, body, 403, "kind_not_allowed");
    let rating =
        json!({"id": "r1", "rated_at": "2026-02-10T09:00:00", "level": 4, "scale": 4, "window": "A2"}).to_string();
    check(&[&narrow, JSON], "/api/v1/facts/rating", rating.as_bytes(), 422, "window_not_allowed");
    check(&[&narrow, JSON], "/api/v1/facts/rating", rating.replace("A2", "A1").as_bytes(), 200, "\"new\":1");
    check(&[&all], path, body, 415, "unsupported_type");
    check(&[&all, JSON], path, b"[{", 400, "not_json");
    check(&[&all, JSON], path, &vec![b'['; 100_000], 400, "not_json");
    check(&[&all, JSON], path, b"\xff\xfe", 400, "not_json");
    check(&[&all, JSON, "Content-Encoding: gzip"], path, b"no gzip", 400, "not_json");
    check(&[&all, JSON], path, &vec![b' '; (8 << 20) + 1], 413, "too_large");
    let many = format!("[{}]", vec!["{}"; 5_001].join(","));
    check(&[&all, JSON], path, many.as_bytes(), 413, "too_many_items");
    // A bomb unpacks to no more than is allowed.
    check(&[&all, JSON, "Content-Encoding: zstd"], path, &bomb(), 413, "too_large");
    let get = server.get(path);
    assert!(get.starts_with("HTTP/1.1 405 ") && get.contains("method_not_allowed"), "{get}");
    assert!(server.get("/api/v1/facts/mood").starts_with("HTTP/1.1 404 "));
    // Whoever shows a token may come by any name; who shows none is another site's page.
    let (status, ..) = server.post(path, &[&all, JSON, "Host: hall.gov.local"], body);
    assert!(status == 200 || status == 400, "{status}");
    assert!(server.get("/healthz").contains("alive") && server.get("/readyz").contains("ready"));
}

/// A hundred megabytes of spaces in three kilobytes, as the format has them: magic, a frame without a size, and blocks of
/// one byte that is repeated 128 KB.
fn bomb() -> Vec<u8> {
    let mut packed = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58];
    for block in 0..800_u32 {
        let header = u32::from(block == 799) | (1 << 1) | ((128 << 10) << 3);
        packed.extend(&header.to_le_bytes()[..3]);
        packed.push(b' ');
    }
    packed
}

#[test]
fn the_server_tells_what_it_takes_and_counts() {
    let home = home();
    let bearer = token(&home, &["hall"]);
    let server = Server::of(&home, &["--metrics-port", "0"]);
    let document = server.get("/openapi.json");
    let document: Value = serde_json::from_str(document.split_once("\r\n\r\n").expect("a body").1).expect("JSON");
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["paths"]["/api/v1/facts/case"]["post"]["requestBody"].is_object());
    for (path, word) in
        [("/api/docs", "令牌不适用于这类事实"), ("/en/api/docs", "The token is not for this kind of fact")]
    {
        let page = server.get(path);
        assert!(
            page.starts_with("HTTP/1.1 200 ") && page.contains(word) && page.contains("kind_not_allowed"),
            "{page}"
        );
    }
    pushed(&server, "/api/v1/facts/case", &[&bearer, JSON], &json!([case("m1", "A1"), {"id": 3}]));
    let counters = server.counters();
    assert!(counters.contains("heng_facts_total{kind=\"case\",result=\"new\"} 1"), "{counters}");
    assert!(counters.contains("heng_facts_total{kind=\"case\",result=\"refused\"} 1"), "{counters}");
    assert!(counters.contains("route=\"/api/v1/facts/case\",method=\"POST\",status=\"207\"} 1"), "{counters}");
    assert!(counters.contains("heng_request_duration_seconds_bucket"), "{counters}");
    // The dashboard asks for nothing that is not counted.
    let dashboard = std::fs::read_to_string(project().join("deploy/grafana.json")).expect("readable");
    let names =
        dashboard.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|word| word.starts_with("heng_"));
    let names: std::collections::BTreeSet<&str> = names.collect();
    assert_eq!(names.len(), 3, "{names:?}");
    for name in names {
        assert!(counters.contains(name), "{name}: {counters}");
    }
    assert!(server.get("/metrics").starts_with("HTTP/1.1 404 "), "counters have a listener of their own");
}

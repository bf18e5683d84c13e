//! Citizens rate: on a device at the window, or by the ticket of their case.

use crate::common::office::{home, home_with};
use crate::common::{Server, TestHome};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

const JSON: &str = "Content-Type: application/json";

/// Something that happens now: the open day is the one of the real clock.
#[expect(clippy::disallowed_methods, reason = "the server follows the day of the system's clock")]
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

fn token(home: &TestHome, words: &[&str]) -> String {
    format!("Authorization: Bearer {}", home.ok(&[&["token", "add"], words].concat()).trim())
}

fn post(server: &Server, path: &str, bearer: &str, body: &Value) -> (u16, Value) {
    let (status, _, answer) = server.post(path, &[bearer, JSON], body.to_string().as_bytes());
    (status, serde_json::from_str(&answer).unwrap_or_else(|_| panic!("{answer}")))
}

/// The status of the whole, and what became of each.
fn rate(server: &Server, bearer: &str, body: &Value) -> (u16, Vec<String>) {
    let (status, answer) = post(server, "/api/v1/ratings", bearer, body);
    let items = answer["items"].as_array().unwrap_or_else(|| panic!("{answer}"));
    let said = items.iter().map(|item| {
        assert_eq!(item["kept"].as_bool(), Some(item["status"] != 422 && item["kept"] == true), "{item}");
        let code = item["code"].as_str().map(|code| format!(": {code}")).unwrap_or_default();
        format!("{}{code}", item["result"].as_str().expect("a word"))
    });
    (status, said.collect())
}

fn finished(id: &str, window: &str, at: u64) -> Value {
    json!({"id": id, "window": window, "accepted_at": at, "finished_at": at, "asked": true})
}

#[test]
fn a_device_rates_the_case_that_just_ended_at_its_window() {
    let home = home();
    let (hall, kiosk) = (token(&home, &["hall"]), token(&home, &["kiosk-a1", "--kind", "rating", "--window", "A1"]));
    let broad = token(&home, &["kiosks", "--kind", "rating"]);
    let server = Server::of(&home, &[]);
    let t = now();
    let cases = json!([finished("c1", "A1", t), finished("c2", "A2", t)]);
    assert_eq!(post(&server, "/api/v1/facts/case", &hall, &cases).0, 200);
    let mut listening = server.listen();
    while listening.next().expect("a stream").1["windows"].as_array().is_none_or(|all| all.len() < 2) {}
    let rating = |id: &str, level: u8| json!({"id": id, "level": level, "scale": 4});
    assert_eq!(rate(&server, &kiosk, &rating("r1", 4)), (200, vec!["taken".to_owned()]));
    // What is sent again is the same; another level under its id changes nothing.
    assert_eq!(rate(&server, &kiosk, &rating("r1", 4)), (200, vec!["same".to_owned()]));
    assert_eq!(rate(&server, &kiosk, &rating("r1", 1)), (409, vec!["already_rated".to_owned()]));
    // Another rating of the case is kept, and does not count.
    assert_eq!(rate(&server, &kiosk, &rating("r2", 1)), (409, vec!["already_rated".to_owned()]));
    // Ratings that a device kept while it was offline: of a case that nobody reported yet, with their own times.
    let many = json!([
        {"id": "r3", "level": 3, "scale": 4, "rated_at": t - 50_000},
        {"id": "r4", "level": 9, "scale": 4},
        {"id": "r5", "level": 3, "scale": 4, "window": "A2"},
        {"id": "r6", "level": 3, "scale": 4, "rated_at": t + 3_000},
        {"id": "r7", "level": 3, "scale": 4, "confirmed_by": "me"},
        {"level": 3, "scale": 4},
        7,
    ]);
    let (status, said) = rate(&server, &kiosk, &many);
    let expected = [
        "waits",
        "refused: bad_value",
        "refused: window_not_allowed",
        "refused: dated_ahead",
        "refused: unknown_field",
        "refused: bad_id",
        "refused: not_an_object",
    ];
    assert_eq!((status, said), (207, expected.map(str::to_owned).to_vec()));
    // A token for more than one window must say which.
    assert_eq!(rate(&server, &broad, &rating("b1", 4)), (422, vec!["refused: missing_field".to_owned()]));
    let named = json!({"id": "b2", "window": "A2", "level": 4, "scale": 4, "rater": "13800000000", "comment": "快"});
    assert_eq!(rate(&server, &broad, &named), (200, vec!["taken".to_owned()]));
    // Who may do what.
    let check = |bearer: &str, body: &Value, status: u16, code: &str| {
        let (found, answer) = post(&server, "/api/v1/ratings", bearer, body);
        assert_eq!((found, answer["code"].as_str()), (status, Some(code)), "{answer}");
    };
    check("Authorization: Bearer heng_x", &rating("x", 4), 401, "unauthorized");
    check("X-No: key", &rating("x", 4), 401, "unauthorized");
    let too_many = json!(vec![rating("x", 4); 501]);
    check(&kiosk, &too_many, 413, "too_many_items");
    assert!(server.stop().success());
    let said = home.ok(&["status"]);
    assert!(said.contains("ratings that look for their case: 1") && !said.contains("conflict"), "{said}");
    home.ok(&["doctor"]);
}

#[test]
fn a_ticket_is_for_one_rating_of_its_case() {
    let home = home();
    let (hall, kiosk) = (token(&home, &["hall", "--window", "A1"]), token(&home, &["kiosk", "--kind", "rating"]));
    let exams = token(&home, &["exams", "--kind", "exam"]);
    let server = Server::of(&home, &[]);
    let issue = |bearer: &str, body: &Value| post(&server, "/api/v1/ratings/tickets", bearer, body);
    let cases = json!([{"case_id": "c1", "window": "A1", "staff": "S0"}, {"case_id": "c2", "window": "A1"}]);
    let (status, answer) = issue(&hall, &cases);
    assert_eq!(status, 200, "{answer}");
    let tickets: Vec<String> = answer["tickets"]
        .as_array()
        .expect("tickets")
        .iter()
        .map(|ticket| format!("Authorization: Bearer {}", ticket["ticket"].as_str().expect("a text")))
        .collect();
    assert_eq!((answer["tickets"][1]["case_id"].as_str(), tickets.len()), (Some("c2"), 2));
    let check = |bearer: &str, body: &Value, status: u16, code: &str| {
        let (found, answer) = issue(bearer, body);
        assert_eq!((found, answer["code"].as_str()), (status, Some(code)), "{answer}");
    };
    check(&hall, &json!({"case_id": "c1", "window": "A2"}), 403, "window_not_allowed");
    check(&exams, &json!({"case_id": "c1", "window": "A1"}), 403, "kind_not_allowed");
    check(&hall, &json!({"case_id": "c\n1", "window": "A1"}), 422, "bad_item");
    check(&hall, &json!({"case_id": "c1"}), 400, "not_json");
    check(&hall, &json!(vec![json!({"case_id": "c1", "window": "A1"}); 501]), 413, "too_many_items");

    let level = |level: u8| json!({"level": level, "scale": 5});
    assert_eq!(rate(&server, &tickets[0], &level(5)), (200, vec!["taken".to_owned()]));
    assert_eq!(rate(&server, &tickets[0], &level(5)), (200, vec!["same".to_owned()]));
    assert_eq!(rate(&server, &tickets[0], &level(1)), (409, vec!["already_rated".to_owned()]));
    // The same case on the device at the window: it is kept, and the first one counts.
    let on_device = json!({"id": "d1", "case_id": "c1", "level": 1, "scale": 5});
    assert_eq!(rate(&server, &kiosk, &on_device), (409, vec!["already_rated".to_owned()]));
    assert_eq!(
        rate(&server, &tickets[1], &json!({"level": 6, "scale": 5})),
        (422, vec!["refused: bad_value".to_owned()])
    );
    assert_eq!(
        rate(&server, &tickets[1], &json!({"level": 5, "scale": 5, "case_id": "c9"})),
        (422, vec!["refused: unknown_field".to_owned()])
    );
    assert_eq!(post(&server, "/api/v1/ratings", &tickets[1], &json!([level(5), level(5)])).0, 413);
    // A ticket that was changed, or that another home signed, is none.
    let forged = tickets[1].replace("hengr_ey", "hengr_ez");
    let (status, answer) = post(&server, "/api/v1/ratings", &forged, &level(5));
    assert_eq!((status, answer["code"].as_str()), (401, Some("unauthorized")), "{answer}");
    let elsewhere = crate::common::office::home();
    let other = Server::of(&elsewhere, &[]);
    assert_eq!(post(&other, "/api/v1/ratings", &tickets[1], &level(5)).0, 401);
    assert_eq!(rate(&server, &tickets[1], &level(4)), (200, vec!["taken".to_owned()]));
}

#[test]
fn a_rating_finds_its_case_when_it_is_reported() {
    let Some(postgres) = testkit::postgres() else { return };
    let url = postgres.database();
    let home = home_with(&["--database-url", &url]);
    let (hall, kiosk) = (token(&home, &["hall"]), token(&home, &["kiosk", "--kind", "rating", "--window", "A1"]));
    let server = Server::of(&home, &[]);
    let t = now();
    let ratings = json!([
        {"id": "r1", "level": 4, "scale": 4, "rated_at": t - 40},
        {"id": "r2", "level": 1, "scale": 4, "rated_at": t - 90_000},
    ]);
    assert_eq!(rate(&server, &kiosk, &ratings), (200, vec!["waits".to_owned(); 2]));
    let count = |sql: &str| postgres.execute(&url, sql).parse::<u32>().expect("a number");
    assert_eq!(count("SELECT COUNT(*) FROM unmatched_rating"), 2);
    assert_eq!(post(&server, "/api/v1/facts/case", &hall, &json!([finished("c1", "A1", t - 60)])).0, 200);
    for _ in 0..20_000 {
        if count("SELECT COUNT(*) FROM unmatched_rating") == 1 {
            break;
        }
        assert!(server.get("/healthz").contains("alive"));
    }
    // The one has its case, the other one waits and will be looked for later.
    assert_eq!(count("SELECT COUNT(*) FROM unmatched_rating WHERE source_id = 'r2'"), 1);
    assert_eq!(count("SELECT COUNT(*) FROM fact WHERE current AND case_id = 'c1' AND source_id = 'r1'"), 1);
    assert_eq!(rate(&server, &kiosk, &json!({"id": "r1", "level": 4, "scale": 4})), (200, vec!["same".to_owned()]));
    assert!(server.stop().success());
    home.ok(&["doctor"]);
}

#[test]
fn a_rating_of_a_case_that_lies_in_files_meets_the_one_that_lies_there() {
    let home = home();
    let cases = "id,w,at\nc1,A1,2026-03-05 10:00\nc2,A1,2026-03-05 11:00\n";
    let ratings = "id,c,at,l\nr1,c1,2026-03-05 10:01,4\n";
    let map = |kind: &str, more: &str| {
        let head =
            format!("kind = \"{kind}\"\nsource = \"{kind}s\"\nid = [\"id\"]\ntime = [\"%Y-%m-%d %H:%M\"]\n[fields]\n");
        home.file(&format!("{kind}.toml"), head + more)
    };
    let case_map =
        map("case", "window = \"w\"\naccepted_at = \"at\"\nfinished_at = \"at\"\nasked = { const = \"true\" }\n");
    let rating_map = map("rating", "case_id = \"c\"\nrated_at = \"at\"\nlevel = \"l\"\nscale = { const = \"4\" }\n");
    let (cases, ratings) = (home.file("cases.csv", cases), home.file("ratings.csv", ratings));
    let words = [&case_map, &cases, &rating_map, &ratings].map(|file| crate::common::path(file).to_owned());
    home.ok(&[&["backfill"], &words.each_ref().map(String::as_str)[..]].concat());
    home.ok(&["close", "--through", "2026-03-31"]);
    let hall = token(&home, &["hall"]);
    let server = Server::of(&home, &[]);
    let asked = json!([{"case_id": "c1", "window": "A1"}, {"case_id": "c2", "window": "A1"}]);
    let (_, answer) = post(&server, "/api/v1/ratings/tickets", &hall, &asked);
    let ticket =
        |at: usize| format!("Authorization: Bearer {}", answer["tickets"][at]["ticket"].as_str().expect("a text"));
    let level = json!({"level": 1, "scale": 4});
    assert_eq!(rate(&server, &ticket(0), &level), (409, vec!["already_rated".to_owned()]));
    assert_eq!(rate(&server, &ticket(1), &level), (200, vec!["taken".to_owned()]));
    assert!(server.stop().success());
    // Both are kept beside what lay in files, and the day is made again.
    let said = home.ok(&["status", "--day", "2026-03-06"]);
    assert!(said.contains("rating       3 (3 reports)"), "{said}");
    home.ok(&["close", "--through", "2026-03-31"]);
    home.ok(&["doctor"]);
}

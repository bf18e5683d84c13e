//! The open day as it goes: what a real server tells whoever listens, and that every node tells the same.

use crate::common::office::{home, home_with};
use crate::common::{Listening, Server, TestHome};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

/// Something that happens now: the open day is the one of the real clock.
#[expect(clippy::disallowed_methods, reason = "the server follows the day of the system's clock")]
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

fn token(home: &TestHome, words: &[&str]) -> String {
    format!("Authorization: Bearer {}", home.ok(&[&["token", "add"], words].concat()).trim())
}

fn push(server: &Server, kind: &str, bearer: &str, items: &Value) {
    let headers = [bearer, "Content-Type: application/json"];
    let path = format!("/api/v1/facts/{kind}");
    let (status, _, answer) = server.post(&path, &headers, items.to_string().as_bytes());
    assert_eq!(status, 200, "{answer}");
}

/// What a listener knows of the windows.
struct Heard {
    listening: Listening,
    windows: BTreeMap<String, Value>,
    scores: Option<Value>,
}

impl Heard {
    /// Listens until something holds of what was heard.
    fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        for _ in 0..200 {
            if holds(self) {
                return;
            }
            let (name, data) = self.listening.next().expect("a stream that goes on");
            match name.as_str() {
                "state" => self.windows.clear(),
                "scores" => self.scores = Some(data.clone()),
                "change" => {}
                other => panic!("{other}: {data}"),
            }
            for window in data["windows"].as_array().into_iter().flatten() {
                self.windows.insert(window["window"].as_str().expect("a name").to_owned(), window.clone());
            }
        }
        panic!("{what} was never heard: {:?}", self.windows);
    }

    fn of(&self, window: &str, figure: &str) -> Value {
        self.windows.get(window).map_or(Value::Null, |window| window[figure].clone())
    }
}

fn listen(server: &Server) -> Heard {
    Heard { listening: server.listen(), windows: BTreeMap::new(), scores: None }
}

/// Asks a server for everything.
fn live(server: &Server) -> Value {
    let answer = server.get("/api/v1/live");
    serde_json::from_str(answer.split_once("\r\n\r\n").expect("a body").1).expect("JSON")
}

fn figures(live: &Value, window: &str) -> [Value; 4] {
    let all = live["windows"].as_array().expect("windows");
    let found = all.iter().find(|of| of["window"] == window).unwrap_or(&Value::Null);
    ["waiting", "called", "completed", "rated"].map(|figure| found[figure].clone())
}

#[test]
fn a_case_is_heard_from_its_ticket_to_its_end() {
    let home = home();
    let (hall, kiosk) = (token(&home, &["hall"]), token(&home, &["kiosk"]));
    let server = Server::of(&home, &[]);
    let (mut first, mut second) = (listen(&server), listen(&server));
    let t = now();
    push(&server, "case", &hall, &json!({"id": "c1", "ticketed_at": t}));
    for heard in [&mut first, &mut second] {
        heard.until("the ticket", |heard| heard.of("", "waiting") == 1);
        assert_eq!(heard.of("", "waiting_since"), json!(t));
    }
    push(
        &server,
        "case",
        &hall,
        &json!({"id": "c1", "revision": 1, "window": "A1", "ticketed_at": t, "called_at": t + 1}),
    );
    first.until("the call", |heard| heard.of("A1", "called") == 1 && heard.of("", "waiting") == 0);
    assert_eq!(first.of("A1", "avg_waiting_time"), 1);
    let done = |id: &str, window: &str| {
        json!({
            "id": id, "revision": 2, "window": window, "ticketed_at": t, "called_at": t + 1, "accepted_at": t + 1,
            "finished_at": t + 1, "asked": true,
        })
    };
    let many: Vec<Value> = (1..=6).map(|n| done(&format!("c{n}"), "A1")).collect();
    push(&server, "case", &hall, &json!(many));
    first.until("the end", |heard| heard.of("A1", "completed") == 6);
    assert_eq!((first.of("A1", "asked"), first.of("A1", "rated")), (json!(6), json!(0)));
    // Four ratings are not shown, the fifth brings the block.
    let rating =
        |n: u32| json!({"id": format!("r{n}"), "case_id": format!("c{n}"), "rated_at": t + 1, "level": 4, "scale": 4});
    push(&server, "rating", &kiosk, &json!((1..=4).map(rating).collect::<Vec<_>>()));
    push(&server, "case", &hall, &json!([done("c7", "A2")]));
    first.until("another window", |heard| heard.of("A2", "completed") == 1);
    assert_eq!(first.of("A1", "rated"), 0);
    push(&server, "rating", &kiosk, &json!([rating(5)]));
    first.until("a block of ratings", |heard| heard.of("A1", "rated") == 5 && heard.of("A1", "satisfied") == 5);
    // Who comes later, and who asks instead of listening, is told the same.
    let mut late = listen(&server);
    late.until("everything", |heard| heard.of("A1", "rated") == 5);
    assert_eq!(late.windows.keys().collect::<Vec<_>>(), ["A1", "A2"]);
    let asked = live(&server);
    assert_eq!(figures(&asked, "A1"), [json!(0), json!(6), json!(6), json!(5)]);
    assert_eq!((&asked["provisional"], &asked["stale"]), (&json!(true), &json!(false)));
    // The hall screen of its centre shows it, and asks again by itself; that of another one does not.
    push(&server, "case", &hall, &json!([{"id": "w1", "window": "A1", "ticketed_at": t}]));
    first.until("somebody who waits", |heard| heard.of("A1", "waiting") == 1);
    let screen = server.get("/en/screen/%E7%94%B2");
    assert!(screen.contains("Waiting now") && screen.contains("<span class=\"big\">1</span>"), "{screen}");
    assert!(screen.contains("\r\nrefresh: 15\r\n") && screen.contains("live and provisional"), "{screen}");
    let other = server.get("/en/screen/%E4%B9%99");
    assert!(
        other.starts_with("HTTP/1.1 200") && !other.contains("Waiting now") && !other.contains("refresh"),
        "{other}"
    );
    // A revision that takes a case back is heard, too.
    push(&server, "case", &hall, &json!({"id": "c7", "revision": 3, "void": true, "ticketed_at": t}));
    first.until("the retraction", |heard| heard.of("A2", "completed") == 0);
    // A server that ends does not wait for those who listen.
    assert!(server.stop().success());
    while first.listening.next().is_some() {}
    // What was there is built again from the reports.
    let again = Server::of(&home, &[]);
    let mut heard = listen(&again);
    heard.until("what was there", |heard| heard.of("A1", "rated") == 5);
    assert_eq!(figures(&live(&again), "A1"), [json!(1), json!(6), json!(6), json!(5)]);
}

#[test]
fn every_node_tells_what_any_of_them_took() {
    let Some(postgres) = testkit::postgres() else { return };
    let home = home_with(&["--database-url", &postgres.database()]);
    let hall = token(&home, &["hall"]);
    let (one, other) = (Server::of(&home, &[]), Server::of(&home, &[]));
    let (mut at_one, mut at_other) = (listen(&one), listen(&other));
    let t = now();
    let case = |id: String, window: &str| json!({"id": id, "window": window, "accepted_at": t, "finished_at": t});
    for n in 0..10 {
        let node = if n % 2 == 0 { &one } else { &other };
        push(node, "case", &hall, &json!([case(format!("c{n}"), "A1"), case("same".to_owned(), "A2")]));
    }
    // The command line counts, too.
    let file = home.file("late.ndjson", format!("{}\n", json!({"id": "x", "window": "B1", "at": t.to_string()})));
    let map = "kind = \"case\"\nsource = \"late\"\nid = [\"id\"]\ntime = [\"unix\"]\n[fields]\nwindow = \"window\"\naccepted_at = \"at\"\nfinished_at = \"at\"\n";
    let map = home.file("late.toml", map);
    home.ok(&["import", "--map", crate::common::path(&map), crate::common::path(&file)]);
    let all = |heard: &Heard| {
        heard.of("A1", "completed") == 10 && heard.of("A2", "completed") == 1 && heard.of("B1", "completed") == 1
    };
    at_one.until("all of it", all);
    at_other.until("all of it", all);
    drop(one);
    push(&other, "case", &hall, &json!([case("last".to_owned(), "A1")]));
    at_other.until("what came after the other node was gone", |heard| heard.of("A1", "completed") == 11);
}

#[test]
fn a_database_that_is_gone_is_said_and_what_came_meanwhile_is_told_after_it() {
    let Some(postgres) = testkit::postgres() else { return };
    let url = postgres.database();
    let (server, database) = url.rsplit_once('/').expect("a name");
    let admin = format!("{server}/postgres");
    let home = home_with(&["--database-url", &url]);
    let hall = token(&home, &["hall"]);
    let node = Server::of(&home, &[]);
    let mut heard = listen(&node);
    let t = now();
    let case = |id: &str| json!([{"id": id, "window": "A1", "accepted_at": t, "finished_at": t}]);
    push(&node, "case", &hall, &case("c1"));
    heard.until("the case", |heard| heard.of("A1", "completed") == 1);
    let allow = |yes: bool| postgres.execute(&admin, &format!("ALTER DATABASE {database} ALLOW_CONNECTIONS {yes}"));
    allow(false);
    let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'");
    postgres.execute(&admin, &end);
    let (name, data) = heard.listening.next().expect("a stream that goes on");
    assert!(name == "stale" && data["since"].as_u64().is_some_and(|since| since >= t), "{name}: {data}");
    assert_eq!(live(&node)["stale"], true);
    allow(true);
    // A look that failed is made up for by a whole one.
    let (name, data) = heard.listening.next().expect("a stream that goes on");
    assert_eq!((name.as_str(), figures(&data, "A1")[2].clone()), ("state", json!(1)));
    push(&node, "case", &hall, &case("c2"));
    heard.until("the next case", |heard| heard.of("A1", "completed") == 2);
}

/// Two indicators that two cases are enough for.
const SCHEME: &str = r#"
format = 1
id = "first"
version = "1"
name = "Two indicators"
base_period = "month"
profile = [{ id = "simple", name = "Simple" }]
layer = [{ id = "base", name = "Base", weight = 100 }]
group = [{ id = "efficiency", name = "Efficiency", layer = "base" }]
measure = [
  { id = "due", name = "cases due", table = "case", on = "due" },
  { id = "on_time", name = "finished in time", table = "case", on = "due", where = "NOT overdue" },
  { id = "called", name = "tickets called", table = "case", on = "call" },
  { id = "in_15", name = "called in 15 min", table = "case", on = "call", where = "waiting_seconds <= 900" },
]
[[indicator]]
id = "on_time_rate"
name = "Finished on time"
group = "efficiency"
numerator = "on_time"
denominator = "due"
min_n = 1
curve = { linear = { floor = "50%", target = "100%" } }
weights = { simple = 60 }
[[indicator]]
id = "called_in_15"
name = "Called in 15 minutes"
group = "efficiency"
numerator = "in_15"
denominator = "called"
min_n = 1
curve = { linear = { floor = "0%", target = "100%" } }
weights = { simple = 40 }
"#;

#[test]
fn scores_of_the_open_period_count_the_open_day() {
    let home = home();
    home.home_file("scheme.toml", SCHEME);
    let hall = token(&home, &["hall"]);
    let server = Server::of(&home, &[]);
    let mut heard = listen(&server);
    let t = now();
    let case = |id: &str, window: &str, due: u64, finished: Value| {
        json!({
            "id": id, "window": window, "ticketed_at": t, "called_at": t, "accepted_at": t, "due_at": due,
            "finished_at": finished,
        })
    };
    push(
        &server,
        "case",
        &hall,
        // One in time, one late, one whose deadline is still ahead: neither kept nor missed.
        &json!([
            case("1", "A1", t + 9, json!(t)),
            case("2", "A1", t - 9, json!(t)),
            case("3", "A1", t + 9_000, Value::Null),
            case("4", "A2", t + 9, json!(t)),
        ]),
    );
    heard.until("scores", |heard| heard.scores.is_some());
    let scores = live(&server)["scores"].clone();
    assert_eq!(Some(&scores), heard.scores.as_ref());
    let of = |unit: &str| {
        let units = scores["units"].as_array().expect("units");
        units.iter().find(|of| of["unit"] == unit).cloned().expect("the window")
    };
    assert_eq!((of("A1")["score"].clone(), of("A2")["score"].clone()), (json!("40.00"), json!("100.00")));
    assert_eq!((of("B1")["score"].clone(), &scores["provisional"]), (Value::Null, &json!(true)));
}

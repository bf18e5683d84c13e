//! Heng asks a system that answers in pages of JSON: all pages are taken, or none.

use crate::common::office::{home as office, home_with};
use crate::common::{Server, TestHome, path, project, python};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

const MAP: &str = r#"
kind = "case"
source = "hotline"
id = ["id"]
[fields]
window = "/at/window"
finished_at = "/at/done"
"#;

/// `pages.py` while it runs.
struct System {
    process: Child,
    port: String,
}

impl System {
    fn start(python: &str) -> Self {
        let script = project().join("crates/heng/tests/pages.py");
        let mut process =
            Command::new(python).arg(path(&script)).stdout(Stdio::piped()).spawn().expect("python starts");
        let mut port = String::new();
        BufReader::new(process.stdout.take().expect("its output")).read_line(&mut port).expect("a line");
        Self { process, port: port.trim().to_owned() }
    }
}

impl Drop for System {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Says in the configuration that there is a system, and how it is asked.
fn ask(home: &TestHome, system: &System, rest: &str, more: &str) {
    home.home_file("orders.toml", MAP);
    home.home_file("keys/orders.token", "t\n");
    let file = home.home().join("heng.toml");
    let config = fs::read_to_string(&file).expect("readable");
    let config = config.split("\n[[api]]").next().unwrap_or_default();
    let url = format!("http://127.0.0.1:{}{rest}", system.port);
    let items = if more.contains("items") { "" } else { "items = \"/data\"\n" };
    let api = format!(
        "[[api]]\nsource = \"orders\"\nurl = \"{url}\"\ntoken_file = \"keys/orders.token\"\nmapping = \"orders.toml\"\n{items}{more}"
    );
    fs::write(&file, format!("{config}\n{api}\n")).expect("written");
}

const NEXT: &str = "page = { next = \"/next\" }";
const TOTAL: &str = "page = { next = \"/next\" }\ntotal = \"/total\"";

#[test]
fn every_page_is_taken_or_none() {
    let Some(python) = python(&["http.server"]) else { return };
    let system = System::start(&python);
    let home = office();
    let collect = |status: i32, day: u32| {
        let output = home.run(&["collect", "--day", &format!("2026-03-{day:02}")]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{said}");
        said
    };
    // Every way to page gives the same records, each on a day of its own.
    let number = "page = { parameter = \"page\" }";
    let ways = [
        ("/all?day={day}", ""),
        ("/list?day={day}", "items = \"\""),
        ("/span?from={from}&to={to}", ""),
        ("/link?day={day}", TOTAL),
        ("/number?day={day}", number),
        ("/number?day={day}", "page = { parameter = \"page\", first = 1 }\ntotal = \"/total\""),
        ("/cursor?day={day}", "page = { cursor = \"/more\", parameter = \"cursor\" }"),
    ];
    for (day, (rest, more)) in (2..).zip(ways) {
        // The same ids every day: a home of its own would do, another source does.
        ask(&home, &system, rest, more);
        home.home_file("orders.toml", &MAP.replace("\"hotline\"", &format!("\"hotline {day}\"")));
        let said = collect(0, day);
        assert!(said.contains(&format!("orders 2026-03-{day:02}: 5 rows: 5 new, 0 known")), "{rest} {more}: {said}");
        assert!(collect(0, day).contains("5 rows: 0 new, 5 known"), "{rest}");
    }
    // Whatever is wrong on the way, nothing of the day is taken.
    let before = home.ok(&["status"]);
    for (way, more, part) in [
        ("redirect", NEXT, "302 Found and sends on to `http://198.51.100.1/elsewhere`, which is not followed"),
        ("elsewhere", NEXT, "`http://198.51.100.1/orders?page=2` is not at the system that was asked"),
        ("circle", NEXT, "lead in a circle"),
        ("endless", NEXT, "more than 1000 pages"),
        ("stuck", number, "does it know the parameter?"),
        ("giant", NEXT, "more than 16777216 bytes"),
        ("cut", NEXT, "page=2"),
        ("shape", NEXT, "page 2: there is no `/data`"),
        ("words", NEXT, "page 2: no JSON"),
        ("short", TOTAL, "speaks of 5 records and sends 4"),
        ("never", &format!("{NEXT}\ntimeout_seconds = 1"), "timeout"),
        ("middle", NEXT, "it answered 500"),
        ("link", "items = \"/next\"", "`/next` is no list"),
    ] {
        ask(&home, &system, &format!("/{way}?day={{day}}"), more);
        let said = collect(1, 20);
        assert!(said.contains(part), "{way}: {said}");
        assert_eq!(home.ok(&["status"]), before, "{way}");
    }
    // The next attempt after a failure in the middle takes all of it, once.
    ask(&home, &system, "/middle?day={day}", NEXT);
    assert!(collect(0, 20).contains("5 rows: 5 new"));
    assert!(collect(0, 20).contains("5 rows: 0 new, 5 known"));
    // Records that are none come back with their reasons, beside those that are.
    ask(&home, &system, "/bad?day={day}", "");
    home.home_file("orders.toml", &MAP.replace("\"hotline\"", "\"bad\""));
    let said = collect(1, 21);
    assert!(said.contains("4 rows: 2 new, 0 known, 0 contradicting, 2 bad"), "{said}");
    let rejected = fs::read_to_string(home.home().join("rejected/orders.2026-03-21.rejected.ndjson")).expect("there");
    assert!(rejected.contains("\"id\":\"b1\"") && rejected.contains("not a JSON object"), "{rejected}");
    assert!(!home.home().join("incoming").exists());
    fs::write(home.home().join("keys/orders.token"), "x").expect("written");
    assert!(collect(1, 21).contains("it answered 401"));
    assert!(home.ok(&["doctor"]).contains("api = orders · http://127.0.0.1:"));
}

#[test]
fn a_server_asks_at_night_and_a_gap_stays_until_it_is_filled() {
    let (Some(python), Some(postgres)) = (python(&["http.server"]), testkit::postgres()) else { return };
    let system = System::start(&python);
    let url = postgres.database();
    let home = home_with(&["--database-url", &url]);
    // Each day fails in the middle, once.
    ask(&home, &system, "/middle?day={day}", &format!("{TOTAL}\nat = \"00:00\""));
    home.home_file("orders.toml", &MAP.replace("[\"id\"]", "[\"id\", \"/at/done\"]"));
    let server = Server::of(&home, &[]);
    let count = |sql: &str| postgres.execute(&url, sql).parse::<u32>().expect("a number");
    let until = |what: &str, sql: &str, expect: u32| {
        for _ in 0..20_000 {
            if count(sql) == expect {
                return;
            }
            assert!(server.get("/healthz").contains("alive"));
        }
        panic!("{what} never came: {}", count(sql));
    };
    let of = "SELECT COUNT(*) FROM job WHERE kind = 'api'";
    until("a failure", &format!("{of} AND attempts > 0 AND said LIKE '%it answered 500%'"), 1);
    assert_eq!(count("SELECT COUNT(*) FROM fact"), 0);
    // Nobody waits half a minute for it here.
    postgres.execute(&url, "UPDATE job SET run_at = 0 WHERE kind = 'api' AND attempts > 0");
    until("a day", &format!("{of} AND state = 'done'"), 1);
    assert_eq!(count("SELECT COUNT(*) FROM fact WHERE current"), 5);
    assert_eq!(count(of), 7, "the week before today");
    assert!(server.stop().success());
    let said = home.ok(&["status"]);
    assert!(said.contains("job: api orders/") && said.contains("to be tried again"), "{said}");
}

//! Figures that systems report of their windows: beside cases they are compared, without cases they count.

use crate::common::{TestHome, path};
use serde_json::{Value, json};

/// One indicator rests on cases, one on what is reported where there are none.
const SCHEME: &str = r#"
format = 1
id = "reported"
version = "1"
name = "Cases, or else what is reported"
base_period = "month"
profile = [{ id = "simple", name = "Simple" }]
layer = [{ id = "base", name = "Base", weight = 100 }]
group = [{ id = "efficiency", name = "Efficiency", layer = "base" }]

[[measure]]
id = "finished"
name = "finished"
table = "case"
on = "finish"

[[measure]]
id = "handled"
name = "seconds"
table = "case"
on = "finish"
sum = "handling_seconds"

[[measure]]
id = "reported_seconds"
name = "seconds by reported averages"
table = "statistic"
where = "metric = 'avg_process_time' AND NOT has_cases"
sum = "product"

[[measure]]
id = "reported_n"
name = "cases that reported averages rest on"
table = "statistic"
where = "metric = 'avg_process_time' AND NOT has_cases"
sum = "n"

[[indicator]]
id = "handling"
name = "Handling"
group = "efficiency"
numerator = "handled"
denominator = "finished"
curve = { linear = { floor = 3600, target = 0 } }
weights = { simple = 50 }

[[indicator]]
id = "handling_reported"
name = "Handling (reported average × count)"
group = "efficiency"
numerator = "reported_seconds"
denominator = "reported_n"
n = "reported_n"
curve = { linear = { floor = 3600, target = 0 } }
weights = { simple = 50 }
"#;

const CASES: &str = "kind = 'case'\nsource = 'hall'\nid = ['id']\n[fields]\nwindow = 'window'\naccepted_at = 'from'\n\
    finished_at = 'to'\nrevision = 'revision'\n";
const FIGURES: &str = "kind = 'statistic'\nsource = 'hall-a'\nid = ['window', 'day', 'metric']\n[fields]\n\
    window = 'window'\nday = 'day'\nmetric = 'metric'\nvalue = 'value'\nscale = 'scale'\nn = 'n'\n";

fn import(home: &TestHome, map: &str, rows: &[Value]) {
    let lines: Vec<String> = rows.iter().map(Value::to_string).collect();
    let map = home.file("map.toml", map);
    home.ok(&["import", "--map", path(&map), path(&home.file("rows.ndjson", lines.join("\n")))]);
}

fn case(id: &str, window: &str, day: u32, minutes: u32) -> Value {
    let at = |minute: u32| format!("2026-03-{day:02} 09:{minute:02}:00");
    json!({"id": id, "window": window, "from": at(0), "to": at(minutes), "revision": 0})
}

fn figure(window: &str, day: u32, metric: &str, value: i64, scale: i64, n: Option<i64>) -> Value {
    json!({"window": window, "day": format!("2026-03-{day:02}"), "metric": metric, "value": value, "scale": scale, "n": n})
}

/// A has cases and reports on the 5th, B only reports, on the 5th and the 6th; C does neither.
fn office() -> TestHome {
    let home = TestHome::empty();
    home.ok(&["init", "--scheme", path(&home.file("scheme.toml", SCHEME))]);
    home.home_file("register/centres.csv", "centre,name\nC,C\n");
    home.home_file("register/windows.csv", "window,centre,type,name\nA,C,simple,A\nB,C,simple,B\nC,C,simple,C\n");
    import(&home, CASES, &[case("1", "A", 5, 10), case("2", "A", 5, 21)]);
    import(
        &home,
        FIGURES,
        &[
            // 10 and 21 minutes are 930 seconds; 929.5 are, too, rounded half up.
            figure("A", 5, "avg_process_time", 9_295, 10, Some(2)),
            figure("A", 5, "completed_count", 3, 1, None),
            figure("A", 5, "avg_waiting_time", 60, 1, Some(3)),
            figure("A", 5, "queue_length", 7, 1, None),
            figure("B", 5, "avg_process_time", 600, 1, Some(5)),
            figure("B", 5, "completed_count", 5, 1, None),
            figure("B", 6, "avg_process_time", 18_005, 10, Some(3)),
            figure("C", 5, "completed_count", 0, 1, None),
        ],
    );
    home
}

/// What a window's two indicators rest on, and its score.
fn shown(home: &TestHome, window: &str) -> String {
    let scores = home.scores(&["2026-03", "--no-intervals"]);
    let units = scores["units"].as_array().expect("units");
    let card = units.iter().find(|card| card["unit"] == window).expect("a card");
    let text = |json: &Value| json.as_str().unwrap_or("–").to_owned();
    let lines = card["layers"][0]["groups"][0]["indicators"].as_array().expect("indicators").iter();
    let lines =
        lines.map(|line| format!("{} {}/{}", text(&line["id"]), text(&line["numerator"]), text(&line["denominator"])));
    format!("{}: {}", lines.collect::<Vec<_>>().join(", "), text(&card["score"]))
}

#[test]
fn scoring_1_what_is_reported_counts_where_there_are_no_cases_and_never_twice() {
    let home = office();
    home.ok(&["close", "--period", "2026-03"]);
    let of_a = "handling 1860/2, handling_reported 0/0: 74.17";
    assert_eq!(shown(&home, "A"), of_a);
    // 600 × 5, and 1,800.5 × 3 rounded half up: 8,402 seconds over 8 cases.
    let of_b = "handling 0/0, handling_reported 8402/8: 70.83";
    assert_eq!(shown(&home, "B"), of_b);
    // A late case of B makes the sealed day one with cases: it is sealed again, and its figures count no more.
    import(&home, CASES, &[case("3", "B", 5, 30)]);
    assert!(home.ok(&["status"]).contains("to close: 1 (2026-03-05 …)"));
    home.ok(&["close", "--period", "2026-03"]);
    assert_eq!(shown(&home, "B"), "handling 1800/1, handling_reported 5402/3: 49.99");
    // And when it turns out to be A's, they count again.
    let mut moved = case("3", "A", 5, 30);
    moved["revision"] = json!(1);
    import(&home, CASES, &[moved]);
    assert!(home.ok(&["status"]).contains("to close: 1 (2026-03-05 …)"));
    home.ok(&["close", "--period", "2026-03"]);
    assert_eq!(shown(&home, "B"), of_b);
    assert_eq!(shown(&home, "A"), "handling 3660/3, handling_reported 0/0: 66.11");
}

#[test]
fn figures_that_differ_from_the_cases_are_listed() {
    let home = office();
    let output = home.run(&["differences", "--day", "2026-03-05"]);
    assert_eq!(output.status.code(), Some(1));
    let expected = "2026-03-05 A avg_waiting_time: hall-a says 60, the cases say –\n\
        2026-03-05 A completed_count: hall-a says 3, the cases say 2 (+1)\n\
        2026-03-05 B (hall-a): has figures and finished no case\n\
        3 figures compared, 2 differ; 1 days of windows have figures alone\n";
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
    // As JSON, over several days.
    let output = home.run(&["differences", "--from", "2026-03-01", "--to", "2026-03-31", "--json"]);
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let expected = json!({
        "compared": 3,
        "differences": [
            {"day": "2026-03-05", "window": "A", "metric": "avg_waiting_time", "source": "hall-a", "reported": 60, "cases": null},
            {"day": "2026-03-05", "window": "A", "metric": "completed_count", "source": "hall-a", "reported": 3, "cases": 2},
        ],
        "without_cases": [
            {"day": "2026-03-05", "window": "B", "source": "hall-a"},
            {"day": "2026-03-06", "window": "B", "source": "hall-a"},
        ],
    });
    assert_eq!(found, expected);
    assert!(home.ok(&["differences"]).contains("0 figures compared"));
    assert!(home.fails(1, &["differences", "--from", "2026-03-06", "--to", "2026-03-05"]).contains("later"));
    assert!(home.fails(2, &["differences", "--from", "2026-03-06"]).contains("--to"));
    // The morning says it, where there is something to compare.
    let status = home.ok(&["status", "--day", "2026-03-06"]);
    assert!(status.contains("reported figures that differ from the cases (2026-03-05): 2"), "{status}");
    assert!(status.contains("A completed_count: hall-a says 3, the cases say 2"), "{status}");
    assert!(!home.ok(&["status", "--day", "2026-03-09"]).contains("reported figures"));
}

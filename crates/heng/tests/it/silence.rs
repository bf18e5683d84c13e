//! Silence on the real program: judged at the close, frozen, explained, and never replaced by what comes too late.

use crate::common::office::CASES_MAP;
use crate::common::{TestHome, path, project};
use serde_json::{Value, json};

const RATINGS_MAP: &str = r#"
kind = "rating"
source = "kiosk"
id = ["id"]
[fields]
reported_at = "reported"
case_id = "case"
rated_at = "at"
scale = { const = "5" }
level = "level"
channel = { const = "kiosk" }
"#;

const REVISITS_MAP: &str = r#"
kind = "survey"
source = "phone"
id = ["case"]
[fields]
case_id = "case"
window = { const = "W" }
answered_on = { const = "2026-03-30" }
mode = { const = "revisit" }
answered = { const = "1" }
satisfied = "satisfied"
"#;

fn import(home: &TestHome, map: &str, text: &str, rows: &[Value]) {
    let map = home.file(&format!("{map}.toml"), text);
    let lines: Vec<String> = rows.iter().map(Value::to_string).collect();
    let file = home.file("rows.ndjson", lines.join("\n"));
    home.ok(&["import", "--map", path(&map), path(&file)]);
}

/// A hundred cases in March, all asked: sixty rated, three of them badly; forty silent, of whom thirty are visited
/// again and so many are satisfied.
fn office(satisfied: usize) -> TestHome {
    let home = TestHome::with_scheme(&project().join("schemes/article.toml"));
    home.home_file("register/centres.csv", "centre,name\nC,C\n");
    home.home_file("register/windows.csv", "window,from,to,name,centre,type\nW,2025-01-01,,W,C,simple\n");
    let at =
        |minute: usize| format!("2026-03-{:02} {:02}:{:02}:00", 2 + minute / 400, 9 + minute % 400 / 60, minute % 60);
    let case = |number: usize| {
        let start = number * 8;
        json!({"办件编号": format!("c{number}"), "轮": "1", "窗口": "W", "工号": "S", "事项": "I", "渠道": "窗口", "取号": at(start),
               "叫号": at(start), "受理": at(start), "办结": at(start + 1), "期限": at(start + 6), "版本": "1", "作废": ""})
    };
    let rating = |number: usize| {
        let level = if number < 3 { 2 } else { 5 };
        json!({"id": format!("r{number}"), "case": format!("c{number}"), "at": at(number * 8 + 2), "reported": null, "level": level})
    };
    let revisit =
        |number: usize| json!({"case": format!("c{}", 60 + number), "satisfied": u8::from(number < satisfied)});
    import(&home, "cases", CASES_MAP, &(0..100).map(case).collect::<Vec<_>>());
    import(&home, "ratings", RATINGS_MAP, &(0..60).map(rating).collect::<Vec<_>>());
    import(&home, "revisits", REVISITS_MAP, &(0..30).map(revisit).collect::<Vec<_>>());
    home
}

/// The rating indicator of a unit, from its explanation, whose facts must add up to it.
fn explained(home: &TestHome, unit: &str, period: &str) -> Value {
    let json: Value = serde_json::from_str(&home.ok(&["explain", unit, period, "--json"])).expect("JSON");
    let all = json["unit"]["layers"].as_array().expect("layers").iter();
    let groups = all.flat_map(|layer| layer["groups"].as_array().expect("groups"));
    let mut lines = groups.flat_map(|group| group["indicators"].as_array().expect("indicators"));
    let line = lines.find(|line| line["id"] == "on_site_rating").expect("the line").clone();
    let number = |json: &Value| json.as_str().expect("a number").parse::<i64>().expect("a number");
    let facts = json["facts"]["on_site_rating"].as_array().expect("facts");
    let counted = || facts.iter().filter(|fact| fact["left_out"].is_null());
    let sum = |of: &str| counted().map(|fact| number(&fact[of])).sum::<i64>();
    assert_eq!(sum("numerator"), number(&line["numerator"]));
    assert_eq!(sum("denominator"), number(&line["denominator"]));
    line
}

fn ratings(line: &Value) -> Value {
    let of = |name: &str| line["ratings"][name].clone();
    json!([
        line["numerator"],
        line["denominator"],
        line["n"],
        of("asked"),
        of("answered"),
        of("silent"),
        of("admitted")
    ])
}

#[test]
fn scoring_3_silence_counts_where_revisits_bear_it_out_from_the_close_on() {
    let home = office(29);
    home.ok(&["close", "--through", "2026-03-31"]);
    let open = json!(["57", "60", "60", "100", "60", "40", "0"]);
    assert_eq!(ratings(&explained(&home, "W", "2026-03")), open);
    home.ok(&["close", "--period", "2026-03"]);
    // n stays what was really given; the forty stand above and below the line, for the window and for who served.
    let closed = json!(["97", "100", "60", "100", "60", "40", "40"]);
    for unit in ["W", "S"] {
        assert_eq!(ratings(&explained(&home, unit, "2026-03")), closed, "{unit}");
    }
    let card = home.ok(&["explain", "W", "2026-03", "--lang", "zh"]);
    assert!(card.contains("沉默 40 (计为满意 40)") && card.contains("✓ 沉默件回访满意: 29/30 = 96.7%"), "{card}");
    // A rating of a silent case that arrives after the cut-off counts in April and takes nothing back from March.
    let late = json!({"id": "late", "case": "c99", "at": "2026-03-06 12:00:00", "reported": "2026-04-10 09:00:00", "level": 1});
    import(&home, "ratings", RATINGS_MAP, &[late]);
    home.ok(&["close", "--through", "2026-04-30"]);
    assert_eq!(ratings(&explained(&home, "W", "2026-03")), closed);
    assert_eq!(ratings(&explained(&home, "W", "2026-04")), json!(["0", "1", "1", "0", "0", "0", "0"]));
    home.ok(&["close", "--period", "2026-03"]);
    assert_eq!(ratings(&explained(&home, "W", "2026-03")), closed);
}

#[test]
fn scoring_3_silence_is_left_out_where_revisits_do_not_and_the_card_says_why() {
    let home = office(26);
    home.ok(&["close", "--period", "2026-03"]);
    assert_eq!(ratings(&explained(&home, "W", "2026-03")), json!(["57", "60", "60", "100", "60", "40", "0"]));
    let card = home.ok(&["explain", "W", "2026-03", "--lang", "zh"]);
    assert!(card.contains("W: 不计入") && card.contains("✗ 沉默件回访满意: 26/30 = 86.7%"), "{card}");
    let facts = home.ok(&["explain", "W", "2026-03", "--indicator", "on_site_rating", "--lang", "zh", "--all"]);
    assert_eq!(facts.matches("沉默,不计入").count(), 40, "{facts}");
}

#[test]
fn scoring_3_a_rating_that_is_marked_is_neither_rated_nor_silent() {
    let home = office(29);
    // Four by one phone on one day: all four are left out.
    let map = RATINGS_MAP.replace("channel =", "rater = \"phone\"\nchannel =");
    let at = "2026-03-06 12:00:00";
    let one = |number: usize| json!({"id": format!("x{number}"), "case": format!("c{}", 96 + number), "at": at, "reported": null, "level": 5, "phone": "1"});
    import(&home, "phones", &map, &(0..4).map(one).collect::<Vec<_>>());
    home.ok(&["close", "--period", "2026-03"]);
    let line = explained(&home, "W", "2026-03");
    assert_eq!(ratings(&line), json!(["93", "96", "60", "100", "60", "36", "36"]));
}

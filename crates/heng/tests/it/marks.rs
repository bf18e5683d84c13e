//! Cleaning rules on the real program: what they mark, what that does to a score, and trying others on past days.

use crate::common::office::{CASES_MAP, RATINGS_MAP};
use crate::common::{TestHome, path, project};
use serde_json::{Value, json};

/// Ratings as (id, minute, phone, device).
fn office(ratings: &[(&str, u32, &str, &str)]) -> TestHome {
    let home = TestHome::with_scheme(&project().join("schemes/article.toml"));
    home.home_file("register/centres.csv", "centre,name\nC,C\n");
    home.home_file("register/windows.csv", "window,from,to,name,centre,type\nW,2025-01-01,,W,C,simple\n");
    let case = |(id, minute, ..): &(&str, u32, &str, &str)| {
        let at = |minute: u32| format!("2026-03-03 {:02}:{:02}:00", 9 + minute / 60, minute % 60);
        json!({"办件编号": format!("c{id}"), "轮": "1", "窗口": "W", "工号": "S", "事项": "I", "渠道": "窗口", "取号": at(*minute),
               "叫号": at(*minute), "受理": at(*minute), "办结": at(minute + 1), "期限": at(minute + 60), "版本": "1", "作废": ""})
    };
    let rating = |(id, minute, phone, device): &(&str, u32, &str, &str)| {
        let at = format!("2026-03-03 {:02}:{:02}:{:02}", 9 + (minute + 1) / 60, (minute + 1) % 60, id.len() * 5);
        json!({"评价编号": id, "办件编号": format!("c{id}"), "时间": at, "评价": "满意", "手机": phone, "设备": device})
    };
    let lines = |rows: Vec<Value>| rows.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    let import = |map: &str, text: &str, rows: Vec<Value>| {
        let map = home.file(&format!("{map}.toml"), text);
        let file = home.file("rows.ndjson", lines(rows));
        home.ok(&["import", "--map", path(&map), path(&file)]);
    };
    import("cases", CASES_MAP, ratings.iter().map(case).collect());
    import("ratings", &format!("{RATINGS_MAP}device = \"设备\"\n"), ratings.iter().map(rating).collect());
    home.ok(&["close", "--through", "2026-03-03"]);
    home
}

fn records(home: &TestHome, words: &[&str]) -> Value {
    let text = home.ok(&[&["marks", "2026-03", "--json"], words].concat());
    let json: Value = serde_json::from_str(&text).expect("JSON");
    let mark = |mark: &Value| (mark["id"].as_str().expect("an id").to_owned(), mark["records"].clone());
    json["marks"].as_array().expect("a list").iter().map(mark).collect::<serde_json::Map<_, _>>().into()
}

/// Four ratings by one phone, three by another: more than three, and all of the first are marked.
const PHONES: [(&str, u32, &str, &str); 7] = [
    ("a", 0, "138", "K1"),
    ("b", 10, "138", "K1"),
    ("c", 20, "138", "K2"),
    ("d", 30, "138", "K2"),
    ("e", 40, "139", "K1"),
    ("f", 50, "139", "K1"),
    ("g", 60, "139", "K1"),
];

#[test]
fn scoring_3_more_than_k_ratings_by_one_phone_are_all_marked_and_neither_rated_nor_silent() {
    let home = office(&PHONES);
    assert_eq!(records(&home, &[])["repeat_phone"], "4");
    let listed = home.ok(&["marks", "2026-03", "--mark", "repeat_phone", "--lang", "zh"]);
    assert!(listed.contains("同一评价人当日评价超过 3 次") && listed.contains("kiosk/d"), "{listed}");
    // A mark takes the rating out of the count of the rated; the case stays, and does not turn silent.
    let explained = home.ok(&["explain", "W", "2026-03", "--json"]);
    let explained: Value = serde_json::from_str(&explained).expect("JSON");
    let facts = explained["facts"]["on_site_rating"].as_array().expect("facts");
    let rule = |fact: &&Value| fact["left_out"]["rule"] == "repeat_phone";
    assert_eq!((facts.len(), facts.iter().filter(rule).count()), (7, 4), "{facts:?}");
    // A candidate that bears one more marks none of them; the sealed days and the home's scheme stay as they are.
    let text = std::fs::read_to_string(project().join("schemes/article.toml")).expect("the preset");
    let candidate = home.file("candidate.toml", text.replace("more_than = 3", "more_than = 4"));
    assert_eq!(records(&home, &["--scheme", path(&candidate)])["repeat_phone"], "0");
    assert_eq!(records(&home, &[])["repeat_phone"], "4");
    // A ruling brings one back; the mark stays visible, and the other three stay marked.
    home.home_file(
        "rulings.toml",
        "[[ruling]]\neffect = 'restore'\nsource = 'kiosk'\nsource_id = 'b'\nreason = '代办员'\ndecided_by = '李'\nconfirmed_by = '王'\n",
    );
    let explained: Value = serde_json::from_str(&home.ok(&["explain", "W", "2026-03", "--json"])).expect("JSON");
    let facts = explained["facts"]["on_site_rating"].as_array().expect("facts");
    assert_eq!(facts.iter().filter(rule).count(), 3, "{facts:?}");
    assert_eq!(records(&home, &[])["repeat_phone"], "4");
    let unknown = home.fails(1, &["marks", "2026-03", "--mark", "nothing"]);
    assert!(unknown.contains("repeat_phone"), "{unknown}");
}

#[test]
fn scoring_3_a_burst_on_one_device_is_flagged_and_counts_all_the_same() {
    // Five within 20 seconds of each other on one device (ids are as long as their fives of seconds).
    let burst = ["a", "aa", "aaa", "aaaa", "aaaaa"].map(|id| (id, 5, id, "K9"));
    let home = office(&burst);
    assert_eq!(records(&home, &[])["device_burst"], "5");
    let explained: Value = serde_json::from_str(&home.ok(&["explain", "W", "2026-03", "--json"])).expect("JSON");
    let facts = explained["facts"]["on_site_rating"].as_array().expect("facts");
    assert!(facts.iter().all(|fact| fact["left_out"].is_null()), "{facts:?}");
    let apart =
        office(&["a", "aa", "aaa", "aaaa", "aaaaa"].map(|id| (id, u32::try_from(id.len()).expect("short"), id, "K9")));
    assert_eq!(records(&apart, &[])["device_burst"], "0");
}

#[test]
fn scoring_3_off_hours_are_marked_but_for_self_service_and_rostered_extended_service() {
    let home = TestHome::with_scheme(&project().join("schemes/article.toml"));
    home.home_file("register/centres.csv", "centre,name\nC,C\n");
    home.home_file("register/windows.csv", "window,centre,type,name\nW,C,simple,W\nX,C,self_service,X\n");
    let case = |(id, window, day, time, extended): &(&str, &str, u8, &str, bool)| json!({"id": id, "window": window, "at": format!("2026-03-{day:02} {time}:00"), "extended": extended});
    // The 3rd is a Tuesday, the 7th a Saturday.
    let cases = [
        ("early", "W", 3, "07:59", false),
        ("first", "W", 3, "08:00", false),
        ("last", "W", 3, "17:59", false),
        ("evening", "W", 3, "18:00", false),
        ("rostered", "W", 3, "18:00", true),
        ("machine", "X", 3, "22:00", false),
        ("saturday", "W", 7, "10:00", false),
    ];
    let map = "kind = 'case'\nsource = 'hall'\nid = ['id']\n[fields]\ncase_id = 'id'\nwindow = 'window'\n\
               accepted_at = 'at'\nfinished_at = 'at'\nextended_service = 'extended'\n";
    let lines: Vec<String> = cases.iter().map(|row| case(row).to_string()).collect();
    let (map, file) = (home.file("map.toml", map), home.file("rows.ndjson", lines.join("\n")));
    home.ok(&["import", "--map", path(&map), path(&file)]);
    home.ok(&["close", "--through", "2026-03-08"]);
    assert_eq!(records(&home, &[])["off_hours"], "3");
    let listed = home.ok(&["marks", "2026-03", "--mark", "off_hours", "--all"]);
    for (id, ..) in &cases {
        let expect = ["early", "evening", "saturday"].contains(id);
        assert_eq!(listed.contains(&format!("hall/{id}")), expect, "{id}: {listed}");
    }
}

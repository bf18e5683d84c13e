//! Reference times on the real program: none in the first year, then frozen for a year, whatever comes in later.

use crate::common::office::CASES_MAP;
use crate::common::{TestHome, path, project};
use serde_json::{Value, json};

/// Cases as (id, day, minutes of handling) of an item without any limit.
fn import(home: &TestHome, cases: &[(String, String, u32)], revision: u32) {
    let case = |(id, day, minutes): &(String, String, u32)| {
        let at = |minute: u32| format!("{day} {:02}:{:02}:00", 9 + minute / 60, minute % 60);
        json!({"办件编号": id, "轮": "1", "窗口": "W", "工号": "S", "事项": "I", "渠道": "窗口", "取号": null, "叫号": null,
               "受理": at(0), "办结": at(*minutes), "期限": null, "版本": revision, "作废": ""})
    };
    let map = home.file("cases.toml", CASES_MAP);
    let rows: Vec<String> = cases.iter().map(case).map(|case| case.to_string()).collect();
    let file = home.file("rows.ndjson", rows.join("\n"));
    home.ok(&["import", "--map", path(&map), path(&file)]);
}

/// Numerator and denominator of handling time at the window.
fn handling(home: &TestHome, period: &str) -> Value {
    let json: Value = serde_json::from_str(&home.ok(&["explain", "W", period, "--json"])).expect("JSON");
    let layers = json["unit"]["layers"].as_array().expect("layers").iter();
    let groups = layers.flat_map(|layer| layer["groups"].as_array().expect("groups"));
    let mut lines = groups.flat_map(|group| group["indicators"].as_array().expect("indicators"));
    let line = lines.find(|line| line["id"] == "handling_time").expect("the line");
    json!([line["numerator"], line["denominator"]])
}

#[test]
fn scoring_4_references_come_after_twelve_months_and_stay_for_a_year() {
    let home = TestHome::with_scheme(&project().join("schemes/article.toml"));
    home.home_file("register/centres.csv", "centre,name\nC,C\n");
    home.home_file("register/windows.csv", "window,from,to,name,centre,type\nW,2024-01-01,,W,C,simple\n");
    home.home_file("register/items.csv", "item,from,to,name,category,promised,legal\nI,,,备案,简,,\n");
    // Twelve months of 2025 with four cases each, three of 20 minutes and one of 40; then one of 50 minutes.
    let wednesdays =
        ["01-15", "02-12", "03-12", "04-16", "05-14", "06-11", "07-16", "08-13", "09-17", "10-15", "11-12", "12-17"];
    let mut cases = Vec::new();
    for day in wednesdays {
        for (index, minutes) in [20, 20, 20, 40].into_iter().enumerate() {
            cases.push((format!("{day}-{index}"), format!("2025-{day}"), minutes));
        }
    }
    // The first month is sealed from its first day on.
    cases.push(("first".to_owned(), "2025-01-01".to_owned(), 20));
    cases.push(("after".to_owned(), "2026-01-06".to_owned(), 50));
    import(&home, &cases, 0);
    home.ok(&["close", "--period", "2025-12"]);
    assert_eq!(handling(&home, "2025-12"), json!(["0", "0"]), "no limit and no reference: no data");
    // New Year's Day has no office time, and is drawn in to 20 minutes: (37 × 20 + 12 × 40) ÷ 49 minutes are 1494 s, of
    // which 50 minutes are 2008 permille.
    home.ok(&["close", "--period", "2026-01"]);
    let before = handling(&home, "2026-01");
    assert_eq!(before, json!(["2008", "1"]));
    // What is learnt later of 2025 seals its day again and leaves the references of 2026 as they are.
    import(&home, &[("03-12-0".to_owned(), "2025-03-12".to_owned(), 200)], 1);
    home.ok(&["close", "--through", "2026-02-28"]);
    home.ok(&["close", "--period", "2026-01"]);
    assert_eq!(handling(&home, "2026-01"), before);
}

//! A candidate scheme replayed over real history: the same numbers as scoring under it, and nothing changed.

use crate::common::office;
use crate::common::{TestHome, path, project};
use serde_json::Value;

fn what_if(home: &TestHome, candidate: &str, periods: &str, words: &[&str]) -> Value {
    let all = [&["whatif", "--scheme", candidate, "--periods", periods, "--json"], words].concat();
    serde_json::from_str(&home.ok(&all)).expect("JSON")
}

#[test]
fn a_candidate_replayed_is_scored_as_if_it_had_been_in_force() {
    let home = office::home();
    office::import_all(&home, &office::facts());
    for month in ["2026-01", "2026-02"] {
        home.ok(&["close", "--period", month]);
    }
    home.ok(&["close", "--through", "2026-03-31"]);
    let article = std::fs::read_to_string(project().join("schemes/article.toml")).expect("the preset");
    let weights = article.replace("default = 8, simple = 20", "default = 10, simple = 16").replace(
        "weights = { default = 10, simple = 16, approval = 7",
        "weights = { default = 8, simple = 20, approval = 7",
    );
    assert_ne!(weights, article);
    let rules = article.replace("more_than = 3", "more_than = 1").replace("floor = \"1.40\"", "floor = \"1.50\"");
    let before = home.scores(&["2026-02"]);
    for (name, text) in [("weights", &weights), ("rules", &rules), ("same", &article)] {
        let candidate = home.file(&format!("{name}.toml"), text);
        let answer = what_if(&home, path(&candidate), "2026-01..2026-03", &[]);
        let periods = answer["periods"].as_array().expect("periods");
        assert_eq!(periods.len(), 3);
        for period in periods {
            let month = period["period"].as_str().expect("a period");
            assert_eq!(period["digests"]["current"], home.scores(&[month])["digest"], "{name} {month}");
            let scored = home.scores(&[month, "--scheme", path(&candidate)]);
            assert_eq!(period["digests"]["candidate"], scored["digest"], "{name} {month}");
            for unit in period["units"].as_array().expect("units") {
                let find = |scores: &Value, field: &str| {
                    let mut units = scores["units"].as_array().expect("units").iter();
                    units.find(|other| other["unit"] == unit["unit"]).expect("the unit")[field].clone()
                };
                assert_eq!(unit["after"]["score"], find(&scored, "score"));
                assert!(name != "same" || unit["before"] == unit["after"]);
            }
        }
        let people = what_if(&home, path(&candidate), "2026-02", &["--unit", "staff"]);
        let scored = home.scores(&["2026-02", "--scheme", path(&candidate), "--unit", "staff"]);
        assert_eq!(people["periods"][0]["digests"]["candidate"], scored["digest"], "{name}");
    }
    assert_eq!(home.scores(&["2026-02"]), before, "nothing changed");
    let said =
        home.ok(&["whatif", "--scheme", path(&home.file("w.toml", &weights)), "--periods", "2026-02", "--lang", "zh"]);
    assert!(said.contains("候选方案") && said.contains("周期 2026-02 · 6 个单位"), "{said}");
    let wrong =
        home.fails(1, &["whatif", "--scheme", path(&home.file("w.toml", &weights)), "--periods", "2026-03..2026-01"]);
    assert!(wrong.contains("the earlier one first"), "{wrong}");
    let quarter = home.fails(1, &["whatif", "--scheme", path(&home.file("w.toml", &weights)), "--periods", "2026-Q1"]);
    assert!(quarter.contains("2026-Q1"), "{quarter}");
}

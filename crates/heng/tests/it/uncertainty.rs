//! How sure scores are, with the real program: beside the scores, under a digest of its own.

use crate::common::TestHome;
use crate::common::office::{facts, home, import_all};
use crate::common::project;
use model::canonical::Digest;

fn closed_office() -> TestHome {
    let home = home();
    import_all(&home, &facts());
    for month in ["2026-01", "2026-02", "2026-03"] {
        home.ok(&["close", "--period", month]);
    }
    home
}

#[test]
fn intervals_stand_beside_the_scores_and_change_no_digest_of_theirs() {
    let home = closed_office();
    let with = home.scores(&["2026-03"]);
    let without = home.scores(&["2026-03", "--no-intervals"]);
    assert_eq!(with["digest"], without["digest"]);
    assert_eq!(with["inputs"], without["inputs"]);
    assert!(without["uncertainty"].is_null());
    // Anyone can recompute the digest from what is printed.
    let mut drawn = with["uncertainty"].clone();
    let digest = drawn.as_object_mut().and_then(|drawn| drawn.remove("digest")).expect("a digest");
    assert_eq!(digest, Digest::of_json(&drawn).to_string());
    let number = |json: &serde_json::Value| json.as_str().expect("a text").parse::<f64>().expect("a number");
    for unit in drawn["units"].as_array().expect("units") {
        let card = with["units"].as_array().into_iter().flatten().find(|card| card["unit"] == unit["unit"]);
        let score = number(&card.expect("a card")["score"]);
        let [lower, upper] = [0, 1].map(|at| number(&unit["interval"][at]));
        assert!(lower < score && score < upper, "{unit}");
    }
    let table = home.ok(&["score", "2026-03"]);
    assert!(table.contains("places") && table.contains("uncertainty digest"), "{table}");
    assert!(!home.ok(&["score", "2026-03", "--no-intervals"]).contains("places"));
}

#[test]
fn explain_says_what_makes_an_interval_wide() {
    let home = closed_office();
    let scores = home.scores(&["2026-03"]);
    let unit = &scores["uncertainty"]["units"][0];
    let id = unit["unit"].as_str().expect("an id");
    let explained: serde_json::Value =
        serde_json::from_str(&home.ok(&["explain", id, "2026-03", "--json"])).expect("JSON");
    assert_eq!(explained["uncertainty"]["interval"], unit["interval"]);
    assert_eq!(explained["uncertainty"]["median"], unit["median"]);
    assert!(!explained["uncertainty"]["contributors"].as_array().expect("a list").is_empty());
    let text = home.ok(&["explain", id, "2026-03"]);
    assert!(text.contains("It is as wide as it is because of:"), "{text}");
}

#[test]
fn outcomes_name_seats_and_say_why_there_are_none() {
    let home = closed_office();
    let text = home.ok(&["score", "2026-03", "--outcomes"]);
    assert!(text.contains("fewer than 10: ranks lead to nothing"), "{text}");
    // With pools of two, ranks lead to something; of so few nobody is at the bottom, and the month before is looked at.
    let scheme = std::fs::read_to_string(project().join("schemes/article.toml")).expect("a scheme");
    let scheme = scheme.replace("at_least = 10", "at_least = 2").replace("top = \"20%\"", "top = \"50%\"");
    let scheme = home.file("small.toml", scheme.replace("help = \"10%\"", "help = \"50%\""));
    let words = ["2026-03", "--scheme", scheme.to_str().expect("a path"), "--outcomes"];
    let found = home.scores(&words);
    assert_eq!(found["outcomes"]["before"], "2026-02");
    let pools = found["outcomes"]["pools"].as_array().expect("pools");
    let decided: Vec<_> = pools.iter().filter(|pool| pool["seats"].is_object()).collect();
    assert!(!decided.is_empty());
    for pool in decided {
        assert_eq!((&pool["seats"]["bottom"], &pool["bottom"]), (&"0".into(), &serde_json::json!([])));
        assert!(pool["help"].as_array().expect("a list").iter().all(|help| help["verdict"] != "first_month"), "{pool}");
    }
    let first = home.scores(&["2026-01", "--scheme", scheme.to_str().expect("a path"), "--outcomes"]);
    assert!(first["outcomes"]["before"].is_null());
    let refused = home.fails(2, &["score", "2026-03", "--outcomes", "--no-intervals"]);
    assert!(refused.contains("cannot be used with"), "{refused}");
}

//! The demo: what was planted in a made-up city is found by looking at its facts alone, whatever the seed.

use crate::common::{TestHome, path, project, python, run_python};
use city::{City, Size};

const CASES: u64 = 60_000;

/// Half a year of a dozen windows, whose numbers are drawn anew with every seed.
fn check(seed: u64) -> TestHome {
    let home = TestHome::empty();
    let printed = home.ok(&["demo", "--no-serve", "--cases", &CASES.to_string(), "--seed", &seed.to_string()]);
    assert!(printed.contains("2026-06 · closed") && printed.contains("95%"), "{printed}");
    assert!(!home.home().with_file_name("home.city").exists(), "the files of the sources are left");
    let (_, found) = printed.split_once("── Odd").expect("what is odd");
    let found: Vec<&str> = found.lines().filter(|line| line.starts_with("  · ")).collect();
    let city = City::new(seed, Size::of_cases(CASES)).expect("a city");
    let stories = city.stories();
    let (evening, day) = &stories.evening;
    let (complaints, first, last) = &stories.complaints;
    let planted = [
        (stories.praise.to_string(), "may not have given".to_owned()),
        (stories.decline.to_string(), "downhill since 2026-05".to_owned()),
        (stories.hard_cases.to_string(), "looks slow and is not".to_owned()),
        (stories.three_ratings.to_string(), "3 ratings".to_owned()),
        (evening.to_string(), format!("outside office hours on {day}")),
        (complaints.to_string(), "founded complaints from".to_owned()),
        (stories.rewriter.0.to_string(), "finish times rewritten".to_owned()),
    ];
    for (who, what) in &planted {
        let line = found.iter().find(|line| line.contains(&format!("· {who} ")) && line.contains(what));
        assert!(line.is_some(), "seed {seed}: {who} {what} ({first} to {last}):\n{}", found.join("\n"));
    }
    // Hardly anything else: complaints that follow from faked praise come together, too.
    assert!(found.len() <= planted.len() + 1, "seed {seed}:\n{}", found.join("\n"));
    assert!(home.ok(&["odd", "2026-H1"]).contains("looks slow and is not"));
    assert!(home.ok(&["--lang", "zh", "odd", "2025"]).contains("没有发现异常"));
    home
}

/// A stranger with the printed method, the counts and a pocket calculator.
fn recompute(home: &TestHome) {
    let Some(python) = python(&["json"]) else { return };
    let method = home.file("method.md", home.ok(&["scheme", "print", "--lang", "zh"]));
    let scores = ["window", "staff"].map(|unit| {
        let words = ["score", "2026-06", "--unit", unit, "--no-intervals", "--json"];
        home.file(&format!("{unit}.json"), home.ok(&words))
    });
    let script = project().join("crates/heng/tests/recompute.py");
    let printed = run_python(&python, &[path(&script), path(&method), path(&scores[0]), path(&scores[1])]);
    let computed: serde_json::Value = serde_json::from_str(&printed).expect("JSON");
    assert!(computed["window"].as_u64() >= Some(10) && computed["staff"].as_u64() >= Some(10), "{printed}");
}

#[test]
fn planted_stories_are_found_in_one_city() {
    recompute(&check(11));
}

#[test]
fn planted_stories_are_found_in_another() {
    check(12);
}

#[test]
fn planted_stories_are_found_in_a_third() {
    check(13);
}

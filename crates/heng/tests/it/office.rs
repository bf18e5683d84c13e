//! A small office from import to explained score, with the real program.

use crate::common::office::{Facts, Sequence, facts, home, home_with, import, import_all, import_rest};
use crate::common::{TestHome, path, project};
use serde_json::Value;

const MONTHS: [&str; 3] = ["2026-01", "2026-02", "2026-03"];

fn close_all(home: &TestHome) {
    for month in MONTHS {
        home.ok(&["close", "--period", month]);
    }
}

/// The digests of windows and people over all months, what the rules mark in them, and what another scheme would
/// change: weights, and how much one phone may say.
fn digests(home: &TestHome, threads: &str) -> Vec<String> {
    let mut digests = Vec::new();
    for month in MONTHS {
        for unit in ["window", "staff"] {
            let scores = home.scores(&[month, "--unit", unit, "--threads", threads]);
            assert!(
                scores["units"].as_array().is_some_and(|units| units.iter().any(|unit| unit["score"].is_string())),
                "{month}"
            );
            digests.push(scores["digest"].as_str().expect("a digest").to_owned());
            digests.push(scores["uncertainty"]["digest"].as_str().expect("a digest").to_owned());
        }
        let marks: Value = serde_json::from_str(&home.ok(&["marks", month, "--json"])).expect("JSON");
        let marks = marks["marks"].as_array().expect("marks");
        let count = |id: &str| marks.iter().find(|mark| mark["id"] == id).expect("the rule")["records"].to_string();
        assert_ne!(count("repeat_phone"), "\"0\"", "{month}");
        digests.push(count("repeat_phone"));
    }
    let article = std::fs::read_to_string(project().join("schemes/article.toml")).expect("the preset");
    let weights = article.replace("default = 8, simple = 20", "default = 10, simple = 16").replace(
        "weights = { default = 10, simple = 16, approval = 7",
        "weights = { default = 8, simple = 20, approval = 7",
    );
    let rules = article.replace("more_than = 3", "more_than = 9");
    for (name, text) in [("weights.toml", weights), ("rules.toml", rules)] {
        assert_ne!(text, article);
        let candidate = home.file(name, text);
        let words = ["whatif", "--scheme", path(&candidate), "--periods", "2026-01..2026-03", "--threads", threads];
        digests.push(home.ok(&[&words[..], &["--json"]].concat()));
    }
    digests
}

fn whole(facts: &Facts) -> Vec<String> {
    let home = home();
    import_all(&home, facts);
    close_all(&home);
    digests(&home, "1")
}

#[test]
fn one_digest_whatever_the_threads_the_order_and_the_number_of_imports() {
    let facts = facts();
    let expected = whole(&facts);

    // Another order, ratings before their cases, fifty files instead of one, closed by another number of threads.
    let mut shuffled = facts.clone();
    let mut sequence = Sequence::new(99);
    sequence.shuffle(&mut shuffled.cases);
    sequence.shuffle(&mut shuffled.ratings);
    let home = home();
    import(&home, "complaints", &shuffled.complaints);
    import_rest(&home, &shuffled);
    import(&home, "ratings", &shuffled.ratings);
    for part in shuffled.cases.chunks(shuffled.cases.len().div_ceil(50)) {
        import(&home, "cases", part);
    }
    for month in MONTHS {
        home.ok(&["close", "--period", month, "--threads", "7"]);
    }
    assert_eq!(digests(&home, "2"), expected);
    assert_eq!(digests(&home, "7"), expected);
}

#[test]
fn one_digest_whatever_the_database() {
    let Some(server) = testkit::postgres() else { return };
    let facts = facts();
    let expected = whole(&facts);
    let url = server.database();
    let home = home_with(&["--database-url", &url]);
    import_all(&home, &facts);
    close_all(&home);
    assert_eq!(digests(&home, "2"), expected);
    assert!(home.ok(&["doctor"]).contains(url.rsplit('@').next().expect("a place")));
    // What is known is known there, too; and a database that is not there is said to be missing, without its password.
    assert!(import(&home, "cases", &facts.cases).contains("nothing changed"));
    let empty = TestHome::empty();
    let refused = empty.fails(1, &["init", "--database-url", "postgres://heng:secret@127.0.0.1:1/heng"]);
    assert!(refused.contains("127.0.0.1:1/heng") && !refused.contains("secret"), "{refused}");
    assert!(empty.fails(1, &["init", "--database-url", "mysql://x/y"]).contains("postgres://"));
}

#[test]
fn scoring_1_days_closed_early_and_again_end_where_one_import_ends() {
    let facts = facts();
    let expected = whole(&facts);
    let home = home();
    // Month by month, days sealed at once; ratings only come later, so that every day is sealed again.
    for month in MONTHS {
        let of_month: Vec<String> =
            facts.cases.iter().filter(|line| line.contains(&format!("\"受理\":\"{month}"))).cloned().collect();
        import(&home, "cases", &of_month);
        home.ok(&["close", "--through", &format!("{month}-28")]);
    }
    let said = import(&home, "ratings", &facts.ratings);
    assert!(said.contains("sealed days to close again"), "{said}");
    import(&home, "complaints", &facts.complaints);
    import_rest(&home, &facts);
    // Not closed again yet: no score is read from days that have changed.
    let refused = home.fails(1, &["score", "2026-02"]);
    assert!(refused.contains("not sealed or have changed"), "{refused}");
    close_all(&home);
    assert_eq!(digests(&home, "2"), expected);
    // A day closed twice is not counted twice.
    home.ok(&["close", "2026-02-10"]);
    close_all(&home);
    assert_eq!(digests(&home, "1"), expected);
}

#[test]
fn the_same_file_twice_changes_nothing_and_says_so() {
    let facts = facts();
    let home = home();
    let first = import(&home, "cases", &facts.cases);
    assert!(first.contains(&format!("{} new", facts.cases.len())), "{first}");
    let again = import(&home, "cases", &facts.cases);
    assert!(again.contains("known already") && again.contains("nothing changed"), "{again}");
}

#[test]
fn scoring_1_revisions_retractions_and_contradictions_count_as_they_should() {
    let facts = facts();
    let home = home();
    import_all(&home, &facts);
    close_all(&home);
    let before = home.scores(&["2026-02"]);
    let pick = facts
        .cases
        .iter()
        .find(|line| line.contains("2026-02-10") && line.contains("\"A1\"") && !line.contains("\"办结\":null"));
    let pick = pick.expect("a case").clone();

    // The same revision with another payload: neither counts, whichever came first, and a person is told.
    let other = pick.replace("\"A1\"", "\"A2\"");
    let said = import(&home, "cases", std::slice::from_ref(&other));
    assert!(said.contains("1 conflicts"), "{said}");
    assert!(home.ok(&["status"]).contains("conflict: case hall/"));
    close_all(&home);
    let held = home.scores(&["2026-02"]);
    assert_ne!(held["digest"], before["digest"]);
    let swapped = {
        let home = crate::common::office::home();
        import(&home, "cases", std::slice::from_ref(&other));
        import_all(&home, &facts);
        close_all(&home);
        home.scores(&["2026-02"])
    };
    assert_eq!(held["digest"], swapped["digest"]);

    // A higher revision settles it; void retracts.
    let settled = pick.replace("\"版本\":0", "\"版本\":1");
    import(&home, "cases", std::slice::from_ref(&settled));
    close_all(&home);
    assert_eq!(home.scores(&["2026-02"])["digest"], before["digest"]);
    let void = pick.replace("\"版本\":0", "\"版本\":2").replace("\"作废\":\"否\"", "\"作废\":\"是\"");
    import(&home, "cases", std::slice::from_ref(&void));
    close_all(&home);
    let finished = |scores: &Value| unit(scores, "A1")["n"].as_str().expect("n").parse::<i64>().expect("a number");
    assert_eq!(finished(&home.scores(&["2026-02"])), finished(&before) - 1);
}

fn unit<'a>(scores: &'a Value, id: &str) -> &'a Value {
    let units = scores["units"].as_array().expect("units");
    units.iter().find(|unit| unit["unit"] == id).expect("the unit")
}

fn number(value: &Value) -> i64 {
    value.as_str().expect("a decimal text").parse().expect("a whole number")
}

#[test]
fn the_facts_that_explain_lists_sum_to_the_numbers_on_the_card() {
    let facts = facts();
    let home = home();
    import_all(&home, &facts);
    close_all(&home);
    let mut checked = 0;
    let mut left_out = 0;
    for id in ["A1", "A3", "B2", "B3", "S0", "S4"] {
        let explained: Value = serde_json::from_str(&home.ok(&["explain", id, "2026-03", "--json"])).expect("JSON");
        let layers = explained["unit"]["layers"].as_array().expect("layers");
        let indicators = layers
            .iter()
            .flat_map(|layer| layer["groups"].as_array().expect("groups"))
            .flat_map(|group| group["indicators"].as_array().expect("indicators"));
        let mut sums: std::collections::BTreeMap<String, (i64, i64)> = std::collections::BTreeMap::new();
        for indicator in indicators.filter(|indicator| indicator["state"] != "not_applicable") {
            // A person at several windows has a line per window; together they are the person's facts.
            let sum = sums.entry(indicator["id"].as_str().expect("id").to_owned()).or_default();
            sum.0 += number(&indicator["numerator"]);
            sum.1 += number(&indicator["denominator"]);
        }
        for (indicator, expected) in sums {
            let listed = explained["facts"][&indicator].as_array().unwrap_or_else(|| panic!("{id} {indicator}"));
            let inside = listed.iter().filter(|fact| fact["left_out"].is_null());
            let sum =
                inside.fold((0, 0), |(x, n), fact| (x + number(&fact["numerator"]), n + number(&fact["denominator"])));
            assert_eq!(sum, expected, "{id} {indicator}");
            left_out += listed.iter().filter(|fact| fact["left_out"]["rule"] == "negative_duration").count();
            checked += 1;
        }
    }
    assert!(checked > 60, "{checked}");
    assert!(left_out > 0, "records that rules leave out are listed with their rule");
    let text = home.ok(&["explain", "A1", "2026-03"]);
    assert!(text.contains("Score ") && text.contains("too few records"), "{text}");
    let shown = home.ok(&["explain", "A1", "2026-03", "--indicator", "on_time_rate"]);
    assert!(shown.contains("counted ") && shown.contains("hall/"), "{shown}");
}

#[test]
fn scoring_3_a_ruling_leaves_a_fact_out_or_brings_it_back() {
    let facts = facts();
    let home = home();
    import_all(&home, &facts);
    close_all(&home);
    let before = home.scores(&["2026-03"]);
    let listed: Value = serde_json::from_str(&home.ok(&["explain", "A1", "2026-03", "--json"])).expect("JSON");
    let of = listed["facts"]["on_time_rate"].as_array().expect("facts");
    let inside = of.iter().find(|fact| fact["left_out"].is_null()).expect("one that counts");
    home.home_file(
        "rulings.toml",
        &format!(
            "[[ruling]]\neffect = 'exclude'\nsource = 'hall'\nsource_id = {}\nreason = '系统故障'\ndecided_by = '李'\nconfirmed_by = '王'\n",
            inside["source_id"]
        ),
    );
    // Frozen inputs do not move by themselves.
    assert_eq!(home.scores(&["2026-03"])["digest"], before["digest"]);
    close_all(&home);
    let after = home.scores(&["2026-03"]);
    assert_ne!(after["digest"], before["digest"]);
    let text = home.ok(&["explain", "A1", "2026-03", "--indicator", "on_time_rate", "--all"]);
    assert!(text.contains("ruling: 系统故障"), "{text}");
    home.home_file("rulings.toml", "");
    close_all(&home);
    assert_eq!(home.scores(&["2026-03"])["digest"], before["digest"]);
}

#[test]
fn scoring_1_quarters_are_the_mean_of_months() {
    let facts = facts();
    let home = home();
    import_all(&home, &facts);
    close_all(&home);
    let quarter = home.scores(&["2026-Q1"]);
    let mut months = Vec::new();
    for month in MONTHS {
        let scores = home.scores(&[month]);
        months.push(unit(&scores, "A1")["exact"].as_str().expect("a score").parse::<f64>().expect("a number"));
    }
    let mean = months.iter().sum::<f64>() / 3.0;
    let ours = unit(&quarter, "A1")["exact"].as_str().expect("a score").parse::<f64>().expect("a number");
    assert!((mean - ours).abs() < 1e-8, "{mean} {ours}");
    let year = home.scores(&["2026"]);
    assert!(unit(&year, "A1")["score"].is_null(), "three of twelve months are no year");
}

#[test]
fn no_person_and_no_free_text_is_sealed_or_printed() {
    let facts = facts();
    let home = home();
    import_all(&home, &facts);
    close_all(&home);
    let phone = facts.ratings[0]
        .split("\"手机\":\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("a phone")
        .to_owned();
    let mut seen_planted = false;
    let mut pending = vec![home.home()];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(folder).expect("readable") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                pending.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).expect("readable");
            let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
            assert!(!holds(&phone), "{} holds a phone number", path.display());
            let database = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("heng.db"));
            if holds("金丝雀") {
                assert!(database, "{} holds free text", path.display());
                seen_planted = true;
            }
        }
    }
    assert!(seen_planted, "the canary was planted where free text belongs");
    assert!(!home.ok(&["explain", "A1", "2026-03", "--json"]).contains("金丝雀"));
}

/// One case on 2 March, rated on the 3rd, both days sealed.
fn rated_case() -> (TestHome, Vec<String>, Vec<String>) {
    let home = home();
    let case = serde_json::json!({
        "办件编号": "C1", "轮": "1", "窗口": "A1", "工号": "S0", "事项": "I0", "渠道": "窗口", "取号": "2026-03-02 09:00:00",
        "叫号": "2026-03-02 09:05:00", "受理": "2026-03-02 09:05:00", "办结": "2026-03-02 09:20:00",
        "期限": "2026-03-02 12:00:00", "版本": 0, "作废": "否",
    });
    let rating = serde_json::json!({
        "评价编号": "R1", "办件编号": "C1", "时间": "2026-03-03 10:00:00", "评价": "满意", "手机": "13800000000",
    });
    let lines = (vec![case.to_string()], vec![rating.to_string()]);
    import(&home, "cases", &lines.0);
    import(&home, "ratings", &lines.1);
    home.ok(&["close", "--through", "2026-03-04"]);
    (home, lines.0, lines.1)
}

#[test]
fn a_retracted_case_gives_its_rating_back_to_the_rating_s_own_day() {
    let (home, cases, ratings) = rated_case();
    let void = cases[0].replace("\"版本\":0", "\"版本\":1").replace("\"作废\":\"否\"", "\"作废\":\"是\"");
    let said = import(&home, "cases", std::slice::from_ref(&void));
    assert!(said.contains("2 sealed days to close again"), "{said}");
    home.ok(&["close", "--period", "2026-03"]);
    // The same facts in one go, nothing sealed before.
    let other = crate::common::office::home();
    import(&other, "cases", &[cases[0].clone(), void]);
    import(&other, "ratings", &ratings);
    other.ok(&["close", "--period", "2026-03"]);
    let rated = |home: &TestHome| home.scores(&["2026-03"])["digest"].clone();
    assert_eq!(rated(&home), rated(&other));
}

#[test]
fn scoring_2_people_lose_nothing_by_indicators_that_only_windows_have() {
    let facts = facts();
    let home = home();
    import_all(&home, &facts);
    close_all(&home);
    let scores = home.scores(&["2026-02", "--unit", "staff"]);
    let mut checked = 0;
    for unit in scores["units"].as_array().expect("units").iter().filter(|unit| unit["score"].is_string()) {
        let mut per_window: std::collections::BTreeMap<&str, f64> = std::collections::BTreeMap::new();
        for layer in unit["layers"].as_array().expect("layers") {
            for group in layer["groups"].as_array().expect("groups") {
                *per_window.entry(layer["window"].as_str().expect("a window")).or_default() +=
                    group["effective"].as_str().expect("a weight").parse::<f64>().expect("a number");
            }
        }
        for (window, weight) in per_window.iter().filter(|(_, weight)| **weight > 0.0) {
            assert!((weight - 100.0).abs() < 1e-6, "{} at {window}: {weight}", unit["unit"]);
            checked += 1;
        }
    }
    assert!(checked > 0);
}

#[test]
fn explain_lists_what_was_scored_even_after_later_facts() {
    let (home, cases, _) = rated_case();
    home.ok(&["close", "--period", "2026-03"]);
    let listed = |home: &TestHome| {
        let json: Value = serde_json::from_str(&home.ok(&["explain", "A1", "2026-03", "--json"])).expect("JSON");
        json["facts"]["on_time_rate"].as_array().expect("facts").len()
    };
    assert_eq!(listed(&home), 1);
    let another = cases[0].replace("C1", "C2");
    import(&home, "cases", std::slice::from_ref(&another));
    home.ok(&["close", "--through", "2026-03-04"]);
    assert_eq!(listed(&home), 1, "the closed period stands on the revision it was closed with");
    home.ok(&["close", "--period", "2026-03"]);
    assert_eq!(listed(&home), 2);
}

#[test]
fn lint_says_which_indicators_never_had_data() {
    let home = home();
    import(&home, "cases", &facts().cases);
    let scheme = home.home().join("scheme.toml");
    let said = home.ok(&["scheme", "lint", crate::common::path(&scheme)]);
    assert!(said.contains("indicator exam_pass: no data has ever come in"), "{said}");
    assert!(!said.contains("indicator on_time_rate: no data"), "{said}");
}

#[test]
fn story_2_the_morning_page_names_what_wants_a_look() {
    let home = home();
    let mut facts = facts();
    // The hall's system is silent on Wednesday the 25th, a case of it is due on Thursday, one has an item nobody knows.
    facts.cases.retain(|line| !line.contains("2026-03-25"));
    let case = |id: &str, accepted: &str, due: &str, item: &str| {
        serde_json::json!({"办件编号": id, "轮": "1", "窗口": "A3", "工号": "S3", "事项": item, "渠道": "窗口", "取号": null,
            "叫号": null, "受理": accepted, "期限": due, "版本": 0, "作废": "否", "办结": null})
        .to_string()
    };
    facts.cases.push(case("DUE1", "2026-03-23 09:00:00", "2026-03-26 17:00:00", "I9"));
    facts.ratings.retain(|line| !line.contains("2026-03-19") && !line.contains("2026-03-2"));
    import_all(&home, &facts);
    home.ok(&["close", "--through", "2026-03-25"]);
    let page = home.ok(&["status", "--day", "2026-03-26"]);
    assert!(page.contains("trial run: until"), "{page}");
    assert!(
        page.contains("sources without data of yesterday (2026-03-25): ") && page.contains("hall · case"),
        "{page}"
    );
    assert!(page.contains("unfinished and due today: 1") && page.contains("A3 S3 DUE1"), "{page}");
    assert!(page.contains("windows without a rating in 7 days: ") && page.contains("A1 A1 号窗口"), "{page}");
    let before = home.ok(&["--lang", "zh", "status", "--day", "2026-03-24"]);
    assert!(before.contains("登记中没有的事项编码: 1") && before.contains("I9 × 1"), "{before}");
    assert!(before.contains("今日到期未办结: 无"), "{before}");
}

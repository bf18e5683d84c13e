//! Published satisfaction figures, scored again from the counts behind them; and a change of rule that nobody announced.

use crate::common::{TestHome, project, python, run_example};
use model::exact::{Ratio, Rounding};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

const LEVELS: [&str; 5] = ["very-dissatisfied", "dissatisfied", "neither", "satisfied", "very-satisfied"];

/// Per month and service, what the files say by `dataType`.
type Counts = BTreeMap<(String, String), BTreeMap<String, i128>>;

fn read(data: &Path) -> Counts {
    let mut counts = Counts::new();
    for file in std::fs::read_dir(data).expect("readable") {
        let file = file.expect("an entry").path();
        if file.extension().is_some_and(|extension| extension == "json") {
            let rows: Value = serde_json::from_slice(&std::fs::read(&file).expect("readable")).expect("JSON");
            for row in rows.as_array().expect("rows") {
                let text = |key: &str| row[key].as_str().expect(key);
                let key = (text("_timestamp")[..7].to_owned(), text("service").to_owned());
                let count = row["count"].as_i64().expect("a count");
                counts.entry(key).or_default().insert(text("dataType").to_owned(), count.into());
            }
        }
    }
    counts
}

/// The mean of the five levels and the share of the best two, at nine decimals.
fn figures(counts: &BTreeMap<String, i128>) -> [String; 2] {
    let of = LEVELS.map(|level| counts[level]);
    let answers: i128 = of.iter().sum();
    let points: i128 = of.iter().zip([0, 25, 50, 75, 100]).map(|(count, points)| count * points).sum();
    [points, 100 * (of[3] + of[4])]
        .map(|above| Ratio::new(above, answers).expect("answers").to_decimal(9, Rounding::HalfEven))
}

/// Runs the example; every score must be what the counts give. Returns the report.
fn report(data: &Path) -> Option<Value> {
    python(&["json"])?;
    let home = TestHome::empty();
    let file = home.file("report.json", "");
    let scores = run_example("opg", &[data, &file], &home);
    assert_eq!(scores["scheme"]["id"], "opg-mean");
    let report: Value = serde_json::from_slice(&std::fs::read(&file).expect("written")).expect("JSON");
    let counts = read(data);
    let months = report["months"].as_array().expect("months");
    assert_eq!(months.len(), counts.len());
    for month in months {
        let text = |key: &str| month[key].as_str().expect(key).to_owned();
        let counts = &counts[&(text("month"), text("service"))];
        assert_eq!([text("mean"), text("top_two")], figures(counts), "{month}");
        assert_eq!(text("published"), counts["user-satisfaction-percent"].to_string(), "{month}");
    }
    Some(report)
}

/// What the report found: the rules, the month of the switch, the outliers.
fn found(report: &Value) -> (Value, Value, Value, Value) {
    let of = |key: &str| report[key].clone();
    (of("before"), of("switch"), of("after"), of("outliers"))
}

fn explained(report: &Value) -> usize {
    report["months"].as_array().expect("months").iter().filter(|month| month["explained"] == true).count()
}

fn expect(switch: &str, outliers: &Value) -> (Value, Value, Value, Value) {
    ("mean".into(), switch.into(), "top_two".into(), outliers.clone())
}

#[test]
fn the_kept_extract_shows_the_switch_and_the_outlier() {
    let Some(report) = report(&project().join("examples/opg/extract")) else { return };
    assert_eq!(found(&report), expect("2026-04", &serde_json::json!([["2025-04", "use-an-lpa"]])));
    assert_eq!(explained(&report), 23);
}

#[test]
fn every_published_figure_but_one_is_reproduced() {
    let data = project().join("../shared/data/opg");
    if !data.exists() {
        eprintln!("skipped: the published files are not here; the kept extract is tested");
        return;
    }
    let Some(report) = report(&data) else { return };
    assert_eq!(found(&report), expect("2026-04", &serde_json::json!([["2025-04", "use-an-lpa"]])));
    assert_eq!((explained(&report), report["months"].as_array().map(Vec::len)), (102, Some(103)));
}

#[test]
fn another_switch_and_another_outlier_are_found_as_well() {
    let home = TestHome::empty();
    let extract = project().join("examples/opg/extract");
    for name in ["use_a_lasting_power_of_attorney_service.json", "complete_the_deputy_report_service.json"] {
        let text = std::fs::read_to_string(extract.join(name)).expect("readable");
        // Three years earlier, under another name; the figure of one month put right, that of another spoiled.
        let text = text.replace("\"2025-", "\"2022-").replace("\"2026-", "\"2023-").replace("use-an-lpa", "visas");
        let mut rows: Value = serde_json::from_str(&text).expect("JSON");
        for row in rows.as_array_mut().expect("rows") {
            let is = |month: &str| row["_timestamp"].as_str().expect("a time").starts_with(month);
            if row["dataType"] == "user-satisfaction-percent" && row["service"] == "visas" {
                if is("2022-04") {
                    row["count"] = 86.into();
                } else if is("2022-09") {
                    row["count"] = 50.into();
                }
            }
        }
        home.file(&format!("data/{name}"), rows.to_string());
    }
    let Some(report) = report(&home.home().with_file_name("data")) else { return };
    assert_eq!(found(&report), expect("2023-04", &serde_json::json!([["2022-09", "visas"]])));
}

//! An event log of real permits, counted twice: by Heng, and by a script that reads the raw CSV and knows nothing of it.

use crate::common::{TestHome, path, project, python, run_example, run_python};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

const PERIOD: &str = "2010-10-01..2012-01-31";

/// What the script counted for a group.
fn counted(group: &Value, key: &str) -> i64 {
    group[key].as_i64().expect(key)
}

/// Numerator and denominator of every indicator of a unit.
fn ratios(unit: &Value) -> BTreeMap<&str, (i64, i64)> {
    let number = |value: &Value| value.as_str().expect("a decimal text").parse().expect("a whole number");
    let layers = unit["layers"].as_array().expect("a list");
    let groups = layers.iter().flat_map(|layer| layer["groups"].as_array().expect("a list"));
    let indicators = groups.flat_map(|group| group["indicators"].as_array().expect("a list"));
    indicators
        .map(|line| (line["id"].as_str().expect("an id"), (number(&line["numerator"]), number(&line["denominator"]))))
        .collect()
}

/// Runs the example on a folder and compares every count; returns what the script counted.
fn compare(data: &Path, home: &TestHome) -> Option<Value> {
    let scores = run_example("wabo", &[data], home);
    let python = python(&["json"])?;
    let script = project().join("examples/wabo/check.py");
    let truth: Value = serde_json::from_str(&run_python(&python, &[path(&script), path(data)])).expect("JSON");
    let groups = truth["groups"].as_object().expect("groups");
    let units = scores["units"].as_array().expect("units");
    assert_eq!(units.len(), groups.len());
    for unit in units {
        let name = unit["unit"].as_str().expect("a group");
        let of = |key: &str| counted(&groups[name], key);
        let (finished, overdue) = (of("finished"), of("unfinished_overdue"));
        let expected = [
            ("on_time", (of("on_time"), finished)),
            ("late", (of("late"), finished)),
            ("on_time_internet", (of("internet_on_time"), of("internet_finished"))),
            ("missed", (of("late") + overdue, finished + overdue)),
            ("duration", (of("seconds"), finished)),
            ("overdue_days", (of("overdue_days"), of("open_days"))),
        ];
        assert_eq!(ratios(unit), BTreeMap::from(expected), "{name}");
    }
    Some(truth)
}

fn total(truth: &Value, key: &str) -> i64 {
    truth["groups"].as_object().expect("groups").values().map(|group| counted(group, key)).sum()
}

#[test]
fn the_kept_extract_is_counted_as_an_independent_script_counts_it() {
    let home = TestHome::empty();
    let Some(truth) = compare(&project().join("examples/wabo/extract"), &home) else { return };
    for key in ["on_time", "late", "unfinished", "unfinished_overdue", "overdue_days"] {
        assert!(total(&truth, key) > 0, "the extract has some {key}");
    }
    // The open book of the last day lists those that are unfinished, and them alone.
    for (name, group) in truth["groups"].as_object().expect("groups") {
        let explained: Value = serde_json::from_str(&home.ok(&["explain", name, PERIOD, "--json"])).expect("JSON");
        let facts = explained["facts"]["overdue_days"].as_array().cloned().unwrap_or_default();
        let open = facts.iter().filter(|fact| fact["day"] == "2012-01-31").count();
        assert_eq!(i64::try_from(open).expect("few"), counted(group, "unfinished"), "{name}");
    }
}

#[test]
fn the_whole_log_is_counted_as_an_independent_script_counts_it() {
    let data = project().join("../shared/data/wabo");
    if !data.exists() {
        eprintln!("skipped: the whole log is not here; the kept extract is tested");
        return;
    }
    let home = TestHome::empty();
    let Some(truth) = compare(&data, &home) else { return };
    assert_eq!((truth["cases"].as_i64(), truth["events"].as_i64()), (Some(1_434), Some(8_577)));
    let totals = ["finished", "late", "unfinished"].map(|key| total(&truth, key));
    assert_eq!(totals, [1_329, 389, 105]);
    assert!(home.ok(&["status"]).contains("case         1434"), "every case is known");
}

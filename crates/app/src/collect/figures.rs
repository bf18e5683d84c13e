//! From an answer to the figures that are kept.

use crate::home::Collect;
use model::exact::{Ratio, Rounding};
use model::fact::{Fact, Identity, Kind, Value};
use model::id::Source;
use model::time::Day;
use serde_json::Value as Json;

/// Without these an answer is not taken.
const REQUIRED: [&str; 4] = ["window_id", "date", "avg_process_time", "completed_count"];
/// The figure that says how many records an average rests on.
const COUNT: &str = "completed_count";
/// Decimals that are kept of a figure that is not whole.
const PLACES: u32 = 3;

/// The figures of an answer, each a fact of its own: the same answer again is the same facts.
pub(super) fn figures(text: &str, collect: &Collect, window: &str, day: Day) -> Result<Vec<Fact>, String> {
    let json: Json = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let missing: Vec<&str> = REQUIRED
        .into_iter()
        .filter(|name| !is_metric(name) || asked(collect, name))
        .filter(|name| json.get(name).is_none())
        .collect();
    if !missing.is_empty() {
        return Err(format!("{} missing", missing.join(", ")));
    }
    if json["window_id"] != window || json["date"] != day.to_string() {
        return Err(format!("it is of window {} on {}", json["window_id"], json["date"]));
    }
    let count = json.get(COUNT).and_then(Json::as_i64);
    let mut facts = Vec::with_capacity(collect.metrics.len());
    for metric in &collect.metrics {
        let Some(figure) = json.get(metric).filter(|figure| !figure.is_null()) else { continue };
        let (value, scale) = scaled(figure).ok_or_else(|| format!("`{metric}` is {figure}, no number"))?;
        let mut values = vec![
            ("window", Value::Code(window.into())),
            ("metric", Value::Code(metric.as_str().into())),
            ("day", Value::Day(day)),
            ("value", Value::Integer(value)),
            ("scale", Value::Integer(scale)),
        ];
        if metric.starts_with("avg_") {
            values.extend(count.map(|count| ("n", Value::Integer(count))));
        }
        let source_id = format!("{window}/{day}/{metric}");
        let identity = Identity { source: Source::new(&collect.source), source_id, revision: 0 };
        facts.push(Fact::new(Kind::Statistic, identity, false, None, values).map_err(|error| error.to_string())?);
    }
    Ok(facts)
}

fn is_metric(name: &str) -> bool {
    !matches!(name, "window_id" | "date")
}

fn asked(collect: &Collect, name: &str) -> bool {
    collect.metrics.iter().any(|metric| metric == name)
}

/// A figure as a whole number and what it was multiplied with: 1, or 1,000 if it has decimals.
fn scaled(figure: &Json) -> Option<(i64, i64)> {
    let Json::Number(number) = figure else { return None };
    if let Some(whole) = number.as_i64() {
        return Some((whole, 1));
    }
    let exact = Ratio::parse(&number.to_string())?;
    Some((i64::try_from(exact.round_small(PLACES, Rounding::HalfUp)?).ok()?, 10_i64.pow(PLACES)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Id, value, scale and number of records.
    type Shown = (String, i64, i64, Option<i64>);

    fn check(text: &str) -> Result<Vec<Shown>, String> {
        let toml = "source = 'hall'\nurl = 'http://x'\ntoken_env = 'T'";
        let collect: Collect = toml::from_str(toml).expect("valid");
        let day = Day::parse("2026-03-05").expect("a date");
        let facts = figures(text, &collect, "W1", day)?;
        let shown = |fact: Fact| {
            let number = |name| fact.integer(name);
            (
                fact.identity().source_id.clone(),
                number("value").expect("set"),
                number("scale").expect("set"),
                number("n"),
            )
        };
        Ok(facts.into_iter().map(shown).collect())
    }

    #[test]
    fn an_answer_becomes_figures_or_a_reason() {
        let good = r#"{"window_id":"W1","date":"2026-03-05","avg_process_time":312.4567,"completed_count":41,"overdue_count":2}"#;
        let of = |metric: &str| format!("W1/2026-03-05/{metric}");
        let expected = vec![
            (of("avg_process_time"), 312_457, 1_000, Some(41)),
            (of("completed_count"), 41, 1, None),
            (of("overdue_count"), 2, 1, None),
        ];
        assert_eq!(check(good), Ok(expected));
        // A day on which nothing was done has no average.
        let nothing = good.replace("312.4567", "null").replace("41", "0");
        assert_eq!(check(&nothing).map(|figures| figures.len()), Ok(2));
        for (text, part) in [
            (good.replace("\"completed_count\":41,", ""), "completed_count missing"),
            (good.replace("W1", "W2"), "it is of window \"W2\""),
            (good.replace("03-05", "03-06"), "2026-03-06"),
            (good.replace("41", "\"many\""), "no number"),
            (good[..40].to_owned(), "EOF"),
            ("[]".to_owned(), "window_id, date"),
        ] {
            let problem = check(&text).expect_err(part);
            assert!(problem.contains(part), "{part}: {problem}");
        }
    }
}

//! What systems report of their windows, beside what the cases of these windows say.

use crate::AppError;
use crate::cold::facts_of;
use crate::home::Home;
use crate::stats::{average, stats_of};
use model::fact::{DayFacts, Fact, Kind};
use model::time::{Day, Instant};
use serde_json::{Value as Json, json};

/// A figure that is another one by the cases.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// The day.
    pub day: Day,
    /// The window.
    pub window: String,
    /// The figure.
    pub metric: String,
    /// Who reports it.
    pub source: String,
    /// What is reported, as a whole number rounded half up.
    pub reported: i64,
    /// What the cases say; `None` is an average of nothing.
    pub counted: Option<i64>,
}

/// A window of which something is reported on a day on which it finished no case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WithoutCases {
    /// The day.
    pub day: Day,
    /// The window.
    pub window: String,
    /// Who reports.
    pub source: String,
}

/// Reported figures beside cases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// How many figures could be compared.
    pub compared: usize,
    /// Those that differ, by day, window and figure.
    pub differences: Vec<Difference>,
    /// Windows and days for which figures are all there is.
    pub without_cases: Vec<WithoutCases>,
}

/// Compares what is reported of the days of a span with what the cases say. Figures that contradict each other are no
/// figures until a person decides.
pub async fn reconcile(home: &Home, first: Day, last: Day) -> Result<Reconciled, AppError> {
    let mut all = Reconciled::default();
    let mut days: Vec<Day> = home
        .store
        .reporting_sources(first, last)
        .await?
        .into_iter()
        .filter(|(kind, ..)| kind == Kind::Statistic.name())
        .map(|(_, _, day)| day)
        .collect();
    days.sort_unstable();
    days.dedup();
    for day in days {
        let (facts, _) = facts_of(home, day).await?;
        let of_day = reconcile_day(home, day, &facts);
        all.compared += of_day.compared;
        all.differences.extend(of_day.differences);
        all.without_cases.extend(of_day.without_cases);
    }
    Ok(all)
}

/// The same of one day, of its facts.
pub(crate) fn reconcile_day(home: &Home, day: Day, facts: &DayFacts) -> Reconciled {
    // Systems report of days that are over: whatever was due is decided.
    let stats = stats_of(home, day, facts, Instant(i64::MAX));
    let mut found = Reconciled::default();
    for fact in facts.others.iter().filter(|fact| fact.kind() == Kind::Statistic) {
        // What is reported of a person is no figure of a window.
        let (Some(window), Some(metric), None) = (fact.code("window"), fact.code("metric"), fact.code("staff")) else {
            continue;
        };
        let stats = stats.get(window).copied().unwrap_or_default();
        let (Some(counted), Some(reported)) = (stats.figure(metric), whole(fact)) else { continue };
        let (window, source) = (window.to_owned(), fact.identity().source.as_str().to_owned());
        if stats.completed > 0 {
            found.compared += 1;
            if counted != Some(reported) {
                let metric = metric.to_owned();
                found.differences.push(Difference { day, window, metric, source, reported, counted });
            }
        } else if reported != 0 {
            found.without_cases.push(WithoutCases { day, window, source });
        }
    }
    found.differences.sort_unstable();
    found.without_cases.sort_unstable();
    found.without_cases.dedup();
    found
}

/// The figure of a report without its scale, rounded half up, as what is counted is.
fn whole(fact: &Fact) -> Option<i64> {
    average(fact.integer("value")?, fact.integer("scale")?)
}

impl Reconciled {
    /// For programs.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let difference = |of: &Difference| {
            json!({"day": of.day.to_string(), "window": of.window, "metric": of.metric, "source": of.source,
                   "reported": of.reported, "cases": of.counted})
        };
        let without = |of: &WithoutCases| json!({"day": of.day.to_string(), "window": of.window, "source": of.source});
        json!({
            "compared": self.compared,
            "differences": self.differences.iter().map(difference).collect::<Vec<_>>(),
            "without_cases": self.without_cases.iter().map(without).collect::<Vec<_>>(),
        })
    }
}

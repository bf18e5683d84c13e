//! The head's first morning: what wants a look before the doors open.

use crate::AppError;
use crate::cold::facts_of;
use crate::collect::{Difference, reconcile_day};
use crate::home::Home;
use crate::oddities::watch;
use model::fact::{Fact, Kind};
use model::time::{Day, Instant};
use std::collections::{BTreeMap, BTreeSet};
use tokio::runtime::Handle;

/// Days that are looked back on to know which sources report.
const LOOK_BACK: i32 = 28;
/// A source that reported on at least half of the last so many workdays is expected every workday.
const WORKDAYS: usize = 10;
/// Days over which a window without a single rating is odd.
const RATED_WITHIN: i32 = 7;

/// What wants a look on a morning.
#[derive(Debug)]
pub struct Morning {
    /// The morning.
    pub day: Day,
    /// The workday before it.
    pub yesterday: Day,
    /// Sources that usually report and have nothing of yesterday.
    pub missing: Vec<MissingSource>,
    /// Windows where citizens were asked within a week and nobody rated: the window, and how many were asked.
    pub unrated: Vec<(String, i64)>,
    /// Unfinished cases whose deadline is this day, the earliest first.
    pub due: Vec<DueCase>,
    /// Item codes of cases that ended or were open yesterday that the register does not have, and how many cases have them.
    pub unknown_items: Vec<(String, usize)>,
    /// Figures of yesterday that systems report and cases contradict; `None` if there was nothing to compare.
    pub differences: Option<Vec<Difference>>,
}

/// A source without a report.
#[derive(Debug, PartialEq, Eq)]
pub struct MissingSource {
    /// What it reports.
    pub kind: String,
    /// Its name.
    pub source: String,
    /// The last day it reported of.
    pub last: Day,
}

/// A case that is due.
#[derive(Debug)]
pub struct DueCase {
    /// The deadline.
    pub due: Instant,
    /// The window.
    pub window: String,
    /// Who has it, if that is known.
    pub staff: String,
    /// Its number.
    pub case: String,
}

/// What wants a look on the morning of a day. Call it outside the runtime.
pub fn morning(home: &Home, day: Day, threads: usize, runtime: &Handle) -> Result<Morning, AppError> {
    let workdays: Vec<Day> =
        (1..=LOOK_BACK).map(|back| day.plus(-back)).filter(|day| home.calendar.is_workday(*day)).collect();
    let yesterday = workdays.first().copied().unwrap_or(day.plus(-1));
    let reports = runtime.block_on(home.store.reporting_sources(day.plus(-LOOK_BACK), day.plus(-1)))?;
    let (of_yesterday, _) = runtime.block_on(facts_of(home, yesterday))?;
    let (of_today, _) = runtime.block_on(facts_of(home, day))?;
    let watched = watch(home, (day.plus(-RATED_WITHIN), day.plus(-1)), threads, runtime)?;
    let reconciled = reconcile_day(home, yesterday, &of_yesterday);
    let unrated = watched.windows.iter().filter_map(|window| {
        let of = window.sum();
        (of.asked > 0 && of.rated == 0).then(|| (window.window.to_string(), of.asked))
    });
    Ok(Morning {
        day,
        yesterday,
        missing: missing(&reports, &workdays),
        unrated: unrated.collect(),
        due: due(home, &of_today.cases, day),
        unknown_items: unknown_items(home, &of_yesterday.cases, yesterday),
        differences: (reconciled.compared > 0).then_some(reconciled.differences),
    })
}

/// Sources that reported on half of the last workdays and not on the last of them.
fn missing(reports: &[(String, String, Day)], workdays: &[Day]) -> Vec<MissingSource> {
    let usual: &[Day] = workdays.get(1..=WORKDAYS).unwrap_or_default();
    let mut days: BTreeMap<(&str, &str), BTreeSet<Day>> = BTreeMap::new();
    for (kind, source, day) in reports {
        days.entry((kind, source)).or_default().insert(*day);
    }
    let absent = |((kind, source), days): ((&str, &str), BTreeSet<Day>)| {
        let on = usual.iter().filter(|day| days.contains(day)).count();
        let last = days.last().copied()?;
        let missing = !usual.is_empty() && 2 * on >= usual.len() && !days.contains(&workdays[0]);
        missing.then(|| MissingSource { kind: kind.to_owned(), source: source.to_owned(), last })
    };
    days.into_iter().filter_map(absent).collect()
}

fn due(home: &Home, cases: &[Fact], day: Day) -> Vec<DueCase> {
    let unfinished = cases.iter().filter(|case| case.kind() == Kind::Case && case.instant("finished_at").is_none());
    let mut due: Vec<DueCase> = unfinished
        .filter_map(|case| {
            let at = case.instant("due_at").filter(|at| home.zone.day_of(*at) == day)?;
            let code = |name: &str| case.code(name).unwrap_or_default().to_owned();
            let number = case.case_id().unwrap_or_default().to_owned();
            Some(DueCase { due: at, window: code("window"), staff: code("staff"), case: number })
        })
        .collect();
    due.sort_by(|a, b| (a.due, &a.window, &a.case).cmp(&(b.due, &b.window, &b.case)));
    due
}

fn unknown_items(home: &Home, cases: &[Fact], day: Day) -> Vec<(String, usize)> {
    let mut unknown: BTreeMap<&str, usize> = BTreeMap::new();
    for item in cases.iter().filter_map(|case| case.code("item")) {
        if home.register.item_on(item, day).is_none() {
            *unknown.entry(item).or_default() += 1;
        }
    }
    unknown.into_iter().map(|(item, cases)| (item.to_owned(), cases)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_missed_that_reports_most_days_and_not_on_the_last() {
        let workdays: Vec<Day> = (0..12).map(|back| Day(100 - back)).collect();
        let reports = |source: &str, days: &[i32]| -> Vec<(String, String, Day)> {
            days.iter().map(|day| ("case".to_owned(), source.to_owned(), Day(*day))).collect()
        };
        let check = |days: &[i32], expect: Option<i32>| {
            let found = missing(&reports("hall", days), &workdays);
            assert_eq!(found.first().map(|missing| missing.last.0), expect, "{days:?}");
        };
        check(&[99, 98, 97, 96, 95], Some(99));
        check(&[100, 99, 98, 97, 96, 95], None);
        // Now and then is no habit; twelve days ago is no longer looked at.
        check(&[99, 98, 97, 96], None);
        check(&[99, 98, 97, 96, 89], None);
        assert_eq!(missing(&reports("hall", &[99, 98]), &workdays[..1]), []);
    }
}

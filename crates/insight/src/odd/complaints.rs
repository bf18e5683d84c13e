//! Complaints that come together.

use super::{FALSE_FINDINGS, Oddity, Watched, count, float};
use crate::distribution::binomial_at_least;
use model::time::Day;

/// Days that are looked at together: a week.
const SPAN: i32 = 7;
/// Fewer within a week are nothing.
const LEAST: i64 = 4;

pub(super) fn look(windows: &[Watched]) -> Vec<Oddity> {
    let days = || windows.iter().flat_map(|watched| watched.days.keys().copied());
    let (Some(first), Some(last)) = (days().min(), days().max()) else { return Vec::new() };
    let all: i64 = windows.iter().map(|watched| watched.sum().founded).sum();
    let days = float((last.0 - first.0 + 1).into());
    // A complaint of the city falls on this window and week with such a probability, if on all alike.
    let share = float(SPAN.into()) / days / float(i64::try_from(windows.len()).unwrap_or(i64::MAX));
    let tried = days * float(i64::try_from(windows.len()).unwrap_or(i64::MAX));
    let odd = |cases: i64| {
        cases >= LEAST && binomial_at_least(count(cases), count(all), share.min(1.0)) * tried < FALSE_FINDINGS
    };
    windows
        .iter()
        .filter_map(|watched| {
            let (cases, first) = worst_week(watched)?;
            odd(cases).then(|| Oddity::Complaints {
                window: watched.window.clone(),
                first,
                last: first.plus(SPAN - 1),
                cases,
                all: watched.sum().founded,
            })
        })
        .collect()
}

/// The week with the most complaints, the first one of several: how many, and its first day.
fn worst_week(watched: &Watched) -> Option<(i64, Day)> {
    let complained = || watched.days.iter().filter(|(_, counts)| counts.founded > 0);
    complained()
        .map(|(first, _)| {
            let week = watched.days.range(*first..first.plus(SPAN));
            (week.map(|(_, counts)| counts.founded).sum::<i64>(), *first)
        })
        .max_by_key(|(cases, first)| (*cases, std::cmp::Reverse(*first)))
}

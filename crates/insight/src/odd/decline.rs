//! Windows that go downhill.

use super::{Counts, Oddity, Watched, count, float, median, sum};
use crate::proportion::{Confidence, newcombe};
use model::id::WindowType;
use model::period::{BasePeriod, Period};
use model::time::Day;
use std::collections::{BTreeMap, BTreeSet};

/// Months on either side of the turn.
const MONTHS: usize = 2;
/// Ratings on either side, at least.
const RATED: i64 = 100;
/// Content citizens fell by so much, at the lower bound.
const GAP: f64 = 0.04;
/// Cases take so many times as long as before, the peers' change taken off.
const SLOWER: f64 = 1.15;

pub(super) fn look(windows: &[Watched]) -> Vec<Oddity> {
    let months: BTreeSet<Day> = windows.iter().flat_map(|watched| watched.days.keys()).map(|day| month(*day)).collect();
    let months: Vec<Day> = months.into_iter().collect();
    let turns = months.get(MONTHS..months.len().saturating_sub(MONTHS - 1)).unwrap_or_default();
    let usual = usual(windows, turns);
    windows.iter().filter_map(|watched| turn_of(watched, turns, &usual)).collect()
}

fn month(day: Day) -> Day {
    Period::containing(day, BasePeriod::Month).days().0
}

/// By type of window and turn: how many times as long cases take afterwards, in the middle of the peers.
fn usual<'a>(windows: &'a [Watched], turns: &[Day]) -> BTreeMap<(&'a WindowType, Day), f64> {
    let mut changes: BTreeMap<(&WindowType, Day), Vec<f64>> = BTreeMap::new();
    for watched in windows {
        for from in turns {
            let (before, since) = halves(watched, *from);
            if let Some(slower) = slower(&before, &since) {
                changes.entry((&watched.window_type, *from)).or_default().push(slower);
            }
        }
    }
    changes.into_iter().filter_map(|(key, changes)| Some((key, median(changes)?))).collect()
}

/// The month from which on the fall is the deepest, if it is a fall at all.
fn turn_of(watched: &Watched, turns: &[Day], usual: &BTreeMap<(&WindowType, Day), f64>) -> Option<Oddity> {
    let falls = turns.iter().filter_map(|from| {
        let (before, since) = halves(watched, *from);
        let (gap, slower) = (fall(&before, &since)?, slower(&before, &since)?);
        let usual = usual.get(&(&watched.window_type, *from))?;
        (gap > GAP && slower / usual > SLOWER).then_some((gap, *from, before, since))
    });
    let (_, from, before, since) = falls.max_by(|a, b| a.0.total_cmp(&b.0))?;
    Some(Oddity::Decline { window: watched.window.clone(), from, before, since })
}

fn halves(watched: &Watched, from: Day) -> (Counts, Counts) {
    (
        sum(watched.days.range(..from).map(|(_, counts)| counts)),
        sum(watched.days.range(from..).map(|(_, counts)| counts)),
    )
}

/// By how much the share of content citizens fell, at the lower bound.
fn fall(before: &Counts, since: &Counts) -> Option<f64> {
    if before.rated < RATED || since.rated < RATED {
        return None;
    }
    let share = |of: &Counts| (count(of.satisfied), count(of.rated));
    Some(newcombe(share(before), share(since), Confidence::OneSided(0.95))?.lower)
}

/// How many times as long as before a case takes, by its reference.
fn slower(before: &Counts, since: &Counts) -> Option<f64> {
    let per_case = |of: &Counts| (of.timed > 0).then(|| float(of.handling_permille) / float(of.timed));
    Some(per_case(since)? / per_case(before).filter(|per_case| *per_case > 0.0)?)
}

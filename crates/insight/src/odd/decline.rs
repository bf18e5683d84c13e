//! Windows that go downhill.

use super::{Counts, Oddity, Watched, count, float, median, sum};
use crate::proportion::{Confidence, newcombe};
use model::period::{BasePeriod, Period};
use model::time::Day;
use std::collections::BTreeSet;

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
    windows.iter().filter_map(|watched| turn_of(watched, windows, turns)).collect()
}

fn month(day: Day) -> Day {
    Period::containing(day, BasePeriod::Month).days().0
}

/// The month from which on the fall is the deepest, if it is a fall at all.
fn turn_of(watched: &Watched, windows: &[Watched], turns: &[Day]) -> Option<Oddity> {
    let falls = turns.iter().filter_map(|from| {
        let (before, since) = halves(watched, *from);
        let gap = fall(&before, &since)?;
        let slower = slower(&before, &since)?;
        let peers = windows.iter().filter(|peer| peer.window_type == watched.window_type);
        let usual = median(
            peers
                .filter_map(|peer| {
                    let (before, since) = halves(peer, *from);
                    self::slower(&before, &since)
                })
                .collect(),
        )?;
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

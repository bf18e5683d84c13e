//! Windows that look slow and are not.

use super::{Counts, Oddity, Watched, float, median};
use model::id::WindowType;
use std::collections::BTreeMap;

/// With fewer cases nothing is said.
const LEAST: i64 = 100;
/// So many times the seconds of the middle of the peers look slow.
const SLOW: f64 = 2.5;

pub(super) fn look(windows: &[Watched]) -> Vec<Oddity> {
    let sums: Vec<(&Watched, Counts)> = windows.iter().map(|watched| (watched, watched.sum())).collect();
    let timed: Vec<&(&Watched, Counts)> = sums.iter().filter(|(_, of)| of.timed >= LEAST).collect();
    let mut peers: BTreeMap<&WindowType, Vec<&Counts>> = BTreeMap::new();
    for (watched, of) in &timed {
        peers.entry(&watched.window_type).or_default().push(of);
    }
    let middle = |of: &[&Counts], sum: fn(&Counts) -> i64| {
        median(of.iter().map(|peer| per_case(sum(peer), peer)).collect()).unwrap_or(f64::INFINITY)
    };
    let middles: BTreeMap<&WindowType, (f64, f64)> = peers
        .into_iter()
        .map(|(of, peers)| (of, (middle(&peers, |of| of.handling_seconds), middle(&peers, |of| of.handling_permille))))
        .collect();
    let odd = timed.into_iter().filter_map(|(watched, of)| {
        let (seconds, permille) = middles[&watched.window_type];
        let slow = per_case(of.handling_seconds, of) > SLOW * seconds;
        let hard = per_case(of.handling_permille, of) <= permille;
        let (window, of, peers_seconds) = (watched.window.clone(), *of, whole(seconds));
        (slow && hard).then_some(Oddity::HardCases { window, of, peers_seconds })
    });
    odd.collect()
}

fn per_case(sum: i64, of: &Counts) -> f64 {
    float(sum) / float(of.timed)
}

#[expect(clippy::cast_possible_truncation, reason = "seconds of a case")]
fn whole(seconds: f64) -> i64 {
    libm::round(seconds) as i64
}

//! Windows that look slow and are not.

use super::{Oddity, Watched, float, median};

/// With fewer cases nothing is said.
const LEAST: i64 = 100;
/// So many times the seconds of the middle of the peers look slow.
const SLOW: f64 = 2.5;

pub(super) fn look(windows: &[Watched]) -> Vec<Oddity> {
    let mut found = Vec::new();
    for watched in windows {
        let of = watched.sum();
        if of.timed < LEAST {
            continue;
        }
        let peers = || windows.iter().filter(|peer| peer.window_type == watched.window_type).map(Watched::sum);
        let middle = |value: fn(i64) -> f64, of: fn(&super::Counts) -> i64| {
            median(
                peers().filter(|peer| peer.timed >= LEAST).map(|peer| value(of(&peer)) / value(peer.timed)).collect(),
            )
        };
        let (Some(seconds), Some(permille)) =
            (middle(float, |peer| peer.handling_seconds), middle(float, |peer| peer.handling_permille))
        else {
            continue;
        };
        let per_case = |sum: i64| float(sum) / float(of.timed);
        if per_case(of.handling_seconds) > SLOW * seconds && per_case(of.handling_permille) <= permille {
            let peers_seconds = whole(seconds);
            found.push(Oddity::HardCases { window: watched.window.clone(), of, peers_seconds });
        }
    }
    found
}

#[expect(clippy::cast_possible_truncation, reason = "seconds of a case")]
fn whole(seconds: f64) -> i64 {
    libm::round(seconds) as i64
}

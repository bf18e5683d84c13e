//! Ratings that no citizen gave.

use super::{Counts, Oddity, Watched, count};
use crate::proportion::{Confidence, newcombe, wilson};

/// With fewer ratings within seconds nothing is said.
const LEAST: i64 = 30;
/// So many of a hundred ratings within seconds of the call are odd, even at the lower bound.
const AT_ONCE: f64 = 0.10;

pub(super) fn look(watched: &Watched) -> Option<Oddity> {
    let of = watched.sum();
    let share = wilson(count(of.at_once), count(of.rated), Confidence::OneSided(0.95))?;
    (of.at_once >= LEAST && share.lower > AT_ONCE && says_less_good_later(&of))
        .then(|| Oddity::Praise { window: watched.window.clone(), of })
}

/// Whether those who are called back are less content than those who pressed; true where nobody was called back.
fn says_less_good_later(of: &Counts) -> bool {
    let pressed = (count(of.satisfied), count(of.rated));
    let called = (count(of.revisited_satisfied), count(of.revisited));
    newcombe(pressed, called, Confidence::OneSided(0.95)).is_none_or(|gap| gap.lower > 0.0)
}

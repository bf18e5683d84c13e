//! Windows that nobody rates.

use super::{Oddity, Watched};

/// With fewer citizens asked nothing is said.
const ASKED: i64 = 300;
/// Fewer than one of so many who are asked rate.
const OF: i64 = 100;

pub(super) fn look(watched: &Watched) -> Option<Oddity> {
    let of = watched.sum();
    (of.asked >= ASKED && of.rated * OF < of.asked).then(|| Oddity::HardlyRated { window: watched.window.clone(), of })
}

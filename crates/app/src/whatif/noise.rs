//! Whether chance alone could make what a candidate changes.

use crate::period::{Ask, Basis, Gathered, windows_among};
use insight::uncertainty::{Dispersion, Question, paired, seed};
use model::canonical::Digest;
use model::scheme::Scheme;
use model::score::{Inputs, Scorecard, Scored};
use std::borrow::Cow;

/// For each unit whose score changes, whether 0 lies within the middle 95 % of the paired differences between both
/// schemes; `None` for the others. Both draw alike: the seed is that of the facts.
pub(super) fn compare(
    (basis, before): (&Basis, &[Scorecard]),
    (candidate, gathered, after): (&Scheme, &Gathered, &[Scorecard]),
    ask: &Ask<'_>,
) -> Vec<Option<bool>> {
    let seed = seed(basis.period, &basis.gathered.tally);
    let shown = |card: &Scorecard| card.scored().map(Scored::hundredths);
    let moved: Vec<usize> = (0..after.len()).filter(|at| shown(&before[*at]) != shown(&after[*at])).collect();
    if moved.is_empty() {
        return vec![None; after.len()];
    }
    let old = Side::of(basis, (&basis.scheme, &basis.gathered, before), &moved, ask);
    let new = Side::of(basis, (candidate, gathered, after), &moved, ask);
    let (old, new) = (old.question(seed), new.question(seed));
    let mut noise = vec![None; after.len()];
    for (at, draws) in moved.into_iter().zip(paired(&old, &new, ask.threads)) {
        noise[at] = draws.map(|(old, new)| around_zero(&old, &new));
    }
    noise
}

/// What one of the schemes is drawn from.
struct Side<'a> {
    inputs: Inputs<'a>,
    dispersion: &'a Dispersion,
    windows: Cow<'a, [Scorecard]>,
    cards: Vec<Scorecard>,
}

impl<'a> Side<'a> {
    fn of(
        basis: &'a Basis,
        (scheme, gathered, all): (&'a Scheme, &'a Gathered, &'a [Scorecard]),
        moved: &[usize],
        ask: &Ask<'_>,
    ) -> Self {
        let inputs = basis.inputs(scheme, gathered);
        let windows = windows_among(&inputs, ask.kind, all);
        let cards = moved.iter().map(|at| all[*at].clone()).collect();
        Self { inputs, dispersion: &gathered.dispersion, windows, cards }
    }

    fn question(&self, seed: Digest) -> Question<'_> {
        let Self { inputs, dispersion, windows, cards } = self;
        Question { inputs, windows, cards, dispersion, seed }
    }
}

/// Whether the middle 95 % of the differences lie on both sides of 0.
fn around_zero(before: &[u16], after: &[u16]) -> bool {
    // A scheme that leaves nothing to chance has one draw, which stands beside all of the other's.
    let one = |list: &[u16], at: usize| list.get(at).or(list.first()).copied().unwrap_or(0);
    let count = before.len().max(after.len());
    let mut differences: Vec<i32> =
        (0..count).map(|at| i32::from(one(after, at)) - i32::from(one(before, at))).collect();
    differences.sort_unstable();
    let outside = count / 40;
    let (lower, upper) = (differences.get(outside), differences.get(count - 1 - outside));
    lower.is_none_or(|lower| *lower <= 0) && upper.is_none_or(|upper| *upper >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_the_paired_differences_decides() {
        let check = |before: &[u16], after: &[u16], expect: bool| assert_eq!(around_zero(before, after), expect);
        let rising: Vec<u16> = (0..1000).collect();
        let above = |by: u16| -> Vec<u16> { rising.iter().map(|score| score + by).collect() };
        check(&rising, &rising, true);
        // Paired, a small change that every draw agrees on is no noise, however wide the draws themselves are.
        check(&rising, &above(1), false);
        let mixed: Vec<u16> = rising.iter().map(|score| if score % 30 == 0 { *score } else { score + 1 }).collect();
        check(&rising, &mixed, true);
        check(&[50], &[50], true);
        check(&[50], &above(51), false);
    }
}

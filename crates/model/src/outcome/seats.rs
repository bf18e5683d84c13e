//! How many seats there are, and which scores take them (SCORING §6).

use crate::exact::{Ratio, Rounding};
use crate::scheme::Quota;
use crate::score::Hundredths;

/// The seats of one pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seats {
    /// Units that are ranked or vetoed.
    pub of: usize,
    /// At the top (优秀).
    pub top: usize,
    /// What the top may reach when a tie stands at its edge.
    pub top_at_most: usize,
    /// At the bottom (不合格).
    pub bottom: usize,
    /// In the help loop (帮扶), those at the bottom included.
    pub help: usize,
}

/// The scores at which quotas begin; `None` where nobody is inside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Edges {
    /// From this score on a unit is at the top.
    pub top: Option<Hundredths>,
    /// Down from this score a unit is at the bottom.
    pub bottom: Option<Hundredths>,
    /// Down from this score a unit is in the help loop.
    pub help: Option<Hundredths>,
}

impl Seats {
    /// The seats of so many units: shares rounded down, and no bottom in a small pool.
    #[must_use]
    pub fn new(quota: &Quota, of: usize) -> Self {
        let bottom = if of < quota.bottom_from { 0 } else { share_of(&quota.bottom, of) };
        Self {
            of,
            top: share_of(&quota.top, of),
            top_at_most: share_of(&quota.top_at_most, of),
            bottom,
            help: share_of(&quota.help, of),
        }
    }

    /// Where the quotas begin among the scores of units that are not vetoed, in ascending order. Vetoed units stand
    /// behind all of them, so that they fill the seats at the bottom first.
    #[must_use]
    pub fn edges(&self, ascending: &[Hundredths], vetoed: usize) -> Edges {
        Edges {
            top: self.top_edge(ascending),
            bottom: low_edge(ascending, self.bottom.saturating_sub(vetoed)),
            help: low_edge(ascending, self.help.saturating_sub(vetoed)),
        }
    }

    /// A tied group at the edge enters whole if the top may reach that far, else none of it.
    fn top_edge(&self, ascending: &[Hundredths]) -> Option<Hundredths> {
        let at = ascending.len().saturating_sub(self.top);
        let edge = *ascending.get(at)?;
        let entering = ascending.len() - ascending.partition_point(|score| *score < edge);
        if entering <= self.top_at_most.max(self.top) {
            return Some(edge);
        }
        let above = ascending.partition_point(|score| *score <= edge);
        ascending.get(above).copied()
    }
}

impl Edges {
    /// Whether a score is at the top.
    #[must_use]
    pub fn is_top(&self, score: Hundredths) -> bool {
        self.top.is_some_and(|edge| score >= edge)
    }

    /// Whether a score is at the bottom.
    #[must_use]
    pub fn is_bottom(&self, score: Hundredths) -> bool {
        self.bottom.is_some_and(|edge| score <= edge)
    }

    /// Whether a score is in the help loop.
    #[must_use]
    pub fn needs_help(&self, score: Hundredths) -> bool {
        self.help.is_some_and(|edge| score <= edge)
    }
}

/// ⌊share · of⌋.
fn share_of(share: &Ratio, of: usize) -> usize {
    let of = i128::try_from(of).unwrap_or(0);
    let whole = share.mul(&Ratio::whole(of)).round_small(0, Rounding::Floor).unwrap_or(0);
    usize::try_from(whole).unwrap_or(0)
}

/// The highest score among so many of the lowest; of a tied group that would not fit, none is inside.
fn low_edge(ascending: &[Hundredths], seats: usize) -> Option<Hundredths> {
    let inside = ascending.get(..seats).unwrap_or(ascending);
    let edge = *inside.last()?;
    if ascending.get(seats) != Some(&edge) {
        return Some(edge);
    }
    let below = inside.partition_point(|score| *score < edge);
    inside[..below].last().copied()
}

#[cfg(test)]
mod tests {
    use super::super::decide::tests::article;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn s6_seats_are_shares_rounded_down_and_no_bottom_below_twenty() {
        let check = |of: usize, expect: [usize; 4]| {
            let Seats { top, top_at_most, bottom, help, .. } = Seats::new(&article(), of);
            assert_eq!([top, top_at_most, bottom, help], expect, "{of} units");
        };
        check(0, [0, 0, 0, 0]);
        check(4, [0, 1, 0, 0]);
        check(9, [1, 2, 0, 0]);
        check(19, [3, 4, 0, 1]);
        check(20, [4, 5, 1, 2]);
        check(39, [7, 9, 1, 3]);
        check(40, [8, 10, 2, 4]);
        check(2400, [480, 600, 120, 240]);
    }

    #[test]
    fn story_2_of_twelve_people_nobody_is_at_the_bottom() {
        assert_eq!(Seats::new(&article(), 12).bottom, 0);
    }

    /// Twenty units by points; how many are inside each quota.
    fn inside(points: &[(u16, usize)], vetoed: usize) -> [usize; 3] {
        let mut scores: Vec<u16> = points.iter().flat_map(|(score, times)| vec![*score; *times]).collect();
        scores.sort_unstable();
        let edges = Seats::new(&article(), scores.len() + vetoed).edges(&scores, vetoed);
        let count = |is: &dyn Fn(u16) -> bool| scores.iter().filter(|score| is(**score)).count();
        [count(&|s| edges.is_top(s)), count(&|s| edges.is_bottom(s)), count(&|s| edges.needs_help(s))]
    }

    #[test]
    fn s6_a_tie_at_the_top_enters_whole_up_to_a_quarter_else_not_at_all() {
        // Four seats among twenty, five with a tie.
        assert_eq!(inside(&[(99, 3), (98, 1), (50, 16)], 0)[0], 4);
        assert_eq!(inside(&[(99, 3), (98, 2), (50, 15)], 0)[0], 5);
        assert_eq!(inside(&[(99, 3), (98, 3), (50, 14)], 0)[0], 3);
        assert_eq!(inside(&[(99, 6), (50, 14)], 0)[0], 0);
        assert_eq!(inside(&[(99, 20)], 0)[0], 0);
    }

    #[test]
    fn s6_of_a_tie_at_the_bottom_nobody_is_inside() {
        // One bottom seat and two of help among twenty.
        assert_eq!(inside(&[(10, 1), (20, 1), (50, 18)], 0)[1..], [1, 2]);
        assert_eq!(inside(&[(10, 2), (50, 18)], 0)[1..], [0, 2]);
        assert_eq!(inside(&[(10, 1), (20, 2), (50, 17)], 0)[1..], [1, 1]);
        assert_eq!(inside(&[(10, 3), (50, 17)], 0)[1..], [0, 0]);
    }

    #[test]
    fn s6_the_vetoed_fill_the_seats_at_the_bottom_first() {
        assert_eq!(inside(&[(10, 1), (20, 1), (50, 17)], 1)[1..], [0, 1]);
        assert_eq!(inside(&[(10, 1), (20, 1), (50, 15)], 3)[1..], [0, 0]);
        // Among forty there is a second seat; the fourth of help falls into a tie.
        assert_eq!(inside(&[(10, 1), (20, 1), (50, 37)], 1)[1..], [1, 2]);
    }

    proptest! {
        #[test]
        fn nobody_is_inside_whom_a_better_one_is_not_and_quotas_are_kept(
            mut scores in prop::collection::vec(0_u16..60, 0..80), vetoed in 0_usize..5,
        ) {
            scores.sort_unstable();
            let seats = Seats::new(&article(), scores.len() + vetoed);
            let edges = seats.edges(&scores, vetoed);
            let count = |is: &dyn Fn(u16) -> bool| scores.iter().filter(|score| is(**score)).count();
            prop_assert!(count(&|s| edges.is_top(s)) <= seats.top_at_most);
            prop_assert!(count(&|s| edges.is_bottom(s)) <= seats.bottom.saturating_sub(vetoed));
            prop_assert!(count(&|s| edges.needs_help(s)) <= seats.help.saturating_sub(vetoed));
            for pair in scores.windows(2) {
                prop_assert!(!edges.is_top(pair[0]) || edges.is_top(pair[1]));
                prop_assert!(!edges.is_bottom(pair[1]) || edges.is_bottom(pair[0]));
                prop_assert!(!edges.is_bottom(pair[0]) || edges.needs_help(pair[0]));
            }
        }
    }
}

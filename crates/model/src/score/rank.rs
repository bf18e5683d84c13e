//! Places: 1, 1, 3; units that are equal at two decimals share one.

use super::card::{Hundredths, Scorecard, Status};
use super::peers::Pool;
use crate::scheme::UnitKind;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Whether vetoed, the score, and the card.
type Order = Vec<(bool, Reverse<Hundredths>, usize)>;

/// A place among others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rank {
    /// Among whom.
    pub scope: Pool,
    /// The place, counted from 1.
    pub place: usize,
    /// How many are ranked among them.
    pub of: usize,
}

/// Gives every scored unit its place among its peers. Failed units come last; units whose moved weights
/// broke a bound of their type are not ranked.
pub fn rank(cards: &mut [Scorecard]) {
    let mut pools: BTreeMap<(UnitKind, Pool), Order> = BTreeMap::new();
    for (index, card) in cards.iter().enumerate() {
        let (Status::Scored(scored), Some(pool)) = (&card.status, &card.pool) else {
            continue;
        };
        if scored.broken_bounds.is_empty() {
            let best_first = Reverse(scored.hundredths());
            pools.entry((card.kind, pool.clone())).or_default().push((scored.vetoed, best_first, index));
        }
    }
    for ((_, scope), mut order) in pools {
        order.sort_unstable();
        let mut place = 0;
        for at in 0..order.len() {
            let tied = at > 0 && (order[at].0, order[at].1) == (order[at - 1].0, order[at - 1].1);
            if !tied {
                place = at + 1;
            }
            cards[order[at].2].rank = Some(Rank { scope: scope.clone(), place, of: order.len() });
        }
    }
}

//! Places: 1, 1, 3; units that are equal at two decimals share one.

use super::card::{Scorecard, Status};
use crate::id::WindowType;
use crate::scheme::UnitKind;
use std::collections::BTreeMap;

/// Whether vetoed, the score turned so that the best comes first, and the card.
type Pool = Vec<(bool, i64, usize)>;

/// A place among others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rank {
    /// Among whom: a type of window.
    pub scope: WindowType,
    /// The place, counted from 1.
    pub place: usize,
    /// How many are ranked in the scope.
    pub of: usize,
}

/// Gives every scored unit its place among those of its type. Failed units come last; units whose moved weights
/// broke a bound of their type are not ranked.
pub fn rank(cards: &mut [Scorecard]) {
    let mut pools: BTreeMap<(UnitKind, WindowType), Pool> = BTreeMap::new();
    for (index, card) in cards.iter().enumerate() {
        let (Status::Scored(scored), Some(window_type)) = (&card.status, &card.window_type) else {
            continue;
        };
        if scored.broken_bounds.is_empty() {
            // Within 0 … 100, so it always fits.
            let shown = scored.s3.round_to_i64(2, crate::exact::Rounding::HalfUp).unwrap_or(0);
            pools.entry((card.kind, window_type.clone())).or_default().push((scored.vetoed, -shown, index));
        }
    }
    for ((_, scope), mut pool) in pools {
        pool.sort_unstable();
        let mut place = 0;
        for at in 0..pool.len() {
            let tied = at > 0 && (pool[at].0, pool[at].1) == (pool[at - 1].0, pool[at - 1].1);
            if !tied {
                place = at + 1;
            }
            cards[pool[at].2].rank = Some(Rank { scope: scope.clone(), place, of: pool.len() });
        }
    }
}

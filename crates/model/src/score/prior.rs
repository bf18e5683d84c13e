//! The peers' value over earlier periods, towards which small numbers are drawn (SCORING §4).

use super::peers::{Peers, Pool};
use crate::exact::Ratio;
use crate::period::Period;
use crate::register::Register;
use crate::scheme::{Scheme, UnitKind};
use crate::tally::Tally;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// The peers' values: by pool of windows, one per indicator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Priors {
    by_pool: BTreeMap<String, Vec<Option<Ratio>>>,
}

/// Σx and Σn.
type Sums = (i128, i128);

impl Priors {
    /// Sums earlier periods (how many before, and what was counted) over the pools of the scored period.
    #[must_use]
    pub fn new(scheme: &Scheme, register: &Register, period: Period, history: &[(u8, Tally)]) -> Self {
        let registered = register.windows_in(period);
        let peers = Peers::new(register, period, UnitKind::Window, scheme.peers_at_least);
        let pool_of = |window: &str| {
            let entry = registered.get(window)?;
            scheme.profile(entry.window_type.as_str())?;
            Some(peers.pool(&entry.window_type, &entry.centre))
        };
        let (periods, at_least) = scheme.shrinkage;
        let shrunk: Vec<(usize, (usize, usize))> = scheme
            .indicators
            .iter()
            .enumerate()
            .filter(|(_, indicator)| indicator.shrink > 0)
            .filter_map(|(index, indicator)| Some((index, indicator.ratio?)))
            .collect();
        // By pool and shrunk indicator: the sums, and in how many periods there was something.
        let mut totals: HashMap<Pool, Vec<(Sums, u8)>> = HashMap::new();
        for (_, tally) in history.iter().filter(|(before, _)| (1..=periods).contains(before)) {
            for (pool, sums) in sums_of(tally, &shrunk, &pool_of) {
                let total = totals.entry(pool).or_insert_with(|| vec![((0, 0), 0); shrunk.len()]);
                for ((total, periods), (x, n)) in total.iter_mut().zip(sums) {
                    if n > 0 {
                        *total = (total.0 + x, total.1 + n);
                        *periods += 1;
                    }
                }
            }
        }
        let values = |totals: Vec<(Sums, u8)>| {
            let mut values = vec![None; scheme.indicators.len()];
            for ((index, _), ((x, n), periods)) in shrunk.iter().zip(totals) {
                values[*index] = Ratio::new(x, n).filter(|_| periods >= at_least);
            }
            values
        };
        Self { by_pool: totals.into_iter().map(|(pool, totals)| (pool.to_string(), values(totals))).collect() }
    }

    /// The peers' value of each indicator, where enough periods say so; nothing for a pool without a past.
    #[must_use]
    pub fn of(&self, pool: &Pool) -> &[Option<Ratio>] {
        self.by_pool.get(&pool.to_string()).map_or(&[], Vec::as_slice)
    }
}

/// The sums of one period by pool.
fn sums_of(
    tally: &Tally,
    shrunk: &[(usize, (usize, usize))],
    pool_of: &impl Fn(&str) -> Option<Pool>,
) -> HashMap<Pool, Vec<Sums>> {
    let mut by_pool: HashMap<Pool, Vec<Sums>> = HashMap::new();
    // Rows are sorted by window: its pool is looked up once.
    for rows in tally.rows.chunk_by(|a, b| a.window == b.window) {
        let Some(pool) = pool_of(rows[0].window.as_str()) else { continue };
        let sums = by_pool.entry(pool).or_insert_with(|| vec![(0, 0); shrunk.len()]);
        for row in rows {
            for (sum, (_, (above, below))) in sums.iter_mut().zip(shrunk) {
                sum.0 += i128::from(row.values[*above].unwrap_or(0));
                sum.1 += i128::from(row.values[*below].unwrap_or(0));
            }
        }
    }
    by_pool
}

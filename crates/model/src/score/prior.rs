//! The peers' value over earlier periods, towards which small numbers are drawn (SCORING §4).

use crate::exact::Ratio;
use crate::period::Period;
use crate::register::Register;
use crate::scheme::Scheme;
use crate::tally::Tally;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// The peers' values: by type of window, one per indicator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Priors {
    by_type: BTreeMap<String, Vec<Option<Ratio>>>,
}

/// Σx and Σn.
type Sums = (i128, i128);

impl Priors {
    /// Sums earlier periods (how many before, and what was counted). A window's peers are those of its type on the
    /// first day of the scored period on which it is registered.
    #[must_use]
    pub fn new(scheme: &Scheme, register: &Register, period: Period, history: &[(u8, Tally)]) -> Self {
        let registered = register.windows_in(period);
        let type_of = |window: &str| registered.get(window).map(|entry| entry.window_type.as_str());
        let (periods, at_least) = scheme.shrinkage;
        let shrunk: Vec<(usize, (usize, usize))> = scheme
            .indicators
            .iter()
            .enumerate()
            .filter(|(_, indicator)| indicator.shrink > 0)
            .filter_map(|(index, indicator)| Some((index, indicator.ratio?)))
            .collect();
        // By type and shrunk indicator: the sums, and in how many periods there was something.
        let mut totals: HashMap<&str, Vec<(Sums, u8)>> = HashMap::new();
        for (_, tally) in history.iter().filter(|(before, _)| (1..=periods).contains(before)) {
            for (window_type, sums) in sums_of(tally, &shrunk, &type_of) {
                let total = totals.entry(window_type).or_insert_with(|| vec![((0, 0), 0); shrunk.len()]);
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
        Self { by_type: totals.into_iter().map(|(window_type, t)| (window_type.to_owned(), values(t))).collect() }
    }

    /// The peers' value of each indicator, where enough periods say so; nothing for a type without peers.
    #[must_use]
    pub fn of(&self, window_type: &str) -> &[Option<Ratio>] {
        self.by_type.get(window_type).map_or(&[], Vec::as_slice)
    }
}

/// The sums of one period by type of window.
fn sums_of<'a>(
    tally: &Tally,
    shrunk: &[(usize, (usize, usize))],
    type_of: &impl Fn(&str) -> Option<&'a str>,
) -> HashMap<&'a str, Vec<Sums>> {
    let mut by_type: HashMap<&str, Vec<Sums>> = HashMap::new();
    // Rows are sorted by window: its type is looked up once.
    for rows in tally.rows.chunk_by(|a, b| a.window == b.window) {
        let Some(window_type) = type_of(rows[0].window.as_str()) else { continue };
        let sums = by_type.entry(window_type).or_insert_with(|| vec![(0, 0); shrunk.len()]);
        for row in rows {
            for (sum, (_, (above, below))) in sums.iter_mut().zip(shrunk) {
                sum.0 += i128::from(row.values[*above].unwrap_or(0));
                sum.1 += i128::from(row.values[*below].unwrap_or(0));
            }
        }
    }
    by_type
}

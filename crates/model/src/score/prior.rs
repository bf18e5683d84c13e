//! The peers' value over earlier periods, towards which small numbers are drawn (SCORING §4).

use crate::exact::Ratio;
use crate::scheme::Scheme;
use crate::tally::Tally;
use std::collections::BTreeMap;

/// What the peers counted over the periods looked back on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prior {
    /// Σx.
    pub x: i128,
    /// Σn.
    pub n: i128,
    /// In how many periods there was something.
    pub periods: u8,
}

/// Priors by indicator and type of window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Priors {
    by: BTreeMap<(usize, String), Prior>,
    at_least: u8,
}

impl Priors {
    /// Sums earlier periods. `type_of` gives a window's type; windows without one are nobody's peers.
    pub fn new<'a>(scheme: &Scheme, history: &[(u8, Tally)], type_of: impl Fn(&str) -> Option<&'a str>) -> Self {
        let (periods, at_least) = scheme.shrinkage;
        let shrunk: Vec<usize> = (0..scheme.indicators.len()).filter(|at| scheme.indicators[*at].shrink > 0).collect();
        let mut by: BTreeMap<(usize, String), Prior> = BTreeMap::new();
        for (_, tally) in history.iter().filter(|(before, _)| (1..=periods).contains(before)) {
            let mut period: BTreeMap<(usize, &str), (i128, i128)> = BTreeMap::new();
            for row in &tally.rows {
                let Some(window_type) = type_of(row.window.as_str()) else {
                    continue;
                };
                for index in &shrunk {
                    let Some((above, below)) = scheme.indicators[*index].ratio else {
                        continue;
                    };
                    let sums = period.entry((*index, window_type)).or_default();
                    sums.0 += i128::from(row.values[above].unwrap_or(0));
                    sums.1 += i128::from(row.values[below].unwrap_or(0));
                }
            }
            for ((index, window_type), (x, n)) in period {
                if n > 0 {
                    let prior = by.entry((index, window_type.to_owned())).or_default();
                    prior.x += x;
                    prior.n += n;
                    prior.periods += 1;
                }
            }
        }
        Self { by, at_least }
    }

    /// The peers' value, if enough periods say so.
    #[must_use]
    pub fn of(&self, indicator: usize, window_type: &str) -> Option<Ratio> {
        if self.by.is_empty() {
            return None;
        }
        let prior = self.by.get(&(indicator, window_type.to_owned()))?;
        if prior.periods < self.at_least {
            return None;
        }
        Ratio::new(prior.x, prior.n)
    }
}

//! Over-dispersion: by how much counts vary more from period to period than independent records would.
//!
//! Measured over the periods before the one that is scored, pooled over peers, and frozen at the close. It is the only
//! part of an interval that looks at other periods, and no score depends on it.

use model::exact::{Ratio, Rounding};
use model::period::Period;
use model::register::Register;
use model::scheme::{Noise, Scheme, Spread, UnitKind};
use model::score::{Peers, Pool};
use model::tally::{Tally, add_values};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Per pool of windows and indicator: of shares and counts the over-dispersion φ ≥ 1, of ratios the peers' variance per
/// unit below the line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispersion {
    by_pool: BTreeMap<String, Vec<Option<Ratio>>>,
}

/// What one window had in one earlier period.
type Values = Vec<Option<i64>>;

impl Dispersion {
    /// Measures earlier periods (how many before, and what was counted), each period alone, over the pools of the
    /// scored one. An indicator needs data in as many of them as shrinkage does.
    #[must_use]
    pub fn new(scheme: &Scheme, register: &Register, period: Period, history: &[(u8, Tally)]) -> Self {
        let registered = register.windows_in(period);
        let peers = Peers::new(register, period, UnitKind::Window, scheme.peers_at_least);
        let (periods, at_least) = scheme.shrinkage;
        let earlier: Vec<&Tally> =
            history.iter().filter(|(before, _)| (1..=periods).contains(before)).map(|(_, tally)| tally).collect();
        let mut pools: BTreeMap<Pool, BTreeMap<&str, Vec<Values>>> = BTreeMap::new();
        for tally in earlier {
            for rows in tally.rows.chunk_by(|a, b| a.window == b.window) {
                let window = rows[0].window.as_str();
                let Some(entry) = registered.get(window) else { continue };
                let mut values = rows[0].values.clone();
                rows[1..].iter().for_each(|row| add_values(&mut values, &row.values));
                let pool = pools.entry(peers.pool(&entry.window_type, &entry.centre)).or_default();
                pool.entry(window).or_default().push(values);
            }
        }
        let of_pool = |windows: &BTreeMap<&str, Vec<Values>>| {
            let windows: Vec<&[Values]> = windows.values().map(Vec::as_slice).collect();
            let indicators = scheme.indicators.iter();
            indicators.map(|indicator| of_indicator(indicator.ratio?, &indicator.noise, &windows, at_least)).collect()
        };
        Self { by_pool: pools.iter().map(|(pool, windows)| (pool.to_string(), of_pool(windows))).collect() }
    }

    /// What was measured among the windows of a pool, by indicator; nothing for a pool without a past.
    #[must_use]
    pub fn of(&self, pool: &Pool) -> &[Option<Ratio>] {
        self.by_pool.get(&pool.to_string()).map_or(&[], Vec::as_slice)
    }

    /// Whether there is anything that varies more than it should.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_pool.values().flatten().all(Option::is_none)
    }
}

fn of_indicator((above, below): (usize, usize), noise: &Noise, windows: &[&[Values]], at_least: u8) -> Option<Ratio> {
    let of = |values: &Values, measure: usize| i128::from(values[measure].unwrap_or(0));
    let pairs: Vec<Vec<(i128, i128)>> = windows
        .iter()
        .map(|periods| periods.iter().map(|values| (of(values, above), of(values, below))).filter(|(_, n)| *n > 0))
        .map(Iterator::collect)
        .collect();
    if pairs.iter().map(Vec::len).max().unwrap_or(0) < usize::from(at_least.max(2)) {
        return None;
    }
    match noise {
        Noise::None => None,
        Noise::Share => over_dispersion(&pairs, |x, n, (all_x, all_n)| {
            Some(((x * all_n - n * all_x).checked_pow(2)?, n * all_x * (all_n - all_x)))
        }),
        Noise::Count => over_dispersion(&pairs, |x, n, (all_x, all_n)| {
            Some(((x * all_n - n * all_x).checked_pow(2)?, n * all_x * all_n))
        }),
        Noise::Ratio(spread) => peers_variance(spread, (above, below), windows),
    }
}

/// Pearson's χ² of a window's periods about its own mean, over all windows, by its degrees of freedom; at least 1.
/// `square` gives (x − E)² ÷ Var of one period as a fraction. Each is rounded to a billionth before they are added, so
/// that the sum depends on no order.
fn over_dispersion(
    windows: &[Vec<(i128, i128)>],
    square: impl Fn(i128, i128, (i128, i128)) -> Option<(i128, i128)>,
) -> Option<Ratio> {
    let (mut chi_square, mut freedom) = (0_i128, 0_i128);
    for periods in windows {
        let all = periods.iter().fold((0, 0), |(x, n), period| (x + period.0, n + period.1));
        // Where nothing or everything happened there is no variance to compare with.
        let squares: Option<Vec<i128>> = periods
            .iter()
            .map(|(x, n)| square(*x, *n, all).filter(|(_, variance)| *variance > 0))
            .map(|fraction| nano(&Ratio::new(fraction?.0, fraction?.1)?))
            .collect();
        if let Some(squares) = squares {
            chi_square += squares.iter().sum::<i128>();
            freedom += i128::try_from(periods.len()).unwrap_or(1) - 1;
        }
    }
    let dispersion = Ratio::new(chi_square, freedom.checked_mul(1_000_000_000)?)?;
    rounded(&dispersion.max(Ratio::ONE))
}

/// Σ (x − r · y)² ÷ Σ y over all cases of all windows, r being each window's own ratio over the periods.
fn peers_variance(spread: &Spread, (above, below): (usize, usize), windows: &[&[Values]]) -> Option<Ratio> {
    let (mut squares, mut units) = (Ratio::ZERO, Ratio::ZERO);
    for periods in windows {
        let sum = |measure: usize| periods.iter().map(|values| i128::from(values[measure].unwrap_or(0))).sum::<i128>();
        let Some(ratio) = Ratio::new(sum(above), sum(below)) else { continue };
        let [xx, xy, yy] = [spread.xx, spread.xy, spread.yy].map(|measure| Ratio::whole(sum(measure)));
        let twice = ratio.mul(&Ratio::whole(2));
        let of_window = xx.sub(&twice.mul(&xy)).add(&ratio.mul(&ratio).mul(&yy)).max(Ratio::ZERO);
        squares = squares.add(&rounded(&of_window)?);
        units = units.add(&Ratio::new(sum(below), spread.scale.into())?);
    }
    rounded(&squares.div(&units)?)
}

/// A number in billionths, rounded half to even.
fn nano(ratio: &Ratio) -> Option<i128> {
    ratio.round_small(9, Rounding::HalfEven)
}

/// A number rounded to a billionth: what is frozen is short, and a sum of such numbers stays so.
fn rounded(ratio: &Ratio) -> Option<Ratio> {
    match nano(ratio) {
        Some(nano) => Ratio::new(nano, 1_000_000_000),
        None => Ratio::parse(&ratio.to_decimal(9, Rounding::HalfEven)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dispersion(noise: &Noise, windows: &[&[(i64, i64)]]) -> Option<String> {
        let rows: Vec<Vec<Values>> =
            windows.iter().map(|periods| periods.iter().map(|(x, n)| vec![Some(*x), Some(*n)]).collect()).collect();
        let rows: Vec<&[Values]> = rows.iter().map(Vec::as_slice).collect();
        of_indicator((0, 1), noise, &rows, 3).map(|found| found.to_decimal(6, Rounding::HalfUp))
    }

    #[test]
    fn s6_over_dispersion_is_pearson_s_chi_square_by_its_degrees_of_freedom() {
        let check = |noise: Noise, windows: &[&[(i64, i64)]], expect: Option<&str>| {
            assert_eq!(dispersion(&noise, windows).as_deref(), expect, "{windows:?}");
        };
        // Mean 1/2 of 100: χ² = (10² + 0 + 10²) ÷ 25 = 8 on two degrees of freedom.
        check(Noise::Share, &[&[(40, 100), (50, 100), (60, 100)]], Some("4.000000"));
        // As a count: χ² = (10² + 0 + 10²) ÷ 50.
        check(Noise::Count, &[&[(40, 100), (50, 100), (60, 100)]], Some("2.000000"));
        // A window that varies too little brings the pool down, never below 1.
        check(Noise::Share, &[&[(40, 100), (50, 100), (60, 100)], &[(50, 100); 3]], Some("2.000000"));
        check(Noise::Share, &[&[(50, 100); 3]], Some("1.000000"));
        // Nothing and everything tell nothing; nor do too few periods, nor periods without records.
        check(Noise::Share, &[&[(40, 100), (50, 100), (60, 100)], &[(0, 100); 3], &[(9, 9); 3]], Some("4.000000"));
        check(Noise::Share, &[&[(0, 100); 3]], None);
        check(Noise::Share, &[&[(40, 100), (60, 100)]], None);
        check(Noise::Share, &[&[(40, 100), (60, 100), (0, 0)]], None);
        check(Noise::None, &[&[(40, 100), (50, 100), (60, 100)]], None);
    }

    #[test]
    fn the_peers_variance_of_a_ratio_is_by_unit_below_the_line() {
        // Two cases of y = 1 in each of three periods, x = 0 and 2: Σ(x − 1)² ÷ Σy = 6 ÷ 6.
        let spread = Spread { xx: 2, xy: 0, yy: 1, scale: 1 };
        let period = vec![Some(2), Some(2), Some(4)];
        let windows: [&[Values]; 1] = [&[period.clone(), period.clone(), period]];
        let found = of_indicator((0, 1), &Noise::Ratio(spread), &windows, 3);
        assert_eq!(found.map(|found| found.to_plain()).as_deref(), Some("1"));
    }
}

//! Curves: from an indicator's exact value to points between 0 and 100, rounded once to nine decimals.

use crate::exact::{Ratio, Rounding};
use serde::Serialize;

/// A curve with every name resolved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Curve {
    /// 0 at the floor, 100 at the target, a straight line between.
    Linear {
        /// The value that earns nothing.
        floor: Ratio,
        /// The value that earns everything.
        target: Ratio,
        /// Points per unit of value, which follows from the two.
        #[serde(skip)]
        slope: Ratio,
    },
    /// Straight lines through points with ascending values, level beyond them.
    Piecewise(Vec<(Ratio, Ratio)>),
    /// The points of the last step, in ascending order, whose value is reached.
    Steps(Vec<(Ratio, Ratio)>),
    /// Whole levels between a threshold and a benchmark.
    Achievement {
        /// The value that earns the first level.
        threshold: Ratio,
        /// The value that earns the last.
        benchmark: Ratio,
        /// How many levels there are.
        levels: u32,
    },
    /// Whole levels between the unit's own baseline and a benchmark.
    Improvement {
        /// The value that earns the last level but one.
        benchmark: Ratio,
        /// Whether a value is better the lower it is.
        lower_is_better: bool,
        /// Where the baseline comes from.
        baseline: Baseline,
        /// How many levels there are.
        levels: u32,
    },
    /// The best of several curves; those without data are passed over.
    BestOf(Vec<Curve>),
    /// How far the weakest of several indicators stands above its floor.
    Consistency {
        /// How many levels there are.
        levels: u32,
        /// The indicators.
        of: Vec<ConsistencyPart>,
    },
    /// The place among the peers.
    Rank,
}

/// Where an own baseline comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Baseline {
    /// Two measures of the same period: above and below the line.
    Measures(usize, usize),
    /// The own value so many periods ago.
    PeriodsBefore(u8),
}

/// One indicator of a consistency curve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConsistencyPart {
    /// The indicator.
    pub indicator: usize,
    /// The worst value anyone had.
    pub floor: Ratio,
    /// The value from which on it counts in full.
    pub threshold: Ratio,
}

/// What a curve may ask for beside the value.
pub trait Surroundings {
    /// The unit's own baseline.
    fn baseline(&self, baseline: Baseline) -> Option<Ratio>;
    /// The unit's value of another indicator.
    fn value_of(&self, indicator: usize) -> Option<Ratio>;
    /// The share of peers that the unit stands above, ties half: 0 … 1.
    fn place(&self) -> Option<Ratio>;
}

/// Points in billionths, 0 … 100 · 10⁹.
pub type NanoPoints = i64;

const ALL_POINTS: NanoPoints = 100_000_000_000;

impl Curve {
    /// A straight line from nothing to everything; `None` if both are at one value.
    #[must_use]
    pub fn linear(floor: Ratio, target: Ratio) -> Option<Self> {
        let slope = Ratio::whole(100).div(&target.sub(&floor))?;
        Some(Self::Linear { floor, target, slope })
    }

    /// The points of a value, rounded once to nine decimals, half even; `None` if something the curve needs is
    /// missing.
    #[must_use]
    pub fn points(&self, value: Option<&Ratio>, around: &dyn Surroundings) -> Option<NanoPoints> {
        let exact = self.exact_points(value, around)?;
        // Both bounds are among the numbers that rounding leads to, so that they may be applied after it.
        let nano = exact.round_to_i64(9, Rounding::HalfEven);
        let beyond = || if exact < Ratio::ZERO { 0 } else { ALL_POINTS };
        Some(nano.unwrap_or_else(beyond).clamp(0, ALL_POINTS))
    }

    fn exact_points(&self, value: Option<&Ratio>, around: &dyn Surroundings) -> Option<Ratio> {
        match self {
            Self::Linear { floor, slope, .. } => Some(value?.sub(floor).mul(slope)),
            Self::Piecewise(points) => piecewise(value?, points),
            Self::Steps(steps) => {
                let value = value?;
                let reached = steps.iter().rev().find(|(least, _)| value >= least);
                Some(reached.map_or(Ratio::ZERO, |(_, points)| points.clone()))
            }
            Self::Achievement { threshold, benchmark, levels } => {
                share_of(achievement(value?, threshold, benchmark, *levels), *levels)
            }
            Self::Improvement { benchmark, lower_is_better, baseline, levels } => {
                let base = around.baseline(*baseline)?;
                share_of(improvement(value?, &base, benchmark, *lower_is_better, *levels), *levels)
            }
            Self::BestOf(curves) => curves.iter().filter_map(|curve| curve.exact_points(value, around)).max(),
            Self::Consistency { levels, of } => {
                let stands = of.iter().map(|part| {
                    let above = around.value_of(part.indicator)?.sub(&part.floor);
                    above.div(&part.threshold.sub(&part.floor))
                });
                let weakest = stands.collect::<Option<Vec<_>>>()?.into_iter().min()?;
                let level = weakest.mul(&Ratio::whole((*levels).into())).round_small(0, Rounding::Floor)?;
                share_of(level.clamp(0, (*levels).into()), *levels)
            }
            Self::Rank => Some(around.place()?.mul(&Ratio::whole(100))),
        }
    }

    /// The curve in one line of plain formula, for explanations.
    #[must_use]
    pub fn formula(&self) -> String {
        match self {
            Self::Linear { floor, target, .. } => {
                format!("100 × (v − {floor}) ÷ ({target} − {floor}), 0…100")
            }
            Self::Piecewise(points) => format!("piecewise {}", list(points)),
            Self::Steps(steps) => format!("steps {}", list(steps)),
            Self::Achievement { threshold, benchmark, levels } => format!(
                "achievement: ⌊{n} × (v − {threshold}) ÷ ({benchmark} − {threshold}) + 1⌋ of {levels}, 0 below {threshold}, {levels} at {benchmark}",
                n = levels - 1
            ),
            Self::Improvement { benchmark, levels, .. } => format!(
                "improvement: ⌊{levels} × (v − baseline) ÷ ({benchmark} − baseline)⌋ of {levels}, at most {top}, 0 if not above the own baseline",
                top = levels - 1
            ),
            Self::BestOf(curves) => {
                let parts: Vec<_> = curves.iter().map(Self::formula).collect();
                format!("best of [{}]", parts.join("; "))
            }
            Self::Consistency { levels, of } => {
                format!(
                    "consistency: ⌊{levels} × the lowest of {} (v − floor) ÷ (threshold − floor)⌋ of {levels}",
                    of.len()
                )
            }
            Self::Rank => "100 × share of peers below, ties half".to_owned(),
        }
    }

    /// Whether the curve compares a unit with itself so many periods ago.
    #[must_use]
    pub fn looks_back(&self, periods: u8) -> bool {
        match self {
            Self::Improvement { baseline: Baseline::PeriodsBefore(before), .. } => *before == periods,
            Self::BestOf(curves) => curves.iter().any(|curve| curve.looks_back(periods)),
            _ => false,
        }
    }

    /// Every measure that the curve reads.
    pub fn baseline_measures(&self) -> Vec<(usize, usize)> {
        match self {
            Self::Improvement { baseline: Baseline::Measures(above, below), .. } => vec![(*above, *below)],
            Self::BestOf(curves) => curves.iter().flat_map(Self::baseline_measures).collect(),
            _ => Vec::new(),
        }
    }
}

fn list(points: &[(Ratio, Ratio)]) -> String {
    points.iter().map(|(value, points)| format!("{value}→{points}")).collect::<Vec<_>>().join(", ")
}

fn share_of(level: i128, levels: u32) -> Option<Ratio> {
    Ratio::new(level * 100, levels.into())
}

fn piecewise(value: &Ratio, points: &[(Ratio, Ratio)]) -> Option<Ratio> {
    let (first, last) = (points.first()?, points.last()?);
    if *value <= first.0 {
        return Some(first.1.clone());
    }
    let above = points.iter().position(|(at, _)| value < at);
    let Some(above) = above else {
        return Some(last.1.clone());
    };
    let ((x0, y0), (x1, y1)) = (&points[above - 1], &points[above]);
    Some(value.sub(x0).mul(&y1.sub(y0)).div(&x1.sub(x0))?.add(y0))
}

/// 42 CFR 412.165, with 10 levels: 0 short of the threshold, 10 at the benchmark, between them
/// 9 · (v − t) ÷ (b − t) + ½ rounded half up and kept within 1 … 9.
fn achievement(value: &Ratio, threshold: &Ratio, benchmark: &Ratio, levels: u32) -> i128 {
    let (value, threshold, benchmark) = oriented(benchmark < threshold, value, threshold, benchmark);
    let top = i128::from(levels);
    if value >= benchmark {
        return top;
    }
    if value < threshold {
        return 0;
    }
    let half = Ratio::new(1, 2).unwrap_or(Ratio::ZERO);
    let share = value.sub(&threshold).div(&benchmark.sub(&threshold)).unwrap_or(Ratio::ZERO);
    let level = share.mul(&Ratio::whole(top - 1)).add(&half).round_small(0, Rounding::HalfUp).unwrap_or(0);
    level.clamp(1, top - 1)
}

/// 42 CFR 412.165, with 10 levels: 0 if not better than the own baseline, 9 at the benchmark, between them
/// 10 · (v − base) ÷ (b − base) − ½ rounded half up and kept within 0 … 9.
fn improvement(value: &Ratio, base: &Ratio, benchmark: &Ratio, lower_is_better: bool, levels: u32) -> i128 {
    let (value, base, benchmark) = oriented(lower_is_better, value, base, benchmark);
    let top = i128::from(levels) - 1;
    if value <= base {
        return 0;
    }
    if value >= benchmark {
        return top;
    }
    let half = Ratio::new(1, 2).unwrap_or(Ratio::ZERO);
    let share = value.sub(&base).div(&benchmark.sub(&base)).unwrap_or(Ratio::ZERO);
    let level = share.mul(&Ratio::whole(levels.into())).sub(&half).round_small(0, Rounding::HalfUp).unwrap_or(0);
    level.clamp(0, top)
}

/// The three numbers, turned so that more is better.
fn oriented(turn: bool, a: &Ratio, b: &Ratio, c: &Ratio) -> (Ratio, Ratio, Ratio) {
    if turn { (Ratio::ZERO.sub(a), Ratio::ZERO.sub(b), Ratio::ZERO.sub(c)) } else { (a.clone(), b.clone(), c.clone()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Alone(Option<&'static str>);

    impl Surroundings for Alone {
        fn baseline(&self, _: Baseline) -> Option<Ratio> {
            self.0.and_then(Ratio::parse)
        }
        fn value_of(&self, indicator: usize) -> Option<Ratio> {
            [Ratio::parse("0.6"), Ratio::parse("0.45"), None][indicator].clone()
        }
        fn place(&self) -> Option<Ratio> {
            Ratio::parse("0.75")
        }
    }

    fn r(text: &str) -> Ratio {
        Ratio::parse(text).expect(text)
    }

    fn check(curve: &Curve, value: &str, base: Option<&'static str>, expect: Option<&str>) {
        let points = curve.points(Some(&r(value)), &Alone(base));
        let shown = points.map(|nano| Ratio::nano(nano).to_plain());
        assert_eq!(shown.as_deref(), expect, "{} at {value}", curve.formula());
    }

    #[test]
    fn s4_linear_curves_run_either_way_and_stay_in_bounds() {
        let up = Curve::linear(r("90%"), r("99.5%")).expect("a line");
        check(&up, "0.9", None, Some("0"));
        check(&up, "0.96", None, Some("63.157894737"));
        check(&up, "1", None, Some("100"));
        let down = Curve::linear(r("1.40"), r("0.95")).expect("a line");
        check(&down, "1.4", None, Some("0"));
        check(&down, "1.175", None, Some("50"));
        check(&down, "0.2", None, Some("100"));
        check(&down, "2", None, Some("0"));
    }

    #[test]
    fn piecewise_and_steps() {
        let points = vec![(r("0"), r("0")), (r("0.5"), r("80")), (r("1"), r("100"))];
        check(&Curve::Piecewise(points.clone()), "0.25", None, Some("40"));
        check(&Curve::Piecewise(points.clone()), "0.75", None, Some("90"));
        check(&Curve::Piecewise(points.clone()), "7", None, Some("100"));
        check(&Curve::Steps(points.clone()), "0.5", None, Some("80"));
        check(&Curve::Steps(points.clone()), "0.49", None, Some("0"));
        check(&Curve::Steps(points), "-1", None, Some("0"));
    }

    #[test]
    fn achievement_and_improvement_round_as_published() {
        let high = Curve::Achievement { threshold: r("0.869247"), benchmark: r("0.887868"), levels: 10 };
        check(&high, "0.880237", None, Some("60"));
        check(&high, "0.869247", None, Some("10"));
        check(&high, "0.869246", None, Some("0"));
        check(&high, "0.887868", None, Some("100"));
        let low = Curve::Achievement { threshold: r("0.650"), benchmark: r("0"), levels: 10 };
        check(&low, "0.437", None, Some("30"));
        check(&low, "0.651", None, Some("0"));
        let own = Baseline::PeriodsBefore(12);
        let better = Curve::Improvement { benchmark: r("0.887868"), lower_is_better: false, baseline: own, levels: 10 };
        check(&better, "0.880237", Some("0.856752"), Some("70"));
        check(&better, "0.85", Some("0.856752"), Some("0"));
        check(&better, "0.9", Some("0.856752"), Some("90"));
        check(&better, "0.9", None, None);
        check(&Curve::BestOf(vec![high, better]), "0.880237", Some("0.856752"), Some("70"));
    }

    #[test]
    fn consistency_looks_at_the_weakest() {
        let part = |indicator| ConsistencyPart { indicator, floor: r("0.4"), threshold: r("0.8") };
        let both = Curve::Consistency { levels: 20, of: vec![part(0), part(1)] };
        check(&both, "0", None, Some("10"));
        let unknown = Curve::Consistency { levels: 20, of: vec![part(0), part(2)] };
        check(&unknown, "0", None, None);
        check(&Curve::Rank, "0", None, Some("75"));
    }
}

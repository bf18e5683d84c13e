//! Curves in floats: the twin of `model::scheme::Curve::points`, for draws by the million.

use super::field::Field;
use super::line::DrawnLine;
use crate::float::of_ratio;
use model::exact::Ratio;
use model::scheme::{Baseline, Curve};

/// A curve with everything it asks for already looked up.
#[derive(Clone, Debug)]
pub(super) enum Twin {
    Linear { floor: f64, slope: f64 },
    Piecewise(Vec<(f64, f64)>),
    Steps(Vec<(f64, f64)>),
    Achievement { turned: f64, threshold: f64, benchmark: f64, levels: f64 },
    Improvement { turned: f64, base: f64, benchmark: f64, levels: f64 },
    BestOf(Vec<Twin>),
    Consistency { levels: f64, of: Vec<Stand> },
    Rank,
}

/// How far another line of the same unit stands above its floor.
#[derive(Clone, Debug)]
pub(super) struct Stand {
    line: usize,
    floor: f64,
    span: f64,
}

/// What a curve may ask for beside the value.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) draw: u32,
    pub(super) lines: &'a [DrawnLine<'a>],
    pub(super) field: Option<&'a Field>,
}

impl Twin {
    /// The twin of a curve; `None` if it asks for something that the card does not tell. `line_of` finds another
    /// indicator among the unit's lines.
    pub(super) fn of(
        curve: &Curve,
        baseline: Option<&Ratio>,
        line_of: &dyn Fn(usize) -> Option<usize>,
    ) -> Option<Self> {
        let list = |points: &[(Ratio, Ratio)]| points.iter().map(|(x, y)| (of_ratio(x), of_ratio(y))).collect();
        Some(match curve {
            Curve::Linear { floor, slope, .. } => Self::Linear { floor: of_ratio(floor), slope: of_ratio(slope) },
            Curve::Piecewise(points) => Self::Piecewise(list(points)),
            Curve::Steps(steps) => Self::Steps(list(steps)),
            Curve::Achievement { threshold, benchmark, levels } => {
                let turned = if benchmark < threshold { -1.0 } else { 1.0 };
                let (threshold, benchmark) = (turned * of_ratio(threshold), turned * of_ratio(benchmark));
                Self::Achievement { turned, threshold, benchmark, levels: f64::from(*levels) }
            }
            Curve::Improvement { benchmark, lower_is_better, levels, .. } => {
                let turned = if *lower_is_better { -1.0 } else { 1.0 };
                let (base, benchmark) = (turned * of_ratio(baseline?), turned * of_ratio(benchmark));
                Self::Improvement { turned, base, benchmark, levels: f64::from(*levels) }
            }
            Curve::BestOf(curves) => {
                if !one_baseline(curves) {
                    return None;
                }
                Self::BestOf(curves.iter().filter_map(|curve| Self::of(curve, baseline, line_of)).collect())
            }
            Curve::Consistency { levels, of } => {
                let stand = |part: &model::scheme::ConsistencyPart| {
                    let span = of_ratio(&part.threshold.sub(&part.floor));
                    Some(Stand { line: line_of(part.indicator)?, floor: of_ratio(&part.floor), span })
                };
                Self::Consistency { levels: f64::from(*levels), of: of.iter().map(stand).collect::<Option<_>>()? }
            }
            Curve::Rank => Self::Rank,
        })
    }

    /// Whether the points depend on other lines or units, which vary where the own value does not.
    pub(super) fn looks_around(&self) -> bool {
        match self {
            Self::Consistency { .. } | Self::Rank => true,
            Self::BestOf(twins) => twins.iter().any(Self::looks_around),
            _ => false,
        }
    }

    /// The points of a value, 0 … 100; `None` if there are no peers to rank among.
    pub(super) fn points(&self, value: f64, around: &Around<'_>) -> Option<f64> {
        Some(self.unbounded(value, around)?.clamp(0.0, 100.0))
    }

    fn unbounded(&self, value: f64, around: &Around<'_>) -> Option<f64> {
        Some(match self {
            Self::Linear { floor, slope } => (value - floor) * slope,
            Self::Piecewise(points) => piecewise(value, points)?,
            Self::Steps(steps) => steps.iter().rev().find(|(least, _)| value >= *least).map_or(0.0, |(_, y)| *y),
            Self::Achievement { turned, threshold, benchmark, levels } => {
                100.0 * achievement(turned * value, *threshold, *benchmark, *levels) / levels
            }
            Self::Improvement { turned, base, benchmark, levels } => {
                100.0 * improvement(turned * value, *base, *benchmark, *levels) / levels
            }
            Self::BestOf(twins) => twins
                .iter()
                .filter_map(|twin| twin.unbounded(value, around))
                .fold(None, |best: Option<f64>, points| Some(best.map_or(points, |best| best.max(points))))?,
            Self::Consistency { levels, of } => {
                let stand = |part: &Stand| {
                    let value = around.lines.get(part.line)?.value(around.draw);
                    Some((value - part.floor) / part.span)
                };
                let weakest = of.iter().map(stand).try_fold(f64::INFINITY, |least, stand| Some(least.min(stand?)))?;
                100.0 * libm::floor(weakest * levels).clamp(0.0, *levels) / levels
            }
            Self::Rank => 100.0 * around.field?.place(around.draw, value)?,
        })
    }
}

/// Whether curves compare with at most one baseline: a card keeps one.
fn one_baseline(curves: &[Curve]) -> bool {
    let baseline = |curve: &Curve| match curve {
        Curve::Improvement { baseline, .. } => Some(*baseline),
        _ => None,
    };
    let mut found = curves.iter().filter_map(baseline);
    let first: Option<Baseline> = found.next();
    found.all(|other| Some(other) == first)
}

fn piecewise(value: f64, points: &[(f64, f64)]) -> Option<f64> {
    let (first, last) = (points.first()?, points.last()?);
    if value <= first.0 {
        return Some(first.1);
    }
    let Some(above) = points.iter().position(|(x, _)| value < *x) else { return Some(last.1) };
    let ((x0, y0), (x1, y1)) = (points[above - 1], points[above]);
    Some((value - x0) * (y1 - y0) / (x1 - x0) + y0)
}

/// Levels from a threshold to a benchmark, as `model::scheme::curve` has them; more is better.
fn achievement(value: f64, threshold: f64, benchmark: f64, levels: f64) -> f64 {
    if value >= benchmark {
        return levels;
    }
    if value < threshold {
        return 0.0;
    }
    let share = (value - threshold) / (benchmark - threshold);
    libm::floor(share * (levels - 1.0) + 1.0).clamp(1.0, levels - 1.0)
}

/// Levels from the own baseline to a benchmark, as `model::scheme::curve` has them; more is better.
fn improvement(value: f64, base: f64, benchmark: f64, levels: f64) -> f64 {
    if value <= base {
        return 0.0;
    }
    if value >= benchmark {
        return levels - 1.0;
    }
    libm::floor((value - base) / (benchmark - base) * levels).clamp(0.0, levels - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::scheme::Surroundings;
    use proptest::prelude::*;

    struct Base(Ratio);

    impl Surroundings for Base {
        fn baseline(&self, _: Baseline) -> Option<Ratio> {
            Some(self.0.clone())
        }
        fn value_of(&self, _: usize) -> Option<Ratio> {
            None
        }
        fn place(&self) -> Option<Ratio> {
            None
        }
    }

    fn permille(number: i32) -> Ratio {
        Ratio::new(number.into(), 1000).expect("a thousandth")
    }

    fn curve() -> impl Strategy<Value = Curve> {
        let pair = (0..1500, 0..1500).prop_filter("different", |(a, b)| a != b);
        let points = prop::collection::btree_map(0..1500, 0..=100, 2..6).prop_map(|points| {
            points.into_iter().map(|(x, y)| (permille(x), Ratio::whole(i128::from(y)))).collect::<Vec<_>>()
        });
        let levels = 2..30_u32;
        let line = pair.clone().prop_map(|(a, b)| Curve::linear(permille(a), permille(b)).expect("different"));
        let achievement = (pair, levels.clone()).prop_map(|((a, b), levels)| Curve::Achievement {
            threshold: permille(a),
            benchmark: permille(b),
            levels,
        });
        let improvement =
            (0..1500, any::<bool>(), levels).prop_map(|(b, lower_is_better, levels)| Curve::Improvement {
                benchmark: permille(b),
                lower_is_better,
                baseline: Baseline::PeriodsBefore(12),
                levels,
            });
        let one = prop_oneof![
            line,
            points.clone().prop_map(Curve::Piecewise),
            points.prop_map(Curve::Steps),
            achievement,
            improvement
        ]
        .boxed();
        prop_oneof![3 => one.clone(), 1 => prop::collection::vec(one, 2..4).prop_map(Curve::BestOf)]
    }

    proptest! {
        #[test]
        fn the_twin_gives_the_points_of_the_exact_curve(curve in curve(), value in 0..1500, base in 0..1500) {
            let twin = Twin::of(&curve, Some(&permille(base)), &|_| None).expect("a twin");
            let around = Around { draw: 0, lines: &[], field: None };
            let found = twin.points(of_ratio(&permille(value)), &around).expect("points");
            // At a step, a float may stand on either side of it.
            let hair = Ratio::new(1, 1_000_000_000_000).expect("a hair");
            let near = [permille(value).sub(&hair), permille(value), permille(value).add(&hair)];
            let exact = near.map(|value| {
                of_ratio(&Ratio::nano(curve.points(Some(&value), &Base(permille(base))).expect("points")))
            });
            prop_assert!(exact.iter().any(|exact| (exact - found).abs() < 1e-6), "{found} is none of {exact:?}");
        }
    }
}

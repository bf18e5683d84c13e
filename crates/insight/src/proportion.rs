//! Bounds of shares and of the difference of two shares.

use crate::distribution::normal_quantile;
use crate::float::of_count;

/// How sure a bound is meant to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Confidence {
    /// Each bound by itself holds with this probability.
    OneSided(f64),
    /// Both bounds together hold with this probability.
    TwoSided(f64),
}

/// A lower and an upper bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The lower one.
    pub lower: f64,
    /// The upper one.
    pub upper: f64,
}

impl Confidence {
    /// By how many standard deviations a bound lies beside the estimate.
    fn deviations(self) -> f64 {
        match self {
            Self::OneSided(probability) => normal_quantile(probability),
            Self::TwoSided(probability) => normal_quantile(f64::midpoint(1.0, probability)),
        }
    }
}

/// Bounds of the share behind x successes in n trials (E. B. Wilson 1927); `None` without trials.
#[must_use]
pub fn wilson(x: u64, n: u64, confidence: Confidence) -> Option<Bounds> {
    if n == 0 || x > n {
        return None;
    }
    let z = confidence.deviations();
    let lower = |x: u64| lower_root(of_count(x), of_count(n), z);
    // The upper bound of successes is the lower bound of failures, turned.
    Some(Bounds { lower: lower(x), upper: 1.0 - lower(n - x) })
}

/// The smaller root of (n + z²) · w² − (2x + z²) · w + x²/n = 0, as the product of the roots over the larger one:
/// their difference would lose digits.
fn lower_root(x: f64, n: f64, z: f64) -> f64 {
    let larger = 2.0 * x + z * z + z * (z * z + 4.0 * x * (n - x) / n).sqrt();
    2.0 * x * x / (n * larger)
}

/// Bounds of the first share less the second, each of x successes in n trials (R. G. Newcombe 1998, method 10: from
/// the Wilson bounds of both); `None` if one has no trials.
#[must_use]
pub fn newcombe(first: (u64, u64), second: (u64, u64), confidence: Confidence) -> Option<Bounds> {
    let share = |(x, n): (u64, u64)| of_count(x) / of_count(n);
    let (p1, p2) = (share(first), share(second));
    let (w1, w2) = (wilson(first.0, first.1, confidence)?, wilson(second.0, second.1, confidence)?);
    let together = |a: f64, b: f64| (a * a + b * b).sqrt();
    Some(Bounds {
        lower: p1 - p2 - together(p1 - w1.lower, w2.upper - p2),
        upper: p1 - p2 + together(w1.upper - p1, p2 - w2.lower),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Table II of Newcombe 1998, method 10.
    #[test]
    fn the_published_examples_come_out() {
        let check = |first, second, expect: (&str, &str)| {
            let bounds = newcombe(first, second, Confidence::TwoSided(0.95)).expect("trials");
            assert_eq!(
                (format!("{:.4}", bounds.lower), format!("{:.4}", bounds.upper)),
                (expect.0.into(), expect.1.into())
            );
        };
        check((56, 70), (48, 80), ("0.0524", "0.3339"));
        check((9, 10), (3, 10), ("0.1705", "0.8090"));
        check((5, 56), (0, 29), ("-0.0381", "0.1926"));
        check((0, 10), (0, 20), ("-0.1611", "0.2775"));
        check((10, 10), (0, 10), ("0.6075", "1.0000"));
    }

    #[test]
    fn without_trials_there_are_no_bounds() {
        assert_eq!(wilson(0, 0, Confidence::TwoSided(0.95)), None);
        assert_eq!(wilson(2, 1, Confidence::TwoSided(0.95)), None);
        assert_eq!(newcombe((1, 2), (0, 0), Confidence::OneSided(0.95)), None);
    }
}

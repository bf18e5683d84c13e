//! Distributions: probabilities and quantiles, accurate to 1e-9 also far out in the tails.
//!
//! Each tail is computed by itself, never as one minus the other where that would lose digits. Tested against scipy
//! (`tests/scipy.rs`).

mod beta;
mod binomial;
mod gamma;
mod normal;
mod special;

pub use beta::Beta;
pub use binomial::{binomial_at_least, binomial_at_most};
pub use gamma::Gamma;
pub use normal::{normal_cdf, normal_quantile};

/// The two tails of a distribution at a point. They sum to one; the smaller is accurate by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Tails {
    lower: f64,
    upper: f64,
}

impl Tails {
    fn of_lower(lower: f64) -> Self {
        let lower = lower.clamp(0.0, 1.0);
        Self { lower, upper: 1.0 - lower }
    }

    fn of_upper(upper: f64) -> Self {
        Self::of_lower(upper).turned()
    }

    fn turned(self) -> Self {
        Self { lower: self.upper, upper: self.lower }
    }
}

/// The least number within positive bounds whose lower tail reaches a probability.
///
/// Positive floats are ordered as their bits are, so that halving the bits finds the number to its last place in some
/// sixty steps, however small it is. From the middle on, the upper tail is compared, which is accurate there.
fn quantile(probability: f64, (low, high): (f64, f64), tails: impl Fn(f64) -> Tails) -> f64 {
    let upper = 1.0 - probability;
    let reached = |x: f64| {
        let tails = tails(x);
        if probability <= 0.5 { tails.lower >= probability } else { tails.upper <= upper }
    };
    let (mut low, mut high) = (low.to_bits(), high.to_bits());
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if reached(f64::from_bits(middle)) {
            high = middle;
        } else {
            low = middle;
        }
    }
    f64::from_bits(high)
}

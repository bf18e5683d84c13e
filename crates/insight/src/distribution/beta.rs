//! The beta distribution.

use super::special::{binomial_term, continued_fraction};
use super::{Tails, quantile};

/// What is believed of a share after a successes and b failures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beta {
    a: f64,
    b: f64,
}

impl Beta {
    /// The distribution with these parameters; `None` unless both are positive and finite.
    #[must_use]
    pub fn new(a: f64, b: f64) -> Option<Self> {
        let good = |parameter: f64| parameter > 0.0 && parameter.is_finite();
        (good(a) && good(b)).then_some(Self { a, b })
    }

    /// The parameters a and b.
    #[must_use]
    pub fn parameters(self) -> (f64, f64) {
        (self.a, self.b)
    }

    /// The probability of at most x.
    #[must_use]
    pub fn cdf(self, x: f64) -> f64 {
        self.tails(x).lower
    }

    /// The probability of more than x.
    #[must_use]
    pub fn upper(self, x: f64) -> f64 {
        self.tails(x).upper
    }

    /// The least x of which the probability of at most x reaches this one.
    #[must_use]
    pub fn quantile(self, probability: f64) -> f64 {
        if probability <= 0.0 {
            return 0.0;
        }
        if probability >= 1.0 {
            return 1.0;
        }
        quantile(probability, (0.0, 1.0), |x| self.tails(x))
    }

    fn tails(self, x: f64) -> Tails {
        if x <= 0.0 {
            return Tails::of_lower(0.0);
        }
        if x >= 1.0 {
            return Tails::of_lower(1.0);
        }
        let Self { a, b } = self;
        if x < (a + 1.0) / (a + b + 2.0) {
            Tails::of_lower(lower_tail(a, b, x, 1.0 - x))
        } else {
            Tails::of_upper(lower_tail(b, a, 1.0 - x, x))
        }
    }
}

/// The tail below a share, for one below the mean or not far above it, by its continued fraction (Abramowitz & Stegun
/// 26.5.8). It takes about √max(a, b) steps.
fn lower_tail(a: f64, b: f64, share: f64, rest: f64) -> f64 {
    let part = |step: u32| {
        let m = f64::from(step / 2);
        let span = (a + 2.0 * m) * (a + 2.0 * m + if step.is_multiple_of(2) { -1.0 } else { 1.0 });
        let above = if step.is_multiple_of(2) { m * (b - m) } else { -(a + m) * (a + b + m) };
        (above * share / span, 1.0)
    };
    // shareᵃ · restᵇ ÷ (a · B(a, b)) is the binomial term times b ÷ (a + b).
    binomial_term(a, b, share, rest) / (continued_fraction(1.0, part) * (1.0 + a / b))
}

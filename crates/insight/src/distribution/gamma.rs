//! The gamma distribution.

use super::special::{MAX_STEPS, continued_fraction, poisson_term};
use super::{Tails, quantile};

/// What is believed of a rate after `shape` events in `rate` units of exposure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gamma {
    shape: f64,
    rate: f64,
}

impl Gamma {
    /// The distribution with these parameters; `None` unless both are positive and finite.
    #[must_use]
    pub fn new(shape: f64, rate: f64) -> Option<Self> {
        let good = |parameter: f64| parameter > 0.0 && parameter.is_finite();
        (good(shape) && good(rate)).then_some(Self { shape, rate })
    }

    /// Shape and rate.
    #[must_use]
    pub fn parameters(self) -> (f64, f64) {
        (self.shape, self.rate)
    }

    /// The probability of at most x.
    #[must_use]
    pub fn cdf(self, x: f64) -> f64 {
        tails(self.shape, x * self.rate).lower
    }

    /// The probability of more than x.
    #[must_use]
    pub fn upper(self, x: f64) -> f64 {
        tails(self.shape, x * self.rate).upper
    }

    /// The least x of which the probability of at most x reaches this one.
    #[must_use]
    pub fn quantile(self, probability: f64) -> f64 {
        if probability <= 0.0 {
            return 0.0;
        }
        if probability >= 1.0 {
            return f64::INFINITY;
        }
        quantile(probability, (0.0, f64::MAX), |x| tails(self.shape, x)) / self.rate
    }
}

fn tails(shape: f64, x: f64) -> Tails {
    if x <= 0.0 {
        return Tails::of_lower(0.0);
    }
    // So far out that the tail is below the smallest number.
    if x > 800.0 + 10.0 * shape {
        return Tails::of_upper(0.0);
    }
    if x < shape + 1.0 { Tails::of_lower(lower_tail(shape, x)) } else { Tails::of_upper(upper_tail(shape, x)) }
}

/// The tail below x by its series (Abramowitz & Stegun 6.5.29), for x up to about the mean.
fn lower_tail(shape: f64, x: f64) -> f64 {
    let (mut sum, mut term, mut n) = (1.0, 1.0, shape);
    for _ in 0..MAX_STEPS {
        n += 1.0;
        term *= x / n;
        sum += term;
        if term < sum * f64::EPSILON {
            break;
        }
    }
    poisson_term(shape, x) * sum
}

/// The tail above x by its continued fraction (Abramowitz & Stegun 6.5.31), for x from about the mean on.
fn upper_tail(shape: f64, x: f64) -> f64 {
    let part = |step: u32| {
        let n = f64::from(step);
        (n * (shape - n), x + 2.0 * n + 1.0 - shape)
    };
    poisson_term(shape, x) * shape / continued_fraction(x + 1.0 - shape, part)
}

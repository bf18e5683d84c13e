//! What is believed of a unit's value after the period, and draws from it.

use crate::distribution::{Beta, Gamma};
use crate::random::{BetaSampler, GammaSampler, Numbers, normal};

/// What is believed before the period: the peers' value, and how many records it weighs (SCORING §4). Without
/// shrinkage it weighs nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Prior {
    /// p₀
    pub value: f64,
    /// m
    pub weight: f64,
}

/// What a ratio of two sums rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sums {
    /// Σx, above the line.
    pub x: f64,
    /// Σy, below the line.
    pub y: f64,
    /// Σx²
    pub xx: f64,
    /// Σxy
    pub xy: f64,
    /// Σy²
    pub yy: f64,
    /// How many cases the sums are over.
    pub cases: f64,
}

/// What is believed of a value, ready to be drawn from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Posterior {
    /// Of a share.
    Share(BetaSampler),
    /// Of a rate.
    Count(GammaSampler),
    /// Of a ratio of sums, on the scale of its square root.
    Ratio {
        /// The square root of the mean.
        root: f64,
        /// The standard deviation of the root.
        deviation: f64,
    },
}

/// No parameter of a prior is less: with none at all, half a success and half a failure (Jeffreys) keep an interval
/// from closing over nothing or everything.
const LEAST_PARAMETER: f64 = 0.5;

impl Posterior {
    /// Of a share of which x of n were seen: Beta(m · p₀ + x/φ, m · (1 − p₀) + (n − x)/φ). Records that hang together
    /// weigh less, by the over-dispersion φ ≥ 1; the prior does not.
    #[must_use]
    pub fn share(x: f64, n: f64, prior: Prior, dispersion: f64) -> Option<Self> {
        let least = |parameter: f64| parameter.max(LEAST_PARAMETER);
        let good = least(prior.weight * prior.value) + x / dispersion;
        let bad = least(prior.weight * (1.0 - prior.value)) + (n - x).max(0.0) / dispersion;
        Some(Self::Share(BetaSampler::new(Beta::new(good, bad)?)?))
    }

    /// Of a rate of which x events were seen in n units of exposure: Gamma(m · p₀ + x/φ, m + n/φ).
    #[must_use]
    pub fn count(x: f64, n: f64, prior: Prior, dispersion: f64) -> Option<Self> {
        let least = |parameter: f64| parameter.max(LEAST_PARAMETER);
        let events = least(prior.weight * prior.value) + x / dispersion;
        let exposure = least(prior.weight) + n / dispersion;
        Some(Self::Count(GammaSampler::new(Gamma::new(events, exposure)?)))
    }

    /// Of a ratio Σx ÷ Σy of sums over cases that differ: by the delta method, with the variance
    /// Σ(x − r · y)² ÷ (Σy)². A prior of m units of y weighs as so many units of an own kind, whose variance is the
    /// peers' (`peers_variance`, per unit of y): so that a unit in whose cases nothing varies is not taken as certain.
    ///
    /// The normal distribution is that of √r: the variance of such sums grows with their mean, and on this scale it
    /// does not. Where few cases are late, intervals so cover the truth more often, and no draw is below zero.
    #[must_use]
    pub fn ratio(sums: Sums, prior: Prior, peers_variance: Option<f64>) -> Option<Self> {
        let Sums { x, y, .. } = sums;
        let own = sums.variance_of_unit()?;
        let weight = y + prior.weight;
        let variance = match peers_variance {
            Some(peers) => (y * own + prior.weight * peers) / weight,
            None => own,
        };
        let root = ((x + prior.weight * prior.value) / weight).max(0.0).sqrt();
        let deviation = if root > 0.0 { (variance / weight).sqrt() / (2.0 * root) } else { 0.0 };
        Some(Self::Ratio { root, deviation })
    }

    /// One draw.
    #[inline]
    pub fn draw(&self, numbers: &mut Numbers) -> f64 {
        match self {
            Self::Share(sampler) => sampler.draw(numbers),
            Self::Count(sampler) => sampler.draw(numbers),
            Self::Ratio { root, deviation } => {
                let drawn = (root + deviation * normal(numbers)).max(0.0);
                drawn * drawn
            }
        }
    }
}

impl Sums {
    /// The variance of the ratio times Σy: what one unit of y contributes. `None` if nothing is below the line.
    #[must_use]
    pub fn variance_of_unit(&self) -> Option<f64> {
        if self.y <= 0.0 {
            return None;
        }
        let ratio = self.x / self.y;
        // Rounding may leave less than nothing where all cases are alike.
        let squares = (self.xx - 2.0 * ratio * self.xy + ratio * ratio * self.yy).max(0.0);
        let bias = if self.cases > 1.0 { self.cases / (self.cases - 1.0) } else { 1.0 };
        Some(squares * bias / self.y)
    }
}

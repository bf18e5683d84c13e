//! Draws from distributions.

use super::Numbers;
use crate::distribution::{Beta, Gamma, normal_quantile};

/// A draw from the standard normal distribution, by its quantile: one number each, and a larger number never gives a
/// smaller draw.
#[inline]
pub fn normal(numbers: &mut Numbers) -> f64 {
    normal_quantile(numbers.uniform())
}

/// Draws from a gamma distribution (G. Marsaglia & W. Tsang, *A simple method for generating gamma variables*, 2000).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GammaSampler {
    d: f64,
    c: f64,
    rate: f64,
    /// 1 ÷ shape, where the shape is below one and a draw of shape + 1 is scaled down.
    below_one: Option<f64>,
}

impl GammaSampler {
    /// A sampler of this distribution.
    #[must_use]
    pub fn new(gamma: Gamma) -> Self {
        let (shape, rate) = gamma.parameters();
        let below_one = (shape < 1.0).then_some(1.0 / shape);
        let d = if shape < 1.0 { shape + 1.0 } else { shape } - 1.0 / 3.0;
        Self { d, c: 1.0 / (9.0 * d).sqrt(), rate, below_one }
    }

    /// One draw.
    #[inline]
    pub fn draw(&self, numbers: &mut Numbers) -> f64 {
        loop {
            let z = normal(numbers);
            let root = 1.0 + self.c * z;
            let u = numbers.uniform();
            if root <= 0.0 {
                continue;
            }
            let v = root * root * root;
            let square = z * z;
            // The first test spares the logarithms of the second nearly always.
            if u < 1.0 - 0.0331 * square * square || libm::log(u) < 0.5 * square + self.d * (1.0 - v + libm::log(v)) {
                return self.d * v * self.scaling(numbers) / self.rate;
            }
        }
    }

    #[inline]
    fn scaling(&self, numbers: &mut Numbers) -> f64 {
        self.below_one.map_or(1.0, |power| libm::pow(numbers.uniform(), power))
    }
}

/// Draws from a beta distribution: of two gamma draws, the share of the first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BetaSampler {
    a: GammaSampler,
    b: GammaSampler,
}

impl BetaSampler {
    /// A sampler of this distribution; `None` for parameters that no gamma distribution has.
    #[must_use]
    pub fn new(beta: Beta) -> Option<Self> {
        let (a, b) = beta.parameters();
        Some(Self { a: GammaSampler::new(Gamma::new(a, 1.0)?), b: GammaSampler::new(Gamma::new(b, 1.0)?) })
    }

    /// One draw.
    #[inline]
    pub fn draw(&self, numbers: &mut Numbers) -> f64 {
        let (a, b) = (self.a.draw(numbers), self.b.draw(numbers));
        if a + b > 0.0 { a / (a + b) } else { 0.5 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distribution::normal_cdf;
    use crate::random::Stream;
    use model::canonical::Digest;

    const DRAWS: u32 = 20_000;

    /// The largest gap between the share of draws up to a point and its probability (Kolmogorov), times √n; above 1.95
    /// in one of a thousand honest samples.
    fn gap(name: &str, draw: impl Fn(&mut Numbers) -> f64, cdf: impl Fn(f64) -> f64) -> f64 {
        let stream = Stream::new(Digest::of(b"gap"), &[name]);
        let mut draws: Vec<f64> = (0..DRAWS).map(|number| draw(&mut stream.draw(number))).collect();
        draws.sort_by(f64::total_cmp);
        let n = f64::from(DRAWS);
        let gap =
            |(at, x): (u32, &f64)| (cdf(*x) - f64::from(at) / n).abs().max((cdf(*x) - f64::from(at + 1) / n).abs());
        (0..).zip(&draws).map(gap).fold(0.0, f64::max) * n.sqrt()
    }

    #[test]
    fn draws_follow_their_distributions() {
        assert!(gap("normal", normal, normal_cdf) < 1.95);
        for shape in [0.5, 0.9, 1.0, 1.7, 12.0, 400.0, 1e6] {
            let gamma = Gamma::new(shape, 3.0).expect("parameters");
            let found = gap(&format!("gamma {shape}"), |n| GammaSampler::new(gamma).draw(n), |x| gamma.cdf(x));
            assert!(found < 1.95, "gamma {shape}: {found}");
        }
        for (a, b) in [(0.5, 0.5), (0.5, 30.0), (2.0, 1.0), (95.5, 5.5), (1e5, 20.0)] {
            let beta = Beta::new(a, b).expect("parameters");
            let sampler = BetaSampler::new(beta).expect("parameters");
            let found = gap(&format!("beta {a} {b}"), |n| sampler.draw(n), |x| beta.cdf(x));
            assert!(found < 1.95, "beta {a} {b}: {found}");
        }
    }

    #[test]
    fn the_test_of_the_draws_would_see_a_wrong_shape() {
        let (gamma, other) = (Gamma::new(2.0, 1.0).expect("parameters"), Gamma::new(2.05, 1.0).expect("parameters"));
        assert!(gap("other", |n| GammaSampler::new(other).draw(n), |x| gamma.cdf(x)) > 1.95);
    }
}

//! What the exponents of binomial and Poisson probabilities are made of, without the cancellation that differences
//! of logarithms of the gamma function suffer from (C. Loader, *Fast and accurate computation of binomial
//! probabilities*, 2000).

use std::f64::consts::{PI, TAU};

/// ln Γ(n + 1) − ln(√(2πn) · (n/e)ⁿ): by how much Stirling's formula is short, for n > 0.
pub(super) fn stirling_error(n: f64) -> f64 {
    if n < 16.0 {
        return libm::lgamma(n + 1.0) - (n + 0.5) * libm::log(n) + n - 0.5 * libm::log(TAU);
    }
    let square = n * n;
    (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - (1.0 / 1680.0 - 1.0 / (1188.0 * square)) / square) / square) / square)
        / n
}

/// x · ln(x/m) + m − x: how far x lies from its mean m, both > 0.
pub(super) fn deviance(x: f64, m: f64) -> f64 {
    let difference = x - m;
    if difference.abs() >= 0.1 * (x + m) {
        return x * libm::log(x / m) + m - x;
    }
    // Near the mean: the series of the logarithm in v = (x − m) ÷ (x + m).
    let v = difference / (x + m);
    let (mut sum, mut power, mut odd) = (difference * v, 2.0 * x * v, 1.0);
    loop {
        power *= v * v;
        odd += 2.0;
        let term = power / odd;
        sum += term;
        if term.abs() <= sum.abs() * f64::EPSILON {
            return sum;
        }
    }
}

/// Γ(n + 1) ÷ (Γ(a + 1) · Γ(b + 1)) · shareᵃ · restᵇ with n = a + b and rest = 1 − share, all positive.
pub(super) fn binomial_term(a: f64, b: f64, share: f64, rest: f64) -> f64 {
    let short = stirling_error(a + b) - stirling_error(a) - stirling_error(b);
    let exponent = short - deviance(a, (a + b) * share) - deviance(b, (a + b) * rest);
    // Not √(n ÷ 2πab): the product may leave the range of numbers.
    libm::exp(exponent) * (1.0 + a / b).sqrt() / (2.0 * PI * a).sqrt()
}

/// xᵃ · e⁻ˣ ÷ Γ(a + 1), both positive.
pub(super) fn poisson_term(a: f64, x: f64) -> f64 {
    libm::exp(-stirling_error(a) - deviance(a, x)) / (2.0 * PI * a).sqrt()
}

/// Steps after which a series or fraction is taken as it stands; one of parameters up to 10¹² ends long before.
pub(super) const MAX_STEPS: u32 = 20_000_000;

/// first + a₁ ÷ (b₁ + a₂ ÷ (b₂ + …)), with `part` giving the n-th a and b (the method of Lentz, as modified by
/// Thompson and Barnett 1986).
pub(super) fn continued_fraction(first: f64, part: impl Fn(u32) -> (f64, f64)) -> f64 {
    const TINY: f64 = 1e-300;
    let kept = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut fraction = kept(first);
    let (mut above, mut below) = (fraction, 0.0);
    for step in 1..=MAX_STEPS {
        let (a, b) = part(step);
        below = 1.0 / kept(b + a * below);
        above = kept(b + a / above);
        let change = above * below;
        fraction *= change;
        if (change - 1.0).abs() < 2.0 * f64::EPSILON {
            break;
        }
    }
    fraction
}

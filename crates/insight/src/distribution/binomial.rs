//! Tails of the binomial distribution, by those of the beta distribution.

use super::Beta;
use crate::float::of_count;

/// The probability of at least `k` successes in `n` trials of probability `p`.
#[must_use]
pub fn binomial_at_least(k: u64, n: u64, p: f64) -> f64 {
    match (k, p) {
        (0, _) => 1.0,
        _ if k > n || p <= 0.0 => 0.0,
        _ if p >= 1.0 => 1.0,
        _ => tail(k, n).map_or(0.0, |beta| beta.cdf(p)),
    }
}

/// The probability of at most `k` successes in `n` trials of probability `p`.
#[must_use]
pub fn binomial_at_most(k: u64, n: u64, p: f64) -> f64 {
    match p {
        _ if k >= n || p <= 0.0 => 1.0,
        _ if p >= 1.0 => 0.0,
        _ => tail(k + 1, n).map_or(1.0, |beta| beta.upper(p)),
    }
}

/// The distribution of the k-th smallest of n uniform numbers: it lies below p exactly if k trials succeed.
fn tail(k: u64, n: u64) -> Option<Beta> {
    Beta::new(of_count(k), of_count(n - k + 1))
}

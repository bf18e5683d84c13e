//! Every quantity against scipy, on random and extreme inputs. `data/scipy_fixture.py` says how the fixture is made.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use insight::distribution::{Beta, Gamma, binomial_at_least, binomial_at_most, normal_cdf, normal_quantile};
use insight::proportion::{Bounds, Confidence, newcombe, wilson};
use std::collections::BTreeMap;

const FIXTURE: &str = include_str!("data/scipy.csv");

/// Relative, and absolute for what is nearly nothing.
const TOLERANCE: f64 = 1e-9;
const NOTHING: f64 = 1e-290;

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|_| panic!("{text}"))
}

fn count(text: &str) -> u64 {
    text.parse().unwrap_or_else(|_| panic!("{text}"))
}

fn confidence(name: &str, text: &str) -> Confidence {
    if name.ends_with('1') { Confidence::OneSided(number(text)) } else { Confidence::TwoSided(number(text)) }
}

fn bound(name: &str, bounds: Bounds) -> f64 {
    if name.contains("lower") { bounds.lower } else { bounds.upper }
}

fn ours(name: &str, of: &[&str]) -> f64 {
    let beta = || Beta::new(number(of[0]), number(of[1])).expect("parameters");
    let gamma = || Gamma::new(number(of[0]), 1.0).expect("parameters");
    match name {
        "beta_cdf" => beta().cdf(number(of[2])),
        "beta_upper" => beta().upper(number(of[2])),
        "beta_quantile" => beta().quantile(number(of[2])),
        "gamma_cdf" => gamma().cdf(number(of[1])),
        "gamma_upper" => gamma().upper(number(of[1])),
        "gamma_quantile" => gamma().quantile(number(of[1])),
        "normal_cdf" => normal_cdf(number(of[0])),
        "normal_quantile" => normal_quantile(number(of[0])),
        "binomial_at_least" => binomial_at_least(count(of[0]), count(of[1]), number(of[2])),
        "binomial_at_most" => binomial_at_most(count(of[0]), count(of[1]), number(of[2])),
        _ if name.starts_with("wilson") => {
            bound(name, wilson(count(of[0]), count(of[1]), confidence(name, of[2])).expect("trials"))
        }
        _ => {
            let (first, second) = ((count(of[0]), count(of[1])), (count(of[2]), count(of[3])));
            bound(name, newcombe(first, second, confidence(name, of[4])).expect("trials"))
        }
    }
}

#[test]
fn every_quantity_is_scipy_s_to_nine_digits() {
    let mut seen: BTreeMap<&str, (usize, f64)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for line in FIXTURE.lines() {
        let cells: Vec<&str> = line.split(',').collect();
        let (name, of, expect) = (cells[0], &cells[1..cells.len() - 1], number(cells[cells.len() - 1]));
        let ours = ours(name, of);
        // A bound or a difference of shares is near nothing only beside the shares themselves.
        let absolute = if name.starts_with("newcombe") || name.starts_with("wilson") { 1e-6 } else { NOTHING };
        let error = (ours - expect).abs() / expect.abs().max(absolute);
        let entry = seen.entry(name).or_default();
        *entry = (entry.0 + 1, entry.1.max(error));
        if error.is_nan() || error > TOLERANCE {
            wrong.push(format!("{line}: {ours:e}, error {error:e}"));
        }
    }
    println!("{seen:#?}");
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
    assert!(seen.len() == 18 && seen.values().all(|(count, _)| *count >= 200), "{seen:?}");
}

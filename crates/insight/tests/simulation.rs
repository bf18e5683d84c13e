//! Intervals against a known truth: how often the middle 95 % of the draws covers it, over thousands of units.
//!
//! Everything is seeded, so that a figure is the same on every run. The chance of 2,000 trials alone moves a coverage
//! of 95 % by 1 point (two standard deviations).

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{binomial, numbers, whole};
use insight::distribution::{Beta, Gamma};
use insight::random::{BetaSampler, GammaSampler, Numbers, Stream, normal};
use insight::uncertainty::{DRAWS, Posterior, Prior, Sums};
use model::canonical::Digest;

const TRIALS: u32 = 2_000;

/// In which share of the trials the interval covers the truth. A trial gives the truth and what is believed of it.
fn coverage(name: &str, trial: impl Fn(&mut Numbers) -> (f64, Option<Posterior>)) -> f64 {
    let covered = (0..TRIALS).filter(|number| {
        let (truth, posterior) = trial(&mut numbers(u64::from(*number), &[name]));
        let posterior = posterior.expect("a posterior");
        let stream = Stream::new(Digest::of(name.as_bytes()), &[&number.to_string()]);
        let mut draws: Vec<f64> = (0..DRAWS).map(|draw| posterior.draw(&mut stream.draw(draw))).collect();
        draws.sort_by(f64::total_cmp);
        (draws[25]..=draws[974]).contains(&truth)
    });
    f64::from(u32::try_from(covered.count()).expect("few")) / f64::from(TRIALS)
}

fn check(name: &str, trial: impl Fn(&mut Numbers) -> (f64, Option<Posterior>)) {
    let found = coverage(name, trial);
    println!("{name}: {found:.4}");
    assert!((0.92..=0.97).contains(&found), "{name}: {found}");
}

fn float(number: i64) -> f64 {
    f64::from(i32::try_from(number).expect("small"))
}

const NONE: Prior = Prior { value: 0.0, weight: 0.0 };

#[test]
fn s6_shares_are_covered_with_and_without_shrinkage() {
    for n in [25, 60, 300, 2_000] {
        check(&format!("share of {n}"), |chance| {
            let truth = 0.7 + 0.28 * chance.uniform();
            let x = binomial(chance, n, truth);
            (truth, Posterior::share(float(x), float(n), NONE, 1.0))
        });
        // Truths that come from where the prior says they do.
        let prior = Prior { value: 0.92, weight: 20.0 };
        check(&format!("share of {n}, drawn to its peers"), |chance| {
            let peers = Beta::new(prior.weight * prior.value, prior.weight * (1.0 - prior.value)).expect("parameters");
            let truth = BetaSampler::new(peers).expect("a sampler").draw(chance);
            let x = binomial(chance, n, truth);
            (truth, Posterior::share(float(x), float(n), prior, 1.0))
        });
    }
}

#[test]
fn s6_shares_whose_records_hang_together_are_covered_with_their_dispersion() {
    // Days of five cases that all succeed or all fail: φ = 5.
    let trial = |dispersion: f64| {
        move |chance: &mut Numbers| {
            let truth = 0.75 + 0.2 * chance.uniform();
            let x = 5 * binomial(chance, 60, truth);
            (truth, Posterior::share(float(x), 300.0, NONE, dispersion))
        }
    };
    check("clustered share, dispersion known", trial(5.0));
    let blind = coverage("clustered share, taken as independent", trial(1.0));
    assert!(blind < 0.75, "this is what the dispersion is for: {blind}");
}

#[test]
fn s6_counts_are_covered_with_and_without_shrinkage() {
    let poisson = |chance: &mut Numbers, mean: f64| {
        // Waiting times of a process, until they pass the exposure.
        let waiting = GammaSampler::new(Gamma::new(1.0, 1.0).expect("parameters"));
        let (mut events, mut at) = (0, waiting.draw(chance));
        while at <= mean {
            events += 1;
            at += waiting.draw(chance);
        }
        events
    };
    for (exposure, rate) in [(500.0, 0.004), (2_000.0, 0.004), (1_000.0, 0.03)] {
        check(&format!("rate {rate} in {exposure}"), |chance| {
            let truth = rate * (0.5 + chance.uniform());
            (truth, Posterior::count(float(poisson(chance, truth * exposure)), exposure, NONE, 1.0))
        });
    }
    let prior = Prior { value: 0.002, weight: 500.0 };
    for exposure in [500.0, 3_000.0] {
        check(&format!("rate in {exposure}, drawn to its peers"), |chance| {
            let peers = Gamma::new(prior.weight * prior.value, prior.weight).expect("parameters");
            let truth = GammaSampler::new(peers).draw(chance);
            (truth, Posterior::count(float(poisson(chance, truth * exposure)), exposure, prior, 1.0))
        });
    }
}

/// The sums of so many cases.
fn sums(cases: &[(f64, f64)]) -> Sums {
    let sum = |of: fn(&(f64, f64)) -> f64| cases.iter().map(of).sum();
    Sums {
        x: sum(|c| c.0),
        y: sum(|c| c.1),
        xx: sum(|c| c.0 * c.0),
        xy: sum(|c| c.0 * c.1),
        yy: sum(|c| c.1 * c.1),
        cases: float(i64::try_from(cases.len()).expect("few")),
    }
}

#[test]
fn s6_means_of_case_ratios_are_covered() {
    for n in [25, 200] {
        // Handling over reference: skewed, in permille, capped at 3,000.
        check(&format!("handling of {n} cases"), |chance| {
            let speed = 700.0 + 400.0 * chance.uniform();
            let spread = GammaSampler::new(Gamma::new(4.0, 4.0).expect("parameters"));
            let cases: Vec<_> = (0..n).map(|_| ((speed * spread.draw(chance)).min(3_000.0), 1.0)).collect();
            // The mean of the capped ratio, E min(speed · G, 3000) of a gamma G with shape 4 and mean 1.
            let [of_four, of_five] = [4.0, 5.0].map(|shape| Gamma::new(shape, 4.0).expect("parameters"));
            let cap = 3_000.0 / speed;
            let truth = speed * (of_five.cdf(cap) + cap * of_four.upper(cap));
            (truth, Posterior::ratio(sums(&cases), NONE, None))
        });
    }
    check("own stages of 40 joint cases over their limits", |chance| {
        let share = 0.5 + 0.5 * chance.uniform();
        let spread = GammaSampler::new(Gamma::new(3.0, 3.0).expect("parameters"));
        let cases: Vec<_> = (0..40)
            .map(|_| {
                let limit = float(60 + 60 * whole(chance, 8));
                (share * limit * spread.draw(chance), limit)
            })
            .collect();
        (share, Posterior::ratio(sums(&cases), NONE, None))
    });
    let prior = Prior { value: 1.0, weight: 20.0 };
    check("handling of 25 cases, drawn to its peers", |chance| {
        // A truth from where the prior says: as the mean of 20 cases of the peers.
        let truth = 1.0 + 0.4 * normal(chance) / 20.0_f64.sqrt();
        let cases: Vec<_> = (0..25).map(|_| (truth + 0.4 * normal(chance), 1.0)).collect();
        (truth, Posterior::ratio(sums(&cases), prior, Some(0.16)))
    });
}

/// Workdays open and overdue of one case: open for some days, and overdue from its deadline on.
fn case_days(chance: &mut Numbers, late: f64) -> (f64, f64) {
    let open = 1 + whole(chance, 12);
    let overdue = if chance.uniform() < late { 1 + whole(chance, u32::try_from(open).expect("few")) } else { 0 };
    (float(overdue), float(open))
}

#[test]
fn s6_case_days_are_covered_as_clusters_and_not_as_days() {
    // Mean overdue over mean open days, every length from 1 to 12 being as likely.
    let truth = |late: f64| {
        let open: f64 = (1..=12).map(f64::from).sum::<f64>() / 12.0;
        let overdue: f64 = (1..=12).map(|open| late * (1.0 + f64::from(open)) / 2.0).sum::<f64>() / 12.0;
        overdue / open
    };
    for cases in [120, 400] {
        check(&format!("case-days of {cases} cases"), |chance| {
            let late = 0.08 + 0.12 * chance.uniform();
            let cases: Vec<_> = (0..cases).map(|_| case_days(chance, late)).collect();
            (truth(late), Posterior::ratio(sums(&cases), NONE, None))
        });
    }
    let blind = coverage("case-days taken as independent", |chance| {
        let late = 0.08 + 0.12 * chance.uniform();
        let cases: Vec<_> = (0..400).map(|_| case_days(chance, late)).collect();
        let sums = sums(&cases);
        (truth(late), Posterior::share(sums.x, sums.y, NONE, 1.0))
    });
    assert!(blind < 0.75, "this is what the squares are for: {blind}");
}

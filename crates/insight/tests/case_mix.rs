//! Hard cases do not look slow (SCORING §4): a difference in the mix of cases alone moves no adjusted rank.
//!
//! Twelve windows of known and different speed serve easy and hard items. Who gets the hard ones changes; how fast each
//! window is does not.

#![expect(
    clippy::expect_used,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a test fails by panicking; small numbers"
)]

mod common;

use common::numbers;
use insight::random::normal;
use model::calendar::{Calendar, OfficeClock};
use model::fact::{Cell, Codes, DayFacts, Fact, Identity, Kind, RowContext, Table, Value, day_rows};
use model::finals::Finals;
use model::id::Source;
use model::reference::{ReferenceCounts, References};
use model::register::Register;
use model::time::{Day, Instant, Zone};

const WINDOWS: usize = 12;
const CASES: usize = 300;
/// Usual seconds of office time.
const ITEMS: [(&str, f64); 2] = [("easy", 600.0), ("hard", 4_000.0)];

/// The share of hard cases of a window.
type Mix = fn(usize) -> f64;

/// How much longer than usual a case takes at a window: its speed, and chance.
fn factor(window: usize, case: usize) -> f64 {
    let speed = 0.82 + 0.03 * window as f64;
    let mut chance = numbers(5, &["case", &window.to_string(), &case.to_string()]);
    speed * libm::exp(0.3 * normal(&mut chance) - 0.045)
}

fn seconds(mix: Mix, window: usize, case: usize) -> (&'static str, i64) {
    let (item, usual) = ITEMS[usize::from((case as f64) < mix(window) * CASES as f64)];
    (item, (usual * factor(window, case)) as i64)
}

/// Last year's cases, half of them hard everywhere.
fn references() -> References {
    let mut counts = ReferenceCounts::default();
    for window in 0..WINDOWS {
        for case in 1_000..1_000 + CASES {
            for (item, usual) in ITEMS {
                counts.add(item, "window", "", (usual * factor(window, case)) as i64);
            }
        }
    }
    counts.finish()
}

fn case(mix: Mix, window: usize, number: usize, day: Day) -> Fact {
    let (item, seconds) = seconds(mix, window, number);
    let source_id = format!("{window}-{number}");
    let identity = Identity { source: Source::new("s"), source_id, revision: 0 };
    let nine = i64::from(day.0) * 86_400 + 9 * 3_600;
    let code = |text: &str| Value::Code(text.into());
    let values = [
        ("window", code(&format!("W{window:02}"))),
        ("item", code(item)),
        ("channel", code("window")),
        ("accepted_at", Value::Instant(Instant(nine))),
        ("finished_at", Value::Instant(Instant(nine + seconds))),
    ];
    Fact::new(Kind::Case, identity, false, None, values.into()).expect("a case")
}

/// The means per window: seconds as they are, and permille of the reference.
fn means(mix: Mix, references: &References) -> [Vec<f64>; 2] {
    let day = Day::parse("2026-03-03").expect("a day");
    let zone = Zone::utc();
    let clock = OfficeClock::new(&Calendar::shipped(&["09:00-17:00".to_owned()]).expect("hours"), &zone);
    let (register, finals) = (Register::default(), Finals::default());
    let codes = Codes::default();
    let ctx =
        RowContext { day, zone: &zone, register: &register, clock: &clock, references, finals: &finals, codes: &codes };
    let cases = (0..WINDOWS).flat_map(|window| (0..CASES).map(move |number| case(mix, window, number, day)));
    let rows = day_rows(&DayFacts { cases: cases.collect(), ..DayFacts::default() }, &ctx);
    let mut sums = [vec![0.0; WINDOWS], vec![0.0; WINDOWS]];
    for row in &rows[&Table::Case] {
        let cell = |name: &str| &row.cells[Table::Case.column(name).expect("a column").0];
        let Cell::Code(window) = cell("window") else { continue };
        let at: usize = window[1..].parse().expect("a number");
        for (sum, name) in sums.iter_mut().zip(["handling_seconds", "handling_permille"]) {
            let Cell::Integer(value) = cell(name) else { panic!("{name} of {window}") };
            sum[at] += *value as f64 / CASES as f64;
        }
    }
    sums
}

/// Windows from the fastest to the slowest.
fn ranks(means: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..means.len()).collect();
    order.sort_by(|a, b| means[*a].total_cmp(&means[*b]));
    order
}

#[test]
fn s4_a_pure_difference_in_the_mix_of_cases_moves_no_adjusted_rank() {
    let references = references();
    let even: Mix = |_| 0.5;
    let to_the_fast: Mix = |window| 0.9 - 0.8 * window as f64 / (WINDOWS - 1) as f64;
    let to_every_third: Mix = |window| if window % 3 == 0 { 0.95 } else { 0.2 };
    let [raw, adjusted] = means(even, &references);
    for mix in [to_the_fast, to_every_third] {
        let [raw_now, adjusted_now] = means(mix, &references);
        assert_ne!(ranks(&raw_now), ranks(&raw), "without references the mix decides");
        assert_eq!(ranks(&adjusted_now), ranks(&adjusted));
        for (then, now) in adjusted.iter().zip(&adjusted_now) {
            assert!((now / then - 1.0).abs() < 0.01, "{then} {now}");
        }
    }
    // With the hard cases on the fast windows, who is fastest looks slowest, but for the references.
    assert_eq!(ranks(&means(to_the_fast, &references)[0]).last(), Some(&0));
}

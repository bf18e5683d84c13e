//! Scores a month of windows from their tally, and prints the CPU seconds of it as one JSON line.
//!
//! `score_bench [WINDOWS] [RUNS]`, by default 12,000 windows and 7 runs.

use model::calendar::{Calendar, OfficeClock};
use model::id::{CentreId, StaffId, WindowId, WindowType};
use model::period::Period;
use model::register::{Centre, Register, Validity, Window};
use model::ruling::Rulings;
use model::scheme::UnitKind;
use model::score::{Inputs, Priors, rank, score, units_digest};
use model::tally::{Tally, TallyRow};
use model::time::{Day, Zone};
use std::collections::BTreeMap;

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SCHEME: &str = include_str!("../../../schemes/article.toml");

fn main() {
    let mut words = std::env::args().skip(1);
    let count: usize = words.next().and_then(|word| word.parse().ok()).unwrap_or(12_000);
    let runs: usize = words.next().and_then(|word| word.parse().ok()).unwrap_or(7);
    let scheme = model::scheme::parse(SCHEME).unwrap_or_else(|error| panic!("{error}"));
    let register = register(count);
    let tally = tally(count, scheme.measures.len());
    let history: Vec<(u8, Tally)> = (1..=6).map(|before| (before, tally.clone())).collect();
    let calendar = Calendar::shipped(&["09:00-17:00".to_owned()]).unwrap_or_else(|error| panic!("{error}"));
    let clock = OfficeClock::new(&calendar, &Zone::utc());
    let Some(period) = Period::parse("2026-03") else { return };
    let priors = Priors::new(&scheme, &register, period, &history);
    let inputs = Inputs {
        scheme: &scheme,
        period,
        register: &register,
        clock: &clock,
        tally: &tally,
        priors: &priors,
        history: &[],
        silence: &BTreeMap::new(),
        incidents: &[],
        rulings: &Rulings::default(),
    };
    let mut seconds = Vec::new();
    let mut scored = 0;
    let mut cards = Vec::new();
    for _ in 0..runs {
        // The last run's cards are given back before the clock starts.
        drop(std::mem::take(&mut cards));
        let before = cpu_seconds();
        cards = score(&inputs, UnitKind::Window);
        rank(&mut cards);
        seconds.push(cpu_seconds() - before);
        scored = cards.iter().filter(|card| card.scored().is_some()).count();
    }
    seconds.sort_by(f64::total_cmp);
    let before = cpu_seconds();
    let digest = units_digest(&scheme, &cards);
    let json_seconds = cpu_seconds() - before;
    println!(
        "{{\"windows\": {count}, \"scored\": {scored}, \"median_cpu_s\": {:.4}, \"min_cpu_s\": {:.4}, \"json_and_digest_cpu_s\": {json_seconds:.4}, \"digest\": \"{digest}\"}}",
        seconds[seconds.len() / 2],
        seconds[0],
    );
}

fn register(count: usize) -> Register {
    let valid = Validity { from: Day::parse("2025-01-01").unwrap_or(Day(0)), to: None };
    let types = ["simple", "approval", "consulting", "self_service", "default"];
    let centres = (0..40).map(|n| Centre { centre: CentreId::new(&format!("C{n:02}")), name: format!("C{n:02}") });
    let windows = (0..count).map(|n| Window {
        window: WindowId::new(&format!("W{n:05}")),
        name: format!("W{n:05}"),
        centre: CentreId::new(&format!("C{:02}", n % 40)),
        window_type: WindowType::new(types[n % types.len()]),
        valid,
    });
    let register = Register::new(centres.collect(), windows.collect(), vec![], vec![], vec![]);
    register.unwrap_or_else(|error| panic!("{error}"))
}

/// Three people a window; counts from a multiplicative sequence, a twelfth of them missing.
fn tally(count: usize, measures: usize) -> Tally {
    let mut state = 7_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(state >> 40).unwrap_or(0)
    };
    let rows = (0..count * 3).map(|n| TallyRow {
        window: WindowId::new(&format!("W{:05}", n / 3)),
        staff: StaffId::new(&format!("S{n:06}")),
        values: (0..measures).map(|_| Some(next() % 900 + 30).filter(|value| value % 12 != 0)).collect(),
    });
    Tally { rows: rows.collect() }
}

/// CPU seconds of this (single) thread, from the kernel's own account.
fn cpu_seconds() -> f64 {
    let schedstat = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanos: f64 = schedstat.split(' ').next().and_then(|word| word.parse().ok()).unwrap_or(0.0);
    nanos / 1e9
}

//! A city of windows under the article's scheme, counted from a seed: for tests and the benchmark.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::allow_attributes,
    reason = "each user of this file needs another part of it"
)]

use insight::distribution::normal_quantile;
use insight::random::{Numbers, Stream};
use insight::uncertainty::{Dispersion, Question, Uncertainty, seed, uncertainty};
use model::calendar::{Calendar, OfficeClock};
use model::canonical::Digest;
use model::id::{CentreId, StaffId, WindowId, WindowType};
use model::period::Period;
use model::register::{Centre, Halves, Post, Register, Staff, Validity, Window};
use model::ruling::Rulings;
use model::scheme::{Scheme, UnitKind};
use model::score::{Incident, Inputs, Priors, Scorecard, rank, score};
use model::silence::Verdicts;
use model::tally::{Tally, TallyRow};
use model::time::{Day, Zone};

pub const ARTICLE: &str = include_str!("../../../../schemes/article.toml");

/// Everything that cards and their uncertainty are computed from.
pub struct World {
    pub scheme: Scheme,
    pub register: Register,
    pub period: Period,
    pub clock: OfficeClock,
    pub tally: Tally,
    pub history: Vec<(u8, Tally)>,
    pub priors: Priors,
    pub dispersion: Dispersion,
    pub silence: Verdicts,
    pub incidents: Vec<Incident>,
    pub rulings: Rulings,
}

/// How large a city is.
#[derive(Clone, Copy)]
pub struct Size {
    pub windows: usize,
    pub centres: usize,
    pub staff_per_window: usize,
}

const TYPES: [&str; 4] = ["simple", "approval", "consulting", "default"];

impl World {
    /// A city under a scheme with the article's measures.
    pub fn city(size: Size, scheme: &str, number: u64) -> Self {
        let scheme = model::scheme::parse(scheme).unwrap_or_else(|error| panic!("{error}"));
        let Some(period) = Period::parse("2026-03") else { panic!("a month") };
        let register = register(size);
        let calendar = Calendar::shipped(&["09:00-17:00".to_owned()]).unwrap_or_else(|error| panic!("{error}"));
        let tally = |month: u8| counts(&scheme, size, number, month);
        let history: Vec<(u8, Tally)> = (1..=6).map(|before| (before, tally(before))).collect();
        Self {
            clock: OfficeClock::new(&calendar, &Zone::utc()),
            tally: tally(0),
            priors: Priors::new(&scheme, &register, period, &history),
            dispersion: Dispersion::new(&scheme, &register, period, &history),
            silence: Verdicts::new(),
            incidents: Vec::new(),
            rulings: Rulings::default(),
            scheme,
            register,
            period,
            history,
        }
    }

    pub fn inputs(&self) -> Inputs<'_> {
        Inputs {
            scheme: &self.scheme,
            period: self.period,
            register: &self.register,
            clock: &self.clock,
            tally: &self.tally,
            priors: &self.priors,
            history: &[],
            silence: &self.silence,
            incidents: &self.incidents,
            rulings: &self.rulings,
        }
    }

    pub fn cards(&self, kind: UnitKind) -> Vec<Scorecard> {
        let mut cards = score(&self.inputs(), kind);
        rank(&mut cards);
        cards
    }

    pub fn draw(&self, kind: UnitKind, threads: usize) -> Uncertainty {
        let (windows, cards) = (self.cards(UnitKind::Window), self.cards(kind));
        self.draw_cards(&windows, &cards, threads)
    }

    pub fn draw_cards(&self, windows: &[Scorecard], cards: &[Scorecard], threads: usize) -> Uncertainty {
        let inputs = self.inputs();
        let seed = seed(self.period, &self.tally);
        let question = Question { inputs: &inputs, windows, cards, dispersion: &self.dispersion, seed };
        uncertainty(&question, threads)
    }
}

fn register(size: Size) -> Register {
    let valid = Validity { from: Day::parse("2025-01-01").unwrap_or(Day(0)), to: None };
    let centre = |at: usize| CentreId::new(&format!("C{:02}", at % size.centres));
    let centres = (0..size.centres).map(|at| Centre { centre: centre(at), name: String::new() });
    let windows = (0..size.windows).map(|at| Window {
        window: WindowId::new(&window_name(at)),
        name: window_name(at),
        centre: centre(at),
        window_type: WindowType::new(TYPES[at / size.centres % TYPES.len()]),
        valid,
    });
    let people = size.windows * size.staff_per_window;
    let staff = (0..people).map(|at| Staff { staff: StaffId::new(&staff_name(at)), name: staff_name(at), valid });
    let posts = (0..people).map(|at| Post {
        staff: StaffId::new(&staff_name(at)),
        window: WindowId::new(&window_name(at / size.staff_per_window)),
        halves: Halves::Day,
        valid,
    });
    let register = Register::new(centres.collect(), windows.collect(), staff.collect(), posts.collect(), vec![]);
    register.unwrap_or_else(|error| panic!("{error}"))
}

pub fn window_name(at: usize) -> String {
    format!("W{at:05}")
}

pub fn staff_name(at: usize) -> String {
    format!("S{at:06}")
}

/// What was counted so many months before, one row per person; a window's quality is its own, a month's chance new.
fn counts(scheme: &Scheme, size: Size, number: u64, month: u8) -> Tally {
    let row = |at: usize| {
        let window = window_name(at / size.staff_per_window);
        let quality = normal_quantile(numbers(number, &["quality", &window]).uniform());
        let mut chance = numbers(number, &[&staff_name(at), &month.to_string()]);
        let counted = Counted::new(quality, &mut chance);
        let values = scheme.measures.iter().map(|measure| counted.of(measure.id.as_str())).collect();
        TallyRow { window: WindowId::new(&window), staff: StaffId::new(&staff_name(at)), values }
    };
    Tally { rows: (0..size.windows * size.staff_per_window).map(row).collect() }
}

/// Random numbers of their own for a name.
pub fn numbers(number: u64, name: &[&str]) -> Numbers {
    Stream::new(Digest::of(&number.to_le_bytes()), name).draw(0)
}

/// So many of n succeed with this probability.
pub fn binomial(numbers: &mut Numbers, n: i64, probability: f64) -> i64 {
    (0..n).map(|_| i64::from(numbers.uniform() < probability)).sum()
}

/// A whole number from 0 up to and without `below`.
pub fn whole(numbers: &mut Numbers, below: u32) -> i64 {
    i64::from(u32::try_from((u64::from(below) * (numbers.bits() >> 32)) >> 32).unwrap_or(0))
}

/// The counts of one person in one month.
struct Counted {
    values: Vec<(&'static str, i64)>,
}

impl Counted {
    fn new(quality: f64, chance: &mut Numbers) -> Self {
        let n = 80 + whole(chance, 120);
        let share = |chance: &mut Numbers, n: i64, usual: f64| {
            (n, binomial(chance, n, (usual + 0.02 * quality).clamp(0.0, 1.0)))
        };
        let ratios: Vec<i64> =
            (0..n).map(|_| 900 - number_of(40.0 * quality) + whole(chance, 300)).map(|v| v.clamp(0, 3000)).collect();
        // Cases that stay open some days, a few of them past their deadline.
        let open: Vec<(i64, i64)> = (0..n / 2)
            .map(|_| (1 + whole(chance, 12), whole(chance, 12) - 9 - number_of(quality)))
            .map(|(open, overdue)| (open, overdue.clamp(0, open)))
            .collect();
        let joint: Vec<(i64, i64)> = (0..n / 3).map(|_| (30 + whole(chance, 60), 100 + whole(chance, 40))).collect();
        let sum = |list: &[(i64, i64)], of: fn(&(i64, i64)) -> i64| list.iter().map(of).sum::<i64>();
        let mut values = vec![
            ("finished", n),
            ("finished_3m", 3 * n),
            ("timed", n),
            ("handling", ratios.iter().sum()),
            ("handling_squared", ratios.iter().map(|v| v * v).sum()),
            ("open_days", sum(&open, |case| case.0)),
            ("overdue_days", sum(&open, |case| case.1)),
            ("open_days_squared", sum(&open, |case| case.0 * case.0)),
            ("overdue_days_squared", sum(&open, |case| case.1 * case.1)),
            ("overdue_times_open_days", sum(&open, |case| case.0 * case.1)),
            ("joint_cases", n / 3),
            ("joint_seconds", 60 * sum(&joint, |case| case.0)),
            ("joint_limit", 60 * sum(&joint, |case| case.1)),
            ("joint_minutes_squared", sum(&joint, |case| case.0 * case.0)),
            ("joint_minutes_times_limit", sum(&joint, |case| case.0 * case.1)),
            ("joint_limit_minutes_squared", sum(&joint, |case| case.1 * case.1)),
            ("conduct_visits", 2),
            ("founded", binomial(chance, 3 * n, 0.0004)),
            ("extended_sessions", whole(chance, 3)),
            ("seat_days", 22),
            ("assists", binomial(chance, n, 0.006)),
        ];
        for (below, above, of, usual) in [
            ("due", "on_time", n, 0.955),
            ("supplemented", "noticed_once", n / 2, 0.92),
            ("notice_checked", "notice_passed", 30, 0.9),
            ("conduct_checked", "conduct_passed", 30, 0.9),
            ("papers_due", "papers_passed", 4, 0.95),
            ("policy_asked", "policy_correct", 40, 0.86),
            ("rated", "rated_satisfied", n / 2, 0.93),
            ("revisited", "revisited_satisfied", 32, 0.88),
            ("online_rated", "online_satisfied", 32, 0.93),
            ("green_entitled", "green_used", 20, 0.7),
            ("handovers", "handovers_in_limit", n / 3, 0.94),
            ("legacy_listed", "legacy_solved", 2, 0.7),
            ("visits_requested", "visits_done", 3, 0.9),
            ("tickets", "called_in_time", n, 0.85),
            ("files_drawn", "files_passed", 15, 0.95),
            ("answers_checked", "answers_right", 15, 0.9),
        ] {
            let (n, x) = share(chance, of, usual);
            values.extend([(below, n), (above, x)]);
        }
        Self { values }
    }

    /// `None` for what the city has no records of: silence, participation.
    fn of(&self, measure: &str) -> Option<i64> {
        self.values.iter().find(|(name, _)| *name == measure).map(|(_, value)| *value)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "small numbers")]
fn number_of(value: f64) -> i64 {
    value as i64
}

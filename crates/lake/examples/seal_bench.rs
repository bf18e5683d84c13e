//! Makes the sealed days that the tally benchmark reads.
//!
//! `seal_bench OUT --cases 10000000 --windows 12000 --days 25 --seed 7` writes `OUT/YYYY-MM-DD/case.parquet` for each of
//! so many workdays, with what a manifest says of it in `case.json`, through the same functions that close a day. The same options give the same bytes. The cases are
//! made up: four types of window, three people at each, 2 % out of hours, 1 % slips of less than ten seconds, 3 %
//! unfinished, 0.1 % finished before they were accepted, 45 % rated, 1 %
//! brought by one of a few hundred agents.

use lake::{FactsFile, Stored, TableFile, batch_of, write_facts};
use model::calendar::{Calendar, OfficeClock};
use model::canonical::Digest;
use model::fact::{Codes, DayFacts, Fact, Identity, Kind, Row, RowContext, Table, Value, day_rows};
use model::finals::Finals;
use model::id::{CentreId, Source, WindowId, WindowType};
use model::reference::References;
use model::register::{Centre, Register, Validity, Window};
use model::time::{Day, Instant, Zone};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

type Failure = Box<dyn Error + Send + Sync>;

/// The id of a type of window, its share in percent, and the mean seconds of a case.
const TYPES: [(&str, u64, f64); 4] =
    [("simple", 55, 300.0), ("approval", 25, 1800.0), ("consulting", 15, 420.0), ("self_service", 5, 180.0)];
const CHANNELS: [(&str, u64); 4] = [("window", 70), ("online", 20), ("self", 8), ("phone", 2)];
/// Levels of a rating with their shares in percent.
const LEVELS: [(i64, u64); 5] = [(1, 1), (2, 2), (3, 12), (4, 35), (5, 50)];
const ITEMS: u64 = 200;
/// People who handle the cases of others.
const AGENTS: i64 = 600;
const STAFF_PER_WINDOW: u64 = 3;
const WINDOWS_PER_CENTRE: u64 = 300;
/// Acceptance so late in a day that the deadline would lie in the next one is moved to before this second.
const LAST_SECOND: i64 = 86_400 - 2 * 3 * 1800;
/// Windows whose facts are held at once.
const WINDOWS_AT_ONCE: usize = 500;

fn main() -> Result<(), Failure> {
    let options = Options::read(std::env::args().skip(1))?;
    let zone = Zone::named("Asia/Shanghai").ok_or("the time zone is not in the program")?;
    let calendar = Calendar::shipped(&["08:00-18:00".to_owned()])?;
    let clock = OfficeClock::new(&calendar, &zone);
    let first = Day::parse("2026-03-02").ok_or("the first day is no date")?;
    let types = window_types(&options);
    let register = register(&types, first)?;
    let days: Vec<Day> =
        (0..i32::MAX).map(|later| first.plus(later)).filter(|day| clock.is_workday(*day)).take(options.days).collect();
    let references = References::default();
    let next = AtomicUsize::new(0);
    let work = || -> Result<(), Failure> {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(day) = days.get(index) else {
                return Ok(());
            };
            let ctx = RowContext {
                day: *day,
                zone: &zone,
                register: &register,
                clock: &clock,
                references: &references,
                finals: &Finals::default(),
                codes: &Codes::default(),
            };
            seal(&options, &types, index, &ctx)?;
        }
    };
    std::thread::scope(|scope| {
        let threads = [scope.spawn(work), scope.spawn(work)];
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a thread failed")?)
    })
}

/// Makes the cases of a day, by its place among the days, and writes its file.
fn seal(options: &Options, types: &[usize], index: usize, ctx: &RowContext<'_>) -> Result<(), Failure> {
    let before = |index: usize| options.cases * index as u64 / options.days as u64;
    let (first, cases) = (before(index), before(index + 1) - before(index));
    let mut random = Random::new(options.seed ^ (index as u64 + 1).wrapping_mul(0xA076_1D64_78BD_642F));
    let rows = rows_of_day(types, cases, first, ctx, &mut random)?;
    let batch = batch_of(Table::Case, &rows)?;
    drop(rows);
    let facts = write_facts(Table::Case, &batch)?;
    eprintln!("{}: {} rows, {} bytes", ctx.day, facts.rows, facts.bytes.len());
    write(&options.out, &ctx.day.to_string(), facts)
}

/// Writes a day's file, and what its manifest would say of it.
fn write(out: &Path, day: &str, facts: FactsFile) -> Result<(), Failure> {
    let FactsFile { table, rows, bytes, parts } = facts;
    std::fs::create_dir_all(out.join(day))?;
    let path = format!("{day}/case.parquet");
    std::fs::write(out.join(&path), &bytes)?;
    let file = Stored { path, bytes: bytes.len() as u64, sha256: Digest::of(&bytes) };
    let sealed = serde_json::to_vec(&TableFile { table, rows, file, parts })?;
    Ok(std::fs::write(out.join(day).join("case.json"), sealed)?)
}

struct Options {
    out: PathBuf,
    cases: u64,
    windows: u64,
    days: usize,
    seed: u64,
}

impl Options {
    fn read(mut args: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let mut options = Self { out: PathBuf::new(), cases: 10_000_000, windows: 12_000, days: 25, seed: 7 };
        while let Some(arg) = args.next() {
            let mut number = || -> Result<u64, Failure> { Ok(args.next().ok_or("a number is missing")?.parse()?) };
            match arg.as_str() {
                "--cases" => options.cases = number()?,
                "--windows" => options.windows = number()?.max(1),
                "--days" => options.days = usize::try_from(number()?)?.max(1),
                "--seed" => options.seed = number()?,
                out => options.out = PathBuf::from(out),
            }
        }
        if options.out.as_os_str().is_empty() {
            return Err("usage: seal_bench OUT [--cases N] [--windows N] [--days N] [--seed N]".into());
        }
        Ok(options)
    }
}

/// `SplitMix64`: enough randomness for made-up cases, the same on every machine.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// A second, or another whole number that fits.
    fn seconds(&mut self, bound: i64) -> i64 {
        i64::try_from(self.below(bound.unsigned_abs())).unwrap_or(0)
    }

    fn permille(&mut self, share: u64) -> bool {
        self.below(1000) < share
    }

    /// One of several things with shares that sum to 100.
    fn choose<T: Copy>(&mut self, shares: impl Iterator<Item = (T, u64)>, otherwise: T) -> T {
        let mut left = self.below(100);
        for (thing, share) in shares {
            if left < share {
                return thing;
            }
            left -= share;
        }
        otherwise
    }

    /// An exponentially distributed duration in seconds, at least 1.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a made-up duration is short")]
    #[expect(clippy::disallowed_methods, reason = "nothing is recomputed from made-up cases")]
    fn exponential(&mut self, mean: f64) -> i64 {
        let unit = ((self.next() >> 11) as f64 + 1.0) / (1_u64 << 53) as f64;
        (-unit.ln() * mean).max(1.0) as i64
    }
}

/// Per window the position of its type.
fn window_types(options: &Options) -> Vec<usize> {
    let mut random = Random::new(options.seed);
    let shares = || TYPES.iter().enumerate().map(|(index, (_, share, _))| (index, *share));
    (0..options.windows).map(|_| random.choose(shares(), 0)).collect()
}

fn centre_of(window: u64) -> String {
    format!("C{:03}", window / WINDOWS_PER_CENTRE)
}

fn window_id(window: u64) -> String {
    format!("{}-W{:03}", centre_of(window), window % WINDOWS_PER_CENTRE)
}

fn register(types: &[usize], first: Day) -> Result<Register, Failure> {
    let valid = Validity { from: first, to: None };
    let windows = (0_u64..).zip(types).map(|(window, ty)| Window {
        window: WindowId::new(&window_id(window)),
        name: window_id(window),
        centre: CentreId::new(&centre_of(window)),
        window_type: WindowType::new(TYPES[*ty].0),
        valid,
    });
    let windows: Vec<Window> = windows.collect();
    let mut centres: Vec<CentreId> = windows.iter().map(|window| window.centre.clone()).collect();
    centres.dedup();
    let centres = centres.into_iter().map(|centre| Centre { name: centre.to_string(), centre });
    Ok(Register::new(centres.collect(), windows, Vec::new(), Vec::new(), Vec::new())?)
}

/// The sealed rows of a day, a few windows at a time, so that its facts need not be held all at once. Windows come in
/// the order of their ids, as rows do.
fn rows_of_day(
    types: &[usize],
    cases: u64,
    made: u64,
    ctx: &RowContext<'_>,
    random: &mut Random,
) -> Result<Vec<Row>, Failure> {
    let mut per_window = vec![0_u64; types.len()];
    for _ in 0..cases {
        per_window[usize::try_from(random.below(types.len() as u64))?] += 1;
    }
    let mut rows = Vec::with_capacity(usize::try_from(cases)?);
    let mut number = made;
    let windows: Vec<(u64, usize, u64)> =
        (0_u64..).zip(types).zip(per_window).map(|((window, ty), cases)| (window, *ty, cases)).collect();
    for some in windows.chunks(WINDOWS_AT_ONCE) {
        let mut facts = DayFacts::default();
        for (window, ty, cases) in some {
            for _ in 0..*cases {
                add_case(&mut facts, number, *window, *ty, ctx, random)?;
                number += 1;
            }
        }
        rows.extend(day_rows(&facts, ctx).remove(&Table::Case).into_iter().flatten());
    }
    Ok(rows)
}

fn add_case(
    facts: &mut DayFacts,
    number: u64,
    window: u64,
    ty: usize,
    ctx: &RowContext<'_>,
    random: &mut Random,
) -> Result<(), Failure> {
    let (name, _, mean) = TYPES[ty];
    let odd = random.permille(20) || (name == "self_service" && random.permille(500));
    let second = if odd { random.seconds(86_400) } else { 8 * 3600 + random.seconds(10 * 3600) };
    let accepted = Instant(ctx.zone.start_of(ctx.day).0 + second.min(LAST_SECOND));
    let (slip, mut seconds) = (random.permille(10), random.exponential(mean).min(2 * 3 * 1800));
    if slip {
        seconds = 1 + random.seconds(9);
    }
    if random.permille(1) {
        seconds = -1;
    }
    let finished = (!random.permille(30)).then_some(Instant(accepted.0 + seconds));
    #[expect(clippy::cast_possible_truncation, reason = "a small whole number")]
    let limit = mean as i64 * 3;
    let rated = random.permille(450).then_some(finished).flatten();
    let asked = rated.is_some() || random.permille(800);
    // Nearly everyone comes once; agents come many times a day.
    let agent = random.permille(10).then(|| random.seconds(AGENTS));
    let client = agent.or_else(|| (!random.permille(50)).then(|| random.next().cast_signed() >> 1));
    let id = number.wrapping_mul(1_000_003) % (1 << 61);
    let mut values = vec![
        ("window", Value::Code(window_id(window).into())),
        ("staff", Value::Code(format!("S{:06}", window * STAFF_PER_WINDOW + random.below(STAFF_PER_WINDOW)).into())),
        ("item", Value::Code(format!("IT{:03}", random.below(ITEMS)).into())),
        ("channel", Value::Code(random.choose(CHANNELS.into_iter(), "window").into())),
        ("accepted_at", Value::Instant(accepted)),
        ("due_at", Value::Instant(Instant(accepted.0 + limit))),
        ("promised_seconds", Value::Integer(limit)),
        ("transferred", Value::Flag(random.permille(40))),
        ("asked", Value::Flag(asked)),
    ];
    values.extend(finished.map(|at| ("finished_at", Value::Instant(at))));
    values.extend(client.map(|client| ("client", Value::Person(client))));
    let identity = Identity { source: Source::new("hall"), source_id: format!("{id:012}"), revision: 0 };
    facts.cases.push(Fact::new(Kind::Case, identity, false, None, values)?);
    let Some(finished) = rated else {
        return Ok(());
    };
    let mut values = vec![
        ("case_id", Value::Code(format!("{id:012}").into())),
        ("rated_at", Value::Instant(Instant(finished.0 + 20 + random.seconds(100)))),
        ("level", Value::Integer(random.choose(LEVELS.into_iter(), 5))),
        ("scale", Value::Integer(5)),
        ("channel", Value::Code("kiosk".into())),
    ];
    values.extend(client.map(|client| ("rater", Value::Person(client))));
    let identity = Identity { source: Source::new("kiosk"), source_id: format!("R{id:012}"), revision: 0 };
    facts.ratings.push(Fact::new(Kind::Rating, identity, false, None, values)?);
    Ok(())
}

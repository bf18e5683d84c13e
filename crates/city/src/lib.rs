//! A believable city, made up from a seed: for what-if measurements, benchmarks, demos and drills.
//!
//! A city has centres, windows of every type, staff with posts, leave and transfers, and half a year of what happened
//! at them: queues, cases, ratings, complaints, inspections and the rest. The same seed and size give the same reports
//! on every machine: `ChaCha8` and whole numbers make everything, no float, no clock, no IO.
//!
//! # What is real in it
//!
//! - How long things take compared with what was planned: quantiles of the receipt phase of environmental permits in
//!   Dutch municipalities (`wabo`, 1,329 cases). For want of public data on minutes at counters the same shape is used
//!   there, around plain durations of a few minutes.
//! - How content people are: the shares of five levels of 911,823 answers about "use a lasting power of attorney" of
//!   the UK Office of the Public Guardian (`opg`).
//! - The workdays of 2026, from the model's calendar. People come in a rush before and after long holidays.
//!
//! Everything else is made up with plain assumptions, which stand as named constants where they are used.
//!
//! # What happens in it
//!
//! Everything that begins at one window on one day is a function of seed, window and day, so days can be made in any
//! order and on any number of threads, and memory does not grow with the city. At a counter one person is served at a
//! time, in office hours, with a lunch break; waiting arises from who comes when and how long each one takes. Approvals
//! pass through stages and pauses; some are open when the city ends. What follows of a day later (a finish, a late
//! rating, a verdict) is told with the day on which it began, dated as it happened.
//!
//! [`Stories`] are planted for the pages that must find them, at windows that the seed draws. Ids tell nothing: they are
//! shuffled.

mod clock;
mod desk;
mod item;
mod plan;
mod queue;
mod random;
mod register;
mod report;
mod season;
mod shape;
mod shift;
mod size;
mod story;

pub use clock::OFFICE_HOURS;
pub use register::Entries;
pub use report::{Report, source_of, telephone};
pub use size::Size;
pub use story::Stories;

use clock::Clock;
use desk::Desk;
use item::Type;
use model::calendar::{CalendarError, SHIPPED};
use model::period::{BasePeriod, Period};
use model::time::{Day, Instant};
use plan::Plan;
use random::{Random, Stream};
use shift::Shift;
use story::{DECLINE_FROM_MONTH, Story};

/// The time zone of the city.
pub const TIMEZONE: &str = "Asia/Shanghai";
/// The first day.
const FIRST: (i16, i8, i8) = (2026, 1, 1);
/// So many days after the last one, late ratings and verdicts are still reported: the cut-off of the last month.
const DAYS_OF_GRACE: i32 = 8;
/// Slower and less liked: the pace of a window that declines, and of one who rewrites, in permille of the usual.
const SLOWED: (i64, i64) = (1_550, 1_600);

/// A city.
#[derive(Debug)]
pub struct City {
    seed: u64,
    size: Size,
    clock: Clock,
    plan: Plan,
    /// For each centre, the windows that other departments of it have.
    partners: Vec<Vec<usize>>,
    /// Citizens who come for themselves.
    citizens: i64,
    /// Nothing is reported from here on.
    last_report: Instant,
}

impl City {
    /// The city of a seed. Sizes out of bounds are taken as the nearest that is possible.
    pub fn new(seed: u64, size: Size) -> Result<Self, CalendarError> {
        let size = size.bounded();
        let (year, month, day) = FIRST;
        let first = Day::from_ymd(year, month, day).unwrap_or(Day(0));
        let end = i8::try_from(size.months).ok().and_then(|months| Day::from_ymd(year, month + months, day));
        let last = end.unwrap_or(first).plus(-1);
        let clock = Clock::new(first, last)?;
        let plan = Plan::draw(&mut Random::new(seed, Stream::Plan, 0), &clock, size);
        let shared = |desk: &Desk| matches!(desk.ty, Type::Approval | Type::General);
        let of_centre = |centre: usize| {
            let desks = plan.desks.iter().enumerate();
            desks.filter(|(_, desk)| desk.centre == centre && shared(desk)).map(|(at, _)| at).collect()
        };
        let partners = (0..plan.centres).map(of_centre).collect();
        let citizens = i64::from(size.windows) * i64::from(size.months) * size.demand / 1_000 * 400;
        let last_report = clock::instant(last.plus(DAYS_OF_GRACE + 1), 0);
        Ok(Self { seed, size, clock, plan, partners, citizens: citizens.max(1), last_report })
    }

    /// The first and the last day.
    #[must_use]
    pub fn span(&self) -> (Day, Day) {
        (self.clock.first, self.clock.last)
    }

    /// The months, in order.
    #[must_use]
    pub fn months(&self) -> Vec<Period> {
        let mut months = vec![Period::containing(self.clock.last, BasePeriod::Month)];
        while let Some(before) = months[0].before(1).filter(|before| before.days().0 >= self.clock.first) {
            months.insert(0, before);
        }
        months
    }

    /// How many windows there are.
    #[must_use]
    pub fn windows(&self) -> usize {
        self.plan.desks.len()
    }

    /// Who the planted stories are about; for tests alone.
    #[must_use]
    pub fn stories(&self) -> &Stories {
        &self.plan.stories
    }

    /// The workdays of the city's year, as `register/workdays.csv` of a home has them: `day,kind,name`.
    #[must_use]
    pub fn workdays(&self) -> String {
        let year = format!("{}-", FIRST.0);
        let own = |line: &&str| line.starts_with('#') || line.starts_with("day,") || line.starts_with(&year);
        SHIPPED.lines().filter(own).flat_map(|line| [line, "\n"]).collect()
    }

    /// Everything that begins at a window on a day. Windows are counted from 0, in no order that tells anything.
    #[must_use]
    pub fn reports_of(&self, window: usize, day: Day) -> Vec<Report> {
        if window >= self.windows() || !(self.clock.first..=self.clock.last).contains(&day) {
            return Vec::new();
        }
        Shift::new(self, window, day).reports()
    }

    /// Every report, day by day and window by window. Only one window's day is held in memory.
    pub fn reports(&self) -> impl Iterator<Item = Report> {
        self.clock.days().flat_map(move |day| (0..self.windows()).flat_map(move |window| self.reports_of(window, day)))
    }

    /// People who come on a day, in permille of a usual one.
    fn demand(&self, day: Day) -> i64 {
        season::demand(self.seed, &self.clock, day) * self.size.demand / 1_000
    }

    /// Whether windows that decline have begun to.
    fn declines(&self, day: Day) -> bool {
        clock::month_number(day) - clock::month_number(self.clock.first) >= DECLINE_FROM_MONTH
    }

    /// The time that a person takes at a window on a day, in permille of the usual.
    fn pace(&self, desk: &Desk, person: usize, day: Day) -> i64 {
        let slowed = match desk.story {
            Some(Story::Decline) if self.declines(day) => SLOWED.0,
            Some(Story::Rewrites { person: who }) if who == person => SLOWED.1,
            _ => 1_000,
        };
        self.plan.people[person].pace * slowed / 1_000
    }

    /// The window of another department of the same centre; its own if there is none.
    fn partner(&self, at: usize, random: &mut Random) -> usize {
        let near = &self.partners[self.plan.desks[at].centre];
        let others = near.iter().filter(|other| **other != at).count();
        let chosen = random.index(others);
        near.iter().copied().filter(|other| *other != at).nth(chosen).unwrap_or(at)
    }
}

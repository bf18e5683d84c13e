//! Where a home stands: facts, conflicts, days.

mod morning;

pub use morning::{DueCase, MissingSource, Morning, morning};

use crate::AppError;
use crate::day::open_days;
use crate::home::Home;
use model::time::{Day, Instant};
use store::{Conflict, FactCounts};

/// Where a home stands.
#[derive(Debug)]
pub struct Status {
    /// Facts by kind.
    pub facts: Vec<FactCounts>,
    /// Contradictions for a person to decide, the first hundred.
    pub conflicts: Vec<Conflict>,
    /// Ratings from devices that still look for their case.
    pub unmatched: i64,
    /// The first and the last sealed day, and how many there are.
    pub sealed: Option<(Day, Day, usize)>,
    /// Days up to yesterday that are not sealed or have changed since.
    pub to_close: Vec<Day>,
    /// Closed periods.
    pub periods: Vec<String>,
    /// Years of the register's calendar without known holidays, among this and the next.
    pub uncovered_years: Vec<i16>,
}

/// Where a home stands.
pub async fn status(home: &Home, now: Instant) -> Result<Status, AppError> {
    let today = home.zone.day_of(now);
    let sealed = home.store.sealed_days(Day(i32::MIN), Day(i32::MAX)).await?;
    let span = sealed.first().zip(sealed.last()).map(|(first, last)| (first.day, last.day, sealed.len()));
    Ok(Status {
        facts: home.store.fact_counts().await?,
        conflicts: home.store.conflicts(100).await?,
        unmatched: home.store.unmatched_count().await?,
        sealed: span,
        to_close: open_days(home, today.plus(-1)).await?.into_iter().map(|open| open.day).collect(),
        periods: home.store.closed_periods().await?,
        uncovered_years: home.calendar.uncovered_years(today),
    })
}

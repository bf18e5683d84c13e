//! What each window did on a day, from the reports that are there now: for programs that ask day by day.

use crate::AppError;
use crate::cold::facts_of;
use crate::home::Home;
use model::fact::{Codes, DayFacts, RowContext, Table, day_rows};
use model::finals::Finals;
use model::live::window_of;
pub use model::live::{WindowStats, average};
use model::reference::References;
use model::time::{Day, Instant};
use std::collections::BTreeMap;

/// What every window with a report did on a day, sealed or not, as far as it is known at `now`.
pub async fn day_stats(home: &Home, day: Day, now: Instant) -> Result<BTreeMap<String, WindowStats>, AppError> {
    let (facts, _) = facts_of(home, day).await?;
    Ok(stats_of(home, day, &facts, now))
}

/// What every window with a report did on a day, of the facts of that day.
pub(crate) fn stats_of(home: &Home, day: Day, facts: &DayFacts, now: Instant) -> BTreeMap<String, WindowStats> {
    let (references, finals, codes) = (References::default(), Finals::default(), Codes::default());
    let (zone, register, clock) = (&home.zone, &home.register, &home.clock);
    let ctx = RowContext { day, zone, register, clock, references: &references, finals: &finals, codes: &codes };
    let rows = day_rows(facts, &ctx).remove(&Table::Case).unwrap_or_default();
    let mut windows: BTreeMap<String, WindowStats> = BTreeMap::new();
    for row in rows.iter().filter(|row| !window_of(row).is_empty()) {
        *windows.entry(window_of(row).to_owned()).or_default() += WindowStats::of_row(row, now);
    }
    windows
}

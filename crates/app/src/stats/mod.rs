//! What each window did on a day, from the reports that are there now: for programs that ask day by day.

use crate::AppError;
use crate::home::Home;
use model::fact::{Cell, Codes, Row, RowContext, Table, day_rows};
use model::finals::Finals;
use model::reference::References;
use model::time::Day;
use std::collections::BTreeMap;

/// What a window did on a day. Sums and counts; whoever wants averages divides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WindowStats {
    /// Cases finished.
    pub completed: i64,
    /// Of these, the ones whose handling time is known.
    pub handled: i64,
    /// Their handling times in office time, without documented pauses.
    pub handling_seconds: i64,
    /// Cases that missed their deadline this day.
    pub overdue: i64,
    /// Tickets called.
    pub called: i64,
    /// Of these, how long they waited.
    pub waiting_seconds: i64,
}

/// The average of a sum over a count, rounded half up; `None` of nothing.
#[must_use]
pub fn average(sum: i64, count: i64) -> Option<i64> {
    (count > 0).then(|| (2 * sum + count).div_euclid(2 * count))
}

/// What every window with a report did on a day, sealed or not.
pub async fn day_stats(home: &Home, day: Day) -> Result<BTreeMap<String, WindowStats>, AppError> {
    let (facts, _) = home.store.day_facts(day).await?;
    let (references, finals, codes) = (References::default(), Finals::default(), Codes::default());
    let (zone, register, clock) = (&home.zone, &home.register, &home.clock);
    let ctx = RowContext { day, zone, register, clock, references: &references, finals: &finals, codes: &codes };
    let rows = day_rows(&facts, &ctx).remove(&Table::Case).unwrap_or_default();
    let mut windows: BTreeMap<String, WindowStats> = BTreeMap::new();
    for row in &rows {
        let Some(Cell::Code(window)) = cell(row, "window") else { continue };
        let stats = windows.entry(window.to_string()).or_default();
        let is = |column| matches!(cell(row, column), Some(Cell::Flag(true)));
        let number = |column| match cell(row, column) {
            Some(Cell::Integer(number)) => Some(*number),
            _ => None,
        };
        if is("on_finish") {
            stats.completed += 1;
            if let Some(seconds) = number("handling_seconds") {
                stats.handled += 1;
                stats.handling_seconds += seconds;
            }
        }
        if is("on_due") && is("overdue") {
            stats.overdue += 1;
        }
        if let Some(seconds) = number("waiting_seconds").filter(|_| is("on_call")) {
            stats.called += 1;
            stats.waiting_seconds += seconds;
        }
    }
    Ok(windows)
}

fn cell<'a>(row: &'a Row, column: &str) -> Option<&'a Cell> {
    row.cells.get(Table::Case.column(column)?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn averages_are_rounded_half_up() {
        let check = |sum: i64, count: i64, expect: Option<i64>| assert_eq!(average(sum, count), expect);
        check(0, 0, None);
        check(7, 2, Some(4));
        check(10, 4, Some(3));
        check(9, 4, Some(2));
        check(0, 3, Some(0));
    }
}

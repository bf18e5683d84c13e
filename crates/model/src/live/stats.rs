//! What windows did on a day, counted from the rows that the close of the day would seal now.

use crate::fact::{Cell, Row, Table};
use crate::time::Instant;
use std::ops::{AddAssign, SubAssign};

/// What a window did on a day. Sums and counts; whoever wants averages divides.
///
/// They form a group: what one record adds can be taken away again when a revision replaces it.
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
    /// Cases finished whose citizen was asked for a rating.
    pub asked: i64,
    /// Ratings that count: the first of each case.
    pub rated: i64,
    /// Of these, the satisfied ones.
    pub satisfied: i64,
}

impl WindowStats {
    /// What a row of the table `case` says of its window. A deadline that is still ahead at `now` is not missed yet.
    #[must_use]
    pub fn of_row(row: &Row, now: Instant) -> Self {
        let mut stats = Self::default();
        let is = |column| matches!(cell(row, column), Some(Cell::Flag(true)));
        if is("on_finish") {
            stats.completed = 1;
            stats.asked = i64::from(is("asked"));
            if let Some(seconds) = number(row, "handling_seconds") {
                (stats.handled, stats.handling_seconds) = (1, seconds);
            }
        }
        let passed = || is("finished") || number(row, "due_at").is_some_and(|due| due <= now.0);
        if is("on_due") && is("overdue") && passed() {
            stats.overdue = 1;
        }
        if let Some(seconds) = number(row, "waiting_seconds").filter(|_| is("on_call")) {
            (stats.called, stats.waiting_seconds) = (1, seconds);
        }
        if is("on_rating") {
            (stats.rated, stats.satisfied) = (1, i64::from(is("rating_satisfied")));
        }
        stats
    }
}

impl WindowStats {
    /// The figure that the interface of the article calls by this name: an average is none of nothing. `None` of a name that
    /// it does not have.
    #[must_use]
    pub fn figure(&self, metric: &str) -> Option<Option<i64>> {
        Some(match metric {
            "avg_process_time" => average(self.handling_seconds, self.handled),
            "completed_count" => Some(self.completed),
            "overdue_count" => Some(self.overdue),
            "avg_waiting_time" => average(self.waiting_seconds, self.called),
            "called_count" => Some(self.called),
            _ => return None,
        })
    }
}

impl AddAssign for WindowStats {
    fn add_assign(&mut self, other: Self) {
        self.completed += other.completed;
        self.handled += other.handled;
        self.handling_seconds += other.handling_seconds;
        self.overdue += other.overdue;
        self.called += other.called;
        self.waiting_seconds += other.waiting_seconds;
        self.asked += other.asked;
        self.rated += other.rated;
        self.satisfied += other.satisfied;
    }
}

impl SubAssign for WindowStats {
    fn sub_assign(&mut self, other: Self) {
        self.completed -= other.completed;
        self.handled -= other.handled;
        self.handling_seconds -= other.handling_seconds;
        self.overdue -= other.overdue;
        self.called -= other.called;
        self.waiting_seconds -= other.waiting_seconds;
        self.asked -= other.asked;
        self.rated -= other.rated;
        self.satisfied -= other.satisfied;
    }
}

/// The window that a row counts for; empty where none is known.
#[must_use]
pub fn window_of(row: &Row) -> &str {
    match cell(row, "window") {
        Some(Cell::Code(window)) => window,
        _ => "",
    }
}

/// The average of a sum over a count, rounded half up; `None` of nothing.
#[must_use]
pub fn average(sum: i64, count: i64) -> Option<i64> {
    (count > 0).then(|| (2 * sum + count).div_euclid(2 * count))
}

fn number(row: &Row, column: &str) -> Option<i64> {
    match cell(row, column) {
        Some(Cell::Integer(number)) => Some(*number),
        _ => None,
    }
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

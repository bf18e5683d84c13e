//! Complaints: under which day they are filed once there is a verdict (SCORING §1).

use super::{Fact, RowContext};
use crate::time::{Day, Zone};

/// After so many years a complaint counts nowhere.
const YEARS: i16 = 1;

impl Fact {
    /// The day of what is complained of.
    pub(super) fn complained_of(&self, zone: &Zone) -> Option<Day> {
        self.instant("occurred_at").map(|at| zone.day_of(at))
    }

    /// The day of a complaint's verdict: the one it names, else that of the report that brought it.
    pub(super) fn verdict_day(&self, zone: &Zone) -> Option<Day> {
        self.code("verdict").filter(|verdict| *verdict != "pending")?;
        Some(zone.day_of(self.instant("verdict_at").unwrap_or(self.reported_at())))
    }

    /// The day a complaint is filed under: that of what is complained of, unless its month was final before the
    /// verdict arrived; then the verdict's, and none if a year has passed. Never both.
    pub(super) fn complaint_day(&self, ctx: &RowContext<'_>) -> Option<Day> {
        let day = self.complained_of(ctx.zone)?;
        let Some(verdict) = self.verdict_day(ctx.zone) else { return Some(day) };
        // A report may be dated a day ahead: until then the month can still hear of it.
        let too_late = |since: Day| ctx.zone.day_of(self.reported_at()) > since.plus(1);
        if !ctx.finals.since(day).is_some_and(too_late) {
            return Some(day);
        }
        Some(verdict.max(day)).filter(|filed| *filed <= years_after(day))
    }
}

fn years_after(day: Day) -> Day {
    let date = day.date();
    // The 29th of February has no anniversary in most years: the 28th.
    let last = |day_of_month| Day::from_ymd(date.year() + YEARS, date.month(), day_of_month);
    last(date.day()).or_else(|| last(date.day() - 1)).unwrap_or(day)
}

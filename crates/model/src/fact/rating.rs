//! Ratings: under which day they are filed, for whom they count, and which cases stay silent (SCORING §1–3).

use super::row::{RowBuilder, RowContext, of_case, staff_of};
use super::{Cell, Fact, Row, Table, Value};
use crate::time::{Day, Instant};

/// How many of the best levels are satisfied ones.
const SATISFIED_LEVELS: i64 = 2;

/// A rating with what it takes to file it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Filed<'a> {
    pub(super) rating: &'a Fact,
    /// The finished case that it is about.
    pub(super) case: Option<&'a Fact>,
    /// Whether it is the first rating of its case: only that one counts.
    pub(super) counted: bool,
}

impl<'a> Filed<'a> {
    /// The day of the service: the finish of the case, else the rating itself.
    fn service_day(&self, ctx: &RowContext<'_>) -> Option<Day> {
        let finished = self.case.and_then(|case| case.instant("finished_at"));
        finished.or_else(|| self.rating.instant("rated_at")).map(|at| ctx.zone.day_of(at))
    }

    /// The day it is filed under: that of the service, or its arrival if that is after the cut-off of the month.
    pub(super) fn day(&self, ctx: &RowContext<'_>) -> Option<Day> {
        let service = self.service_day(ctx)?;
        let arrived = ctx.zone.day_of(self.rating.reported_at());
        Some(if arrived <= month_cut_off(service, ctx) { service } else { arrived })
    }

    /// For whom it counts: the work number on it, else who alone sat there by the posts register on the day of the
    /// service, else who finished the case; nobody if a second person confirmed that the cause was not the person.
    pub(super) fn staff(&self, ctx: &RowContext<'_>) -> String {
        if set_aside(self.rating) {
            return String::new();
        }
        let then = RowContext { day: self.service_day(ctx).unwrap_or(ctx.day), ..*ctx };
        let staff = staff_of(self.rating, Some(self.window()), &then);
        if staff.is_empty() { self.case.and_then(|case| case.code("staff")).unwrap_or("").to_owned() } else { staff }
    }

    fn window(&self) -> &'a str {
        self.rating.code("window").or_else(|| self.case?.code("window")).unwrap_or("")
    }

    /// Whether it stands on the row of its case: filed on the same day, for the same person.
    pub(super) fn stands_on_its_case(&self, ctx: &RowContext<'_>) -> bool {
        self.counted
            && self.service_day(ctx) == self.day(ctx)
            && self.case.is_some_and(|case| case.code("staff").unwrap_or("") == self.staff(ctx))
            && !set_aside(self.rating)
    }

    /// The row of a rating that does not stand on the row of its case.
    pub(super) fn row(&self, ctx: &RowContext<'_>) -> Row {
        let at = self.rating.instant("rated_at");
        let mut row = RowBuilder::new(Table::Case, ctx, self.rating, self.window(), &self.staff(ctx), at);
        row.id_at(of_case!("case_id"), self.rating.case_id().unwrap_or(""));
        rating_columns(&mut row, self.rating, None);
        row.flag_at(of_case!("on_rating"), self.counted);
        row.integer_at(of_case!("report_delay_seconds"), at.map(|at| self.rating.reported_at().0 - at.0));
        row.build()
    }
}

/// The last day on which a rating of a service on this day still counts in the month of the service.
fn month_cut_off(service: Day, ctx: &RowContext<'_>) -> Day {
    ctx.codes.cut_off(service, ctx.clock)
}

/// Whether a case finished, was asked for a rating, and none of these ratings of it arrived before the cut-off.
pub(super) fn is_silent<'a>(case: &Fact, ratings: impl IntoIterator<Item = &'a Fact>, ctx: &RowContext<'_>) -> bool {
    let Some(finished) = case.instant("finished_at").filter(|_| case.flag("asked") == Some(true)) else {
        return false;
    };
    let mut ratings = ratings.into_iter().peekable();
    if ratings.peek().is_none() {
        return true;
    }
    let last = month_cut_off(ctx.zone.day_of(finished), ctx);
    ratings.all(|rating| ctx.zone.day_of(rating.reported_at()) > last)
}

/// A bad rating of which a second person confirmed that its cause was not the person (SCORING §2).
fn set_aside(rating: &Fact) -> bool {
    is_negative(rating)
        && rating.code("cause").is_some_and(|cause| cause != "person")
        && rating.code("confirmed_by").is_some()
}

/// 差评: the worst of four levels, one of the two worst of five.
fn is_negative(rating: &Fact) -> bool {
    let worst = if rating.integer("scale") == Some(5) { 2 } else { 1 };
    rating.integer("level").is_some_and(|level| level <= worst)
}

/// The columns of a rating on whichever row it stands; `served_at` is when the citizen was called or accepted.
pub(super) fn rating_columns(row: &mut RowBuilder<'_>, rating: &Fact, served_at: Option<Instant>) {
    row.flag_at(of_case!("on_rating"), true);
    row.code_at(of_case!("rating_source"), rating.identity().source.as_str());
    row.id_at(of_case!("rating_id"), &rating.identity().source_id);
    let (level, scale) = (rating.integer("level").unwrap_or(0), rating.integer("scale").unwrap_or(0));
    row.integer_at(of_case!("rating_level"), Some(level));
    row.integer_at(of_case!("rating_scale"), Some(scale));
    row.flag_at(of_case!("rating_satisfied"), level > scale - SATISFIED_LEVELS);
    row.flag_at(of_case!("rating_negative"), is_negative(rating));
    row.flag_at(of_case!("rating_set_aside"), set_aside(rating));
    row.code_at(of_case!("rating_cause"), rating.code("cause").unwrap_or(""));
    let rated_at = rating.instant("rated_at").unwrap_or(Instant(0));
    row.set_at(of_case!("rated_at"), Cell::Integer(rated_at.0));
    row.integer_at(of_case!("rating_report_delay_seconds"), Some(rating.reported_at().0 - rated_at.0));
    row.integer_at(of_case!("rating_delay_seconds"), served_at.map(|served| rated_at.0 - served.0));
    row.code_at(of_case!("rating_channel"), rating.code("channel").unwrap_or(""));
    row.code_at(of_case!("device"), rating.code("device").unwrap_or(""));
    if let Some(Value::Person(rater)) = rating.value("rater") {
        row.set_at(of_case!("rater"), Cell::Integer(*rater));
    }
}

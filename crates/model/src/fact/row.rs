//! From facts to the rows of a sealed day.
//!
//! A row is a function of the facts as they were known at the day's end, the register and the calendar: no rule of
//! a scheme enters, so that new rules never rewrite a facts file.

use super::span::CaseDays;
use super::{Fact, Kind, Stage, Table, Value};
use crate::calendar::OfficeClock;
use crate::register::Register;
use crate::time::{Day, Instant, Zone};
use std::sync::Arc;

/// One value of a sealed row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cell {
    /// Nothing known.
    Null,
    /// A whole number, an instant in seconds, or a pseudonym.
    Integer(i64),
    /// Yes or no.
    Flag(bool),
    /// A code.
    Code(Arc<str>),
}

/// A row of a sealed table: one cell per column of [`Table::columns`], in that order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// The cells.
    pub cells: Vec<Cell>,
}

/// What rows are made with beside the facts.
#[derive(Clone, Copy, Debug)]
pub struct RowContext<'a> {
    /// The day that is sealed.
    pub day: Day,
    /// The home's time zone.
    pub zone: &'a Zone,
    /// Windows, posts and items.
    pub register: &'a Register,
    /// Workdays and office hours.
    pub clock: &'a OfficeClock,
}

/// Fills a row by column name, so that code and table cannot drift apart: an unknown name is a bug that the tests
/// of this module hit at once.
struct RowBuilder {
    table: Table,
    cells: Vec<Cell>,
}

impl RowBuilder {
    fn new(table: Table, ctx: &RowContext<'_>, fact: &Fact, window: &str, staff: &str, at: Option<Instant>) -> Self {
        let empty: Arc<str> = Arc::from("");
        let cells = table.columns().map(|column| match (column.nullable, column.physical) {
            (true, _) => Cell::Null,
            (false, super::Physical::Flag) => Cell::Flag(false),
            (false, _) => Cell::Code(Arc::clone(&empty)),
        });
        let mut row = Self { table, cells: cells.collect() };
        row.code("window", window);
        row.code("staff", staff);
        row.code("source", fact.identity().source.as_str());
        row.code("source_id", &fact.identity().source_id);
        if let Some(entry) = ctx.register.window_on(window, ctx.day) {
            row.code("centre", entry.centre.as_str());
            row.code("window_type", entry.window_type.as_str());
        }
        row.flag("is_workday", ctx.clock.is_workday(ctx.day));
        if let Some(at) = at {
            row.integer("minute_of_day", Some(ctx.zone.local(at).1 / 60));
            row.flag("in_hours", ctx.clock.is_open(at));
        }
        row
    }

    fn set(&mut self, name: &str, cell: Cell) {
        if let Some((index, _)) = self.table.column(name) {
            self.cells[index] = cell;
        } else {
            debug_assert!(false, "{} has no column {name}", self.table);
        }
    }

    fn code(&mut self, name: &str, code: &str) {
        self.set(name, Cell::Code(Arc::from(code)));
    }

    fn flag(&mut self, name: &str, flag: bool) {
        self.set(name, Cell::Flag(flag));
    }

    /// Sets a number; one outside 32 bits is kept at the bound, which no honest duration reaches.
    fn integer(&mut self, name: &str, number: Option<i64>) {
        let bounded = number.map(|number| number.clamp(-super::value::MAX_INTEGER, super::value::MAX_INTEGER));
        self.set(name, bounded.map_or(Cell::Null, Cell::Integer));
    }

    /// Copies every column of the fact that the table also has.
    fn copy(&mut self, fact: &Fact) {
        for (name, value) in fact.values() {
            if self.table.column(name).is_none() || matches!(name, "window" | "staff") {
                continue;
            }
            match value {
                Value::Code(code) => self.code(name, code),
                Value::Flag(flag) => self.flag(name, *flag),
                Value::Integer(number) | Value::Person(number) => self.set(name, Cell::Integer(*number)),
                Value::Instant(instant) => self.set(name, Cell::Integer(instant.0)),
                Value::Text(_) | Value::Day(_) | Value::Pauses(_) | Value::Stages(_) => {}
            }
        }
    }

    fn build(self) -> Row {
        Row { cells: self.cells }
    }
}

/// The row of a case in the file of a day, or `None` if nothing of the case belongs to it.
#[must_use]
pub fn case_row(case: &Fact, rating: Option<&Fact>, ctx: &RowContext<'_>) -> Option<Row> {
    let case = case.known_on(ctx.day, ctx.zone);
    let days = case.case_days(ctx.zone);
    let CaseDays { finish, call, due } = days;
    let on = |day: Option<Day>| day == Some(ctx.day);
    if !(on(finish) || on(call) || on(due)) {
        return None;
    }
    let at = ["accepted_at", "called_at", "ticketed_at", "finished_at"].iter().find_map(|name| case.instant(name));
    // Waiting counts for the window alone: on a day that only called the ticket nobody is named.
    let staff = if on(finish) || on(due) { case.code("staff").unwrap_or("") } else { "" };
    let mut row = RowBuilder::new(Table::Case, ctx, &case, case.code("window").unwrap_or(""), staff, at);
    row.copy(&case);
    row.code("case_id", case.case_id().unwrap_or(""));
    row.flag("on_finish", on(finish));
    row.flag("on_call", on(call));
    row.flag("on_due", on(due));
    row.flag("finished", finish.is_some());
    let item = case.code("item").and_then(|item| ctx.register.item_on(item, ctx.day));
    if let Some(category) = item.and_then(|item| item.category.as_deref()) {
        row.code("category", category);
    }
    let promised = item
        .and_then(|item| item.promised_seconds.or(item.legal_seconds))
        .or_else(|| case.integer("promised_seconds").or_else(|| case.integer("legal_seconds")));
    row.integer("promised_seconds", promised);
    case_times(&mut row, &case, promised, ctx);
    case_stages(&mut row, &case, ctx);
    if let Some(rating) = rating.filter(|_| on(finish)) {
        rating_columns(&mut row, rating, case.instant("called_at").or_else(|| case.instant("accepted_at")));
    }
    Some(row.build())
}

fn case_times(row: &mut RowBuilder, case: &Fact, promised: Option<i64>, ctx: &RowContext<'_>) {
    let between = |from: &str, to: &str| Some(case.instant(to)?.0 - case.instant(from)?.0);
    row.integer("waiting_seconds", between("ticketed_at", "called_at"));
    row.integer("elapsed_seconds", between("accepted_at", "finished_at"));
    row.integer("late_seconds", between("due_at", "finished_at"));
    let pauses = case.value("pauses");
    row.flag(
        "undocumented_pause",
        matches!(pauses, Some(Value::Pauses(all)) if all.iter().any(|pause| pause.document.is_none())),
    );
    row.integer("report_delay_seconds", case.instant("finished_at").map(|at| case.reported_at().0 - at.0));
    let due = case.instant("due_at");
    let by_due = |due: Instant| case.instant("finished_at").is_some_and(|finished| finished <= due);
    row.flag("overdue", due.is_some_and(|due| !by_due(due)));
    let (Some(accepted), Some(finished)) = (case.instant("accepted_at"), case.instant("finished_at")) else {
        return;
    };
    let paused = paused_seconds(case, accepted, finished, ctx.clock);
    let handling = ctx.clock.open_seconds(accepted, finished) - paused;
    row.integer("paused_seconds", Some(paused));
    row.integer("handling_seconds", Some(handling));
    row.integer("handling_permille", promised.and_then(|promised| capped_permille(handling, promised)));
}

/// 1000 · handling ÷ reference, rounded half up, at most 3000 (SCORING §4).
#[must_use]
fn capped_permille(handling: i64, reference: i64) -> Option<i64> {
    if reference <= 0 {
        return None;
    }
    Some(((2000 * handling.max(0) + reference) / (2 * reference)).min(3000))
}

/// Office time inside documented pauses; overlapping pauses count once, undocumented ones not at all.
fn paused_seconds(case: &Fact, accepted: Instant, finished: Instant, clock: &OfficeClock) -> i64 {
    let Some(Value::Pauses(pauses)) = case.value("pauses") else {
        return 0;
    };
    let mut spans: Vec<_> = pauses
        .iter()
        .filter(|pause| pause.document.is_some())
        .map(|pause| (pause.from.max(accepted), pause.to.unwrap_or(finished).min(finished)))
        .filter(|(from, to)| from < to)
        .collect();
    spans.sort_unstable();
    let mut counted_to = accepted;
    let mut seconds = 0;
    for (from, to) in spans {
        let from = from.max(counted_to);
        if from < to {
            seconds += clock.open_seconds(from, to);
            counted_to = to;
        }
    }
    seconds
}

fn case_stages(row: &mut RowBuilder, case: &Fact, ctx: &RowContext<'_>) {
    let Some(Value::Stages(stages)) = case.value("stages") else {
        return;
    };
    let net = |stage: &Stage| stage.to.map(|to| ctx.clock.open_seconds(stage.from, to));
    let (mut handed, mut in_limit, mut seconds, mut limits) = (0, 0, 0, 0);
    for (index, stage) in stages.iter().enumerate() {
        let (Some(used), Some(limit)) = (net(stage), stage.limit_seconds) else {
            continue;
        };
        seconds += used;
        limits += limit;
        if index + 1 < stages.len() {
            handed += 1;
            in_limit += i64::from(used <= limit);
        }
    }
    row.integer("handovers", Some(handed));
    row.integer("handovers_in_limit", Some(in_limit));
    row.integer("stage_seconds", Some(seconds));
    row.integer("stage_limit_seconds", Some(limits));
}

/// The row of a rating that does not stand on the row of its case, if it has one.
#[must_use]
pub fn rating_row(rating: &Fact, case: Option<&Fact>, counted: bool, ctx: &RowContext<'_>) -> Row {
    let at = rating.instant("rated_at");
    let window = rating.code("window").or_else(|| case?.code("window")).unwrap_or("");
    let staff = staff_of(rating, Some(window), ctx);
    let mut row = RowBuilder::new(Table::Case, ctx, rating, window, &staff, at);
    row.code("case_id", rating.case_id().unwrap_or(""));
    rating_columns(&mut row, rating, None);
    row.flag("on_rating", counted);
    row.integer("report_delay_seconds", at.map(|at| rating.reported_at().0 - at.0));
    row.build()
}

/// The work number on the fact, else who sat at the window by the posts register, if only one did.
pub(super) fn staff_of(fact: &Fact, window: Option<&str>, ctx: &RowContext<'_>) -> String {
    if let Some(staff) = fact.code("staff") {
        return staff.to_owned();
    }
    let sole = window.and_then(|window| ctx.register.sole_staff_at(window, ctx.day));
    sole.map(ToString::to_string).unwrap_or_default()
}

fn rating_columns(row: &mut RowBuilder, rating: &Fact, served_at: Option<Instant>) {
    row.flag("on_rating", true);
    row.code("rating_source", rating.identity().source.as_str());
    row.code("rating_id", &rating.identity().source_id);
    let (level, scale) = (rating.integer("level").unwrap_or(0), rating.integer("scale").unwrap_or(0));
    row.integer("rating_level", Some(level));
    row.integer("rating_scale", Some(scale));
    row.flag("rating_satisfied", level >= scale - 1);
    row.flag("rating_negative", if scale == 5 { level <= 2 } else { level <= 1 });
    let rated_at = rating.instant("rated_at").unwrap_or(Instant(0));
    row.set("rated_at", Cell::Integer(rated_at.0));
    row.integer("rating_report_delay_seconds", Some(rating.reported_at().0 - rated_at.0));
    row.integer("rating_delay_seconds", served_at.map(|served| rated_at.0 - served.0));
    row.code("rating_channel", rating.code("channel").unwrap_or(""));
    row.code("device", rating.code("device").unwrap_or(""));
    if let Some(Value::Person(rater)) = rating.value("rater") {
        row.set("rater", Cell::Integer(*rater));
    }
}

/// The row of a case in the open book of a day, or `None` if it is not open at the day's end.
#[must_use]
pub fn open_case_row(case: &Fact, ctx: &RowContext<'_>) -> Option<Row> {
    if !case.open_span(ctx.zone)?.contains(ctx.day) {
        return None;
    }
    let code = |name| case.code(name).unwrap_or("");
    let accepted = case.instant("accepted_at");
    let mut row = RowBuilder::new(Table::CaseDay, ctx, case, code("window"), code("staff"), accepted);
    row.code("case_id", case.case_id().unwrap_or(""));
    row.code("item", code("item"));
    row.code("channel", code("channel"));
    row.set("accepted_at", accepted.map_or(Cell::Null, |at| Cell::Integer(at.0)));
    let due = case.instant("due_at");
    row.set("due_at", due.map_or(Cell::Null, |due| Cell::Integer(due.0)));
    row.flag("overdue", due.is_some_and(|due| due < ctx.zone.start_of(ctx.day.plus(1))));
    Some(row.build())
}

/// The row of a fact of any kind but cases and ratings.
#[must_use]
pub fn sparse_row(fact: &Fact, ctx: &RowContext<'_>) -> Row {
    let table = Table::of(fact.kind());
    let staff = match fact.kind() {
        Kind::Statistic => fact.code("staff").unwrap_or("").to_owned(),
        // Only what a person caused reaches the person (SCORING §2); the window carries the rest.
        Kind::Complaint if fact.code("cause") != Some("person") => String::new(),
        _ => staff_of(fact, fact.code("window"), ctx),
    };
    // A person's examination counts for the window where the person is mainly posted.
    let window = match fact.code("window") {
        Some(window) => window.to_owned(),
        None => ctx.register.main_window_of(&staff, ctx.day).map(std::string::ToString::to_string).unwrap_or_default(),
    };
    let at = fact.kind().time_columns().first().and_then(|column| fact.instant(column));
    let mut row = RowBuilder::new(table, ctx, fact, &window, &staff, at);
    row.copy(fact);
    if matches!(fact.kind(), Kind::Complaint | Kind::Violation) && fact.code("incident").is_none() {
        row.code("incident", &format!("{}/{}", fact.identity().source, fact.identity().source_id));
    }
    if fact.kind() == Kind::Statistic {
        row.integer("product", statistic_product(fact));
    }
    row.build()
}

/// A daily average with its count, as the total it stands for: value · n ÷ scale, rounded half up (SCORING §1).
fn statistic_product(fact: &Fact) -> Option<i64> {
    let (value, scale, n) = (fact.integer("value")?, fact.integer("scale")?, fact.integer("n")?);
    let twice = i128::from(value) * i128::from(n) * 2 + i128::from(scale);
    i64::try_from(twice.div_euclid(2 * i128::from(scale))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_capped_ratio_rounds_each_case_half_up() {
        let check = |handling, reference, expect| assert_eq!(capped_permille(handling, reference), expect);
        check(600, 600, Some(1000));
        check(1, 2000, Some(1));
        check(1, 2001, Some(0));
        check(10_000, 600, Some(3000));
        check(-5, 600, Some(0));
        check(5, 0, None);
    }
}

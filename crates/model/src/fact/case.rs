//! The rows of a case: one for each window and person for whom a part of it counts on the day.

use super::rating::rating_columns;
use super::row::{RowBuilder, RowContext, of_case, of_case_day};
use super::span::CaseDays;
use super::{Cell, Fact, Row, Stage, Table, Value};
use crate::period::{BasePeriod, Period};
use crate::reference::Basis;
use crate::register::Item;
use crate::time::{Day, Instant};
use std::collections::BTreeMap;

const FINISH: &str = "on_finish";

/// A window and a person; empty where none is known.
type Unit<'a> = (&'a str, &'a str);

/// What of a case counts for one window and person on a day (SCORING §2). No credit is split.
#[derive(Default)]
struct Part<'a> {
    /// The events, by the column that says so.
    events: Vec<&'static str>,
    /// The stages that the unit held, and whether each was handed on.
    stages: Vec<(&'a Stage, bool)>,
}

/// The rows of a case in the file of a day; none if nothing of the case belongs to it. The rating, if one stands on
/// the case's own row, and whether the case stays silent, go with the finish.
pub(super) fn case_rows(case: &Fact, rating: Option<&Fact>, silent: bool, ctx: &RowContext<'_>) -> Vec<Row> {
    // A case is in the open book of many days, and has its events on three at most.
    // Those that lie on the day are the same whatever became known after it.
    let days = case.case_days(ctx.zone);
    if !days.all().contains(&Some(ctx.day)) {
        return Vec::new();
    }
    let case = &*case.known_on(ctx.day, ctx.zone);
    let at = ["accepted_at", "called_at", "ticketed_at", "finished_at"].iter().find_map(|name| case.instant(name));
    let row = |((window, staff), part): (Unit<'_>, Part<'_>)| {
        let mut row = RowBuilder::new(Table::Case, ctx, case, window, staff, at);
        row.copy(case);
        row.id_at(of_case!("case_id"), case.case_id().unwrap_or(""));
        part.events.iter().for_each(|event| row.flag(event, true));
        row.flag_at(of_case!("finished"), case.instant("finished_at").is_some());
        case_times(&mut row, case, ctx);
        stage_columns(&mut row, case, &part.stages, ctx);
        if part.events.contains(&FINISH) {
            row.flag_at(of_case!("silent"), silent);
            if let Some(rating) = rating {
                rating_columns(&mut row, rating, case.instant("called_at").or_else(|| case.instant("accepted_at")));
            }
        }
        row.build()
    };
    parts(case, days, ctx).into_iter().map(row).collect()
}

fn parts<'a>(case: &'a Fact, days: CaseDays, ctx: &RowContext<'_>) -> BTreeMap<Unit<'a>, Part<'a>> {
    let CaseDays { finish, call, due } = days;
    let on = |day: Option<Day>| day == Some(ctx.day);
    let (window, staff) = (case.code("window").unwrap_or(""), case.code("staff").unwrap_or(""));
    let mut parts: BTreeMap<Unit<'a>, Part<'a>> = BTreeMap::new();
    if on(finish) {
        parts.entry((window, staff)).or_default().events.push(FINISH);
        if case.integer("supplement_notices").is_some_and(|notices| notices > 0) {
            let acceptor = case.code("accepted_by").unwrap_or(staff);
            parts.entry((window, acceptor)).or_default().events.push("on_notice");
        }
        let stages = stages(case);
        for (index, stage) in stages.iter().enumerate() {
            let handed_on = index + 1 < stages.len();
            parts.entry(unit_of(stage, window)).or_default().stages.push((stage, handed_on));
        }
    }
    if on(due) {
        // On time it counts for who finished it, late for who held it at the deadline.
        let late = case.instant("due_at").filter(|due| is_late(case, *due));
        let holder = late.map_or((window, staff), |due| holder_at(case, due));
        parts.entry(holder).or_default().events.push("on_due");
    }
    if on(call) {
        // Waiting counts for the window alone: on a day that only called the ticket nobody is named.
        let named = parts.contains_key(&(window, staff));
        parts.entry((window, if named { staff } else { "" })).or_default().events.push("on_call");
    }
    parts
}

fn stages(case: &Fact) -> &[Stage] {
    match case.value("stages") {
        Some(Value::Stages(stages)) => stages,
        _ => &[],
    }
}

fn unit_of<'a>(stage: &'a Stage, window: &'a str) -> Unit<'a> {
    (stage.window.as_deref().unwrap_or(window), &stage.staff)
}

/// Who held a case at a moment: the stage that ran then, the last to begin if several did; between stages the one
/// before; without stages whoever the case names.
fn holder_at(case: &Fact, at: Instant) -> Unit<'_> {
    let window = case.code("window").unwrap_or("");
    let begun = || stages(case).iter().filter(|stage| stage.from <= at);
    let running = begun().filter(|stage| stage.to.is_none_or(|to| to > at)).max_by_key(|stage| stage.from);
    let holder = running.or_else(|| begun().max_by_key(|stage| (stage.to, stage.from)));
    holder.map_or((window, case.code("staff").unwrap_or("")), |stage| unit_of(stage, window))
}

fn is_late(case: &Fact, due: Instant) -> bool {
    case.instant("finished_at").is_none_or(|finished| finished > due)
}

fn case_times(row: &mut RowBuilder<'_>, case: &Fact, ctx: &RowContext<'_>) {
    let between = |from: &str, to: &str| Some(case.instant(to)?.0 - case.instant(from)?.0);
    row.integer_at(of_case!("waiting_seconds"), between("ticketed_at", "called_at"));
    row.integer_at(of_case!("elapsed_seconds"), between("accepted_at", "finished_at"));
    row.integer_at(of_case!("late_seconds"), between("due_at", "finished_at"));
    let pauses = case.value("pauses");
    row.flag_at(
        of_case!("undocumented_pause"),
        matches!(pauses, Some(Value::Pauses(all)) if all.iter().any(|pause| pause.document.is_none())),
    );
    row.integer_at(of_case!("report_delay_seconds"), case.instant("finished_at").map(|at| case.reported_at().0 - at.0));
    row.flag_at(of_case!("overdue"), case.instant("due_at").is_some_and(|due| is_late(case, due)));
    let item = case.code("item").and_then(|item| ctx.register.item_on(item, ctx.day));
    let category = item.and_then(|item| item.category.as_deref()).unwrap_or("");
    row.code_at(of_case!("category"), category);
    let promised = promised(case, item);
    row.integer_at(of_case!("promised_seconds"), promised.map(|(seconds, _)| seconds));
    let usual = ctx.references.of(case.code("item").unwrap_or(""), case.code("channel").unwrap_or(""), category);
    let reference = usual.map(|(usual, basis)| (usual.seconds, basis)).or(promised);
    row.integer_at(of_case!("reference_seconds"), reference.map(|(seconds, _)| seconds));
    row.code_at(of_case!("reference_basis"), reference.map_or("", |(_, basis)| basis.name()));
    let (Some(accepted), Some(finished)) = (case.instant("accepted_at"), case.instant("finished_at")) else {
        return;
    };
    let paused = paused_seconds(case, accepted, finished, ctx);
    let handling = ctx.clock.open_seconds(accepted, finished) - paused;
    row.integer_at(of_case!("paused_seconds"), Some(paused));
    row.integer_at(of_case!("handling_seconds"), Some(handling));
    let permille = reference.and_then(|(seconds, _)| capped_permille(handling, seconds));
    row.integer_at(of_case!("handling_permille"), permille);
    row.integer_at(of_case!("handling_permille_squared"), permille.map(|permille| permille * permille));
}

/// The promised limit in office time, else the legal one; the register of items speaks before the case.
fn promised(case: &Fact, item: Option<&Item>) -> Option<(i64, Basis)> {
    let of_item = item.map(|item| (item.promised_seconds, item.legal_seconds)).unwrap_or_default();
    let of_case = (case.integer("promised_seconds"), case.integer("legal_seconds"));
    [of_item, of_case].into_iter().find_map(|(promised, legal)| {
        promised.map(|seconds| (seconds, Basis::Promised)).or_else(|| Some((legal?, Basis::Legal)))
    })
}

/// 1000 · handling ÷ reference, rounded half up, at most 3000 (SCORING §4).
fn capped_permille(handling: i64, reference: i64) -> Option<i64> {
    if reference <= 0 {
        return None;
    }
    Some(((2000 * handling.max(0) + reference) / (2 * reference)).min(3000))
}

/// Office time of a span inside documented pauses; overlapping pauses count once, undocumented ones not at all.
fn paused_seconds(case: &Fact, from: Instant, to: Instant, ctx: &RowContext<'_>) -> i64 {
    let Some(Value::Pauses(pauses)) = case.value("pauses") else {
        return 0;
    };
    let mut spans: Vec<_> = pauses
        .iter()
        .filter(|pause| pause.document.is_some())
        .map(|pause| (pause.from.max(from), pause.to.unwrap_or(to).min(to)))
        .filter(|(from, to)| from < to)
        .collect();
    spans.sort_unstable();
    let mut counted_to = from;
    let mut seconds = 0;
    for (from, to) in spans {
        let from = from.max(counted_to);
        if from < to {
            seconds += ctx.clock.open_seconds(from, to);
            counted_to = to;
        }
    }
    seconds
}

/// The stages of one holder together, each net of documented pauses; those without an end or a limit cannot be judged.
fn stage_columns(row: &mut RowBuilder<'_>, case: &Fact, stages: &[(&Stage, bool)], ctx: &RowContext<'_>) {
    if stages.is_empty() {
        return;
    }
    let (mut handed, mut in_limit, mut seconds, mut limits) = (0, 0, 0, 0);
    for (stage, handed_on) in stages {
        let (Some(to), Some(limit)) = (stage.to, stage.limit_seconds) else {
            continue;
        };
        let used = ctx.clock.open_seconds(stage.from, to) - paused_seconds(case, stage.from, to, ctx);
        seconds += used;
        limits += limit;
        handed += i64::from(*handed_on);
        in_limit += i64::from(*handed_on && used <= limit);
    }
    row.flag_at(of_case!("on_stage"), true);
    row.integer_at(of_case!("handovers"), Some(handed));
    row.integer_at(of_case!("handovers_in_limit"), Some(in_limit));
    row.integer_at(of_case!("stage_seconds"), Some(seconds));
    row.integer_at(of_case!("stage_limit_seconds"), Some(limits));
    let (used, limit) = (bounded_minutes(seconds), bounded_minutes(limits));
    row.integer_at(of_case!("stage_minutes_squared"), Some(used * used));
    row.integer_at(of_case!("stage_minutes_times_limit"), Some(used * limit));
    row.integer_at(of_case!("stage_limit_minutes_squared"), Some(limit * limit));
}

/// The largest number whose square fits 31 bits; of minutes, 96 office days.
const MAX_SQUARED: i64 = 46_340;

/// Whole minutes, rounded half up, small enough to be squared.
fn bounded_minutes(seconds: i64) -> i64 {
    (seconds.max(0) + 30).div_euclid(60).min(MAX_SQUARED)
}

/// The row of a case in the open book of a day, or `None` if it is not open at the day's end. It counts for who holds
/// the case then. Nothing that it is made of is known later only.
pub(super) fn open_case_row(case: &Fact, ctx: &RowContext<'_>) -> Option<Row> {
    if !case.open_span(ctx.zone)?.contains(ctx.day) {
        return None;
    }
    let next_day = ctx.zone.start_of(ctx.day.plus(1));
    let (window, staff) = holder_at(case, Instant(next_day.0 - 1));
    let accepted = case.instant("accepted_at")?;
    let mut row = RowBuilder::new(Table::CaseDay, ctx, case, window, staff, Some(accepted));
    row.id_at(of_case_day!("case_id"), case.case_id().unwrap_or(""));
    row.code_at(of_case_day!("item"), case.code("item").unwrap_or(""));
    row.code_at(of_case_day!("channel"), case.code("channel").unwrap_or(""));
    row.set_at(of_case_day!("accepted_at"), Cell::Integer(accepted.0));
    let due = case.instant("due_at");
    row.set_at(of_case_day!("due_at"), due.map_or(Cell::Null, |due| Cell::Integer(due.0)));
    row.flag_at(of_case_day!("overdue"), due.is_some_and(|due| due < next_day));
    square_steps(&mut row, accepted, due, ctx);
    Some(row.build())
}

/// What a day of the open book adds to the squares of a case's workdays in the month, so that summed over the days
/// they are the squares: chance lies in the case, of which one day is like the next, and not in the day.
///
/// With k workdays open so far and j of them overdue, this one included: k² grows by 2k − 1, j² by 2j − 1, and jk by
/// j + k − 1, the last two on overdue days alone. A case that changes hands is counted from its beginning for each of
/// its holders, which makes their spread too large rather than too small.
fn square_steps(row: &mut RowBuilder<'_>, accepted: Instant, due: Option<Instant>, ctx: &RowContext<'_>) {
    let month = Period::containing(ctx.day, BasePeriod::Month).days().0;
    let workdays_since = |at: Instant| ctx.clock.workdays(ctx.zone.day_of(at).max(month), ctx.day);
    let open = workdays_since(accepted);
    let overdue = due.map_or(0, |due| workdays_since(due.max(accepted)));
    let worked = ctx.clock.is_workday(ctx.day);
    let step = |grows: bool, by: i64| Some(if worked && grows { by } else { 0 });
    row.integer_at(of_case_day!("open_square_step"), step(open > 0, 2 * open - 1));
    row.integer_at(of_case_day!("overdue_square_step"), step(overdue > 0, 2 * overdue - 1));
    row.integer_at(of_case_day!("overdue_open_step"), step(overdue > 0, overdue + open - 1));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s4_the_capped_ratio_rounds_each_case_half_up() {
        let check = |handling, reference, expect| assert_eq!(capped_permille(handling, reference), expect);
        check(600, 600, Some(1000));
        check(1, 2000, Some(1));
        check(1, 2001, Some(0));
        check(10_000, 600, Some(3000));
        check(-5, 600, Some(0));
        check(5, 0, None);
    }

    #[test]
    fn minutes_that_are_squared_are_rounded_half_up_and_fit_31_bits() {
        let check = |seconds, expect| assert_eq!(bounded_minutes(seconds), expect);
        check(29, 0);
        check(30, 1);
        check(i64::from(i32::MAX), MAX_SQUARED);
        check(-90, 0);
        assert!(MAX_SQUARED * MAX_SQUARED <= i64::from(i32::MAX) && (MAX_SQUARED + 1).pow(2) > i64::from(i32::MAX));
    }
}

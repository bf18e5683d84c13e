//! Scores of the period that is open, with what the open day holds so far: provisional, until days and period are closed.

use crate::AppError;
use crate::day::{references_on, tally_of_rows};
use crate::home::Home;
use crate::period::{Basis, PeriodScores, finals, ranked};
use model::fact::{Cell, Codes, Row, RowContext, Table, day_rows};
use model::live::{Arrived, day_facts};
use model::period::Period;
use model::scheme::{Scheme, UnitKind};
use model::tally::Tally;
use model::time::{Day, Instant};
use std::sync::Arc;
use tokio::runtime::Handle;

/// What an open day holds.
#[derive(Clone, Debug)]
pub struct OpenFacts {
    pub(super) home: Arc<Home>,
    pub(super) day: Day,
    pub(super) groups: Vec<Arc<Arrived>>,
}

/// The scores of the period that the open day lies in, from the days that are sealed and from what the open one holds. A
/// period of which nothing is known has none. Incidents and case-days of the open day count from its close on. Call it
/// outside the runtime.
pub fn provisional(
    open: &OpenFacts,
    kind: UnitKind,
    now: Instant,
    threads: usize,
    runtime: &Handle,
) -> Result<Option<PeriodScores>, AppError> {
    let home = &open.home;
    let scheme = home.scheme(None)?;
    let period = Period::containing(open.day, scheme.base_period);
    let tally = tally(open, &scheme, now, runtime)?;
    let basis = Basis::so_far(home, &scheme, (period, Some((open.day, &tally))), threads, runtime)?;
    if basis.gathered.tally.rows.is_empty() {
        return Ok(None);
    }
    let cards = ranked(&basis.inputs(&scheme, &basis.gathered), kind);
    Ok(Some(basis.into_scores(cards)))
}

/// What an open day counts under a scheme.
fn tally(open: &OpenFacts, scheme: &Scheme, now: Instant, runtime: &Handle) -> Result<Tally, AppError> {
    let home = &open.home;
    let references = runtime.block_on(references_on(home, open.day))?;
    let (finals, codes) = (runtime.block_on(finals(home))?, Codes::default());
    let (zone, register, clock) = (&home.zone, &home.register, &home.clock);
    let ctx =
        RowContext { day: open.day, zone, register, clock, references: &references, finals: &finals, codes: &codes };
    let facts = day_facts(open.groups.iter().flat_map(|group| group.iter().map(|(_, fact)| fact)));
    let mut rows = day_rows(&facts, &ctx);
    // The open book is that of the day's end.
    rows.remove(&Table::CaseDay);
    rows.entry(Table::Case).or_default().iter_mut().for_each(|row| spare_what_is_not_due(row, now));
    tally_of_rows(scheme, &home.rulings, &rows)
}

/// A deadline that is still ahead is neither kept nor missed.
fn spare_what_is_not_due(row: &mut Row, now: Instant) {
    let place = |name: &str| Table::Case.column(name).map(|(at, _)| at);
    let (Some(on_due), Some(finished), Some(due)) = (place("on_due"), place("finished"), place("due_at")) else {
        return;
    };
    let ahead = matches!(row.cells[due], Cell::Integer(due) if due > now.0);
    if ahead && row.cells[finished] != Cell::Flag(true) {
        row.cells[on_due] = Cell::Flag(false);
    }
}

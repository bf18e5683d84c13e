//! The daily close (日结): a day's facts become sealed files, and one row moves to them.

use super::references::{ReferenceYear, digest_on, references_for};
use crate::AppError;
use crate::cold::facts_of;
use crate::home::Home;
use crate::parallel::in_order;
use crate::period::finals;
use lake::{DayManifest, SCHEMA_ID, batch_of, write_facts};
use model::canonical::Digest;
use model::fact::{Codes, RowContext, day_rows};
use model::finals::Finals;
use model::time::Day;
use std::collections::BTreeSet;
use store::{Change, Command, Done, SealedDay, SealedRow};
use tokio::runtime::Handle;

/// What closing a day did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sealing {
    /// The day has a new revision.
    Sealed,
    /// The day was sealed already, with the same facts.
    Unchanged,
    /// There is nothing on the day.
    Empty,
}

/// A day that was closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The day.
    pub day: Day,
    /// What it did.
    pub sealing: Sealing,
    /// Rows in its files.
    pub rows: u64,
}

/// Closes one day that is over. Call it outside the runtime.
pub fn close_day(home: &Home, day: Day, change: Change<'_>, runtime: &Handle) -> Result<Closed, AppError> {
    let today = home.zone.day_of(change.at);
    if day >= today {
        return Err(AppError::NotOver { what: day.to_string(), last: day, today });
    }
    let known = !runtime.block_on(home.store.sealed_days(day, day))?.is_empty();
    let year = references_for(home, day, change, runtime)?;
    let finals = runtime.block_on(finals(home))?;
    let beside = Beside { contexts: &Contexts::of(home), finals: &finals };
    runtime.block_on(home.store.begin_sealing(&[day]))?;
    match runtime.block_on(prepare(home, day, &year, &beside))? {
        Prepared { rows: 0, .. } if !known => Ok(Closed { day, sealing: Sealing::Empty, rows: 0 }),
        prepared => runtime.block_on(seal(home, prepared, change)),
    }
}

/// What is the same for every day of a close.
struct Beside<'a> {
    contexts: &'a Contexts,
    finals: &'a Finals,
}

/// A day whose files are written, and whom nobody reads yet.
struct Prepared {
    row: SealedRow,
    rows: u64,
}

/// Makes the files of a day. It depends on no other day of its reference year.
async fn prepare(home: &Home, day: Day, year: &ReferenceYear, beside: &Beside<'_>) -> Result<Prepared, AppError> {
    tracing::debug!(%day, "reading facts");
    let (facts, as_of) = facts_of(home, day).await?;
    let (references, finals) = (&year.references, beside.finals);
    let (zone, register, clock) = (&home.zone, &home.register, &home.clock);
    let codes = Codes::default();
    let ctx = RowContext { day, zone, register, clock, references, finals, codes: &codes };
    let tables = day_rows(&facts, &ctx);
    drop(facts);
    let folder = format!("days/{day}");
    let mut manifest = DayManifest { day, schema: SCHEMA_ID.to_owned(), key_id: home.key.id(), files: Vec::new() };
    tracing::debug!(%day, "writing files");
    for (table, rows) in tables {
        let batch = batch_of(table, &rows)?;
        drop(rows);
        manifest.files.push(home.files.put_facts(&folder, write_facts(table, &batch)?).await?);
    }
    let rows = manifest.files.iter().map(|file| file.rows).sum();
    let context = beside.contexts.with(year.digest);
    let facts_digest = manifest.facts_digest();
    let manifest = String::from_utf8_lossy(&manifest.to_bytes()).into_owned();
    Ok(Prepared { row: SealedRow { day, manifest, facts_digest, context, as_of }, rows })
}

/// Moves a day to its new files.
async fn seal(home: &Home, prepared: Prepared, change: Change<'_>) -> Result<Closed, AppError> {
    let Prepared { row, rows } = prepared;
    let day = row.day;
    tracing::debug!(%day, "writing the manifest");
    home.files.put(&format!("days/{day}"), "manifest", "json", row.manifest.clone().into_bytes()).await?;
    // Last: until this row moves, nobody reads the new files.
    let sealing = match home.store.write(change, Command::SealDay(row)).await? {
        Done::Nothing => Sealing::Unchanged,
        _ => Sealing::Sealed,
    };
    Ok(Closed { day, sealing, rows })
}

/// What rows are made with beside the facts: what does not change from day to day.
struct Contexts(serde_json::Value);

impl Contexts {
    fn of(home: &Home) -> Self {
        let (register, calendar) = (home.register.digest(), home.calendar.digest());
        // Files of another layout lack what rules of today may name.
        Self(serde_json::json!([register.to_string(), calendar.to_string(), home.zone.name(), SCHEMA_ID]))
    }

    /// The context of a day of a year with these references.
    fn with(&self, references: Option<Digest>) -> Digest {
        Digest::of_json(&serde_json::json!([self.0, references]))
    }
}

/// Closes every day from the first with facts through `last` that is not sealed, has changed, or was made with
/// another register or calendar or other references. `progress` is told each day. Call it outside the runtime.
///
/// Files are made on `threads` threads, days are sealed one after another: nothing that is recorded depends on how many
/// there are.
pub fn close_through(
    home: &Home,
    last: Day,
    change: Change<'_>,
    threads: usize,
    runtime: &Handle,
    progress: &mut dyn FnMut(&Closed),
) -> Result<Vec<Closed>, AppError> {
    let today = home.zone.day_of(change.at);
    if last >= today {
        return Err(AppError::NotOver { what: format!("the span through {last}"), last, today });
    }
    let open = runtime.block_on(open_days(home, last))?;
    let mut closed = Vec::new();
    let finals = runtime.block_on(finals(home))?;
    let beside = Beside { contexts: &Contexts::of(home), finals: &finals };
    let mut rest = &open[..];
    while let Some(first) = rest.first() {
        // A year's references rest on the days before it, which are sealed by now.
        let year = references_for(home, first.day, change, runtime)?;
        let (of_year, later) = rest.split_at(rest.partition_point(|open| year.holds_on(open.day)).max(1));
        rest = later;
        let days: Vec<Day> = of_year.iter().map(|open| open.day).collect();
        runtime.block_on(home.store.begin_sealing(&days))?;
        in_order(
            threads,
            of_year.len(),
            |at| runtime.block_on(prepare(home, of_year[at].day, &year, &beside)),
            |at, prepared| {
                // Sealed even if it turns out empty, so that it is looked at once and not at every close.
                let one = runtime.block_on(seal(home, prepared?, change))?;
                if one.rows > 0 || of_year[at].again {
                    progress(&one);
                    closed.push(one);
                }
                Ok(())
            },
        )?;
    }
    Ok(closed)
}

/// A day that must be sealed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenDay {
    pub(crate) day: Day,
    /// It was sealed before, and something changed since.
    pub(crate) again: bool,
}

/// The days up to `last` that must be sealed, in order.
pub(crate) async fn open_days(home: &Home, last: Day) -> Result<Vec<OpenDay>, AppError> {
    let contexts = Contexts::of(home);
    let sets = home.store.reference_sets().await?;
    let sealed = home.store.sealed_days(Day(i32::MIN), last).await?;
    let unchanged = |day: &SealedDay| day.context == contexts.with(digest_on(&sets, day.day)).to_string();
    let sound: BTreeSet<Day> = sealed.iter().filter(|day| !day.dirty && unchanged(day)).map(|day| day.day).collect();
    let known: BTreeSet<Day> = sealed.iter().map(|day| day.day).collect();
    let mut days: BTreeSet<Day> = home.store.days_with_facts(Day(i32::MIN), last).await?.into_iter().collect();
    days.extend(&known);
    if let Some(first) = home.store.first_open_day().await? {
        days.extend((first.0..=last.0).map(Day));
    }
    let open = |day: Day| OpenDay { day, again: known.contains(&day) };
    Ok(days.into_iter().filter(|day| !sound.contains(day)).map(open).collect())
}

//! Facts come in: every way of single facts into the database leads through here.

use super::look::look;
use crate::AppError;
use crate::home::Home;
use model::fact::Fact;
use store::{Change, Command, Done, ImportOutcome, Known, StoreError, Taken};

/// So often what is known is looked up again because a backfill came between.
const ATTEMPTS: usize = 8;

/// Whether to wait for a place in the queue of commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// As long as it takes.
    Waits,
    /// Refused at once where too many wait already.
    Hurries,
}

/// Writes a command of facts, with the reports in files that they concern. Says of each fact whether a file says the same
/// already, in which case it is not brought; where that holds for all, nothing is written.
pub(crate) async fn write_concerned(
    home: &Home,
    mut facts: Vec<Fact>,
    change: Change<'_>,
    patience: Patience,
    make: impl Fn(Vec<Fact>, Known) -> Command,
) -> Result<(Vec<bool>, Done), AppError> {
    let mut same = vec![false; facts.len()];
    // Where each of the facts that are still to be brought stands among all.
    let mut places: Vec<usize> = (0..facts.len()).collect();
    let mut batches = home.cold.batches(&home.store).await?;
    for _ in 0..ATTEMPTS {
        let found = look(home, &batches, &facts).await?;
        for (place, found) in places.iter().zip(&found.same) {
            same[*place] = *found;
        }
        places.retain(|place| !same[*place]);
        let mut known = found.same.into_iter();
        facts.retain(|_| known.next() == Some(false));
        if facts.is_empty() {
            return Ok((same, Done::Nothing));
        }
        let known = Known { thawed: found.thawed, batches: i64::try_from(batches.len()).unwrap_or(i64::MAX) };
        let command = make(facts, known);
        let done = match patience {
            Patience::Waits => home.store.write(change, command).await?,
            Patience::Hurries => home.store.try_write(change, command).await?,
        };
        let Done::Stale(command) = done else { return Ok((same, done)) };
        facts = command.into_facts();
        batches = home.cold.refresh(&home.store).await?;
    }
    Err(StoreError::Busy.into())
}

/// Takes facts in, in one command: those that files know already change nothing; reports in files that the others concern
/// become rows with them.
pub(crate) async fn import_facts(
    home: &Home,
    facts: Vec<Fact>,
    change: Change<'_>,
    patience: Patience,
) -> Result<ImportOutcome, AppError> {
    let make = |facts, known| Command::ImportFacts { facts, zone: home.zone.clone(), known };
    let (same, done) = write_concerned(home, facts, change, patience, make).await?;
    let brought = if let Done::Imported(outcome) = done { outcome } else { ImportOutcome::default() };
    let in_files = same.iter().filter(|same| **same).count();
    let mut reports = brought.reports.into_iter();
    let taken = |same: bool| if same { None } else { reports.next() }.unwrap_or(Taken::Same);
    let reports = same.into_iter().map(taken).collect();
    Ok(ImportOutcome { same: brought.same + in_files, reports, ..brought })
}

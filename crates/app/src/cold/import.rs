//! Facts come in: every way of single facts into the database leads through here.

use super::look::{Found, look};
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

/// Writes a command of facts that is not a plain import, with the reports in files that they concern. Says of each fact whether
/// a file says the same already, in which case it was not brought.
pub(crate) async fn write_concerned(
    home: &Home,
    facts: Vec<Fact>,
    change: Change<'_>,
    patience: Patience,
    make: impl Fn(Vec<Fact>, Known) -> Command,
) -> Result<(Vec<bool>, Done), AppError> {
    let mut batches = home.cold.batches(&home.store).await?;
    for _ in 0..ATTEMPTS {
        let Found { same, thawed } = look(home, &batches, &facts).await?;
        let known = Known { thawed, batches: i64::try_from(batches.len()).unwrap_or(i64::MAX) };
        let brought = facts.iter().zip(&same).filter(|(_, same)| !**same).map(|(fact, _)| fact.clone()).collect();
        let command = make(brought, known);
        let done = match patience {
            Patience::Waits => home.store.write(change, command).await?,
            Patience::Hurries => home.store.try_write(change, command).await?,
        };
        if let Done::Stale(_) = done {
            batches = home.cold.refresh(&home.store).await?;
            continue;
        }
        return Ok((same, done));
    }
    Err(StoreError::Busy.into())
}

/// Takes facts in, in one command: those that files know already change nothing; reports in files that the others concern
/// become rows with them.
pub(crate) async fn import_facts(
    home: &Home,
    mut facts: Vec<Fact>,
    change: Change<'_>,
    patience: Patience,
) -> Result<ImportOutcome, AppError> {
    let mut sum = ImportOutcome { reports: vec![Taken::Same; facts.len()], ..ImportOutcome::default() };
    // Where each of the facts that are still to be taken in stands among all.
    let mut places: Vec<usize> = (0..facts.len()).collect();
    let mut batches = home.cold.batches(&home.store).await?;
    for _ in 0..ATTEMPTS {
        let found = look(home, &batches, &facts).await?;
        sum.same += found.same.iter().filter(|same| **same).count();
        let mut same = found.same.iter();
        places.retain(|_| !same.next().copied().unwrap_or(false));
        let mut same = found.same.iter();
        facts.retain(|_| !same.next().copied().unwrap_or(false));
        if facts.is_empty() {
            return Ok(sum);
        }
        let count = i64::try_from(batches.len()).unwrap_or(i64::MAX);
        let command = Command::ImportFacts { facts, zone: home.zone.clone(), thawed: found.thawed, batches: count };
        let done = match patience {
            Patience::Waits => home.store.write(change, command).await?,
            Patience::Hurries => home.store.try_write(change, command).await?,
        };
        match done {
            Done::Stale(command) => {
                let Command::ImportFacts { facts: again, .. } = *command else { break };
                facts = again;
                batches = home.cold.refresh(&home.store).await?;
            }
            Done::Imported(outcome) => {
                for (place, taken) in places.into_iter().zip(outcome.reports) {
                    sum.reports[place] = taken;
                }
                sum.new += outcome.new;
                sum.same += outcome.same;
                sum.conflicts += outcome.conflicts;
                sum.dirty = outcome.dirty;
                return Ok(sum);
            }
            Done::Changed | Done::Nothing | Done::Rated(_) => return Ok(sum),
        }
    }
    Err(StoreError::Busy.into())
}

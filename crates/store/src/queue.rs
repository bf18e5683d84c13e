//! The queue before the door. One task writes; commands that wait together share a transaction, and with it the wait
//! for the disk; those that bring facts are looked at together. What fails together is done again one by one.

use crate::StoreError;
use crate::door::{Change, Command, Done, Turn};
use crate::fact::{KnownTexts, Part};
use crate::sql::Database;
use model::canonical::Digest;
use model::fact::Fact;
use model::time::Instant;
use std::sync::Arc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

/// Commands that may wait.
const LONGEST: usize = 1_024;
/// A transaction takes no further command once it has about so many rows.
const ROWS_TOGETHER: usize = 1_000;

/// A command that waits for its turn.
struct Asked {
    actor: String,
    at: Instant,
    command: Command,
    /// Of each fact that the command brings, the digest of what it says.
    digests: Vec<Digest>,
    answer: oneshot::Sender<Result<Done, StoreError>>,
}

impl Asked {
    fn change(&self) -> Change<'_> {
        Change { actor: &self.actor, at: self.at }
    }
}

/// Where commands are handed in.
#[derive(Clone, Debug)]
pub(crate) struct Queue(mpsc::Sender<Asked>);

impl Queue {
    /// Starts the task that writes. It ends when nobody can ask any more.
    pub(crate) fn start(database: Database, texts: Arc<KnownTexts>) -> Self {
        let (sender, asked) = mpsc::channel(LONGEST);
        let mut writer = Writer { database, texts, asked };
        tokio::spawn(async move { while writer.tick().await {} });
        Self(sender)
    }

    /// Waits for a place in the queue, and for the answer.
    pub(crate) async fn ask(&self, change: Change<'_>, command: Command) -> Result<Done, StoreError> {
        let place = self.0.reserve().await.map_err(|_| StoreError::Closed)?;
        hand_in(place, change, command).await
    }

    /// Waits for the answer, if there is a place in the queue.
    pub(crate) async fn try_ask(&self, change: Change<'_>, command: Command) -> Result<Done, StoreError> {
        let place = self.0.try_reserve().map_err(|refused| match refused {
            TrySendError::Full(()) => StoreError::Busy,
            TrySendError::Closed(()) => StoreError::Closed,
        })?;
        hand_in(place, change, command).await
    }
}

async fn hand_in(place: mpsc::Permit<'_, Asked>, change: Change<'_>, command: Command) -> Result<Done, StoreError> {
    let (answer, answered) = oneshot::channel();
    let Change { actor, at } = change;
    // Here, where many ask at once, and not where one writes.
    let digests = match &command {
        Command::ImportFacts { facts, .. } => facts.iter().map(Fact::payload_digest).collect(),
        _ => Vec::new(),
    };
    place.send(Asked { actor: actor.to_owned(), at, command, digests, answer });
    answered.await.map_err(|_| StoreError::Closed)?
}

/// The one that writes.
struct Writer {
    database: Database,
    texts: Arc<KnownTexts>,
    asked: mpsc::Receiver<Asked>,
}

impl Writer {
    /// Waits for a command, and writes it with those that wait behind it. False: nobody can ask any more.
    async fn tick(&mut self) -> bool {
        let Some(first) = self.asked.recv().await else { return false };
        let mut rows = first.command.rows();
        let mut group = vec![first];
        while rows < ROWS_TOGETHER
            && let Ok(next) = self.asked.try_recv()
        {
            rows += next.command.rows();
            group.push(next);
        }
        self.write(group).await;
        true
    }

    async fn write(&self, group: Vec<Asked>) {
        let known = self.texts.last();
        match self.carry_out(&group).await {
            Ok(results) => {
                for (asked, done) in group.into_iter().zip(results) {
                    let done = done.unwrap_or_else(|| Done::Stale(Box::new(asked.command)));
                    // Whoever asked may have gone; the command was carried out all the same.
                    let _ = asked.answer.send(Ok(done));
                }
            }
            Err(error) => {
                // What the transaction numbered is not in the database.
                self.texts.forget_after(known);
                self.one_by_one(group, error).await;
            }
        }
    }

    /// Commands that failed together are carried out each for itself, so that only one that fails alone is refused. Where
    /// the database is gone, each would wait for it in turn: all are told at once.
    async fn one_by_one(&self, group: Vec<Asked>, error: StoreError) {
        if group.len() == 1 || error.is_unreachable() {
            for asked in group {
                let _ = asked.answer.send(Err(error.clone()));
            }
            return;
        }
        for asked in group {
            let known = self.texts.last();
            let result = self.carry_out(std::slice::from_ref(&asked)).await;
            if result.is_err() {
                self.texts.forget_after(known);
            }
            let done = result.map(|mut done| done.pop().unwrap_or(Some(Done::Nothing)));
            let done = done.map(|done| done.unwrap_or_else(|| Done::Stale(Box::new(asked.command))));
            let _ = asked.answer.send(done);
        }
    }

    /// Carries commands out in one transaction, all or none. `None`: what a command looked at has changed.
    async fn carry_out(&self, group: &[Asked]) -> Result<Vec<Option<Done>>, StoreError> {
        tracing::debug!(commands = group.len(), first = group[0].command.name(), "transaction begins");
        let mut turn = Turn::new(self.database.begin().await?, Arc::clone(&self.texts)).await?;
        let (mut done, mut rest) = (Vec::with_capacity(group.len()), group);
        while let [first, others @ ..] = rest {
            if first.command.known().is_some_and(|known| known.batches != turn.batches) {
                rest = others;
                done.push(None);
            } else if let Command::ImportFacts { zone, .. } = &first.command {
                let run = imports(rest, turn.batches);
                rest = &rest[run.len()..];
                done.extend(turn.import(&run, zone).await?.into_iter().map(Some));
            } else {
                rest = others;
                done.push(turn.carry_out(first.change(), &first.command).await?);
            }
        }
        if turn.wrote() {
            tracing::debug!(commands = group.len(), "commit begins");
            turn.commit().await?;
            tracing::debug!(commands = group.len(), "commit done");
        } else {
            turn.tx.rollback().await?;
        }
        Ok(done)
    }
}

/// The commands at the beginning that bring facts of one zone and have looked through all batches.
fn imports(group: &[Asked], all: i64) -> Vec<(Change<'_>, Part<'_>)> {
    let mut run = Vec::new();
    let mut name = None;
    for asked in group {
        let Command::ImportFacts { facts, zone, known } = &asked.command else { break };
        if *name.get_or_insert(zone.name()) != zone.name() || known.batches != all {
            break;
        }
        run.push((asked.change(), Part { facts, digests: &asked.digests, thawed: &known.thawed }));
    }
    run
}

//! The queue before the door. One task writes; commands that wait together share a transaction, and with it the wait
//! for the disk. Each is undone alone if it fails alone.

use crate::StoreError;
use crate::door::{Change, Command, Done, Turn, carry_out};
use crate::fact::KnownTexts;
use crate::sql::Database;
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
    answer: oneshot::Sender<Result<Done, StoreError>>,
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
    place.send(Asked { actor: actor.to_owned(), at, command, answer });
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
        let results = match self.carry_out(&group).await {
            Ok(results) => results,
            Err(error) => {
                // What the transaction numbered is not in the database.
                self.texts.forget_after(known);
                group.iter().map(|_| Err(error.clone())).collect()
            }
        };
        for (asked, result) in group.into_iter().zip(results) {
            // Whoever asked may have gone; the command was carried out all the same.
            let _ = asked.answer.send(result);
        }
    }

    /// Carries commands out in one transaction. An error is that of the transaction: none of them was done.
    async fn carry_out(&self, group: &[Asked]) -> Result<Vec<Result<Done, StoreError>>, StoreError> {
        tracing::debug!(commands = group.len(), first = group[0].command.name(), "transaction begins");
        let mut turn = Turn::new(self.database.begin().await?, Arc::clone(&self.texts)).await?;
        let (mut results, mut wrote) = (Vec::with_capacity(group.len()), false);
        for asked in group {
            if group.len() > 1 {
                turn.tx.save().await?;
            }
            let (change, known) = (Change { actor: &asked.actor, at: asked.at }, self.texts.last());
            match carry_out(&mut turn, change, &asked.command).await {
                Ok((done, changed)) => {
                    wrote |= changed;
                    results.push(Ok(done));
                    if group.len() > 1 {
                        turn.tx.release().await?;
                    }
                }
                Err(error) if group.len() == 1 => return Err(error),
                Err(error) => {
                    turn.tx.undo().await?;
                    self.texts.forget_after(known);
                    results.push(Err(error));
                }
            }
        }
        if wrote {
            tracing::debug!(commands = group.len(), "commit begins");
            turn.tx.commit().await?;
            tracing::debug!(commands = group.len(), "commit done");
        } else {
            turn.tx.rollback().await?;
        }
        Ok(results)
    }
}

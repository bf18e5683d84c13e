//! The database of a home, SQLite or PostgreSQL: facts as rows, days, periods, and the one door through which everything
//! is written.

mod cold;
mod copy;
mod day;
mod door;
mod error;
mod fact;
mod job;
mod period;
mod queue;
mod rating;
mod reference;
mod sql;
mod token;
mod verify;

pub use cold::{
    Backfill, BackfilledDay, BatchTexts, ColdBatch, ColdDay, ColdFile, FreeText, KindCount, Packed, PackedReport,
    Packer, Reading, SharedTexts, SourceCount, TakeName, Thawed, case_key, record_key, report_key,
};
pub use copy::CopiedTable;
pub use day::{SealedDay, SealedRow};
pub use door::{Change, Command, Done, Known};
pub use error::StoreError;
pub use fact::{Conflict, DayParts, FactCounts, ImportOutcome, NewReports, Taken};
pub use job::{Job, JobState, LEASE_SECONDS, MAX_ATTEMPTS, Take};
pub use period::{ClosedPeriod, FinalPeriod};
pub use rating::{RatingTaken, UnmatchedRating};
pub use reference::ReferenceSet;
pub use sql::Location;
pub use token::SourceToken;

use fact::KnownTexts;
use queue::Queue;
use sql::Database;
use std::sync::Arc;

/// An open database.
#[derive(Clone, Debug)]
pub struct Store {
    database: Database,
    /// The texts that facts refer to by number, as far as they were needed.
    texts: Arc<KnownTexts>,
    queue: Queue,
}

impl Store {
    /// Makes the database of a new home. A file is made; a server must have an empty or an older database.
    pub async fn create(location: &Location) -> Result<Self, StoreError> {
        Ok(Self::over(Database::open(location, true).await?))
    }

    /// Opens a database, which must be there, and brings its tables up to date.
    pub async fn open(location: &Location) -> Result<Self, StoreError> {
        Ok(Self::over(Database::open(location, false).await?))
    }

    /// Opens a database to read what it holds, beside whoever writes it.
    pub async fn open_to_read(location: &Location) -> Result<Self, StoreError> {
        Ok(Self::over(Database::open_to_read(location).await?))
    }

    /// Needs a runtime: commands are written by a task of their own.
    fn over(database: Database) -> Self {
        let texts = Arc::<KnownTexts>::default();
        let queue = Queue::start(database.clone(), Arc::clone(&texts));
        Self { database, texts, queue }
    }

    /// Gives back the room that large imports leave within the file. Nobody else writes meanwhile.
    pub async fn compact(&self) -> Result<(), StoreError> {
        self.database.compact().await
    }

    /// Closes every connection, so that the files are whole when this returns.
    pub async fn close(self) {
        self.database.close().await;
    }
}

#[cfg(test)]
mod tests;

//! The database of a home: facts as rows, days, periods, and the one door through which everything is written.

mod day;
mod door;
mod error;
mod fact;
mod period;
mod reference;

pub use day::{SealedDay, SealedRow};
pub use door::{Change, Command, Done};
pub use error::StoreError;
pub use fact::{Conflict, FactCounts, ImportOutcome, Incoming};
pub use period::{ClosedPeriod, FinalPeriod};
pub use reference::ReferenceSet;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use std::path::Path;
use std::time::Duration;

/// An open database.
#[derive(Clone, Debug)]
pub struct Store {
    /// One connection: SQLite has one writer, and a queue is better than a refusal.
    writer: SqlitePool,
    readers: SqlitePool,
}

impl Store {
    /// Opens the database in a file, makes it if it is not there, and brings its tables up to date.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10));
        let writer = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
        sqlx::migrate!("./migrations/sqlite").run(&writer).await?;
        let readers = SqlitePoolOptions::new().max_connections(4).connect_with(options.read_only(true)).await?;
        Ok(Self { writer, readers })
    }

    /// Closes every connection, so that the files are whole when this returns.
    pub async fn close(self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

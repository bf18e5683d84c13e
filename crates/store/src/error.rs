//! What can go wrong with the database.

use std::sync::Arc;

/// A failure of the store. It can be told to several who asked together.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The database is not there.
    #[error("the database is missing or empty; restore it from a backup (a new home has one)")]
    Gone,
    /// The database refused.
    #[error("the database failed")]
    Database(#[source] Arc<sqlx::Error>),
    /// The tables could not be brought up to date.
    #[error("the tables of the database could not be brought up to date")]
    Migration(#[source] Arc<sqlx::migrate::MigrateError>),
    /// What is to say where the database is does not.
    #[error("`database_url` cannot be used: {problem}; write it like postgres://user:password@host:5432/heng")]
    Url {
        /// What is wrong with it.
        problem: String,
    },
    /// The tables are those of another version of the program.
    #[error("the tables of the database are of version {found}, this program's are of {expected}: {next}")]
    Version {
        /// The version of the tables.
        found: i64,
        /// The version that the program has.
        expected: i64,
        /// What to do.
        next: &'static str,
    },
    /// What should be copied into holds something.
    #[error("the database to copy into holds something already; name an empty one")]
    NotEmpty,
    /// A copied table is not what was copied.
    #[error("the copy of table {table} is not what was copied")]
    Miscopied {
        /// The table.
        table: &'static str,
    },
    /// Too many commands wait already.
    #[error("too many commands wait to be written; try again in a second")]
    Busy,
    /// The store is being closed.
    #[error("the database is being closed")]
    Closed,
    /// A row does not say what a row of its table says.
    #[error("table {table}, row {row}, column {column}: {problem}")]
    CorruptRow {
        /// The table.
        table: &'static str,
        /// Which row.
        row: String,
        /// The column.
        column: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// A statement changed another number of rows than it must.
    #[error("{action} changed {found} rows instead of {expected}")]
    RowsAffected {
        /// What was done.
        action: &'static str,
        /// Rows changed.
        found: u64,
        /// Rows that should have changed.
        expected: u64,
    },
    /// A value could not be written as JSON.
    #[error("a value could not be written as JSON")]
    Json(#[source] Arc<serde_json::Error>),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(Arc::new(error))
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        Self::Migration(Arc::new(error))
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(Arc::new(error))
    }
}

impl StoreError {
    /// Whether the database could not be reached: whoever asks next will hear the same.
    pub(crate) fn is_unreachable(&self) -> bool {
        use sqlx::Error::{Io, PoolClosed, PoolTimedOut, Tls, WorkerCrashed};
        match self {
            Self::Database(error) => {
                matches!(**error, Io(_) | PoolClosed | PoolTimedOut | Tls(_) | WorkerCrashed)
            }
            _ => false,
        }
    }

    pub(crate) fn corrupt(
        table: &'static str,
        row: impl std::fmt::Display,
        column: &'static str,
        problem: impl std::fmt::Display,
    ) -> Self {
        Self::CorruptRow { table, row: row.to_string(), column, problem: problem.to_string() }
    }
}

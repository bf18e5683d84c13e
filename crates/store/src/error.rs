//! What can go wrong with the database.

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database is not there.
    #[error("the database is missing or empty; restore it from a backup (a new home has one)")]
    Gone,
    /// The database refused.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// The tables could not be brought up to date.
    #[error("the tables of the database could not be brought up to date")]
    Migration(#[from] sqlx::migrate::MigrateError),
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
    Json(#[from] serde_json::Error),
}

impl StoreError {
    pub(crate) fn corrupt(
        table: &'static str,
        row: impl std::fmt::Display,
        column: &'static str,
        problem: impl std::fmt::Display,
    ) -> Self {
        Self::CorruptRow { table, row: row.to_string(), column, problem: problem.to_string() }
    }
}

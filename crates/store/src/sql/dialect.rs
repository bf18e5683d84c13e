//! Where SQLite and PostgreSQL really differ.

/// SQLite: a transaction that will write says so at once; one that begins by reading could be refused halfway.
pub(super) const BEGIN_SQLITE: &str = "BEGIN IMMEDIATE";
/// PostgreSQL: what the commands before have committed is seen by every statement, for the lock is taken first.
pub(super) const BEGIN_POSTGRES: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";
/// PostgreSQL: one door for all nodes. Numbers of commands, facts and outbox rows become visible in their order.
pub(super) const LOCK_POSTGRES: &str = "SELECT pg_advisory_xact_lock(1214606951)";
/// PostgreSQL: several reads of one state.
pub(super) const VIEW_POSTGRES: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// Between the commands that share a transaction, on both.
pub(super) const SAVE: &str = "SAVEPOINT command";
/// Keeps what a command did, on both.
pub(super) const RELEASE: &str = "RELEASE SAVEPOINT command";
/// Undoes what a command did, on both.
pub(super) const UNDO: &str = "ROLLBACK TO SAVEPOINT command";
/// SQLite: what it says of its own pages. PostgreSQL has checksums of its pages, which its own tools check.
pub(super) const INTEGRITY_SQLITE: &str = "PRAGMA integrity_check";
/// SQLite: the version of the tables.
pub(super) const VERSION_SQLITE: &str = "SELECT COALESCE(MAX(version), 0) FROM _sqlx_migrations WHERE success";
/// SQLite: gives back the room within the file, and empties the log beside it.
pub(super) const COMPACT_SQLITE: [&str; 2] = ["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"];
/// SQLite takes at most 32,766 values in a statement.
pub(super) const MOST_VALUES_SQLITE: usize = 16_000;
/// Rows per statement on PostgreSQL, which takes one array per column.
pub(super) const MOST_ROWS_POSTGRES: usize = 5_000;

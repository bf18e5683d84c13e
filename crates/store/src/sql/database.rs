//! The database behind a store: where it is, and its connections.

use super::dialect::{
    BEGIN_POSTGRES, BEGIN_SQLITE, COMPACT_SQLITE, INTEGRITY_SQLITE, PLANS_POSTGRES, VERSION_SQLITE, VIEW_POSTGRES,
};
use super::{Arg, Row, Tx, postgres, sqlite, told};
use crate::StoreError;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr as _;
use std::time::Duration;

/// Where a database is.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// SQLite, in a file.
    File(PathBuf),
    /// PostgreSQL, as `postgres://user:password@host:port/name`.
    Server(String),
}

impl Location {
    /// Reads a URL; without one the database is a file.
    pub fn of(url: Option<&str>, file: PathBuf) -> Result<Self, StoreError> {
        let Some(url) = url else { return Ok(Self::File(file)) };
        if !(url.starts_with("postgres://") || url.starts_with("postgresql://")) {
            return Err(StoreError::Url { problem: "it must begin with postgres://".to_owned() });
        }
        PgConnectOptions::from_str(url).map_err(|error| StoreError::Url { problem: error.to_string() })?;
        Ok(Self::Server(url.to_owned()))
    }
}

/// Without user and password: it is printed and logged.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Server(url) => {
                let rest = url.split_once("://").map_or("", |(_, rest)| rest);
                let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
                write!(f, "postgres://{}", place.split('?').next().unwrap_or_default())
            }
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Location({self})")
    }
}

/// The connections of a store.
#[derive(Clone, Debug)]
pub(crate) enum Database {
    Sqlite {
        /// One connection: SQLite has one writer, and a queue is better than a refusal.
        writer: SqlitePool,
        readers: SqlitePool,
    },
    Postgres(PgPool),
}

impl Database {
    /// Opens the database, and brings its tables up to date. Only `create` makes a new file.
    pub(crate) async fn open(location: &Location, create: bool) -> Result<Self, StoreError> {
        match location {
            Location::File(path) => {
                // SQLite takes an empty file for a new database: what was in it would be missed by nobody.
                if !create && !std::fs::metadata(path).is_ok_and(|file| file.len() > 0) {
                    return Err(StoreError::Gone);
                }
                let options = SqliteConnectOptions::new()
                    .filename(path)
                    .create_if_missing(create)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    // The door keeps together what refers to each other; a look-up per row would say so again.
                    .foreign_keys(false)
                    .busy_timeout(Duration::from_secs(10))
                    // Rows come from a thread of their own: fewer and larger hand-overs.
                    .row_buffer_size(2_000);
                let writer = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
                sqlx::migrate!("./migrations/sqlite").run(&writer).await?;
                let readers = SqlitePoolOptions::new().max_connections(4).connect_with(options.read_only(true)).await?;
                Ok(Self::Sqlite { writer, readers })
            }
            Location::Server(url) => {
                let options = PgConnectOptions::from_str(url)?.application_name("heng").options(PLANS_POSTGRES);
                let pool = PgPoolOptions::new()
                    .max_connections(10)
                    .acquire_timeout(Duration::from_secs(10))
                    .connect_with(options)
                    .await?;
                sqlx::migrate!("./migrations/postgres").run(&pool).await?;
                Ok(Self::Postgres(pool))
            }
        }
    }

    /// Opens a database whose tables are up to date, only to read it.
    pub(crate) async fn open_to_read(location: &Location) -> Result<Self, StoreError> {
        let Location::File(path) = location else { return Self::open(location, false).await };
        if !std::fs::metadata(path).is_ok_and(|file| file.len() > 0) {
            return Err(StoreError::Gone);
        }
        let options = SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(Duration::from_secs(10));
        let readers = SqlitePoolOptions::new().max_connections(4).connect_with(options.row_buffer_size(2_000)).await?;
        let (found,): (i64,) = sqlx::query_as(VERSION_SQLITE).fetch_one(&readers).await?;
        let expected = sqlx::migrate!("./migrations/sqlite").iter().map(|step| step.version).max().unwrap_or_default();
        if found != expected {
            let next = if found < expected { "run `heng migrate` first" } else { "use the newer program" };
            return Err(StoreError::Version { found, expected, next });
        }
        Ok(Self::Sqlite { writer: readers.clone(), readers })
    }

    /// Begins a transaction that writes. Others that want to write wait.
    pub(crate) async fn begin(&self) -> Result<Tx, StoreError> {
        let mut tx = match self {
            Self::Sqlite { writer, .. } => Tx::Sqlite(writer.begin_with(BEGIN_SQLITE).await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin_with(BEGIN_POSTGRES).await?),
        };
        tx.lock().await?;
        Ok(tx)
    }

    /// One state of the database for several reads. It cannot write.
    pub(crate) async fn view(&self) -> Result<Tx, StoreError> {
        match self {
            Self::Sqlite { readers, .. } => Ok(Tx::Sqlite(readers.begin().await?)),
            Self::Postgres(pool) => {
                // Whoever waits may be cancelled between BEGIN and its answer, which would leave the connection in a
                // transaction that nobody knows of (sqlx #4393). A task of its own goes on and undoes it.
                let pool = pool.clone();
                let begun = tokio::spawn(async move { pool.begin_with(VIEW_POSTGRES).await });
                Ok(Tx::Postgres(begun.await.map_err(|_| StoreError::Closed)??))
            }
        }
    }

    /// Every row that a statement finds.
    pub(crate) async fn all<T: Row>(&self, sql: &'static str, args: &[Arg<'_>]) -> Result<Vec<T>, StoreError> {
        Ok(match self {
            Self::Sqlite { readers, .. } => sqlx::query_as_with(sql, sqlite(args)?).fetch_all(readers).await?,
            Self::Postgres(pool) => sqlx::query_as_with(told(sql), postgres(args)?).fetch_all(pool).await?,
        })
    }

    /// The row that a statement finds, if it finds one.
    pub(crate) async fn optional<T: Row>(&self, sql: &'static str, args: &[Arg<'_>]) -> Result<Option<T>, StoreError> {
        Ok(match self {
            Self::Sqlite { readers, .. } => sqlx::query_as_with(sql, sqlite(args)?).fetch_optional(readers).await?,
            Self::Postgres(pool) => sqlx::query_as_with(told(sql), postgres(args)?).fetch_optional(pool).await?,
        })
    }

    /// Changes one of the tables that are outside the door: what can be made again, or says only who is alive.
    pub(crate) async fn note(&self, sql: &'static str, args: &[Arg<'_>]) -> Result<u64, StoreError> {
        Ok(match self {
            Self::Sqlite { writer, .. } => sqlx::query_with(sql, sqlite(args)?).execute(writer).await?.rows_affected(),
            Self::Postgres(pool) => sqlx::query_with(told(sql), postgres(args)?).execute(pool).await?.rows_affected(),
        })
    }

    /// A transaction beside the door, for the tables that are outside it, after every command that is under way.
    pub(crate) async fn begin_in_turn(&self) -> Result<Tx, StoreError> {
        self.begin().await
    }

    /// Like [`Database::note`], and after every command that is under way.
    pub(crate) async fn note_in_turn(&self, sql: &'static str, args: &[Arg<'_>]) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let changed = tx.execute(sql, args).await?;
        tx.commit().await?;
        Ok(changed)
    }

    /// What the database itself finds wrong with its pages.
    pub(crate) async fn integrity(&self) -> Result<Vec<String>, StoreError> {
        let Self::Sqlite { readers, .. } = self else { return Ok(Vec::new()) };
        let lines: Vec<String> = sqlx::query_scalar(INTEGRITY_SQLITE).fetch_all(readers).await?;
        Ok(lines.into_iter().filter(|line| line != "ok").collect())
    }

    /// Gives back the room that large imports leave within the file. Nobody else writes meanwhile.
    pub(crate) async fn compact(&self) -> Result<(), StoreError> {
        if let Self::Sqlite { writer, .. } = self {
            for sql in COMPACT_SQLITE {
                sqlx::query(sql).execute(writer).await?;
            }
        }
        Ok(())
    }

    /// Closes every connection.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_checked_and_never_shows_a_password() {
        let of = |url: Option<&str>| Location::of(url, PathBuf::from("/h/heng.db"));
        assert_eq!(of(None).expect("a file").to_string(), "/h/heng.db");
        let server = of(Some("postgres://heng:secret@db:5432/heng?sslmode=disable")).expect("a server");
        assert_eq!(server.to_string(), "postgres://db:5432/heng");
        assert!(!format!("{server:?}").contains("secret"));
        for wrong in ["mysql://db/heng", "db", "postgres://:x:y:z"] {
            assert!(of(Some(wrong)).is_err(), "{wrong}");
        }
    }
}

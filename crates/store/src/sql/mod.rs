//! One text of SQL for two databases: what is bound, what comes back, and who runs it.
//!
//! Statements are named constants, written once for SQLite and PostgreSQL. Where the two really differ stands in
//! `dialect.rs`; that every statement is one of both is tested by preparing it on both.

mod cells;
mod database;
mod dialect;
mod table;
mod tx;

pub(crate) use cells::Cells;
pub(crate) use database::Database;
pub use database::Location;
#[cfg(test)]
pub(crate) use dialect::for_postgres;
pub(crate) use table::{Table, Type};
pub(crate) use tx::{Rows, Tx};

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, AssertSqlSafe, Encode, FromRow};
use std::sync::Arc;

/// Declares the statements of a module, and lists them for the test that prepares each on both databases.
macro_rules! statements {
    ($($(#[$comment:meta])* $seen:vis $name:ident = $sql:expr;)*) => {
        $($(#[$comment])* $seen const $name: &str = $sql;)*

        #[cfg(test)]
        pub(crate) const STATEMENTS: &[&str] = &[$($name),*];
    };
}
pub(crate) use statements;

/// A value to bind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arg<'a> {
    Integer(Option<i64>),
    Text(Option<&'a str>),
    Bytes(&'a [u8]),
    Flag(bool),
}

impl From<i64> for Arg<'_> {
    fn from(number: i64) -> Self {
        Self::Integer(Some(number))
    }
}

impl From<i32> for Arg<'_> {
    fn from(number: i32) -> Self {
        Self::Integer(Some(number.into()))
    }
}

impl From<u32> for Arg<'_> {
    fn from(number: u32) -> Self {
        Self::Integer(Some(number.into()))
    }
}

impl From<Option<i32>> for Arg<'_> {
    fn from(number: Option<i32>) -> Self {
        Self::Integer(number.map(i64::from))
    }
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Some(text))
    }
}

impl<'a> From<&'a String> for Arg<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Some(text))
    }
}

impl<'a> From<Option<&'a str>> for Arg<'a> {
    fn from(text: Option<&'a str>) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a [u8]> for Arg<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<bool> for Arg<'_> {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

/// Something that a row of either database can become.
pub(crate) trait Row:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static
{
}

impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static {}

/// A statement as PostgreSQL takes it.
fn told(sql: &'static str) -> AssertSqlSafe<Arc<str>> {
    AssertSqlSafe(dialect::for_postgres(sql))
}

/// Values as SQLite takes them.
fn sqlite(args: &[Arg<'_>]) -> Result<SqliteArguments, sqlx::Error> {
    bound(args)
}

/// Values as PostgreSQL takes them.
fn postgres(args: &[Arg<'_>]) -> Result<PgArguments, sqlx::Error> {
    bound(args)
}

fn bound<A: Arguments>(args: &[Arg<'_>]) -> Result<A, sqlx::Error>
where
    for<'t> Option<i64>: Encode<'t, A::Database> + sqlx::Type<A::Database>,
    for<'t> Option<&'t str>: Encode<'t, A::Database> + sqlx::Type<A::Database>,
    for<'t> &'t [u8]: Encode<'t, A::Database> + sqlx::Type<A::Database>,
    for<'t> bool: Encode<'t, A::Database> + sqlx::Type<A::Database>,
{
    let mut arguments = A::default();
    arguments.reserve(args.len(), 0);
    for arg in args {
        match *arg {
            Arg::Integer(number) => arguments.add(number),
            Arg::Text(text) => arguments.add(text),
            Arg::Bytes(bytes) => arguments.add(bytes),
            Arg::Flag(flag) => arguments.add(flag),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

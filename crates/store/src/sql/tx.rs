//! A transaction of either database.

use super::dialect::{LOCK_POSTGRES, MOST_ROWS_POSTGRES, MOST_VALUES_SQLITE};
use super::{Arg, Cells, Row, Table, Type, postgres, sqlite, told};
use crate::StoreError;
use futures_util::stream::Stream;
use sqlx::postgres::PgArguments;
use sqlx::{Arguments as _, AssertSqlSafe, Postgres, Sqlite, Transaction};
use std::pin::Pin;

/// Rows as they come.
pub(crate) type Rows<'a, T> = Pin<Box<dyn Stream<Item = Result<T, sqlx::Error>> + Send + 'a>>;

/// A transaction. What it did is undone unless it is committed.
pub(crate) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    /// Waits until no other node writes.
    pub(super) async fn lock(&mut self) -> Result<(), StoreError> {
        if let Self::Postgres(tx) = self {
            sqlx::query(LOCK_POSTGRES).execute(&mut **tx).await?;
        }
        Ok(())
    }

    /// Every row that a statement finds.
    pub(crate) async fn all<T: Row>(&mut self, sql: &'static str, args: &[Arg<'_>]) -> Result<Vec<T>, StoreError> {
        Ok(match self {
            Self::Sqlite(tx) => sqlx::query_as_with(sql, sqlite(args)?).fetch_all(&mut **tx).await?,
            Self::Postgres(tx) => sqlx::query_as_with(told(sql), postgres(args)?).fetch_all(&mut **tx).await?,
        })
    }

    /// The row that a statement finds, if it finds one.
    pub(crate) async fn optional<T: Row>(
        &mut self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Option<T>, StoreError> {
        Ok(match self {
            Self::Sqlite(tx) => sqlx::query_as_with(sql, sqlite(args)?).fetch_optional(&mut **tx).await?,
            Self::Postgres(tx) => sqlx::query_as_with(told(sql), postgres(args)?).fetch_optional(&mut **tx).await?,
        })
    }

    /// The number that a statement always finds.
    pub(crate) async fn number(&mut self, sql: &'static str, args: &[Arg<'_>]) -> Result<i64, StoreError> {
        let (number,) = match self {
            Self::Sqlite(tx) => sqlx::query_as_with(sql, sqlite(args)?).fetch_one(&mut **tx).await?,
            Self::Postgres(tx) => sqlx::query_as_with(told(sql), postgres(args)?).fetch_one(&mut **tx).await?,
        };
        Ok(number)
    }

    /// Rows as they come, so that many are never in memory together.
    pub(crate) fn stream<'a, T: Row>(
        &'a mut self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Rows<'a, T>, StoreError> {
        Ok(match self {
            Self::Sqlite(tx) => sqlx::query_as_with(sql, sqlite(args)?).fetch(&mut **tx),
            Self::Postgres(tx) => sqlx::query_as_with(told(sql), postgres(args)?).fetch(&mut **tx),
        })
    }

    /// Every row of a table, in the order of its first columns.
    pub(crate) fn every(&mut self, table: &Table, key: usize) -> Rows<'_, Cells> {
        let sql = AssertSqlSafe(table.every(key));
        match self {
            Self::Sqlite(tx) => sqlx::query_as(sql).fetch(&mut **tx),
            Self::Postgres(tx) => sqlx::query_as(sql).fetch(&mut **tx),
        }
    }

    /// Carries a statement out. Returns how many rows it changed.
    pub(crate) async fn execute(&mut self, sql: &'static str, args: &[Arg<'_>]) -> Result<u64, StoreError> {
        Ok(match self {
            Self::Sqlite(tx) => sqlx::query_with(sql, sqlite(args)?).execute(&mut **tx).await?.rows_affected(),
            Self::Postgres(tx) => {
                sqlx::query_with(told(sql), postgres(args)?).execute(&mut **tx).await?.rows_affected()
            }
        })
    }

    /// Inserts rows, each with a value for every column of the table.
    pub(crate) async fn insert(&mut self, table: &Table, rows: &[Vec<Arg<'_>>]) -> Result<(), StoreError> {
        let at_once = match self {
            Self::Sqlite(_) => MOST_VALUES_SQLITE / table.columns.len(),
            Self::Postgres(_) => MOST_ROWS_POSTGRES,
        };
        for rows in rows.chunks(at_once) {
            let found = match self {
                Self::Sqlite(tx) => {
                    let sql = AssertSqlSafe(table.sqlite(rows.len()));
                    let query = sqlx::query_with(sql, sqlite(&rows.concat())?);
                    query.execute(&mut **tx).await?.rows_affected()
                }
                Self::Postgres(tx) => {
                    let sql = AssertSqlSafe(table.postgres());
                    sqlx::query_with(sql, arrays(table, rows).map_err(sqlx::Error::Encode)?)
                        .execute(&mut **tx)
                        .await?
                        .rows_affected()
                }
            };
            let expected = rows.len() as u64;
            if found != expected {
                return Err(StoreError::RowsAffected { action: table.name, found, expected });
            }
        }
        Ok(())
    }

    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    pub(crate) async fn rollback(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.rollback().await?,
            Self::Postgres(tx) => tx.rollback().await?,
        }
        Ok(())
    }
}

/// Rows as an array per column.
fn arrays(table: &Table, rows: &[Vec<Arg<'_>>]) -> Result<PgArguments, sqlx::error::BoxDynError> {
    let mut arguments = PgArguments::default();
    for (at, (name, ty)) in table.columns.iter().enumerate() {
        let wrong = || format!("a value of another type for column {name} of {}", table.name);
        match ty {
            Type::Integer => arguments.add(
                column(rows, at, |arg| match arg {
                    Arg::Integer(number) => Some(number),
                    _ => None,
                })
                .ok_or_else(wrong)?,
            )?,
            Type::Text => arguments.add(
                column(rows, at, |arg| match arg {
                    Arg::Text(text) => Some(text),
                    _ => None,
                })
                .ok_or_else(wrong)?,
            )?,
            Type::Bytes => arguments.add(
                column(rows, at, |arg| match arg {
                    Arg::Bytes(bytes) => Some(bytes),
                    _ => None,
                })
                .ok_or_else(wrong)?,
            )?,
            Type::Flag => arguments.add(
                column(rows, at, |arg| match arg {
                    Arg::Flag(flag) => Some(flag),
                    _ => None,
                })
                .ok_or_else(wrong)?,
            )?,
        }
    }
    Ok(arguments)
}

fn column<'a, T>(rows: &[Vec<Arg<'a>>], at: usize, value: impl Fn(Arg<'a>) -> Option<T>) -> Option<Vec<T>> {
    rows.iter().map(|row| value(*row.get(at)?)).collect()
}

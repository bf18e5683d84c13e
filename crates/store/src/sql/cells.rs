//! Rows of any table, for copying.

use super::{Arg, Type};
use sqlx::{ColumnIndex, Decode, FromRow, Row, TypeInfo as _, ValueRef as _};

/// A value of whatever column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    Nothing,
    Integer(i64),
    Text(String),
    Bytes(Vec<u8>),
    Flag(bool),
}

impl Cell {
    /// The value as a column of a type takes it. `None`: it is of another type.
    pub(crate) fn arg(&self, ty: Type) -> Option<Arg<'_>> {
        Some(match (ty, self) {
            (Type::Integer, Self::Nothing) => Arg::Integer(None),
            (Type::Integer, Self::Integer(number)) => Arg::Integer(Some(*number)),
            (Type::Text, Self::Nothing) => Arg::Text(None),
            (Type::Text, Self::Text(text)) => Arg::Text(Some(text)),
            (Type::Bytes, Self::Bytes(bytes)) => Arg::Bytes(bytes),
            (Type::Flag, Self::Flag(flag)) => Arg::Flag(*flag),
            // SQLite has no flags of its own.
            (Type::Flag, Self::Integer(number @ (0 | 1))) => Arg::Flag(*number == 1),
            _ => return None,
        })
    }
}

/// A row.
#[derive(Debug)]
pub(crate) struct Cells(pub(crate) Vec<Cell>);

impl<'r, R: Row> FromRow<'r, R> for Cells
where
    usize: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + sqlx::Type<R::Database>,
    bool: Decode<'r, R::Database> + sqlx::Type<R::Database>,
    String: Decode<'r, R::Database> + sqlx::Type<R::Database>,
    Vec<u8>: Decode<'r, R::Database> + sqlx::Type<R::Database>,
{
    fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
        let cell = |at: usize| {
            let value = row.try_get_raw(at)?;
            if value.is_null() {
                return Ok(Cell::Nothing);
            }
            // The names of SQLite's types, and of PostgreSQL's.
            match value.type_info().name() {
                "TEXT" => row.try_get(at).map(Cell::Text),
                "BLOB" | "BYTEA" => row.try_get(at).map(Cell::Bytes),
                "BOOLEAN" | "BOOL" => row.try_get(at).map(Cell::Flag),
                _ => row.try_get(at).map(Cell::Integer),
            }
        };
        (0..row.len()).map(cell).collect::<Result<_, _>>().map(Self)
    }
}

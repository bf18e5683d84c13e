//! Many rows into a table by few statements.

use std::fmt::Write as _;

/// The type of a column into which many rows are inserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Integer,
    Text,
    Bytes,
    Flag,
}

/// A table into which many rows are inserted at once.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [(&'static str, Type)],
}

impl Table {
    /// SQLite has no arrays: a group of placeholders for each row.
    pub(crate) fn sqlite(&self, rows: usize) -> String {
        let mut sql = self.head();
        sql.push_str(" VALUES ");
        let group = format!("({})", vec!["?"; self.columns.len()].join(", "));
        for row in 0..rows {
            if row > 0 {
                sql.push_str(", ");
            }
            sql.push_str(&group);
        }
        sql
    }

    /// PostgreSQL takes an array per column: one text for any number of rows.
    pub(crate) fn postgres(&self) -> String {
        let mut sql = self.head();
        sql.push_str(" SELECT * FROM UNNEST(");
        for (at, (_, ty)) in self.columns.iter().enumerate() {
            let comma = if at > 0 { ", " } else { "" };
            let ty = match ty {
                Type::Integer => "BIGINT",
                Type::Text => "TEXT",
                Type::Bytes => "BYTEA",
                Type::Flag => "BOOLEAN",
            };
            // Writing to a string cannot fail.
            let _ = write!(sql, "{comma}${}::{ty}[]", at + 1);
        }
        sql.push(')');
        sql
    }

    /// Every row, in the order of the first columns, each whole number as wide as the other.
    pub(crate) fn every(&self, key: usize) -> String {
        let column = |(name, ty): &(&str, Type)| match ty {
            Type::Integer => format!("CAST({name} AS BIGINT)"),
            _ => (*name).to_owned(),
        };
        let columns: Vec<String> = self.columns.iter().map(column).collect();
        let order: Vec<&str> = self.columns[..key].iter().map(|(name, _)| *name).collect();
        format!("SELECT {} FROM {} ORDER BY {}", columns.join(", "), self.name, order.join(", "))
    }

    fn head(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        format!("INSERT INTO {} ({})", self.name, names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_inserted_by_placeholders_or_by_arrays() {
        let table = Table { name: "anchor", columns: &[("day", Type::Integer), ("word", Type::Text)] };
        assert_eq!(table.sqlite(2), "INSERT INTO anchor (day, word) VALUES (?, ?), (?, ?)");
        assert_eq!(table.every(1), "SELECT CAST(day AS BIGINT), word FROM anchor ORDER BY day");
        assert_eq!(table.postgres(), "INSERT INTO anchor (day, word) SELECT * FROM UNNEST($1::BIGINT[], $2::TEXT[])");
    }
}

//! Texts by number: what comes again and again in facts is written once.

use crate::StoreError;
use sqlx::{Executor, QueryBuilder, Sqlite, SqliteConnection};
use std::collections::HashMap;
use std::sync::Arc;

const SINCE: &str = "SELECT id, text FROM text WHERE id > $1 ORDER BY id";
/// Rows per statement, each with two values.
const ROWS: usize = 2_000;

/// The texts that are committed, as far as they have been read. They never change, so what is known stays true.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    /// The text of number 1 stands first.
    texts: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, i64>,
}

impl Texts {
    pub(crate) fn last(&self) -> i64 {
        i64::try_from(self.texts.len()).unwrap_or(i64::MAX)
    }

    pub(crate) fn text(&self, number: i64) -> Option<&Arc<str>> {
        self.texts.get(usize::try_from(number).ok()?.checked_sub(1)?)
    }

    pub(crate) fn number(&self, text: &str) -> Option<i64> {
        self.numbers.get(text).copied()
    }

    /// Takes in what [`since`] found.
    pub(crate) fn extend(&mut self, rows: Vec<(i64, String)>) -> Result<(), StoreError> {
        for (number, text) in rows {
            // Somebody else may have taken them in meanwhile.
            if number <= self.last() {
                continue;
            }
            if number != self.last() + 1 {
                return Err(StoreError::corrupt("text", number, "id", "a number before it is missing"));
            }
            let text: Arc<str> = Arc::from(text);
            self.texts.push(Arc::clone(&text));
            self.numbers.insert(text, number);
        }
        Ok(())
    }
}

/// The texts after a number.
pub(crate) async fn since<'e>(
    executor: impl Executor<'e, Database = Sqlite>,
    last: i64,
) -> Result<Vec<(i64, String)>, StoreError> {
    Ok(sqlx::query_as(SINCE).bind(last).fetch_all(executor).await?)
}

/// Numbers for texts, those of a command that is not committed yet included.
#[derive(Debug)]
pub(crate) struct Numbering<'a> {
    known: &'a Texts,
    fresh: HashMap<String, i64>,
    next: i64,
}

impl<'a> Numbering<'a> {
    pub(crate) fn new(known: &'a Texts) -> Self {
        Self { known, fresh: HashMap::new(), next: known.last() + 1 }
    }

    /// The number of a text, a new one if it has none.
    pub(crate) fn number(&mut self, text: &str) -> i64 {
        if let Some(number) = self.known.number(text).or_else(|| self.fresh.get(text).copied()) {
            return number;
        }
        self.fresh.insert(text.to_owned(), self.next);
        self.next += 1;
        self.next - 1
    }

    /// The new texts with their numbers, in order.
    pub(crate) fn into_fresh(self) -> Vec<(i64, String)> {
        let mut fresh: Vec<(i64, String)> = self.fresh.into_iter().map(|(text, number)| (number, text)).collect();
        fresh.sort_unstable();
        fresh
    }
}

/// Writes new texts down.
pub(crate) async fn insert(connection: &mut SqliteConnection, fresh: &[(i64, String)]) -> Result<(), StoreError> {
    for rows in fresh.chunks(ROWS) {
        let mut insert = QueryBuilder::<Sqlite>::new("INSERT INTO text (id, text) ");
        insert.push_values(rows, |mut row, (number, text)| {
            row.push_bind(*number).push_bind(text.as_str());
        });
        insert.build().execute(&mut *connection).await?;
    }
    Ok(())
}

//! What there is of reports in files.

use crate::sql::{Tx, statements};
use crate::{Store, StoreError};
use futures_util::stream::TryStreamExt as _;
use model::fact::Kind;
use model::time::Day;
use std::collections::HashSet;

/// Reports that one backfill brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColdBatch {
    /// Its number, from 1 on.
    pub id: i64,
    /// The number of its first report; files count from here.
    pub first_fact: i64,
    /// How many numbers its reports take.
    pub facts: i64,
    /// Its files of texts and keys, in JSON.
    pub files: String,
    /// The command that brought it.
    pub command: i64,
}

/// A record file of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColdDay {
    /// Its batch.
    pub batch: i64,
    /// The stored file, in JSON.
    pub file: String,
    /// The numbers of those reports, among the file's, that lie in rows by now and count there.
    pub thawed: HashSet<i64>,
}

/// A record file, whatever lies in rows by now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColdFile {
    /// Its day.
    pub day: Day,
    /// Its batch.
    pub batch: i64,
    /// The stored file, in JSON.
    pub file: String,
}

statements! {
    BATCHES = "SELECT id, first_fact, facts, files, command FROM cold_batch ORDER BY id";
    OF_DAY = "SELECT batch, file, first_fact, last_fact FROM cold_day WHERE day = $1 ORDER BY batch";
    FILES = "SELECT day, batch, file FROM cold_day ORDER BY day, batch";
    BETWEEN = "SELECT id FROM fact WHERE id BETWEEN $1 AND $2";
    pub(super) IN_ROWS = "SELECT id FROM fact WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each($1))";
    NAMES = "SELECT f.id, f.kind, f.source, f.source_id, f.case_id FROM fact AS f WHERE f.id > $1 ORDER BY f.id";
}

/// The record files of a day, and what of them lies in rows by now.
pub(crate) async fn days(view: &mut Tx, day: Day) -> Result<Vec<ColdDay>, StoreError> {
    let mut found = Vec::new();
    let rows: Vec<(i64, String, i64, i64)> = view.all(OF_DAY, &[day.0.into()]).await?;
    for (batch, file, first, last) in rows {
        let thawed: Vec<(i64,)> = view.all(BETWEEN, &[first.into(), last.into()]).await?;
        found.push(ColdDay { batch, file, thawed: thawed.into_iter().map(|(id,)| id).collect() });
    }
    Ok(found)
}

/// Whoever takes the names of reports: kind, source, own id, and the case that it is or names.
pub type TakeName<'a> = dyn FnMut(Kind, &str, &str, Option<&str>) + Send + 'a;

/// A row of the names of what lies in rows: number, kind, source, the record's own id, the case that it names.
pub(crate) type NameRow = (i64, i64, i64, String, Option<String>);

/// The names of the reports in rows after a number, as they come. Returns the number of the last one.
pub(crate) async fn names(
    tx: &mut Tx,
    after: i64,
    take: &mut (dyn FnMut(NameRow) -> Result<(), StoreError> + Send),
) -> Result<i64, StoreError> {
    let mut last = after;
    let mut rows = tx.stream::<NameRow>(NAMES, &[after.into()])?;
    while let Some(row) = rows.try_next().await? {
        last = row.0;
        take(row)?;
    }
    Ok(last)
}

impl Store {
    /// Every batch, in order.
    pub async fn cold_batches(&self) -> Result<Vec<ColdBatch>, StoreError> {
        let rows: Vec<(i64, i64, i64, String, i64)> = self.database.all(BATCHES, &[]).await?;
        let batch = |(id, first_fact, facts, files, command)| ColdBatch { id, first_fact, facts, files, command };
        Ok(rows.into_iter().map(batch).collect())
    }

    /// Every record file.
    pub async fn cold_files(&self) -> Result<Vec<ColdFile>, StoreError> {
        let rows: Vec<(i32, i64, String)> = self.database.all(FILES, &[]).await?;
        Ok(rows.into_iter().map(|(day, batch, file)| ColdFile { day: Day(day), batch, file }).collect())
    }

    /// Those of these numbers under which a report lies in rows.
    pub async fn in_rows(&self, ids: &[i64]) -> Result<HashSet<i64>, StoreError> {
        if ids.is_empty() {
            return Ok(HashSet::new());
        }
        let ids = serde_json::to_string(ids)?;
        let rows: Vec<(i64,)> = self.database.all(IN_ROWS, &[(&ids).into()]).await?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// Gives kind, source, own id and case of every report that lies in rows. Returns the number of the last one.
    pub async fn every_name(&self, take: &mut TakeName<'_>) -> Result<i64, StoreError> {
        let mut view = self.database.view().await?;
        self.texts.refresh(&mut view).await?;
        let texts = &self.texts;
        names(&mut view, 0, &mut |row| texts.named(&row, |kind, source, id, case| take(kind, source, id, case))).await
    }
}

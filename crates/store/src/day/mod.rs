//! Sealed days: which revision counts, and which must be sealed again.

use crate::door::{Trace, Tx};
use crate::{Store, StoreError};
use model::canonical::Digest;
use model::time::Day;
use serde_json::json;
use sqlx::FromRow;
use std::collections::{BTreeMap, BTreeSet};

/// A day as it is to be recorded when it was sealed.
#[derive(Clone, Debug)]
pub struct SealedRow {
    /// The day.
    pub day: Day,
    /// The manifest, in JSON.
    pub manifest: String,
    /// The digest of the facts.
    pub facts_digest: Digest,
    /// What the rows were made with beside the facts: register, calendar and references.
    pub context: Digest,
}

/// The revision of a day that counts.
#[derive(Clone, Debug)]
pub struct SealedDay {
    /// The day.
    pub day: Day,
    /// Counted from 1.
    pub revision: i64,
    /// Whether a fact changed what the day should hold.
    pub dirty: bool,
    /// The manifest, in JSON.
    pub manifest: String,
    /// The digest of the facts.
    pub facts_digest: Digest,
    /// What the rows were last made with beside the facts: register and calendar.
    pub context: String,
}

#[derive(FromRow)]
struct DayRow {
    day: i32,
    revision: i64,
    dirty: bool,
    manifest: String,
    facts_digest: String,
    context: String,
}

/// A sealing, whether or not it still counts.
#[derive(FromRow)]
struct SealRow {
    day: i32,
    revision: i64,
    manifest: String,
    facts_digest: String,
}

impl SealRow {
    fn into_day(self) -> Result<SealedDay, StoreError> {
        let Self { day, revision, manifest, facts_digest } = self;
        let facts_digest = Digest::from_hex(&facts_digest)
            .ok_or_else(|| StoreError::corrupt("day_seal", day, "facts_digest", &facts_digest))?;
        Ok(SealedDay { day: Day(day), revision, dirty: false, manifest, facts_digest, context: String::new() })
    }
}

const CLOSED: &str = "SELECT day FROM day ORDER BY day";
const SET_DIRTY: &str = "UPDATE day SET dirty = 1 WHERE day IN (SELECT value FROM json_each($1)) AND dirty = 0";
const CURRENT: &str = "SELECT d.day, d.revision, d.dirty, d.context, s.manifest, s.facts_digest FROM day AS d \
    JOIN day_seal AS s ON s.day = d.day AND s.revision = d.revision WHERE d.day BETWEEN $1 AND $2 ORDER BY d.day";
const EVERY: &str = "SELECT day, revision, manifest, facts_digest FROM day_seal ORDER BY day, revision";
const SEALED_AS: &str = "SELECT day, revision, manifest, facts_digest FROM day_seal \
    WHERE facts_digest IN (SELECT value FROM json_each($1)) AND day BETWEEN $2 AND $3 ORDER BY day, revision";
const INSERT_SEAL: &str =
    "INSERT INTO day_seal (day, revision, manifest, facts_digest, command) VALUES ($1, $2, $3, $4, $5)";
const MOVE: &str = "INSERT INTO day (day, revision, context, dirty) VALUES ($1, $2, $3, 0) \
    ON CONFLICT (day) DO UPDATE SET revision = excluded.revision, context = excluded.context, dirty = 0";
const FIRST: &str = "SELECT MIN(day) FROM day";
const LAST: &str = "SELECT MAX(day) FROM day";
const DERIVED: &str = "SELECT file FROM derived WHERE day = $1 AND facts_digest = $2 AND rules_digest = $3";
const INSERT_DERIVED: &str = "INSERT INTO derived (day, facts_digest, rules_digest, file) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (day, facts_digest, rules_digest) DO UPDATE SET file = excluded.file";

pub(crate) async fn closed_days(tx: &mut Tx<'_>) -> Result<Vec<Day>, StoreError> {
    let days: Vec<i32> = sqlx::query_scalar(CLOSED).fetch_all(&mut **tx).await?;
    Ok(days.into_iter().map(Day).collect())
}

pub(crate) async fn set_dirty(tx: &mut Tx<'_>, days: &BTreeSet<Day>) -> Result<u64, StoreError> {
    let days: Vec<i32> = days.iter().map(|day| day.0).collect();
    let done = sqlx::query(SET_DIRTY).bind(serde_json::to_string(&days)?).execute(&mut **tx).await?;
    Ok(done.rows_affected())
}

/// Moves the pointer of a day to a new revision; the same facts again only clear the dirty flag.
pub(crate) async fn seal(tx: &mut Tx<'_>, command: i64, row: &SealedRow) -> Result<Option<Trace>, StoreError> {
    let current: Option<DayRow> =
        sqlx::query_as(CURRENT).bind(row.day.0).bind(row.day.0).fetch_optional(&mut **tx).await?;
    let digest = row.facts_digest.to_string();
    let context = row.context.to_string();
    let same = current.as_ref().is_some_and(|current| current.facts_digest == digest);
    if same && current.as_ref().is_some_and(|current| !current.dirty && current.context == context) {
        return Ok(None);
    }
    let mut revision = current.as_ref().map_or(0, |current| current.revision);
    if !same {
        revision += 1;
        sqlx::query(INSERT_SEAL)
            .bind(row.day.0)
            .bind(revision)
            .bind(&row.manifest)
            .bind(&digest)
            .bind(command)
            .execute(&mut **tx)
            .await?;
    }
    sqlx::query(MOVE).bind(row.day.0).bind(revision).bind(context).execute(&mut **tx).await?;
    let detail = json!({"day": row.day.to_string(), "revision": revision.to_string(), "facts": digest});
    Ok(Some(Trace { action: "seal_day", detail, windows: BTreeSet::new() }))
}

impl Store {
    /// The sealed days of a span, each in the revision that counts.
    pub async fn sealed_days(&self, first: Day, last: Day) -> Result<Vec<SealedDay>, StoreError> {
        let rows: Vec<DayRow> = sqlx::query_as(CURRENT).bind(first.0).bind(last.0).fetch_all(&self.readers).await?;
        let day = |row: DayRow| {
            let facts_digest = Digest::from_hex(&row.facts_digest)
                .ok_or_else(|| StoreError::corrupt("day_seal", row.day, "facts_digest", &row.facts_digest))?;
            let DayRow { day, revision, dirty, manifest, context, .. } = row;
            Ok(SealedDay { day: Day(day), revision, dirty, manifest, facts_digest, context })
        };
        rows.into_iter().map(day).collect()
    }

    /// Every sealing of every day, those that count no more included: periods were closed on them.
    pub async fn every_seal(&self) -> Result<Vec<SealedDay>, StoreError> {
        let rows: Vec<SealRow> = sqlx::query_as(EVERY).fetch_all(&self.readers).await?;
        rows.into_iter().map(SealRow::into_day).collect()
    }

    /// The first day that was ever sealed.
    pub async fn first_sealed_day(&self) -> Result<Option<Day>, StoreError> {
        let day: Option<i32> = sqlx::query_scalar(FIRST).fetch_one(&self.readers).await?;
        Ok(day.map(Day))
    }

    /// The last day that was ever sealed.
    pub async fn last_sealed_day(&self) -> Result<Option<Day>, StoreError> {
        let day: Option<i32> = sqlx::query_scalar(LAST).fetch_one(&self.readers).await?;
        Ok(day.map(Day))
    }

    /// Days in the revisions that had these facts, in order, whether or not they still count: what a frozen score was
    /// made of. A revision that is not there is left out.
    pub async fn sealed_as(&self, days: &BTreeMap<Day, Digest>) -> Result<Vec<SealedDay>, StoreError> {
        let (Some((first, _)), Some((last, _))) = (days.first_key_value(), days.last_key_value()) else {
            return Ok(Vec::new());
        };
        let digests: Vec<String> = days.values().map(ToString::to_string).collect();
        let query = sqlx::query_as(SEALED_AS).bind(serde_json::to_string(&digests)?).bind(first.0).bind(last.0);
        let rows: Vec<SealRow> = query.fetch_all(&self.readers).await?;
        let mut found = BTreeMap::new();
        for row in rows {
            let sealed = row.into_day()?;
            // Of revisions with the same facts, the latest.
            if days.get(&sealed.day) == Some(&sealed.facts_digest) {
                found.insert(sealed.day, sealed);
            }
        }
        Ok(found.into_values().collect())
    }

    /// The derived file of a day under one set of rules, if it was made.
    pub async fn derived(&self, day: Day, facts: Digest, rules: Digest) -> Result<Option<String>, StoreError> {
        let query = sqlx::query_scalar(DERIVED).bind(day.0).bind(facts.to_string()).bind(rules.to_string());
        Ok(query.fetch_optional(&self.readers).await?)
    }

    /// Remembers a derived file. It is a cache that can be made again, so it is no command.
    pub async fn remember_derived(&self, day: Day, facts: Digest, rules: Digest, file: &str) -> Result<(), StoreError> {
        let query = sqlx::query(INSERT_DERIVED).bind(day.0).bind(facts.to_string()).bind(rules.to_string()).bind(file);
        query.execute(&self.writer).await?;
        Ok(())
    }
}

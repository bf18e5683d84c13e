//! Sealed days: which revision counts, and which must be sealed again.

use crate::door::Trace;
use crate::sql::{Tx, statements};
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
    /// The last command that the facts were read after. What came later makes the day dirty at once.
    pub as_of: i64,
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

statements! {
    CLOSED = "SELECT day FROM day UNION SELECT day FROM sealing ORDER BY day";
    SET_DIRTY = "UPDATE day SET dirty = TRUE \
        WHERE day IN (SELECT CAST(value AS BIGINT) FROM json_each($1)) AND NOT dirty";
    SET_CHANGED = "INSERT INTO changed_day (day, command) \
        SELECT CAST(value AS BIGINT), $2 FROM json_each($1) WHERE TRUE \
        ON CONFLICT (day) DO UPDATE SET command = excluded.command";
    BEGIN_SEALING = "INSERT INTO sealing (day) SELECT CAST(value AS BIGINT) FROM json_each($1) WHERE TRUE \
        ON CONFLICT (day) DO NOTHING";
    END_SEALING = "DELETE FROM sealing WHERE day = $1";
    CHANGED_SINCE = "SELECT COUNT(*) FROM changed_day WHERE day = $1 AND command > $2";
    CURRENT = "SELECT d.day, d.revision, d.dirty, d.context, s.manifest, s.facts_digest FROM day AS d \
        JOIN day_seal AS s ON s.day = d.day AND s.revision = d.revision WHERE d.day BETWEEN $1 AND $2 ORDER BY d.day";
    EVERY = "SELECT day, revision, manifest, facts_digest FROM day_seal ORDER BY day, revision";
    SEALED_AS = "SELECT day, revision, manifest, facts_digest FROM day_seal \
        WHERE facts_digest IN (SELECT value FROM json_each($1)) AND day BETWEEN $2 AND $3 ORDER BY day, revision";
    INSERT_SEAL =
        "INSERT INTO day_seal (day, revision, manifest, facts_digest, command) VALUES ($1, $2, $3, $4, $5)";
    MOVE = "INSERT INTO day (day, revision, context, dirty) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (day) DO UPDATE SET revision = excluded.revision, context = excluded.context, dirty = excluded.dirty";
    FIRST = "SELECT MIN(day) FROM day";
    LAST = "SELECT MAX(day) FROM day";
    DERIVED = "SELECT file FROM derived WHERE day = $1 AND facts_digest = $2 AND rules_digest = $3";
    INSERT_DERIVED = "INSERT INTO derived (day, facts_digest, rules_digest, file) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (day, facts_digest, rules_digest) DO UPDATE SET file = excluded.file";
}

pub(crate) async fn closed_days(tx: &mut Tx) -> Result<Vec<Day>, StoreError> {
    let days: Vec<(i32,)> = tx.all(CLOSED, &[]).await?;
    Ok(days.into_iter().map(|(day,)| Day(day)).collect())
}

/// Days as a list in JSON.
fn days_json<'a>(days: impl IntoIterator<Item = &'a Day>) -> Result<String, StoreError> {
    let days: Vec<i32> = days.into_iter().map(|day| day.0).collect();
    Ok(serde_json::to_string(&days)?)
}

/// Notes that a command changed what these days, sealed or being sealed, should hold.
pub(crate) async fn set_dirty(tx: &mut Tx, command: i64, days: &BTreeSet<Day>) -> Result<(), StoreError> {
    if days.is_empty() {
        return Ok(());
    }
    let days = days_json(days)?;
    tx.execute(SET_DIRTY, &[(&days).into()]).await?;
    tx.execute(SET_CHANGED, &[(&days).into(), command.into()]).await.map(|_| ())
}

/// Moves the pointer of a day to a new revision; the same facts again only clear the dirty flag, unless something has
/// changed since they were read.
pub(crate) async fn seal(tx: &mut Tx, command: i64, row: &SealedRow) -> Result<Option<Trace>, StoreError> {
    let current: Option<DayRow> = tx.optional(CURRENT, &[row.day.0.into(), row.day.0.into()]).await?;
    let digest = row.facts_digest.to_string();
    let context = row.context.to_string();
    let same = current.as_ref().is_some_and(|current| current.facts_digest == digest);
    if same && current.as_ref().is_some_and(|current| !current.dirty && current.context == context) {
        return Ok(None);
    }
    let changed_since = tx.number(CHANGED_SINCE, &[row.day.0.into(), row.as_of.into()]).await? > 0;
    let mut revision = current.as_ref().map_or(0, |current| current.revision);
    if !same {
        revision += 1;
        let seal = [row.day.0.into(), revision.into(), (&row.manifest).into(), (&digest).into(), command.into()];
        tx.execute(INSERT_SEAL, &seal).await?;
    }
    tx.execute(MOVE, &[row.day.0.into(), revision.into(), (&context).into(), changed_since.into()]).await?;
    tx.execute(END_SEALING, &[row.day.0.into()]).await?;
    let detail = json!({"day": row.day.to_string(), "revision": revision.to_string(), "facts": digest});
    Ok(Some(Trace { action: "seal_day", detail, windows: BTreeSet::new() }))
}

impl Store {
    /// To be told before the facts of days are read to be sealed: from now on, what changes them is noted, so that a fact
    /// that comes in meanwhile is in the files or makes the day dirty. It is no command: nothing counts differently.
    pub async fn begin_sealing(&self, days: &[Day]) -> Result<(), StoreError> {
        let days = days_json(days)?;
        self.database.note_in_turn(BEGIN_SEALING, &[(&days).into()]).await.map(|_| ())
    }

    /// The sealed days of a span, each in the revision that counts.
    pub async fn sealed_days(&self, first: Day, last: Day) -> Result<Vec<SealedDay>, StoreError> {
        let rows: Vec<DayRow> = self.database.all(CURRENT, &[first.0.into(), last.0.into()]).await?;
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
        let rows: Vec<SealRow> = self.database.all(EVERY, &[]).await?;
        rows.into_iter().map(SealRow::into_day).collect()
    }

    /// The first day that was ever sealed.
    pub async fn first_sealed_day(&self) -> Result<Option<Day>, StoreError> {
        self.day(FIRST).await
    }

    /// The last day that was ever sealed.
    pub async fn last_sealed_day(&self) -> Result<Option<Day>, StoreError> {
        self.day(LAST).await
    }

    /// The day that a statement finds, if it finds one.
    pub(crate) async fn day(&self, sql: &'static str) -> Result<Option<Day>, StoreError> {
        let found: Option<(Option<i32>,)> = self.database.optional(sql, &[]).await?;
        Ok(found.and_then(|(day,)| day).map(Day))
    }

    /// Days in the revisions that had these facts, in order, whether or not they still count: what a frozen score was
    /// made of. A revision that is not there is left out.
    pub async fn sealed_as(&self, days: &BTreeMap<Day, Digest>) -> Result<Vec<SealedDay>, StoreError> {
        let (Some((first, _)), Some((last, _))) = (days.first_key_value(), days.last_key_value()) else {
            return Ok(Vec::new());
        };
        let digests: Vec<String> = days.values().map(ToString::to_string).collect();
        let digests = serde_json::to_string(&digests)?;
        let asked = [(&digests).into(), first.0.into(), last.0.into()];
        let rows: Vec<SealRow> = self.database.all(SEALED_AS, &asked).await?;
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
        let (facts, rules) = (facts.to_string(), rules.to_string());
        let found: Option<(String,)> =
            self.database.optional(DERIVED, &[day.0.into(), (&facts).into(), (&rules).into()]).await?;
        Ok(found.map(|(file,)| file))
    }

    /// Remembers a derived file. It is a cache that can be made again, so it is no command.
    pub async fn remember_derived(&self, day: Day, facts: Digest, rules: Digest, file: &str) -> Result<(), StoreError> {
        let (facts, rules) = (facts.to_string(), rules.to_string());
        let row = [day.0.into(), (&facts).into(), (&rules).into(), file.into()];
        self.database.note(INSERT_DERIVED, &row).await.map(|_| ())
    }
}

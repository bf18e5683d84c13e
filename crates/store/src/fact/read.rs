//! Reading facts: those of a day, single ones, conflicts, counts.

use crate::{Store, StoreError};
use model::fact::{DayFacts, Fact, Identity, Kind};
use model::id::Source;
use model::time::{Day, Instant};
use sqlx::FromRow;
use std::collections::{BTreeMap, BTreeSet};

#[derive(FromRow)]
pub(crate) struct FactRow {
    id: i64,
    kind: String,
    source: String,
    source_id: String,
    revision: i64,
    void: bool,
    reported_at: i64,
    payload: String,
}

pub(crate) fn fact_of(row: &FactRow) -> Result<Fact, StoreError> {
    let bad = |column, problem: String| StoreError::corrupt("fact", row.id, column, problem);
    let kind = Kind::parse(&row.kind).ok_or_else(|| bad("kind", row.kind.clone()))?;
    let revision = u32::try_from(row.revision).map_err(|error| bad("revision", error.to_string()))?;
    let payload: serde_json::Value =
        serde_json::from_str(&row.payload).map_err(|error| bad("payload", error.to_string()))?;
    let identity = Identity { source: Source::new(&row.source), source_id: row.source_id.clone(), revision };
    Fact::from_payload(kind, identity, row.void, Instant(row.reported_at), &payload)
        .map_err(|error| bad("payload", error.to_string()))
}

/// Two reports of one revision that contradict each other.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Conflict {
    /// The kind of fact.
    pub kind: String,
    /// The system that reported.
    pub source: String,
    /// The record's id there.
    pub source_id: String,
    /// The revision.
    pub revision: i64,
    /// How many versions of it there are.
    pub versions: i64,
}

/// How many facts of a kind there are.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct FactCounts {
    /// The kind.
    pub kind: String,
    /// Reports.
    pub reports: i64,
    /// Of these, the ones that count.
    pub current: i64,
}

const COLUMNS_OF_DAY: &str = "SELECT f.id, f.kind, f.source, f.source_id, f.revision, f.void, f.reported_at, f.payload \
    FROM anchor AS a JOIN fact AS f ON f.id = a.fact WHERE a.day = $1";
const OPEN_ON: &str = "SELECT id, kind, source, source_id, revision, void, reported_at, payload FROM fact \
    WHERE current = 1 AND open_from IS NOT NULL AND open_until > $1 AND open_from <= $1";
const BY_CASE: &str = "SELECT id, kind, source, source_id, revision, void, reported_at, payload FROM fact \
    WHERE current = 1 AND case_id IN (SELECT value FROM json_each($1)) AND kind = $2";
const CONFLICTS: &str = "SELECT kind, source, source_id, revision, COUNT(*) AS versions FROM fact WHERE conflict = 1 \
    GROUP BY kind, source, source_id, revision ORDER BY kind, source, source_id, revision LIMIT $1";
const COUNTS: &str = "SELECT kind, COUNT(*) AS reports, SUM(current) AS current FROM fact GROUP BY kind ORDER BY kind";
const DAYS_WITH_FACTS: &str = "SELECT DISTINCT day FROM anchor WHERE day BETWEEN $1 AND $2 ORDER BY day";
const FIRST_OPEN: &str = "SELECT MIN(open_from) FROM fact WHERE current = 1 AND open_from IS NOT NULL";

impl Store {
    /// The current facts that the sealed files of a day are made of.
    pub async fn day_facts(&self, day: Day) -> Result<DayFacts, StoreError> {
        let mut cases: BTreeMap<Identity, Fact> = BTreeMap::new();
        let mut ratings: BTreeMap<Identity, Fact> = BTreeMap::new();
        let mut others = Vec::new();
        let anchored: Vec<FactRow> = sqlx::query_as(COLUMNS_OF_DAY).bind(day.0).fetch_all(&self.readers).await?;
        let open: Vec<FactRow> = sqlx::query_as(OPEN_ON).bind(day.0).fetch_all(&self.readers).await?;
        for row in anchored.into_iter().chain(open) {
            let fact = fact_of(&row)?;
            match fact.kind() {
                Kind::Case => _ = cases.insert(fact.identity().clone(), fact),
                Kind::Rating => _ = ratings.insert(fact.identity().clone(), fact),
                _ => others.push(fact),
            }
        }
        // The cases of the day's ratings and surveys, whatever day they lie on.
        let naming = || ratings.values().chain(others.iter().filter(|fact| fact.kind() == Kind::Survey));
        for fact in self.by_case_id(naming(), Kind::Case).await? {
            cases.entry(fact.identity().clone()).or_insert(fact);
        }
        // All ratings of these cases: the first one counts, on whatever day it was given.
        for fact in self.by_case_id(cases.values(), Kind::Rating).await? {
            ratings.entry(fact.identity().clone()).or_insert(fact);
        }
        Ok(DayFacts { cases: cases.into_values().collect(), ratings: ratings.into_values().collect(), others })
    }

    async fn by_case_id(&self, facts: impl Iterator<Item = &Fact>, kind: Kind) -> Result<Vec<Fact>, StoreError> {
        let ids: BTreeSet<&str> = facts.filter_map(Fact::case_id).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let query = sqlx::query_as(BY_CASE).bind(serde_json::to_string(&ids)?).bind(kind.name());
        let rows: Vec<FactRow> = query.fetch_all(&self.readers).await?;
        rows.iter().map(fact_of).collect()
    }

    /// The days of a span on which some fact has a row.
    pub async fn days_with_facts(&self, first: Day, last: Day) -> Result<Vec<Day>, StoreError> {
        let days: Vec<i32> =
            sqlx::query_scalar(DAYS_WITH_FACTS).bind(first.0).bind(last.0).fetch_all(&self.readers).await?;
        Ok(days.into_iter().map(Day).collect())
    }

    /// The first day on which any case stood open overnight.
    pub async fn first_open_day(&self) -> Result<Option<Day>, StoreError> {
        let day: Option<i32> = sqlx::query_scalar(FIRST_OPEN).fetch_one(&self.readers).await?;
        Ok(day.map(Day))
    }

    /// Contradictions that a person must decide, at most so many.
    pub async fn conflicts(&self, limit: u32) -> Result<Vec<Conflict>, StoreError> {
        Ok(sqlx::query_as(CONFLICTS).bind(limit).fetch_all(&self.readers).await?)
    }

    /// How many facts of each kind there are.
    pub async fn fact_counts(&self) -> Result<Vec<FactCounts>, StoreError> {
        Ok(sqlx::query_as(COUNTS).fetch_all(&self.readers).await?)
    }
}

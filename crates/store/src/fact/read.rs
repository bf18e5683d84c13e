//! Reading facts: those of a day, single ones, conflicts, counts.

use super::pack::{Shape, UnpackError};
use super::texts::Texts;
use crate::cold::{self, ColdDay};
use crate::door::LAST_COMMAND;
use crate::sql::{Rows, Tx, statements};
use crate::{Store, StoreError};
use futures_util::stream::{TryChunksError, TryStreamExt as _};
use model::fact::{DayFacts, Fact, Identity, Kind};
use model::id::Source;
use model::time::{Day, Instant};
use sqlx::{ColumnIndex, Decode, FromRow, Row, Type};
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};

pub(crate) struct FactRow {
    pub(super) id: i64,
    kind: i64,
    source: i64,
    source_id: String,
    revision: i64,
    void: bool,
    reported_at: i64,
    shape: Option<i64>,
    payload: Vec<u8>,
    pub(super) current: bool,
    pub(super) conflict: bool,
}

impl<'r, R: Row> FromRow<'r, R> for FactRow
where
    usize: ColumnIndex<R>,
    bool: Decode<'r, R::Database> + Type<R::Database>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    String: Decode<'r, R::Database> + Type<R::Database>,
    Vec<u8>: Decode<'r, R::Database> + Type<R::Database>,
{
    /// By the position of [`columns`]: a name would be looked up eleven times per row, and a close reads every row.
    fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get(0)?,
            kind: row.try_get(1)?,
            source: row.try_get(2)?,
            source_id: row.try_get(3)?,
            revision: row.try_get(4)?,
            void: row.try_get(5)?,
            reported_at: row.try_get(6)?,
            shape: row.try_get(7)?,
            payload: row.try_get(8)?,
            current: row.try_get(9)?,
            conflict: row.try_get(10)?,
        })
    }
}

/// What many rows share.
struct Head {
    kind: Kind,
    source: Source,
    /// `None`: the payload is JSON, from before facts were packed.
    shape: Option<Shape>,
}

/// Makes facts of rows; what they share is read once.
pub(crate) struct Unpacking<'a> {
    texts: &'a Texts,
    heads: HashMap<(i64, i64, Option<i64>), Head>,
}

impl<'a> Unpacking<'a> {
    pub(crate) fn new(texts: &'a Texts) -> Self {
        Self { texts, heads: HashMap::new() }
    }

    pub(crate) fn fact(&mut self, row: FactRow) -> Result<Fact, StoreError> {
        let bad = |column, problem: String| StoreError::corrupt("fact", row.id, column, problem);
        let Head { kind, source, shape } = match self.heads.entry((row.kind, row.source, row.shape)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(head_of(&row, self.texts)?),
        };
        let revision = u32::try_from(row.revision).map_err(|error| bad("revision", error.to_string()))?;
        let identity = Identity { source: source.clone(), source_id: row.source_id, revision };
        let (void, reported_at) = (row.void, Instant(row.reported_at));
        let fact = match shape {
            Some(shape) => shape.unpack(*kind, identity, void, reported_at, &row.payload, self.texts),
            None => serde_json::from_slice(&row.payload)
                .map_err(UnpackError::from)
                .and_then(|payload| Ok(Fact::from_payload(*kind, identity, void, reported_at, &payload)?)),
        };
        fact.map_err(|error| bad("payload", error.to_string()))
    }
}

fn head_of(row: &FactRow, texts: &Texts) -> Result<Head, StoreError> {
    let bad = |column, problem: String| StoreError::corrupt("fact", row.id, column, problem);
    let text = |column, number| texts.text(number).ok_or_else(|| bad(column, format!("there is no text {number}")));
    let name = text("kind", row.kind)?;
    let kind = Kind::parse(name).ok_or_else(|| bad("kind", name.to_string()))?;
    let source = Source::new(text("source", row.source)?);
    let shape = row
        .shape
        .map(|shape| Shape::parse(kind, text("shape", shape)?).map_err(|error| bad("shape", error.to_string())));
    Ok(Head { kind, source, shape: shape.transpose()? })
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

/// What a day's sealed files are made of.
#[derive(Debug)]
pub struct DayParts {
    /// Facts that lie in rows.
    pub facts: DayFacts,
    /// Record files that have others.
    pub cold: Vec<ColdDay>,
    /// The last command that both are after.
    pub as_of: i64,
}

/// The columns of a [`FactRow`].
macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT f.id, f.kind, f.source, f.source_id, f.revision, f.void, f.reported_at, f.shape, f.payload, ",
            "f.current, f.conflict ",
            $rest
        )
    };
}
pub(super) use columns;

statements! {
    // The reports with ids in a range, whether or not they count.
    pub(crate) BETWEEN = columns!("FROM fact AS f WHERE f.id BETWEEN $1 AND $2");
    OF_DAY = columns!("FROM anchor AS a JOIN fact AS f ON f.id = a.fact WHERE a.day = $1");
    OPEN_ON = columns!(
        "FROM fact AS f WHERE f.current AND f.open_from IS NOT NULL AND f.open_until > $1 AND f.open_from <= $1"
    );
    // A case that names no number goes by its own id; every other fact names the case.
    pub(super) BY_CASE = columns!(
        "FROM fact AS f WHERE f.current AND f.case_id IN (SELECT value FROM json_each($1)) \
        AND f.kind = (SELECT id FROM text WHERE text = $2) \
        AND f.id NOT IN (SELECT CAST(value AS BIGINT) FROM json_each($3))"
    );
    pub(super) BY_OWN_ID = columns!(
        "FROM fact AS f WHERE f.current AND f.source_id IN (SELECT value FROM json_each($1)) AND f.case_id IS NULL \
        AND f.kind = (SELECT id FROM text WHERE text = $2) \
        AND f.id NOT IN (SELECT CAST(value AS BIGINT) FROM json_each($3))"
    );
    CONFLICTS = "SELECT kind.text AS kind, source.text AS source, f.source_id, f.revision, COUNT(*) AS versions \
        FROM fact AS f JOIN text AS kind ON kind.id = f.kind JOIN text AS source ON source.id = f.source \
        WHERE f.conflict GROUP BY kind.text, source.text, f.source_id, f.revision \
        ORDER BY kind.text, source.text, f.source_id, f.revision LIMIT $1";
    // What lies in files counts like what lies in rows.
    COUNTS = "SELECT kind, CAST(SUM(reports) AS BIGINT) AS reports, CAST(SUM(current) AS BIGINT) AS current FROM ( \
        SELECT kind.text AS kind, COUNT(*) AS reports, COUNT(*) FILTER (WHERE f.current) AS current \
        FROM fact AS f JOIN text AS kind ON kind.id = f.kind GROUP BY kind.text \
        UNION ALL SELECT kind, reports, current FROM cold_kind) AS counts GROUP BY kind ORDER BY kind";
    DAYS_WITH_FACTS = "SELECT day FROM anchor WHERE day BETWEEN $1 AND $2 \
        UNION SELECT day FROM cold_source WHERE day BETWEEN $1 AND $2 AND facts > 0 ORDER BY day";
    REPORTING = "SELECT kind.text AS kind, source.text AS source, a.day AS day \
        FROM anchor AS a JOIN fact AS f ON f.id = a.fact \
        JOIN text AS kind ON kind.id = f.kind JOIN text AS source ON source.id = f.source \
        WHERE a.day BETWEEN $1 AND $2 \
        UNION SELECT kind, source, day FROM cold_source WHERE day BETWEEN $1 AND $2 AND facts > 0 \
        ORDER BY kind, source, day";
    FIRST_OPEN = "SELECT MIN(open_from) FROM (SELECT MIN(open_from) AS open_from FROM fact \
        WHERE current AND open_from IS NOT NULL UNION ALL SELECT MIN(open_from) FROM cold_batch) AS firsts";
}

/// Rows that are made facts of together.
const ROWS_AT_ONCE: usize = 1_000;

/// The facts of a day as they come together.
#[derive(Default)]
struct Found {
    rows: HashSet<i64>,
    cases: Vec<Fact>,
    ratings: Vec<Fact>,
    others: Vec<Fact>,
}

impl Found {
    fn add(&mut self, rows: Vec<FactRow>, texts: &Texts) -> Result<(), StoreError> {
        let mut unpacking = Unpacking::new(texts);
        for row in rows {
            // A day's case may be anchored and open, too.
            if !self.rows.insert(row.id) {
                continue;
            }
            let fact = unpacking.fact(row)?;
            match fact.kind() {
                Kind::Case => self.cases.push(fact),
                Kind::Rating => self.ratings.push(fact),
                _ => self.others.push(fact),
            }
        }
        Ok(())
    }
}

impl Store {
    /// The current facts that the sealed files of a day are made of, as far as they lie in rows; the files in which the
    /// others lie; and the last command that both are after.
    pub async fn day_parts(&self, day: Day) -> Result<DayParts, StoreError> {
        let mut found = Found::default();
        // One view of the database for all of it. Texts first: whatever a row of this view names is among them.
        let mut view = self.database.view().await?;
        self.texts.refresh(&mut view).await?;
        let as_of = view.number(LAST_COMMAND, &[]).await?;
        for of_day in [OF_DAY, OPEN_ON] {
            self.add(&mut found, view.stream(of_day, &[day.0.into()])?).await?;
        }
        // The cases of the day's ratings and surveys, whatever day they lie on.
        let surveys = found.others.iter().filter(|fact| fact.kind() == Kind::Survey);
        let ids = case_ids(found.ratings.iter().chain(surveys));
        self.add_by_case(&mut view, &mut found, &ids, &[(BY_CASE, Kind::Case), (BY_OWN_ID, Kind::Case)]).await?;
        // All ratings of these cases: the first one counts, on whatever day it was given.
        let ids = case_ids(found.cases.iter());
        self.add_by_case(&mut view, &mut found, &ids, &[(BY_CASE, Kind::Rating)]).await?;
        let cold = cold::days(&mut view, day).await?;
        drop(view);
        let Found { mut cases, mut ratings, others, .. } = found;
        // They come nearly in order; a sort that sees that is cheaper than a tree.
        cases.sort_by(|a, b| a.identity().cmp(b.identity()));
        ratings.sort_by(|a, b| a.identity().cmp(b.identity()));
        Ok(DayParts { facts: DayFacts { cases, ratings, others }, cold, as_of })
    }

    /// The facts of a day that lie in rows, and the last command.
    #[cfg(test)]
    pub(crate) async fn day_facts(&self, day: Day) -> Result<(DayFacts, i64), StoreError> {
        self.day_parts(day).await.map(|parts| (parts.facts, parts.as_of))
    }

    /// Adds the facts of a kind that belong to cases and are not there yet.
    async fn add_by_case(
        &self,
        view: &mut Tx,
        found: &mut Found,
        ids: &str,
        queries: &[(&'static str, Kind)],
    ) -> Result<(), StoreError> {
        let known = serde_json::to_string(&found.rows)?;
        for (by, kind) in queries {
            self.add(found, view.stream(by, &[ids.into(), kind.name().into(), (&known).into()])?).await?;
        }
        Ok(())
    }

    /// Makes facts of rows as they come: a big day's rows and facts are never in memory together.
    async fn add(&self, found: &mut Found, rows: Rows<'_, FactRow>) -> Result<(), StoreError> {
        let mut chunks = std::pin::pin!(rows.try_chunks(ROWS_AT_ONCE));
        while let Some(rows) = chunks.try_next().await.map_err(|TryChunksError(_, error)| error)? {
            found.add(rows, &self.texts.read())?;
        }
        Ok(())
    }

    /// Takes in texts that were written since.
    pub(crate) async fn read_texts(&self) -> Result<(), StoreError> {
        self.texts.refresh(&mut self.database.view().await?).await
    }

    /// The days of a span on which some fact has a row.
    pub async fn days_with_facts(&self, first: Day, last: Day) -> Result<Vec<Day>, StoreError> {
        let days: Vec<(i32,)> = self.database.all(DAYS_WITH_FACTS, &[first.0.into(), last.0.into()]).await?;
        Ok(days.into_iter().map(|(day,)| Day(day)).collect())
    }

    /// Which source has facts of a kind on which day of a span: kind, source, day.
    pub async fn reporting_sources(&self, first: Day, last: Day) -> Result<Vec<(String, String, Day)>, StoreError> {
        let rows: Vec<(String, String, i32)> = self.database.all(REPORTING, &[first.0.into(), last.0.into()]).await?;
        Ok(rows.into_iter().map(|(kind, source, day)| (kind, source, Day(day))).collect())
    }

    /// The first day on which any case stood open overnight.
    pub async fn first_open_day(&self) -> Result<Option<Day>, StoreError> {
        self.day(FIRST_OPEN).await
    }

    /// Contradictions that a person must decide, at most so many.
    pub async fn conflicts(&self, limit: u32) -> Result<Vec<Conflict>, StoreError> {
        self.database.all(CONFLICTS, &[limit.into()]).await
    }

    /// How many facts of each kind there are.
    pub async fn fact_counts(&self) -> Result<Vec<FactCounts>, StoreError> {
        self.database.all(COUNTS, &[]).await
    }
}

/// The numbers of the cases that facts are or name, as a JSON list.
fn case_ids<'a>(facts: impl Iterator<Item = &'a Fact>) -> String {
    let ids: BTreeSet<&str> = facts.filter_map(Fact::case_id).collect();
    serde_json::json!(ids).to_string()
}

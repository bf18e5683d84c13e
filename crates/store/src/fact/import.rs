//! Facts come in: new ones are added, known ones change nothing, contradictions are kept for a person.

use crate::door::{Trace, Tx};
use crate::fact::read::{FactRow, fact_of};
use crate::{StoreError, day};
use model::canonical::Digest;
use model::fact::{Fact, Kind, Value};
use model::time::{Day, Zone};
use serde_json::json;
use sqlx::FromRow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A fact at the door.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The fact, its persons already pseudonyms.
    pub fact: Fact,
}

/// What became of imported facts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportOutcome {
    /// Reports that were not there.
    pub new: usize,
    /// Reports that were there already, payload and all.
    pub same: usize,
    /// Reports that contradict one with the same revision.
    pub conflicts: usize,
    /// Sealed days that must be sealed again.
    pub dirty: BTreeSet<Day>,
}

type Key = (Kind, String, String);

#[derive(FromRow)]
struct Known {
    id: i64,
    kind: String,
    source: String,
    source_id: String,
    revision: i64,
    digest: String,
    void: bool,
    current: bool,
}

/// One report, known or new.
struct Report {
    id: i64,
    revision: u32,
    digest: String,
    void: bool,
    current: bool,
    /// The fact, where it is new.
    fact: Option<Fact>,
}

const KNOWN: &str = "SELECT f.id, f.kind, f.source, f.source_id, f.revision, f.digest, f.void, f.current \
    FROM json_each($1) AS k JOIN fact AS f \
    ON f.kind = k.value ->> 0 AND f.source = k.value ->> 1 AND f.source_id = k.value ->> 2";
const NEXT_ID: &str = "SELECT COALESCE(MAX(id), 0) + 1 FROM fact";
const INSERT: &str = "INSERT INTO fact (id, kind, source, source_id, revision, void, reported_at, digest, payload, \
    case_id, open_from, open_until, current, conflict, command) \
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7, \
    value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->> 13, $2 FROM json_each($1)";
const INSERT_ANCHORS: &str = "INSERT INTO anchor (day, fact) SELECT value ->> 0, value ->> 1 FROM json_each($1)";
const INSERT_TEXTS: &str =
    "INSERT INTO fact_text (fact, name, value) SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each($1)";
const SET_FLAGS: &str = "UPDATE fact SET current = $2, conflict = $3 WHERE id = $1";
const DROP_ANCHORS: &str = "DELETE FROM anchor WHERE fact = $1";
const BY_ID: &str = "SELECT id, kind, source, source_id, revision, void, reported_at, payload FROM fact WHERE id = $1";
const JOINED: &str = "SELECT id, kind, source, source_id, revision, void, reported_at, payload FROM fact \
    WHERE current = 1 AND case_id IN (SELECT value FROM json_each($1))";

pub(crate) async fn import(
    tx: &mut Tx<'_>,
    command: i64,
    facts: &[Incoming],
    zone: &Zone,
) -> Result<(ImportOutcome, Option<Trace>), StoreError> {
    let mut outcome = ImportOutcome::default();
    let mut keys = reports(tx, facts, &mut outcome).await?;
    if outcome.new + outcome.conflicts == 0 {
        return Ok((outcome, None));
    }
    let mut change = Changes::default();
    for reports in keys.values_mut() {
        settle(tx, reports, zone, &mut change).await?;
    }
    change.write(tx, command).await?;
    let closed = day::closed_days(tx).await?;
    if !closed.is_empty() {
        outcome.dirty = change.dirty(tx, zone, &closed).await?;
        day::set_dirty(tx, &outcome.dirty).await?;
    }
    let trace = Trace {
        action: "import",
        detail: json!({
            "digest": change.digest().to_string(),
            "new": outcome.new.to_string(),
            "conflicts": outcome.conflicts.to_string(),
        }),
        windows: change.windows.clone(),
    };
    Ok((outcome, Some(trace)))
}

/// Every report of every key that the batch touches, those of the batch included.
async fn reports(
    tx: &mut Tx<'_>,
    facts: &[Incoming],
    outcome: &mut ImportOutcome,
) -> Result<BTreeMap<Key, Vec<Report>>, StoreError> {
    let asked: BTreeSet<(&str, &str, &str)> = facts
        .iter()
        .map(|incoming| {
            let identity = incoming.fact.identity();
            (incoming.fact.kind().name(), identity.source.as_str(), identity.source_id.as_str())
        })
        .collect();
    let known: Vec<Known> = sqlx::query_as(KNOWN).bind(serde_json::to_string(&asked)?).fetch_all(&mut **tx).await?;
    let mut keys: BTreeMap<Key, Vec<Report>> = BTreeMap::new();
    for row in known {
        let kind = Kind::parse(&row.kind).ok_or_else(|| StoreError::corrupt("fact", row.id, "kind", &row.kind))?;
        let revision =
            u32::try_from(row.revision).map_err(|error| StoreError::corrupt("fact", row.id, "revision", error))?;
        let report =
            Report { id: row.id, revision, digest: row.digest, void: row.void, current: row.current, fact: None };
        keys.entry((kind, row.source, row.source_id)).or_default().push(report);
    }
    let mut next: i64 = sqlx::query_scalar(NEXT_ID).fetch_one(&mut **tx).await?;
    for incoming in facts {
        let fact = &incoming.fact;
        let identity = fact.identity();
        let digest = fact.payload_digest().to_string();
        let key = (fact.kind(), identity.source.to_string(), identity.source_id.clone());
        let reports = keys.entry(key).or_default();
        let mut same_revision = reports.iter().filter(|report| report.revision == identity.revision).peekable();
        let contradicts = same_revision.peek().is_some();
        if same_revision.any(|report| report.digest == digest) {
            outcome.same += 1;
            continue;
        }
        if contradicts {
            outcome.conflicts += 1;
        } else {
            outcome.new += 1;
        }
        let (revision, void) = (identity.revision, fact.is_void());
        reports.push(Report { id: next, revision, digest, void, current: false, fact: Some(fact.clone()) });
        next += 1;
    }
    keys.retain(|_, reports| reports.iter().any(|report| report.fact.is_some()));
    Ok(keys)
}

/// What a batch changes.
#[derive(Default)]
struct Changes {
    rows: Vec<serde_json::Value>,
    anchors: Vec<(i32, i64)>,
    texts: Vec<(i64, &'static str, String)>,
    digests: Vec<String>,
    windows: BTreeSet<String>,
    /// What counted before and what counts now.
    replaced: Vec<(Option<Fact>, Option<Fact>)>,
}

/// Decides which report of a key counts: the highest revision that nothing contradicts, unless it is void.
///
/// A contradicted revision counts in neither version, whichever came first: the order of imports must not decide.
async fn settle(tx: &mut Tx<'_>, reports: &mut [Report], zone: &Zone, change: &mut Changes) -> Result<(), StoreError> {
    let mut per_revision: HashMap<u32, usize> = HashMap::new();
    for report in reports.iter() {
        *per_revision.entry(report.revision).or_default() += 1;
    }
    let sound = |report: &Report| per_revision.get(&report.revision) == Some(&1);
    let highest = reports.iter().filter(|report| sound(report)).max_by_key(|report| report.revision);
    let counts = highest.filter(|report| !report.void).map(|report| report.id);
    let mut old = None;
    if let Some(was) = reports.iter().find(|report| report.current && Some(report.id) != counts) {
        old = Some(fact_by_id(tx, was.id).await?);
        sqlx::query(DROP_ANCHORS).bind(was.id).execute(&mut **tx).await?;
    }
    let mut new = None;
    for report in reports.iter() {
        let current = Some(report.id) == counts;
        let conflict = !sound(report);
        match &report.fact {
            Some(fact) => change.insert(report, fact, current, conflict, zone),
            None if current != report.current || conflict => {
                let done =
                    sqlx::query(SET_FLAGS).bind(report.id).bind(current).bind(conflict).execute(&mut **tx).await?;
                if done.rows_affected() != 1 {
                    let found = done.rows_affected();
                    return Err(StoreError::RowsAffected { action: "flags of a fact", found, expected: 1 });
                }
            }
            None => {}
        }
        if current && !report.current {
            let fact = match &report.fact {
                Some(fact) => fact.clone(),
                None => fact_by_id(tx, report.id).await?,
            };
            change.anchors.extend(fact.anchor_days(zone).into_iter().map(|day| (day.0, report.id)));
            new = Some(fact);
        }
    }
    if old.is_some() || new.is_some() {
        change.replaced.push((old, new));
    }
    Ok(())
}

async fn fact_by_id(tx: &mut Tx<'_>, id: i64) -> Result<Fact, StoreError> {
    let row: FactRow = sqlx::query_as(BY_ID).bind(id).fetch_one(&mut **tx).await?;
    fact_of(&row)
}

impl Changes {
    fn insert(&mut self, report: &Report, fact: &Fact, current: bool, conflict: bool, zone: &Zone) {
        let identity = fact.identity();
        let open = fact.open_span(zone);
        self.rows.push(json!([
            report.id,
            fact.kind().name(),
            identity.source.as_str(),
            identity.source_id,
            report.revision,
            i64::from(report.void),
            fact.reported_at().0,
            report.digest,
            fact.payload().to_string(),
            fact.case_id(),
            open.map(|span| span.from.0),
            open.map(|span| span.until.map_or(i32::MAX, |day| day.0)),
            i64::from(current),
            i64::from(conflict),
        ]));
        self.digests.push(report.digest.clone());
        self.windows.extend(fact.code("window").map(str::to_owned));
        for (name, value) in fact.values() {
            if let Value::Text(text) = value {
                self.texts.push((report.id, name, text.clone()));
            }
        }
    }

    async fn write(&self, tx: &mut Tx<'_>, command: i64) -> Result<(), StoreError> {
        let done =
            sqlx::query(INSERT).bind(serde_json::to_string(&self.rows)?).bind(command).execute(&mut **tx).await?;
        let (found, expected) = (done.rows_affected(), self.rows.len() as u64);
        if found != expected {
            return Err(StoreError::RowsAffected { action: "facts", found, expected });
        }
        sqlx::query(INSERT_ANCHORS).bind(serde_json::to_string(&self.anchors)?).execute(&mut **tx).await?;
        if !self.texts.is_empty() {
            sqlx::query(INSERT_TEXTS).bind(serde_json::to_string(&self.texts)?).execute(&mut **tx).await?;
        }
        Ok(())
    }

    /// The digest of the batch, in whatever order it came.
    fn digest(&self) -> Digest {
        let mut digests = self.digests.clone();
        digests.sort();
        Digest::of_json(&json!(digests))
    }

    /// Sealed days whose rows change, those of joined ratings and cases included.
    async fn dirty(&self, tx: &mut Tx<'_>, zone: &Zone, closed: &[Day]) -> Result<BTreeSet<Day>, StoreError> {
        let mut dirty = BTreeSet::new();
        let mut joined: BTreeSet<&str> = BTreeSet::new();
        for (old, new) in &self.replaced {
            dirty.extend(Fact::changed_days(old.as_ref(), new.as_ref(), zone, closed));
            joined.extend([old, new].into_iter().flatten().filter_map(Fact::case_id));
        }
        let rows: Vec<FactRow> =
            sqlx::query_as(JOINED).bind(serde_json::to_string(&joined)?).fetch_all(&mut **tx).await?;
        let mut by_case: BTreeMap<String, Vec<Fact>> = BTreeMap::new();
        for row in rows {
            let fact = fact_of(&row)?;
            if let Some(id) = fact.case_id() {
                by_case.entry(id.to_owned()).or_default().push(fact);
            }
        }
        // What counted before may have held a row together, too.
        for fact in self.replaced.iter().flat_map(|(old, new)| [old, new]).flatten() {
            if let Some(id) = fact.case_id() {
                by_case.entry(id.to_owned()).or_default().push(fact.clone());
            }
        }
        // A rating and its case lie on one row, and a survey says whether its case stayed silent: where none of these
        // is there beside something else, nothing joins.
        let joins = |fact: &Fact| matches!(fact.kind(), Kind::Rating | Kind::Survey);
        let mixed = |facts: &&Vec<Fact>| facts.iter().any(joins) && facts.len() > 1;
        for fact in by_case.values().filter(mixed).flatten() {
            dirty.extend(fact.anchor_days(zone).into_iter().filter(|day| closed.binary_search(day).is_ok()));
        }
        Ok(dirty)
    }
}

//! Facts come in: new ones are added, known ones change nothing, contradictions are kept for a person.

use super::pack::pack;
use super::read::{FactRow, Unpacking, columns};
use super::texts::{self, Numbering, Texts};
use crate::door::{Trace, Tx};
use crate::{Store, StoreError, day};
use model::canonical::Digest;
use model::fact::{Fact, Kind, Value};
use model::id::Source;
use model::time::{Day, Zone};
use serde_json::json;
use sqlx::{QueryBuilder, Sqlite};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

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

/// One report of a record, known or new.
struct Report<'a> {
    id: i64,
    fact: Cow<'a, Fact>,
    digest: Digest,
    /// How many reports of the same revision came before.
    version: usize,
    /// Whether it counted before the batch.
    current: bool,
    /// Whether it was contradicted before the batch.
    conflict: bool,
    is_new: bool,
}

impl Report<'_> {
    fn revision(&self) -> u32 {
        self.fact.identity().revision
    }
}

/// Every report of a record.
type Record<'a> = Vec<Report<'a>>;

/// Facts per statement: with sixteen columns each, well below the 32,766 values that SQLite takes.
const ROWS: usize = 500;
/// Anchors and free texts per statement.
const SMALL_ROWS: usize = 5_000;

const KNOWN: &str =
    columns!("FROM fact AS f WHERE f.source_id IN (SELECT value FROM json_each($1)) AND f.kind = $2 AND f.source = $3");
const NEXT_ID: &str = "SELECT COALESCE(MAX(id), 0) + 1 FROM fact";
const INSERT: &str = "INSERT INTO fact (id, kind, source, source_id, revision, version, void, reported_at, shape, \
    payload, case_id, open_from, open_until, current, conflict, command) ";
const INSERT_ANCHORS: &str = "INSERT INTO anchor (day, fact) ";
const INSERT_TEXTS: &str = "INSERT INTO fact_text (fact, name, value) ";
const SET_FLAGS: &str = "UPDATE fact SET current = $2, conflict = $3 WHERE id = $1";
const DROP_ANCHORS: &str = "DELETE FROM anchor WHERE fact = $1";
/// What names one of these cases, and the cases that go by their own id, without the reports of the batch.
const JOINED: [&str; 2] = [
    columns!("FROM fact AS f WHERE f.current = 1 AND f.case_id IN (SELECT value FROM json_each($1)) AND f.id < $2"),
    columns!(
        "FROM fact AS f WHERE f.current = 1 AND f.source_id IN (SELECT value FROM json_each($1)) \
        AND f.case_id IS NULL AND f.kind = (SELECT id FROM text WHERE text = 'case') AND f.id < $2"
    ),
];

pub(crate) async fn import(
    store: &Store,
    tx: &mut Tx<'_>,
    command: i64,
    facts: &[Incoming],
    zone: &Zone,
) -> Result<(ImportOutcome, Option<Trace>), StoreError> {
    // Nothing is written yet, so what is read here is committed.
    let last = store.texts().last();
    store.add_texts(texts::since(&mut **tx, last).await?)?;
    let mut outcome = ImportOutcome::default();
    let known = known(store, tx, facts).await?;
    let next: i64 = sqlx::query_scalar(NEXT_ID).fetch_one(&mut **tx).await?;
    let records = records(known, next, facts, &store.texts(), &mut outcome)?;
    if outcome.new + outcome.conflicts == 0 {
        return Ok((outcome, None));
    }
    let change = Changes::of(&records, &store.texts(), zone);
    change.write(tx, command).await?;
    let closed = day::closed_days(tx).await?;
    if !closed.is_empty() {
        outcome.dirty = change.dirty(store, tx, zone, &closed, next).await?;
        day::set_dirty(tx, &outcome.dirty).await?;
    }
    let trace = Trace {
        action: "import",
        detail: json!({
            "digest": change.digest().to_string(),
            "new": outcome.new.to_string(),
            "conflicts": outcome.conflicts.to_string(),
        }),
        windows: change.windows,
    };
    Ok((outcome, Some(trace)))
}

/// The reports that are there of the records of a batch.
async fn known(store: &Store, tx: &mut Tx<'_>, facts: &[Incoming]) -> Result<Vec<FactRow>, StoreError> {
    let mut asked: BTreeMap<(Kind, &Source), Vec<&str>> = BTreeMap::new();
    for Incoming { fact } in facts {
        let identity = fact.identity();
        asked.entry((fact.kind(), &identity.source)).or_default().push(&identity.source_id);
    }
    let mut known = Vec::new();
    for ((kind, source), ids) in asked {
        let number = |text: &str| store.texts().number(text);
        // What has no number has no facts yet.
        let (Some(kind), Some(source)) = (number(kind.name()), number(source.as_str())) else { continue };
        let query = sqlx::query_as(KNOWN).bind(serde_json::to_string(&ids)?).bind(kind).bind(source);
        let rows: Vec<FactRow> = query.fetch_all(&mut **tx).await?;
        known.extend(rows);
    }
    Ok(known)
}

/// Every record of which the batch has a new report, in the order of the batch.
fn records<'a>(
    known: Vec<FactRow>,
    mut next: i64,
    facts: &'a [Incoming],
    texts: &Texts,
    outcome: &mut ImportOutcome,
) -> Result<Vec<Record<'a>>, StoreError> {
    fn name(fact: &Fact) -> (Kind, &str, &str) {
        let identity = fact.identity();
        (fact.kind(), identity.source.as_str(), &identity.source_id)
    }
    let mut places = HashMap::with_capacity(facts.len());
    for Incoming { fact } in facts {
        let place = places.len();
        places.entry(name(fact)).or_insert(place);
    }
    let mut records: Vec<Record<'a>> = (0..places.len()).map(|_| Record::new()).collect();
    // One record may have very many reports: nothing here looks at one beside all others.
    let (mut payloads, mut versions) = (HashSet::with_capacity(facts.len()), HashMap::with_capacity(facts.len()));
    let mut unpacking = Unpacking::new(texts);
    for row in known {
        let (id, current, conflict) = (row.id, row.current, row.conflict);
        let fact = unpacking.fact(row)?;
        let Some(place) = places.get(&name(&fact)).copied() else { continue };
        let (digest, revision) = (fact.payload_digest(), fact.identity().revision);
        payloads.insert((place, revision, digest));
        *versions.entry((place, revision)).or_default() += 1;
        let fact = Cow::Owned(fact);
        records[place].push(Report { id, fact, digest, version: 0, current, conflict, is_new: false });
    }
    for Incoming { fact } in facts {
        let place = places[&name(fact)];
        let (digest, revision) = (fact.payload_digest(), fact.identity().revision);
        if !payloads.insert((place, revision, digest)) {
            outcome.same += 1;
            continue;
        }
        let count: &mut usize = versions.entry((place, revision)).or_default();
        let version = *count;
        *count += 1;
        if version > 0 {
            outcome.conflicts += 1;
        } else {
            outcome.new += 1;
        }
        let fact = Cow::Borrowed(fact);
        let (current, conflict) = (false, false);
        records[place].push(Report { id: next, fact, digest, version, current, conflict, is_new: true });
        next += 1;
    }
    records.retain(|reports| reports.iter().any(|report| report.is_new));
    Ok(records)
}

/// A report to insert.
struct NewRow<'a> {
    report: &'a Report<'a>,
    kind: i64,
    source: i64,
    shape: i64,
    payload: Vec<u8>,
    /// First and last day on which it is open.
    open: Option<(i32, i32)>,
    current: bool,
    conflict: bool,
}

/// What a batch changes.
#[derive(Default)]
struct Changes<'a> {
    texts: Vec<(i64, String)>,
    rows: Vec<NewRow<'a>>,
    /// Days on which a report now has a row.
    anchors: Vec<(i32, i64)>,
    free_texts: Vec<(i64, &'static str, &'a str)>,
    windows: BTreeSet<String>,
    /// Known reports with their flags `current` and `conflict`.
    flags: Vec<(i64, bool, bool)>,
    /// Known reports that no longer count.
    dropped: Vec<i64>,
    /// What counted before and what counts now.
    replaced: Vec<(Option<&'a Fact>, Option<&'a Fact>)>,
}

impl<'a> Changes<'a> {
    fn of(records: &'a [Record<'_>], texts: &Texts, zone: &Zone) -> Self {
        let (mut change, mut numbering) = (Self::default(), Numbering::new(texts));
        for reports in records {
            change.settle(reports, zone, &mut numbering);
        }
        // In the order of their ids: rows are appended, not inserted between others.
        change.rows.sort_unstable_by_key(|row| row.report.id);
        change.texts = numbering.into_fresh();
        change
    }

    /// Decides which report of a record counts: the highest revision that nothing contradicts, unless it is void.
    ///
    /// A contradicted revision counts in neither version, whichever came first: the order of imports must not decide.
    fn settle(&mut self, reports: &'a [Report<'_>], zone: &Zone, numbering: &mut Numbering<'_>) {
        let mut revisions: Vec<u32> = reports.iter().map(Report::revision).collect();
        revisions.sort_unstable();
        let sound = |report: &Report<'_>| {
            let at = revisions.partition_point(|revision| *revision < report.revision());
            revisions.get(at + 1) != Some(&report.revision())
        };
        let highest = reports.iter().filter(|report| sound(report)).max_by_key(|report| report.revision());
        let counts = highest.filter(|report| !report.fact.is_void()).map(|report| report.id);
        let old = reports.iter().find(|report| report.current && Some(report.id) != counts);
        self.dropped.extend(old.map(|report| report.id));
        let mut new: Option<&Fact> = None;
        for report in reports {
            let (current, conflict) = (Some(report.id) == counts, !sound(report));
            if report.is_new {
                self.insert(report, (current, conflict), zone, numbering);
            } else if (current, conflict) != (report.current, report.conflict) {
                self.flags.push((report.id, current, conflict));
            }
            if current && !report.current {
                self.anchors.extend(report.fact.anchor_days(zone).into_iter().map(|day| (day.0, report.id)));
                new = Some(&report.fact);
            }
        }
        if old.is_some() || new.is_some() {
            self.replaced.push((old.map(|report| &*report.fact), new));
        }
    }

    fn insert(
        &mut self,
        report: &'a Report<'_>,
        (current, conflict): (bool, bool),
        zone: &Zone,
        numbering: &mut Numbering<'_>,
    ) {
        let fact: &Fact = &report.fact;
        let (kind, source) = (fact.kind().name(), fact.identity().source.as_str());
        let (kind, source) = (numbering.number(kind), numbering.number(source));
        let (shape, payload) = pack(fact, numbering);
        let open = fact.open_span(zone).map(|span| (span.from.0, span.until.map_or(i32::MAX, |day| day.0)));
        self.windows.extend(fact.code("window").map(str::to_owned));
        for (name, value) in fact.values() {
            if let Value::Text(text) = value {
                self.free_texts.push((report.id, name, text));
            }
        }
        self.rows.push(NewRow { report, kind, source, shape, payload, open, current, conflict });
    }

    async fn write(&self, tx: &mut Tx<'_>, command: i64) -> Result<(), StoreError> {
        texts::insert(tx, &self.texts).await?;
        for id in &self.dropped {
            sqlx::query(DROP_ANCHORS).bind(id).execute(&mut **tx).await?;
        }
        for (id, current, conflict) in &self.flags {
            let done = sqlx::query(SET_FLAGS).bind(id).bind(current).bind(conflict).execute(&mut **tx).await?;
            check_affected("flags of a fact", done.rows_affected(), 1)?;
        }
        for rows in self.rows.chunks(ROWS) {
            let mut insert = QueryBuilder::<Sqlite>::new(INSERT);
            insert.push_values(rows, |mut values, row| {
                let (report, fact) = (row.report, &row.report.fact);
                values.push_bind(report.id).push_bind(row.kind).push_bind(row.source);
                values.push_bind(fact.identity().source_id.as_str()).push_bind(report.revision());
                values.push_bind(i64::try_from(report.version).unwrap_or(i64::MAX)).push_bind(fact.is_void());
                values.push_bind(fact.reported_at().0).push_bind(row.shape).push_bind(row.payload.as_slice());
                values.push_bind(named_case(fact)).push_bind(row.open.map(|open| open.0));
                values.push_bind(row.open.map(|open| open.1)).push_bind(row.current).push_bind(row.conflict);
                values.push_bind(command);
            });
            let done = insert.build().execute(&mut **tx).await?;
            check_affected("facts", done.rows_affected(), rows.len())?;
        }
        for anchors in self.anchors.chunks(SMALL_ROWS) {
            let mut insert = QueryBuilder::<Sqlite>::new(INSERT_ANCHORS);
            insert.push_values(anchors, |mut values, (day, id)| {
                values.push_bind(*day).push_bind(*id);
            });
            insert.build().execute(&mut **tx).await?;
        }
        for texts in self.free_texts.chunks(SMALL_ROWS) {
            let mut insert = QueryBuilder::<Sqlite>::new(INSERT_TEXTS);
            insert.push_values(texts, |mut values, (id, name, text)| {
                values.push_bind(*id).push_bind(*name).push_bind(*text);
            });
            insert.build().execute(&mut **tx).await?;
        }
        Ok(())
    }

    /// The digest of the batch, in whatever order it came.
    fn digest(&self) -> Digest {
        let mut digests: Vec<Digest> = self.rows.iter().map(|row| row.report.digest).collect();
        digests.sort_unstable();
        Digest::of_json(&json!(digests))
    }

    /// Sealed days whose rows change, those of joined ratings and cases included.
    async fn dirty(
        &self,
        store: &Store,
        tx: &mut Tx<'_>,
        zone: &Zone,
        closed: &[Day],
        next: i64,
    ) -> Result<BTreeSet<Day>, StoreError> {
        let mut dirty = BTreeSet::new();
        let mut joined: BTreeSet<&str> = BTreeSet::new();
        for (old, new) in &self.replaced {
            dirty.extend(Fact::changed_days(*old, *new, zone, closed));
            joined.extend([old, new].into_iter().copied().flatten().filter_map(Fact::case_id));
        }
        let joined = serde_json::to_string(&joined)?;
        let mut rows: Vec<FactRow> = Vec::new();
        for query in JOINED {
            let found: Vec<FactRow> = sqlx::query_as(query).bind(&joined).bind(next).fetch_all(&mut **tx).await?;
            rows.extend(found);
        }
        let texts = store.texts();
        let mut unpacking = Unpacking::new(&texts);
        let mut by_case: BTreeMap<String, Vec<Cow<'_, Fact>>> = BTreeMap::new();
        let mut add = |fact: Cow<'a, Fact>| {
            if let Some(id) = fact.case_id().map(str::to_owned) {
                by_case.entry(id).or_default().push(fact);
            }
        };
        for row in rows {
            add(Cow::Owned(unpacking.fact(row)?));
        }
        // What counted before may have held a row together, too.
        for fact in self.replaced.iter().flat_map(|(old, new)| [*old, *new]).flatten() {
            add(Cow::Borrowed(fact));
        }
        // A rating and its case lie on one row, and a survey says whether its case stayed silent: where none of these
        // is there beside something else, nothing joins.
        let joins = |fact: &Fact| matches!(fact.kind(), Kind::Rating | Kind::Survey);
        let mixed = |facts: &&Vec<Cow<'_, Fact>>| facts.iter().any(|fact| joins(fact)) && facts.len() > 1;
        for fact in by_case.values().filter(mixed).flatten() {
            dirty.extend(fact.anchor_days(zone).into_iter().filter(|day| closed.binary_search(day).is_ok()));
        }
        Ok(dirty)
    }
}

/// The case that a fact names; a case that goes by its own id names none.
fn named_case(fact: &Fact) -> Option<&str> {
    if fact.kind() == Kind::Case { fact.code("case_id") } else { fact.case_id() }
}

fn check_affected(action: &'static str, found: u64, expected: usize) -> Result<(), StoreError> {
    let expected = expected as u64;
    if found == expected { Ok(()) } else { Err(StoreError::RowsAffected { action, found, expected }) }
}

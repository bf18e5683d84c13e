//! Facts come in: new ones are added, known ones change nothing, contradictions are kept for a person.

use super::read::{FactRow, Unpacking, columns};
use super::row::{FACT, NewRow};
use super::texts::{self, KnownTexts, Numbering, Texts};
use crate::cold::{self, Thawed};
use crate::door::{Trace, Turn};
use crate::sql::{Arg, Table, Tx, Type, statements};
use crate::{StoreError, day};
use model::canonical::Digest;
use model::fact::{Fact, Kind, Value};
use model::id::Source;
use model::time::{Day, Zone};
use serde_json::json;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// What became of one report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It was not there.
    New,
    /// It was there already, payload and all.
    Same,
    /// It contradicts one with the same revision; both are kept for a person to decide.
    Conflict,
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
    /// What became of each report, in their order.
    pub reports: Vec<Taken>,
}

impl ImportOutcome {
    /// Counts what became of others, too. What became of each of them is not kept: there may be very many.
    pub fn count(&mut self, others: Self) {
        self.new += others.new;
        self.same += others.same;
        self.conflicts += others.conflicts;
        self.dirty.extend(others.dirty);
    }

    fn take(&mut self, taken: Taken) {
        match taken {
            Taken::New => self.new += 1,
            Taken::Same => self.same += 1,
            Taken::Conflict => self.conflicts += 1,
        }
        self.reports.push(taken);
    }
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
    /// The command that brings it, if it is new.
    part: Option<usize>,
}

impl Report<'_> {
    fn revision(&self) -> u32 {
        self.fact.identity().revision
    }
}

/// Every report of a record.
type Record<'a> = Vec<Report<'a>>;

pub(crate) const ANCHOR: Table = Table { name: "anchor", columns: &[("day", Type::Integer), ("fact", Type::Integer)] };
pub(crate) const FREE_TEXT: Table =
    Table { name: "fact_text", columns: &[("fact", Type::Integer), ("name", Type::Text), ("value", Type::Text)] };

statements! {
    KNOWN = columns!(
        "FROM fact AS f WHERE f.source_id IN (SELECT value FROM json_each($1)) AND f.kind = $2 AND f.source = $3"
    );
    // The numbers of reports that lie in files are taken, too.
    LAST_IDS = "SELECT (SELECT COALESCE(MAX(id), 0) FROM fact), \
        (SELECT COALESCE(MAX(first_fact + facts - 1), 0) FROM cold_batch)";
    SET_FLAGS = "UPDATE fact SET current = $2, conflict = $3 WHERE id = $1";
    DROP_ANCHOR = "DELETE FROM anchor WHERE day = $1 AND fact = $2";
    // What names one of these cases, and the cases that go by their own id, without the reports of the batch.
    JOINED_BY_NAME = columns!(
        "FROM fact AS f WHERE f.current AND f.case_id IN (SELECT value FROM json_each($1)) AND f.id < $2"
    );
    JOINED_BY_OWN_ID = columns!(
        "FROM fact AS f WHERE f.current AND f.source_id IN (SELECT value FROM json_each($1)) \
        AND f.case_id IS NULL AND f.kind = (SELECT id FROM text WHERE text = 'case') AND f.id < $2"
    );
}

/// What one of several commands brings.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    pub(crate) facts: &'a [Fact],
    /// Of each fact, the digest of what it says.
    pub(crate) digests: &'a [Digest],
    /// Reports out of files that what is brought concerns.
    pub(crate) thawed: &'a [Thawed],
}

/// What a command of several did, and what it leaves behind if it changed something.
pub(crate) type Imported = (ImportOutcome, Option<(i64, Trace)>);

/// Takes in the facts of several commands, as if one came after the other: which report counts does not depend on their
/// order, so all are looked at and written together.
pub(crate) async fn import(turn: &mut Turn, parts: &[Part<'_>], zone: &Zone) -> Result<Vec<Imported>, StoreError> {
    let texts = Arc::clone(&turn.texts);
    cold::thaw(turn, parts.iter().flat_map(|part| part.thawed), zone).await?;
    let known = known(&texts, &mut turn.tx, parts).await?;
    let next = turn.next_fact().await?;
    let (records, mut outcomes) = records(known, next, parts, &texts.read())?;
    // A command that changes nothing has no number.
    let numbers: Vec<Option<i64>> =
        outcomes.iter().map(|of| (of.new + of.conflicts > 0).then(|| turn.take_number())).collect();
    let Some(last) = numbers.iter().flatten().last().copied() else {
        return Ok(outcomes.into_iter().map(|outcome| (outcome, None)).collect());
    };
    let change = Changes::of(&records, &texts.read(), zone, parts.len());
    change.write(&mut turn.tx, &numbers).await?;
    // Those who come later in the transaction refer to these texts, too.
    texts.add(change.texts.clone())?;
    turn.took_facts(i64::try_from(change.rows.len()).unwrap_or(i64::MAX));
    let closed = turn.closed().await?;
    if !closed.is_empty() {
        let dirty = change.dirty(&texts, &mut turn.tx, zone, &closed, next).await?;
        day::set_dirty(&mut turn.tx, last, &dirty).await?;
        for outcome in &mut outcomes {
            outcome.dirty.clone_from(&dirty);
        }
    }
    let traces = change.traces(&outcomes);
    let numbered = numbers.into_iter().zip(traces).map(|(number, trace)| number.map(|number| (number, trace)));
    Ok(outcomes.into_iter().zip(numbered).collect())
}

/// The number of the next report, as a transaction finds it.
pub(crate) async fn next_id(tx: &mut Tx) -> Result<i64, StoreError> {
    let found: Option<(i64, i64)> = tx.optional(LAST_IDS, &[]).await?;
    Ok(found.map_or(1, |(in_rows, in_files)| in_rows.max(in_files) + 1))
}

/// The reports that are there of the records of a batch.
pub(crate) async fn known(texts: &KnownTexts, tx: &mut Tx, parts: &[Part<'_>]) -> Result<Vec<FactRow>, StoreError> {
    let mut asked: BTreeMap<(Kind, &Source), Vec<&str>> = BTreeMap::new();
    for fact in parts.iter().flat_map(|part| part.facts) {
        let identity = fact.identity();
        asked.entry((fact.kind(), &identity.source)).or_default().push(&identity.source_id);
    }
    let mut known = Vec::new();
    for ((kind, source), ids) in asked {
        let number = |text: &str| texts.read().number(text);
        // What has no number has no facts yet.
        let (Some(kind), Some(source)) = (number(kind.name()), number(source.as_str())) else { continue };
        let ids = serde_json::to_string(&ids)?;
        known.extend(tx.all::<FactRow>(KNOWN, &[(&ids).into(), kind.into(), source.into()]).await?);
    }
    Ok(known)
}

/// Every record of which the batch has a new report, in the order of the batch, and what became of the reports of each part.
fn records<'a>(
    known: Vec<FactRow>,
    mut next: i64,
    parts: &[Part<'a>],
    texts: &Texts,
) -> Result<(Vec<Record<'a>>, Vec<ImportOutcome>), StoreError> {
    fn name(fact: &Fact) -> (Kind, &str, &str) {
        let identity = fact.identity();
        (fact.kind(), identity.source.as_str(), &identity.source_id)
    }
    let mut outcomes: Vec<ImportOutcome> = parts.iter().map(|_| ImportOutcome::default()).collect();
    let count = parts.iter().map(|part| part.facts.len()).sum();
    let mut places = HashMap::with_capacity(count);
    for fact in parts.iter().flat_map(|part| part.facts) {
        let place = places.len();
        places.entry(name(fact)).or_insert(place);
    }
    let mut records: Vec<Record<'a>> = (0..places.len()).map(|_| Record::new()).collect();
    // One record may have very many reports: nothing here looks at one beside all others.
    let (mut payloads, mut versions) = (HashSet::with_capacity(count), HashMap::with_capacity(count));
    let mut unpacking = Unpacking::new(texts);
    for row in known {
        let (id, current, conflict) = (row.id, row.current, row.conflict);
        let fact = unpacking.fact(row)?;
        let Some(place) = places.get(&name(&fact)).copied() else { continue };
        let (digest, revision) = (fact.payload_digest(), fact.identity().revision);
        payloads.insert((place, revision, digest));
        *versions.entry((place, revision)).or_default() += 1;
        let fact = Cow::Owned(fact);
        records[place].push(Report { id, fact, digest, version: 0, current, conflict, part: None });
    }
    let facts = parts
        .iter()
        .enumerate()
        .flat_map(|(at, part)| part.facts.iter().zip(part.digests).map(move |(fact, digest)| (at, fact, *digest)));
    for (part, fact, digest) in facts {
        let place = places[&name(fact)];
        let outcome = &mut outcomes[part];
        let revision = fact.identity().revision;
        if !payloads.insert((place, revision, digest)) {
            outcome.take(Taken::Same);
            continue;
        }
        let count: &mut usize = versions.entry((place, revision)).or_default();
        let version = *count;
        *count += 1;
        outcome.take(if version > 0 { Taken::Conflict } else { Taken::New });
        let fact = Cow::Borrowed(fact);
        let (current, conflict) = (false, false);
        records[place].push(Report { id: next, fact, digest, version, current, conflict, part: Some(part) });
        next += 1;
    }
    records.retain(|reports| reports.iter().any(|report| report.part.is_some()));
    Ok((records, outcomes))
}

/// A report that a batch adds.
struct Row<'a> {
    report: &'a Report<'a>,
    new: NewRow<'a>,
    /// Its flags `current` and `conflict`.
    flags: (bool, bool),
}

/// What a batch changes.
struct Changes<'a> {
    texts: Vec<(i64, String)>,
    rows: Vec<Row<'a>>,
    /// Days on which a report now has a row.
    anchors: Vec<(i32, i64)>,
    free_texts: Vec<(i64, &'static str, &'a str)>,
    /// The windows that each part touches.
    windows: Vec<BTreeSet<String>>,
    /// Known reports with their flags `current` and `conflict`.
    flags: Vec<(i64, bool, bool)>,
    /// Days on which a known report has a row no longer.
    dropped: Vec<(i32, i64)>,
    /// What counted before and what counts now.
    replaced: Vec<(Option<&'a Fact>, Option<&'a Fact>)>,
}

impl<'a> Changes<'a> {
    fn of(records: &'a [Record<'_>], texts: &Texts, zone: &Zone, parts: usize) -> Self {
        let mut change = Self {
            texts: Vec::new(),
            rows: Vec::new(),
            anchors: Vec::new(),
            free_texts: Vec::new(),
            windows: vec![BTreeSet::new(); parts],
            flags: Vec::new(),
            dropped: Vec::new(),
            replaced: Vec::new(),
        };
        let mut numbering = Numbering::new(texts);
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
        let days = |report: &Report<'_>| -> Vec<_> {
            report.fact.anchor_days(zone).into_iter().map(|day| (day.0, report.id)).collect()
        };
        self.dropped.extend(old.into_iter().flat_map(days));
        let mut new: Option<&Fact> = None;
        for report in reports {
            let (current, conflict) = (Some(report.id) == counts, !sound(report));
            if let Some(part) = report.part {
                self.insert(report, part, (current, conflict), zone, numbering);
            } else if (current, conflict) != (report.current, report.conflict) {
                self.flags.push((report.id, current, conflict));
            }
            if current && !report.current {
                self.anchors.extend(days(report));
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
        part: usize,
        flags: (bool, bool),
        zone: &Zone,
        numbering: &mut Numbering<'_>,
    ) {
        let fact: &Fact = &report.fact;
        self.windows[part].extend(fact.code("window").map(str::to_owned));
        for (name, value) in fact.values() {
            if let Value::Text(text) = value {
                self.free_texts.push((report.id, name, text));
            }
        }
        self.rows.push(Row { report, new: NewRow::of(report.id, fact, zone, numbering), flags });
    }

    async fn write(&self, tx: &mut Tx, numbers: &[Option<i64>]) -> Result<(), StoreError> {
        texts::insert(tx, &self.texts).await?;
        for (day, id) in &self.dropped {
            tx.execute(DROP_ANCHOR, &[(*day).into(), (*id).into()]).await?;
        }
        for (id, current, conflict) in &self.flags {
            let found = tx.execute(SET_FLAGS, &[(*id).into(), (*current).into(), (*conflict).into()]).await?;
            if found != 1 {
                return Err(StoreError::RowsAffected { action: "flags of a fact", found, expected: 1 });
            }
        }
        let rows = self.rows.iter().map(|row| {
            let command = row.report.part.and_then(|part| numbers[part]);
            row.new.values(row.report.version, row.flags, command)
        });
        let rows: Vec<Vec<Arg<'_>>> = rows.collect();
        tx.insert(&FACT, &rows).await?;
        let rows: Vec<_> = self.anchors.iter().map(|(day, id)| vec![(*day).into(), (*id).into()]).collect();
        tx.insert(&ANCHOR, &rows).await?;
        let texts = self.free_texts.iter();
        let rows: Vec<_> = texts.map(|(id, name, text)| vec![(*id).into(), (*name).into(), (*text).into()]).collect();
        tx.insert(&FREE_TEXT, &rows).await
    }

    /// What each part leaves behind. The digest of its reports is the same in whatever order they came.
    fn traces(self, outcomes: &[ImportOutcome]) -> Vec<Trace> {
        let mut digests = vec![Vec::new(); outcomes.len()];
        for row in &self.rows {
            if let Some(part) = row.report.part {
                digests[part].push(row.report.digest);
            }
        }
        let of_part = |((outcome, mut digests), windows): ((&ImportOutcome, Vec<Digest>), BTreeSet<String>)| {
            digests.sort_unstable();
            let detail = json!({
                "digest": Digest::of_json(&json!(digests)).to_string(),
                "new": outcome.new.to_string(),
                "conflicts": outcome.conflicts.to_string(),
            });
            Trace { action: "import", detail, windows }
        };
        outcomes.iter().zip(digests).zip(self.windows).map(of_part).collect()
    }

    /// Sealed days whose rows change, those of joined ratings and cases included.
    async fn dirty(
        &self,
        texts: &KnownTexts,
        tx: &mut Tx,
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
        for sql in [JOINED_BY_NAME, JOINED_BY_OWN_ID] {
            rows.extend(tx.all::<FactRow>(sql, &[(&joined).into(), next.into()]).await?);
        }
        let texts = texts.read();
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

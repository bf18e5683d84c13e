//! What of new reports is known from files, and which reports in files they concern.

use super::{Batch, damaged, packed, records_of};
use crate::AppError;
use crate::home::Home;
use lake::KeyEntry;
use model::fact::Fact;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use store::{Reading, Thawed, case_key, record_key, report_key};

/// What was found of new reports.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// For each report whether a file says the same.
    pub(super) same: Vec<bool>,
    /// Reports that must become rows before the others are taken in.
    pub(super) thawed: Vec<Thawed>,
}

/// A group of reports in files: batch (by its place), day of the file that has it whole, number of its first report.
type Group = (usize, i32, u32);

/// Looks new reports up in every batch.
///
/// A report concerns the group of its record and that of the case that it is or names. A group is whole: nothing else in
/// any file has a record or a case in common with it, so what becomes rows leaves nothing behind that it concerns.
pub(super) async fn look(home: &Home, batches: &[Arc<Batch>], facts: &[Fact]) -> Result<Found, AppError> {
    let mut found = Found { same: vec![false; facts.len()], thawed: Vec::new() };
    if batches.is_empty() {
        return Ok(found);
    }
    let keys: Vec<(u64, Option<u64>)> = facts.iter().map(keys_of).collect();
    let mut concerned: Vec<BTreeSet<Group>> = vec![BTreeSet::new(); facts.len()];
    for (place, batch) in batches.iter().enumerate() {
        let asked = keys.iter().flat_map(|(record, case)| std::iter::once(*record).chain(*case));
        let entries = batch.index(home).await?.find(&home.files, asked).await?;
        let mut by_key: HashMap<u64, Vec<KeyEntry>> = HashMap::new();
        for entry in entries {
            by_key.entry(entry.key).or_default().push(entry);
        }
        for (at, (record, case)) in keys.iter().enumerate() {
            let of_record = by_key.get(record).map(Vec::as_slice).unwrap_or_default();
            if !of_record.is_empty() {
                let says = report_key(facts[at].identity().revision, facts[at].payload_digest());
                found.same[at] |= of_record.iter().any(|entry| entry.says == says);
            }
            let of_case = case.and_then(|case| by_key.get(&case)).map(Vec::as_slice).unwrap_or_default();
            concerned[at].extend(of_record.iter().chain(of_case).map(|entry| (place, entry.day, entry.group)));
        }
    }
    let new = concerned.into_iter().zip(&found.same).filter(|(_, same)| !**same);
    let groups: BTreeSet<Group> = new.flat_map(|(groups, _)| groups).collect();
    found.thawed = thaw(home, batches, groups).await?;
    Ok(found)
}

/// The keys of the record of a report, and of the case that it is or names.
fn keys_of(fact: &Fact) -> (u64, Option<u64>) {
    let identity = fact.identity();
    (record_key(fact.kind(), identity.source.as_str(), &identity.source_id), fact.case_id().map(case_key))
}

/// Reads groups whole, those left out that are rows already.
async fn thaw(home: &Home, batches: &[Arc<Batch>], groups: BTreeSet<Group>) -> Result<Vec<Thawed>, AppError> {
    let id = |(place, _, group): &Group| batches[*place].row.first_fact + i64::from(*group);
    let in_rows = home.store.in_rows(&groups.iter().map(id).collect::<Vec<_>>()).await?;
    let mut of_file: BTreeMap<(usize, i32), BTreeSet<u32>> = BTreeMap::new();
    for group in groups.iter().filter(|group| !in_rows.contains(&id(group))) {
        of_file.entry((group.0, group.1)).or_default().insert(group.2);
    }
    let mut thawed = Vec::new();
    if of_file.is_empty() {
        return Ok(thawed);
    }
    let files: HashMap<(i64, i32), String> =
        home.store.cold_files().await?.into_iter().map(|of| ((of.batch, of.day.0), of.file)).collect();
    for ((place, day), groups) in of_file {
        let batch = &batches[place];
        let missing = || AppError::Unreadable {
            what: format!("table cold_day, batch {}", batch.row.id),
            problem: format!("the row of day {day} is missing; restore the database from a backup"),
        };
        let file = super::stored(files.get(&(batch.row.id, day)).ok_or_else(missing)?)?;
        let texts = batch.texts(home).await?;
        let mut seen = BTreeSet::new();
        for records in records_of(home, &file).await? {
            let mut reading = Reading::new(texts);
            for at in (0..records.len()).filter(|at| records.whole(*at) && groups.contains(&records.group(*at))) {
                let fact = reading.fact(&packed(&records, at)).map_err(|problem| damaged(&file, problem))?;
                seen.insert(records.group(at));
                thawed.push(Thawed {
                    id: batch.row.first_fact + i64::from(records.id(at)),
                    fact,
                    current: records.record(at).current,
                    batch: batch.row.id,
                    command: batch.row.command,
                });
            }
        }
        if seen != groups {
            return Err(damaged(&file, "it lacks reports that its batch has keys of".to_owned()));
        }
    }
    Ok(thawed)
}

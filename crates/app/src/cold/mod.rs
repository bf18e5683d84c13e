//! Reports that lie in files of the lake: found, read with a day, and brought back into rows when something new concerns
//! them. Nobody else asks the database for the facts of a day.

mod import;
mod look;

pub(crate) use import::{Patience, import_facts, write_concerned};

use crate::AppError;
use crate::home::Home;
use lake::{KeyFiles, KeyIndex, Records, Stored, read_records};
use model::fact::{DayFacts, Kind};
use model::time::{Day, Instant};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use store::{BatchTexts, ColdBatch, ColdFile, DayParts, PackedReport, Reading, Store};
use tokio::sync::OnceCell;

/// The files of a batch beside its record files.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct BatchFiles {
    /// The texts that reports refer to by number.
    pub(crate) texts: Stored,
    /// The keys of its records and cases.
    #[serde(flatten)]
    pub(crate) keys: KeyFiles,
}

/// A batch, of which what is asked for is read once.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) row: ColdBatch,
    pub(crate) files: BatchFiles,
    texts: OnceCell<BatchTexts>,
    index: OnceCell<KeyIndex>,
}

impl Batch {
    /// Where its records and cases are.
    pub(crate) async fn index(&self, home: &Home) -> Result<&KeyIndex, AppError> {
        Ok(self.index.get_or_try_init(|| KeyIndex::open(&home.files, &self.files.keys)).await?)
    }

    async fn texts(&self, home: &Home) -> Result<&BatchTexts, AppError> {
        let read = || async {
            let bytes = home.files.get(&self.files.texts).await?;
            let unreadable = |problem| AppError::Unreadable { what: self.files.texts.path.clone(), problem };
            let texts: Vec<String> = serde_json::from_slice(&bytes).map_err(|error| unreadable(error.to_string()))?;
            Ok::<_, AppError>(BatchTexts::of(texts)?)
        };
        self.texts.get_or_try_init(read).await
    }
}

/// The batches of a home, as far as they are known.
#[derive(Debug, Default)]
pub(crate) struct Cold(Mutex<Option<Arc<[Arc<Batch>]>>>);

impl Cold {
    /// Every batch that was there when somebody last looked. Whoever goes by it is told if there are more.
    pub(crate) async fn batches(&self, store: &Store) -> Result<Arc<[Arc<Batch>]>, AppError> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match known {
            Some(known) => Ok(known),
            None => self.refresh(store).await,
        }
    }

    /// Looks which batches there are.
    pub(crate) async fn refresh(&self, store: &Store) -> Result<Arc<[Arc<Batch>]>, AppError> {
        let rows = store.cold_batches().await?;
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut batches: Vec<Arc<Batch>> = known.as_deref().unwrap_or_default().to_vec();
        // A batch never changes, so those that are known keep what they have read.
        for row in rows.into_iter().skip(batches.len()) {
            let files = batch_files(&row)?;
            batches.push(Arc::new(Batch { row, files, texts: OnceCell::new(), index: OnceCell::new() }));
        }
        Ok(Arc::clone(known.insert(batches.into())))
    }

    async fn batch(&self, store: &Store, id: i64) -> Result<Arc<Batch>, AppError> {
        let of_id = |batches: &[Arc<Batch>]| batches.iter().find(|batch| batch.row.id == id).cloned();
        if let Some(batch) = of_id(&self.batches(store).await?) {
            return Ok(batch);
        }
        let missing = || AppError::Unreadable {
            what: format!("table cold_batch, row {id}"),
            problem: "it is missing; restore the database from a backup".to_owned(),
        };
        of_id(&self.refresh(store).await?).ok_or_else(missing)
    }
}

pub(crate) fn batch_files(row: &ColdBatch) -> Result<BatchFiles, AppError> {
    let what = || format!("table cold_batch, row {}", row.id);
    serde_json::from_str(&row.files).map_err(|error| AppError::Unreadable { what: what(), problem: error.to_string() })
}

/// The stored file that a row of a day names.
pub(crate) fn stored(file: &str) -> Result<Stored, AppError> {
    let unreadable = |error: serde_json::Error| AppError::Unreadable {
        what: "table cold_day".to_owned(),
        problem: error.to_string(),
    };
    serde_json::from_str(file).map_err(unreadable)
}

/// Every file of reports that the database refers to, by what it is of.
pub(crate) async fn cold_files(store: &Store) -> Result<Vec<(String, Result<Vec<Stored>, AppError>)>, AppError> {
    let mut found = Vec::new();
    for row in store.cold_batches().await? {
        let files = batch_files(&row).map(|files| {
            let BatchFiles { texts, keys } = files;
            [vec![texts, keys.directory], keys.keys].concat()
        });
        found.push((format!("backfill {}", row.id), files));
    }
    for ColdFile { day, file, .. } in store.cold_files().await? {
        found.push((format!("reports of {day}"), stored(&file).map(|file| vec![file])));
    }
    Ok(found)
}

/// The current facts that the sealed files of a day are made of, wherever they lie, and the last command that they are
/// after.
pub(crate) async fn facts_of(home: &Home, day: Day) -> Result<(DayFacts, i64), AppError> {
    let DayParts { mut facts, cold, as_of } = home.store.day_parts(day).await?;
    for of_day in &cold {
        let batch = home.cold.batch(&home.store, of_day.batch).await?;
        let (file, first) = (stored(&of_day.file)?, batch.row.first_fact);
        read(home, &batch, &file, &of_day.thawed, first, &mut facts).await?;
    }
    Ok((facts, as_of))
}

async fn read(
    home: &Home,
    batch: &Batch,
    file: &Stored,
    thawed: &HashSet<i64>,
    first: i64,
    facts: &mut DayFacts,
) -> Result<(), AppError> {
    let texts = batch.texts(home).await?;
    for records in records_of(home, file).await? {
        let mut reading = Reading::new(texts);
        for at in (0..records.len()).filter(|at| records.counts(*at)) {
            if thawed.contains(&(first + i64::from(records.id(at)))) {
                continue;
            }
            let fact = reading.fact(&packed(&records, at)).map_err(|problem| damaged(file, problem))?;
            match fact.kind() {
                Kind::Case => facts.cases.push(fact),
                Kind::Rating => facts.ratings.push(fact),
                _ => facts.others.push(fact),
            }
        }
    }
    Ok(())
}

async fn records_of(home: &Home, file: &Stored) -> Result<Vec<Records>, AppError> {
    Ok(read_records(&file.path, home.files.get(file).await?)?)
}

fn damaged(file: &Stored, problem: String) -> AppError {
    AppError::Unreadable { what: file.path.clone(), problem }
}

/// A record as the database's crate unpacks it.
fn packed(records: &Records, at: usize) -> PackedReport<'_> {
    let record = records.record(at);
    PackedReport {
        head: records.head(at),
        kind: record.kind,
        source: record.source,
        shape: record.shape,
        source_id: record.source_id,
        revision: record.revision,
        void: record.void,
        reported_at: Instant(record.reported_at),
        payload: record.payload,
    }
}

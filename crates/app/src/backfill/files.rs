//! The files of a backfill: record files of days, key files, texts.

use super::BackfillError;
use super::settle::{COUNTS, CURRENT, VOID, WHOLE};
use super::spill::{Rest, Spill};
use crate::AppError;
use crate::home::Home;
use crate::parallel::in_order;
use lake::{KEY_FILES, KeyEntry, KeyFile, KeyFiles, Record, RecordWriter, Stored, write_directory, write_keys};
use model::fact::Kind;
use model::time::Day;
use store::{BackfilledDay, BatchTexts};
use tokio::runtime::Handle;

/// A row of a day.
struct Row<'a> {
    day: i32,
    /// Its number within the batch.
    id: u32,
    group: u32,
    source: u32,
    shape: u32,
    revision: u32,
    flags: u8,
    kind: Kind,
    reported_at: i64,
    source_id: &'a str,
    payload: &'a [u8],
}

impl<'a> Row<'a> {
    /// The next row. Numbers of a part become numbers of the batch.
    fn read(rest: &mut Rest<'a>, bases: &[u32]) -> Option<Self> {
        let day = rest.i32()?;
        let base = *bases.get(usize::try_from(rest.u32()?).ok()?)?;
        let (id, group) = (base + rest.u32()?, base + rest.u32()?);
        let (source, shape, revision) = (rest.u32()?, rest.u32()?, rest.u32()?);
        let (flags, kind) = (rest.u8()?, *Kind::ALL.get(usize::from(rest.u8()?))?);
        let (reported_at, source_id, payload) = (rest.i64()?, rest.text()?, rest.bytes()?);
        Some(Self { day, id, group, source, shape, revision, flags, kind, reported_at, source_id, payload })
    }

    fn record(&self, texts: &'a BatchTexts) -> Option<Record<'a>> {
        Some(Record {
            id: self.id,
            group: self.group,
            counts: self.flags & COUNTS != 0,
            whole: self.flags & WHOLE != 0,
            current: self.flags & CURRENT != 0,
            kind: self.kind.name(),
            source: texts.text(self.source.into())?,
            source_id: self.source_id,
            revision: self.revision,
            void: self.flags & VOID != 0,
            reported_at: self.reported_at,
            shape: texts.text(self.shape.into())?,
            payload: self.payload,
        })
    }
}

/// Writes the record files, in the order of their days.
pub(super) fn write_days(
    home: &Home,
    rows: &Spill,
    bases: &[u32],
    texts: &BatchTexts,
    threads: usize,
    runtime: &Handle,
) -> Result<Vec<BackfilledDay>, BackfillError> {
    let mut days = Vec::new();
    let write = |part| write_part(home, rows, part, bases, texts, runtime);
    in_order(threads, rows.parts(), write, |_, written| {
        days.extend(written?);
        Ok(())
    })?;
    Ok(days)
}

fn write_part(
    home: &Home,
    rows: &Spill,
    part: usize,
    bases: &[u32],
    texts: &BatchTexts,
    runtime: &Handle,
) -> Result<Vec<BackfilledDay>, BackfillError> {
    let bytes = rows.read(part)?;
    let (mut rest, mut rows) = (Rest(&bytes), Vec::new());
    while !rest.is_empty() {
        rows.push(Row::read(&mut rest, bases).ok_or(BackfillError::Spill)?);
    }
    rows.sort_unstable_by_key(|row| (row.day, row.id));
    let mut written = Vec::new();
    for of_day in rows.chunk_by(|one, next| one.day == next.day) {
        let (Some(first), Some(last)) = (of_day.first(), of_day.last()) else { continue };
        let mut writer = RecordWriter::default();
        for row in of_day {
            writer.push(&row.record(texts).ok_or(BackfillError::Spill)?);
        }
        let day = Day(first.day);
        let stored =
            runtime.block_on(home.files.put(&format!("cold/{day}"), "reports", "parquet", writer.finish()?))?;
        written.push(BackfilledDay {
            day,
            file: json(&stored),
            first: first.id.into(),
            last: last.id.into(),
            counts: of_day.iter().any(|row| row.flags & COUNTS != 0),
        });
    }
    Ok(written)
}

/// Writes the key files. Returns every key, sorted, beside them.
pub(super) fn write_key_files(
    home: &Home,
    entries: &Spill,
    bases: &[u32],
    threads: usize,
    runtime: &Handle,
) -> Result<(KeyFiles, Vec<u64>), BackfillError> {
    debug_assert_eq!(entries.parts(), KEY_FILES, "the first bits of a key say its file");
    let (mut files, mut stored, mut keys) = (Vec::new(), Vec::new(), Vec::new());
    let make = |part| -> Result<(KeyFile, Stored, Vec<u64>), BackfillError> {
        let entries = read_keys(&entries.read(part)?, bases).ok_or(BackfillError::Spill)?;
        let mut keys: Vec<u64> = entries.iter().map(|entry| entry.key).collect();
        keys.sort_unstable();
        keys.dedup();
        let mut file = write_keys(entries);
        let stored = runtime.block_on(home.files.put("cold/keys", "keys", "bin", std::mem::take(&mut file.bytes)))?;
        Ok((file, stored, keys))
    };
    in_order(threads, entries.parts(), make, |_, made| {
        let (file, of_file, of_keys) = made?;
        files.push(file);
        stored.push(of_file);
        keys.extend(of_keys);
        Ok(())
    })?;
    let directory = home.files.put("cold/keys", "directory", "bin", write_directory(&files));
    Ok((KeyFiles { keys: stored, directory: runtime.block_on(directory)? }, keys))
}

fn read_keys(bytes: &[u8], bases: &[u32]) -> Option<Vec<KeyEntry>> {
    let (mut rest, mut entries) = (Rest(bytes), Vec::new());
    while !rest.is_empty() {
        let (key, says) = (rest.u64()?, rest.u64()?);
        let base = bases.get(usize::try_from(rest.u32()?).ok()?)?;
        entries.push(KeyEntry { key, says, group: base + rest.u32()?, day: rest.i32()? });
    }
    Some(entries)
}

/// Writes the texts.
pub(super) fn write_texts(home: &Home, texts: &BatchTexts, runtime: &Handle) -> Result<Stored, BackfillError> {
    let bytes = serde_json::to_vec(&texts.list()).unwrap_or_default();
    Ok(runtime.block_on(home.files.put("cold/texts", "texts", "json", bytes))?)
}

pub(super) fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).map(|json| json.to_string()).unwrap_or_default()
}

impl From<BackfillError> for AppError {
    fn from(error: BackfillError) -> Self {
        match error {
            BackfillError::App(error) => error,
            other => Self::Backfill(Box::new(other)),
        }
    }
}

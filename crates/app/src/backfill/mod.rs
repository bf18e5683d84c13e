//! Backfill: years of files become reports in files of the lake, not rows of the database, and count all the same.
//!
//! 1. Files are read and checked like those of an import; each report becomes a row of bytes in a *spill*, together with
//!    those that have the same case.
//! 2. Part by part, reports are settled: which revision counts, what stays together, which days need it.
//! 3. Day by day, rows become record files; keys become key files.
//! 4. One command makes them count. Whatever ends the program before leaves files that nobody reads.
//! 5. What must be in the database, or concerns what is known, goes the ordinary way.

mod files;
mod report;
mod settle;
mod spill;

use crate::AppError;
use crate::cold::{BatchFiles, Patience, import_facts};
use crate::home::{Home, LockedFile};
use crate::import::mapping::{Mapping, Target};
use crate::import::{FileReport, ImportError, Options, Taker, each_fact};
use crate::parallel::in_order;
use files::{json, write_days, write_key_files, write_texts};
use lake::{KEY_FILES, LakeError};
use model::fact::{Fact, Kind, Value};
use model::time::{Day, Zone};
use report::{Days, keys_of, put_report};
use settle::{Known, Places, Settled, read_again, settle};
use spill::{Rest, Spill, SpillWriter};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use store::{
    Backfill, BatchTexts, Change, Command, Done, FreeText, ImportOutcome, KindCount, Packer, Reading, SharedTexts,
    SourceCount, StoreError, case_key, record_key,
};
use tokio::runtime::Handle;

/// Parts of what was read: one is held at a time by each thread.
const PARTS: usize = 64;
/// Parts of rows of days.
const DAY_PARTS: usize = 256;
/// The most different codes that the files of a backfill may have together.
const MOST_TEXTS: usize = 4_000_000;
/// The most bytes of free text.
const MOST_TEXT_BYTES: usize = 256 << 20;
/// Reports that go the ordinary way, per command.
const BATCH: usize = 5_000;
/// So often everything is settled anew because something of it came in meanwhile.
const ATTEMPTS: usize = 5;

/// Why a backfill failed as a whole. Nothing of it counts.
#[derive(Debug, thiserror::Error)]
pub enum BackfillError {
    /// A file cannot be read.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// The home, its database or its files.
    #[error(transparent)]
    App(#[from] AppError),
    /// A mapping that makes entries of the register.
    #[error("{path}: the mapping makes entries of the register; bring these in with `heng import`")]
    Register {
        /// The mapping.
        path: String,
    },
    /// Another backfill is under way.
    #[error("{path}: another backfill is under way; wait until it has ended")]
    Busy {
        /// Its folder.
        path: String,
    },
    /// More than can be brought at once.
    #[error("more than {most} {what} in one backfill; bring the files in several")]
    TooMuch {
        /// Of what.
        what: &'static str,
        /// How many are taken.
        most: usize,
    },
    /// A file on the way could not be written or read.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// The cause.
        source: io::Error,
    },
    /// A file on the way is not what was written.
    #[error("a temporary file of the backfill is not what was written; is the disk sound?")]
    Spill,
    /// Sources report what the backfill brings, again and again.
    #[error("reports of the same records keep coming in; try again when their sources are quiet")]
    Overtaken,
}

impl BackfillError {
    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.display().to_string();
        move |source| Self::Io { path, source }
    }
}

impl From<StoreError> for BackfillError {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

impl From<LakeError> for BackfillError {
    fn from(error: LakeError) -> Self {
        Self::App(error.into())
    }
}

/// Files with the mapping that reads them.
#[derive(Debug)]
pub struct Source {
    /// Where the mapping is.
    pub path: PathBuf,
    /// The mapping.
    pub mapping: Mapping,
    /// The files.
    pub files: Vec<PathBuf>,
}

/// What became of a backfill.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backfilled {
    /// What was read: rows, and bad ones among them.
    pub files: Vec<FileReport>,
    /// Reports that lie in files now.
    pub cold: u64,
    /// Days that have a record file of them.
    pub days: usize,
    /// What became of those that went the ordinary way.
    pub ordinary: ImportOutcome,
    /// Reports that were there already, or twice in the files.
    pub same: u64,
}

/// Brings files in. `progress` is told the rows of each file. Call it outside the runtime.
pub fn backfill(
    home: &Home,
    sources: &[Source],
    change: Change<'_>,
    threads: usize,
    runtime: &Handle,
    progress: &mut dyn FnMut(&Path, u64),
) -> Result<Backfilled, BackfillError> {
    if let Some(source) = sources.iter().find(|source| !matches!(source.mapping.target, Target::Fact(_))) {
        return Err(BackfillError::Register { path: source.path.display().to_string() });
    }
    let folder = Folder::take(&home.folder().join("backfill"))?;
    let read = read(home, sources, change, threads, &folder, progress)?;
    let mut done = Backfilled { files: read.files, ..Backfilled::default() };
    let Some(span) = read.span else { return Ok(done) };
    let texts = read.texts.into_batch();
    let today = home.zone.day_of(change.at).0;
    let mut known = Known { keys: Vec::new(), tied: tied(&read.pairs, threads)?, today };
    for _ in 0..ATTEMPTS {
        let batches = runtime.block_on(home.cold.refresh(&home.store))?;
        let seen = known_keys(home, &mut known.keys, runtime)?;
        tracing::debug!(known = known.keys.len(), tied = known.tied.len(), "settling");
        let ordinary = Spill::create(&folder.path, "ordinary", PARTS)?;
        let making = Making { home, folder: &folder, texts: &texts, threads, runtime };
        let (new, same) = making.files(&read.reports, &known, span, &ordinary, read.windows.clone())?;
        (done.cold, done.days, done.same) =
            (new.kinds.iter().map(|of| of.reports.unsigned_abs()).sum(), new.days.len(), same);
        if done.cold > 0 {
            let batches = i64::try_from(batches.len()).unwrap_or(i64::MAX);
            let command = Command::Backfill(Backfill { batches, seen, ..new });
            if let Done::Stale(_) = runtime.block_on(home.store.write(change, command))? {
                continue;
            }
            runtime.block_on(home.cold.refresh(&home.store))?;
        }
        done.ordinary = import_ordinary(home, &ordinary, &texts, change, runtime)?;
        return Ok(done);
    }
    Err(BackfillError::Overtaken)
}

/// The folder of a backfill, within the home: empty when it begins, and gone when it ends.
#[derive(Debug)]
struct Folder {
    path: PathBuf,
    _lock: LockedFile,
}

impl Folder {
    fn take(path: &Path) -> Result<Self, BackfillError> {
        let lock_path = path.with_extension("lock");
        let lock = File::create(&lock_path).map_err(BackfillError::io(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(BackfillError::Busy { path: path.display().to_string() }),
            Err(TryLockError::Error(source)) => return Err(BackfillError::io(&lock_path)(source)),
        }
        // Left by one that was interrupted.
        if path.exists() {
            std::fs::remove_dir_all(path).map_err(BackfillError::io(path))?;
        }
        std::fs::create_dir_all(path).map_err(BackfillError::io(path))?;
        Ok(Self { path: path.to_owned(), _lock: LockedFile(lock) })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left is removed by the next one.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// What was read.
struct Read {
    files: Vec<FileReport>,
    texts: SharedTexts,
    reports: Spill,
    /// The key of each record, and that of what it comes together with.
    pairs: Spill,
    windows: BTreeSet<String>,
    /// The first and the last day that a report concerns.
    span: Option<(i32, i32)>,
}

fn read(
    home: &Home,
    sources: &[Source],
    change: Change<'_>,
    threads: usize,
    folder: &Folder,
    progress: &mut dyn FnMut(&Path, u64),
) -> Result<Read, BackfillError> {
    let texts = SharedTexts::default();
    let text_bytes = AtomicUsize::new(0);
    let (reports, pairs) = (Spill::create(&folder.path, "report", PARTS)?, Spill::create(&folder.path, "pair", PARTS)?);
    let taker = || Spiller {
        zone: &home.zone,
        texts: &texts,
        packer: Packer::new(&texts),
        reports: SpillWriter::new(&reports),
        pairs: SpillWriter::new(&pairs),
        windows: BTreeSet::new(),
        span: None,
        text_bytes: &text_bytes,
    };
    let mut takers: Vec<Spiller<'_>> = (0..threads.max(1)).map(|_| taker()).collect();
    let (mut files, mut first) = (Vec::new(), 0);
    let options = Options { change, dry_run: false, rejects: None };
    for source in sources {
        for path in &source.files {
            let told = &mut |rows| progress(path, rows);
            files.push(each_fact(home, &source.mapping, path, options, &mut first, &mut takers, told)?);
        }
    }
    let (mut windows, mut span) = (BTreeSet::new(), None);
    for taker in takers {
        windows.extend(taker.windows);
        span = wider(span, taker.span);
        taker.reports.finish()?;
        taker.pairs.finish()?;
    }
    Ok(Read { files, texts, reports, pairs, windows, span })
}

fn wider(one: Option<(i32, i32)>, other: Option<(i32, i32)>) -> Option<(i32, i32)> {
    match (one, other) {
        (Some((from, to)), Some((first, last))) => Some((from.min(first), to.max(last))),
        (one, other) => one.or(other),
    }
}

/// Takes the facts of one thread.
struct Spiller<'a> {
    zone: &'a Zone,
    texts: &'a SharedTexts,
    packer: Packer<'a>,
    reports: SpillWriter<'a>,
    pairs: SpillWriter<'a>,
    windows: BTreeSet<String>,
    span: Option<(i32, i32)>,
    /// Free text so far, of all threads.
    text_bytes: &'a AtomicUsize,
}

impl Taker for Spiller<'_> {
    fn take(&mut self, number: u64, fact: Fact) -> Result<(), ImportError> {
        self.spill(number, &fact).map_err(|error| ImportError::Store(Box::new(error.into())))
    }
}

impl Spiller<'_> {
    fn spill(&mut self, number: u64, fact: &Fact) -> Result<(), BackfillError> {
        let keys = keys_of(fact);
        let packed = self.packer.pack(fact);
        let (part, zone) = (self.reports.part_of(keys.0), self.zone);
        let mut days = None;
        self.reports.put(part, |row| days = Some(put_report(row, fact, keys, number, &packed, zone)))?;
        self.pairs.put(self.pairs.part_of(keys.1), |row| {
            row.extend(keys.1.to_le_bytes());
            row.extend(keys.0.to_le_bytes());
        })?;
        self.span = wider(self.span, days.map(Days::span));
        if let Some(window) = fact.code("window").filter(|window| !self.windows.contains(*window)) {
            self.windows.insert(window.to_owned());
        }
        let mut text_bytes = 0;
        for (_, value) in fact.values() {
            if let Value::Text(text) = value {
                text_bytes = self.text_bytes.fetch_add(text.len(), Ordering::Relaxed) + text.len();
            }
        }
        if text_bytes > MOST_TEXT_BYTES {
            return Err(BackfillError::TooMuch { what: "bytes of free text", most: MOST_TEXT_BYTES });
        }
        if number.is_multiple_of(1 << 20) && self.texts.count() > MOST_TEXTS {
            return Err(BackfillError::TooMuch { what: "different codes", most: MOST_TEXTS });
        }
        Ok(())
    }
}

/// Gathers the keys of everything that the home knows, sorted. Returns the number of the last report in rows.
fn known_keys(home: &Home, keys: &mut Vec<u64>, runtime: &Handle) -> Result<i64, BackfillError> {
    keys.clear();
    let mut take = |kind: Kind, source: &str, id: &str, case: Option<&str>| {
        keys.push(record_key(kind, source, id));
        keys.extend(case.map(case_key));
    };
    let seen = runtime.block_on(home.store.every_name(&mut take))?;
    for batch in runtime.block_on(home.cold.batches(&home.store))?.iter() {
        let index = runtime.block_on(batch.index(home))?;
        runtime.block_on(index.every(&home.files, &mut |key| keys.push(key)))?;
    }
    keys.sort_unstable();
    keys.dedup();
    Ok(seen)
}

/// The keys of what is tied together by a record whose revisions name different cases.
fn tied(pairs: &Spill, threads: usize) -> Result<HashSet<u64>, BackfillError> {
    let of_part = |part| -> Result<Vec<u64>, BackfillError> {
        let bytes = pairs.read(part)?;
        let (mut rest, mut all) = (Rest(&bytes), Vec::with_capacity(bytes.len() / 16));
        while !rest.is_empty() {
            all.push((rest.u64().ok_or(BackfillError::Spill)?, rest.u64().ok_or(BackfillError::Spill)?));
        }
        all.sort_unstable();
        let of_record = all.chunk_by(|one, next| one.0 == next.0);
        let apart = of_record.filter(|same| same.first().map(|pair| pair.1) != same.last().map(|pair| pair.1));
        Ok(apart.flatten().map(|pair| pair.1).collect())
    };
    let mut tied = HashSet::new();
    in_order(threads, pairs.parts(), of_part, |_, keys| {
        tied.extend(keys?);
        Ok(())
    })?;
    Ok(tied)
}

/// What files are made with.
struct Making<'a> {
    home: &'a Home,
    folder: &'a Folder,
    texts: &'a BatchTexts,
    threads: usize,
    runtime: &'a Handle,
}

impl Making<'_> {
    /// Settles what was read and writes the files. Returns what to record, and how many reports are there twice.
    fn files(
        &self,
        reports: &Spill,
        known: &Known,
        (first, last): (i32, i32),
        ordinary: &Spill,
        windows: BTreeSet<String>,
    ) -> Result<(Backfill, u64), BackfillError> {
        let days = Spill::create(&self.folder.path, "day", DAY_PARTS)?;
        let keys = Spill::create(&self.folder.path, "key", KEY_FILES)?;
        let parts = i32::try_from(DAY_PARTS).unwrap_or(i32::MAX);
        let calendar = (first, (last - first) / parts + 1);
        let places = Places { days: &days, calendar, keys: &keys, ordinary };
        let (mut bases, mut next, mut sum) = (Vec::new(), 0_u32, Sum::default());
        let settle = |part| settle(part, reports, known, &places);
        in_order(self.threads, reports.parts(), settle, |_, settled| {
            let settled = settled?;
            let base = next;
            next = base.checked_add(settled.reports).ok_or(BackfillError::TooMuch {
                what: "reports",
                most: usize::try_from(u32::MAX).unwrap_or(usize::MAX),
            })?;
            bases.push(base);
            sum.add(base, settled);
            Ok(())
        })?;
        let same = sum.same;
        let new = sum.into_backfill(next.into(), self.texts, windows);
        if next == 0 {
            return Ok((new, same));
        }
        tracing::debug!(reports = next, "writing record files");
        let days = write_days(self.home, &days, &bases, self.texts, self.threads, self.runtime)?;
        tracing::debug!(files = days.len(), "writing key files");
        let (key_files, keys) = write_key_files(self.home, &keys, &bases, self.threads, self.runtime)?;
        let files = BatchFiles { texts: write_texts(self.home, self.texts, self.runtime)?, keys: key_files };
        Ok((Backfill { files: json(&files), days, keys: keys.into(), ..new }, same))
    }
}

/// What all parts come to.
#[derive(Default)]
struct Sum {
    same: u64,
    kinds: BTreeMap<Kind, (i64, i64)>,
    sources: BTreeMap<(i32, Kind, u32), i64>,
    open_from: Option<i32>,
    texts: Vec<FreeText>,
}

impl Sum {
    /// Adds a part whose reports are numbered from `base` on.
    fn add(&mut self, base: u32, part: Settled) {
        self.same += part.same;
        for (kind, (reports, current)) in part.kinds {
            let sum = self.kinds.entry(kind).or_default();
            *sum = (sum.0 + reports, sum.1 + current);
        }
        for (of, facts) in part.sources {
            *self.sources.entry(of).or_default() += facts;
        }
        self.open_from = self.open_from.into_iter().chain(part.open_from).min();
        let text = |(id, name, value): (u32, _, _)| FreeText { fact: i64::from(base) + i64::from(id), name, value };
        self.texts.extend(part.texts.into_iter().map(text));
    }

    fn into_backfill(self, facts: i64, texts: &BatchTexts, windows: BTreeSet<String>) -> Backfill {
        let kind = |(kind, (reports, current))| KindCount { kind, reports, current };
        let source = |((day, kind, source), facts): ((i32, Kind, u32), i64)| {
            let source = texts.text(source.into()).unwrap_or_default().to_owned();
            SourceCount { day: Day(day), kind, source, facts }
        };
        Backfill {
            facts,
            files: String::new(),
            days: Vec::new(),
            kinds: self.kinds.into_iter().map(kind).collect(),
            sources: self.sources.into_iter().map(source).collect(),
            open_from: self.open_from.map(Day),
            texts: self.texts,
            windows,
            batches: 0,
            seen: 0,
            keys: Arc::from([]),
        }
    }
}

/// Takes in what goes the ordinary way, part by part.
fn import_ordinary(
    home: &Home,
    ordinary: &Spill,
    texts: &BatchTexts,
    change: Change<'_>,
    runtime: &Handle,
) -> Result<ImportOutcome, BackfillError> {
    let mut sum = ImportOutcome::default();
    let mut facts = Vec::with_capacity(BATCH);
    let mut store = |facts: Vec<Fact>| -> Result<(), BackfillError> {
        sum.count(runtime.block_on(import_facts(home, facts, change, Patience::Waits))?);
        Ok(())
    };
    for part in 0..ordinary.parts() {
        let bytes = ordinary.read(part)?;
        let (mut rest, mut reading) = (Rest(&bytes), Reading::new(texts));
        while !rest.is_empty() {
            facts.push(read_again(&mut rest, texts, &mut reading).ok_or(BackfillError::Spill)?);
            if facts.len() == BATCH {
                store(std::mem::take(&mut facts))?;
            }
        }
    }
    if !facts.is_empty() {
        store(facts)?;
    }
    Ok(sum)
}

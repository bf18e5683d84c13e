//! Import: files of any source become facts or register entries; bad rows come back with a reason.

mod bulk;
mod guard;
pub mod mapping;
mod parquet;
mod person;
mod reader;
mod record;
mod rejects;
mod table;
mod text;
mod unpacked;
mod value;
mod workbook;

pub(crate) use bulk::{Taker, each_fact};
pub(crate) use person::pseudonym;
pub use reader::{MAX_ROW_BYTES, ReadError};
pub use rejects::REASON;

use crate::AppError;
use crate::cold::{Patience, import_facts};
use crate::home::{Home, RegisterFileError, merge_register};
use mapping::{Mapping, Target};
use model::fact::Fact;
use model::time::Day;
use reader::{Raw, RawRow, Source};
pub(crate) use record::check_not_ahead;
use record::{Grouped, Making};
use rejects::Rejects;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender};
use store::{Change, ImportOutcome};
use tokio::runtime::Handle;
pub(crate) use value::{day_of_text, instant_of_text};

/// Facts per command.
const BATCH: usize = 5_000;

/// Why an import failed as a whole.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The file of bad rows cannot be written.
    #[error("{path}: the bad rows could not be written: {source}")]
    Rejects {
        /// The file.
        path: String,
        /// The cause.
        source: std::io::Error,
    },
    /// The register refused.
    #[error(transparent)]
    Register(#[from] RegisterFileError),
    /// The database failed, or a file of known reports.
    #[error("the facts could not be stored")]
    Store(#[from] Box<AppError>),
    /// More rows than can be brought together at once.
    #[error("{path}: more than {} rows to group; split the file", record::MAX_GROUPED_ROWS)]
    TooManyRows {
        /// The file.
        path: String,
    },
}

/// What became of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileReport {
    /// The file.
    pub path: PathBuf,
    /// Rows read.
    pub rows: u64,
    /// Rows that the mapping is not about.
    pub passed_over: u64,
    /// Reports, or register entries, that were new.
    pub new: usize,
    /// That were there already.
    pub same: usize,
    /// Register entries that changed.
    pub changed: usize,
    /// Reports that contradict one with the same revision.
    pub conflicts: usize,
    /// Bad rows.
    pub bad: u64,
    /// Where the bad rows are.
    pub rejects: Option<PathBuf>,
    /// The first reasons, with their lines.
    pub reasons: Vec<(u64, String)>,
    /// Sealed days that must be sealed again.
    pub dirty: BTreeSet<Day>,
}

/// How to import.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Who, and when.
    pub change: Change<'a>,
    /// Only say what would happen.
    pub dry_run: bool,
    /// Where bad rows go; by default into the home's `rejected` folder.
    pub rejects: Option<&'a Path>,
}

/// Imports one file. `progress` is told how many rows have been read.
///
/// Reading is not async, so this runs on a thread of its own kind: call it outside the runtime whose handle is given.
pub fn import_file(
    home: &Home,
    mapping: &Mapping,
    path: &Path,
    options: Options<'_>,
    runtime: &Handle,
    progress: &mut dyn FnMut(u64),
) -> Result<FileReport, ImportError> {
    tracing::debug!(path = %path.display(), "reading rows");
    let mut source = Source::open(path, mapping)?;
    let mut rejects = Rejects::of(home, path, &source, options);
    let making = Making::of(home, mapping, options.change.at);
    let mut report = FileReport { path: path.to_owned(), ..FileReport::default() };
    let door = Door { home, change: options.change, runtime, dry_run: options.dry_run };
    let entries = std::thread::scope(|scope| {
        // While one batch is written, the next one is read.
        let (to_store, batches) = std::sync::mpsc::sync_channel(1);
        let writer = scope.spawn(move || door.store_all(&batches));
        let mut batches = Batches::new(&making, &mut rejects, to_store);
        let read = batches.read(&mut source, &mut report, progress);
        let entries = std::mem::take(&mut batches.entries);
        drop(batches);
        let stored = writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        read?;
        (report.new, report.same, report.conflicts, report.dirty) = {
            let ImportOutcome { new, same, conflicts, dirty, .. } = stored?;
            (new, same, conflicts, dirty)
        };
        Ok::<_, ImportError>(entries)
    })?;
    rejects.finish(&mut report)?;
    if let Target::Register(noun) = mapping.target {
        let folder = home.folder().join("register");
        let (new, changed) = merge_register(&folder, noun, &entries, options.dry_run)?;
        (report.new, report.changed, report.same) = (new, changed, entries.len() - new - changed);
    }
    Ok(report)
}

/// The way of facts into the store.
#[derive(Clone, Copy)]
struct Door<'a> {
    home: &'a Home,
    change: Change<'a>,
    runtime: &'a Handle,
    dry_run: bool,
}

impl Door<'_> {
    /// Stores batch after batch, until there are no more or one fails.
    fn store_all(self, batches: &Receiver<Vec<Fact>>) -> Result<ImportOutcome, ImportError> {
        let mut sum = ImportOutcome::default();
        for facts in batches {
            if self.dry_run {
                sum.new += facts.len();
                continue;
            }
            let stored = import_facts(self.home, facts, self.change, Patience::Waits);
            sum.count(self.runtime.block_on(stored).map_err(Box::new)?);
        }
        Ok(sum)
    }
}

/// What a file has of a record.
enum Record {
    /// A row that cannot be read: its line, the row, the reason.
    Bad(u64, Raw, String),
    /// The one row that it is.
    Row(RawRow),
    /// The rows that make it together.
    Group(Vec<RawRow>),
}

/// Reads what a mapping takes of a file, record by record; those of several rows come after the last row.
fn each_record(
    source: &mut Source,
    mapping: &Mapping,
    report: &mut FileReport,
    progress: &mut dyn FnMut(u64),
    take: &mut dyn FnMut(Record),
) -> Result<(), ImportError> {
    let (mut grouped, mut too_many) = (Grouped::default(), false);
    source.each(&mut |row| {
        report.rows += 1;
        if report.rows.is_multiple_of(4096) {
            progress(report.rows);
        }
        match (row, &mapping.group) {
            (Err((line, raw, reason)), _) => take(Record::Bad(line, raw, reason)),
            (Ok(row), _) if !row.holds(&mapping.only) => report.passed_over += 1,
            (Ok(row), None) => take(Record::Row(row)),
            (Ok(row), Some(by)) => too_many |= !grouped.add(row, by),
        }
    })?;
    if too_many {
        return Err(ImportError::TooManyRows { path: report.path.display().to_string() });
    }
    grouped.into_groups().for_each(|rows| take(Record::Group(rows)));
    progress(report.rows);
    Ok(())
}

/// Rows on their way to facts or entries.
struct Batches<'a> {
    making: &'a Making<'a>,
    rejects: &'a mut Rejects,
    facts: Vec<Fact>,
    entries: Vec<BTreeMap<String, String>>,
    to_store: SyncSender<Vec<Fact>>,
    failure: Option<ImportError>,
}

impl<'a> Batches<'a> {
    fn new(making: &'a Making<'a>, rejects: &'a mut Rejects, to_store: SyncSender<Vec<Fact>>) -> Self {
        Self { making, rejects, facts: Vec::new(), entries: Vec::new(), to_store, failure: None }
    }

    fn read(
        &mut self,
        source: &mut Source,
        report: &mut FileReport,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), ImportError> {
        each_record(source, self.making.mapping, report, progress, &mut |record| match record {
            Record::Bad(line, raw, reason) => self.reject(line, &raw, &reason),
            Record::Row(row) => self.take(&[row]),
            Record::Group(rows) => self.take(&rows),
        })?;
        self.flush();
        self.failure.take().map_or(Ok(()), Err)
    }

    /// Hands the facts collected so far to the store. Once it failed, it listens no more, and nothing more is written.
    fn flush(&mut self) {
        if !self.facts.is_empty() {
            let _ = self.to_store.send(std::mem::take(&mut self.facts));
        }
    }

    /// Rows that belong together: all good, or all handed back.
    fn take(&mut self, rows: &[RawRow]) {
        let made = match self.making.mapping.target {
            Target::Fact(_) => self.making.facts(rows).map(|facts| self.facts.extend(facts)),
            Target::Register(_) => self.making.entries(rows).map(|entries| self.entries.extend(entries)),
        };
        if let Err(reason) = made {
            for row in rows {
                self.reject(row.line, &row.raw, &reason);
            }
        }
        if self.facts.len() >= BATCH {
            self.flush();
        }
    }

    fn reject(&mut self, line: u64, raw: &Raw, reason: &str) {
        if let Err(error) = self.rejects.add(line, raw, reason) {
            self.failure.get_or_insert(error);
        }
    }
}

//! Files that are read on one thread and made facts of on several: the same mappings, checks and bad rows as an import.

use super::mapping::{Mapping, Target};
use super::reader::{Raw, RawRow, Source};
use super::record::Making;
use super::rejects::Rejects;
use super::{FileReport, ImportError, Options, Record, each_record};
use crate::home::Home;
use model::fact::Fact;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};

/// Rows that are handed over at once.
const CHUNK: usize = 1_024;
/// Chunks that may wait.
const WAITING: usize = 4;
/// Facts of one row are numbered within so many: no row has as many columns.
const FACTS_OF_ROW: u64 = 1 << 12;

/// Whoever takes the facts of one thread.
pub(crate) trait Taker: Send {
    /// Takes a fact. Facts are numbered in the order of their files, whatever order they come in.
    fn take(&mut self, number: u64, fact: Fact) -> Result<(), ImportError>;
}

/// Rows on their way.
struct Chunk {
    /// Counted from 0 within the file.
    at: u64,
    /// The number of its first row, over all files.
    first: u64,
    rows: Rows,
}

/// Rows, each a record, or as many together as make one.
enum Rows {
    Single(Vec<RawRow>),
    Groups(Vec<Vec<RawRow>>),
}

/// What a thread made of a chunk.
type Made = (u64, Vec<(u64, Raw, String)>);

/// Reads a file, and gives its facts to as many threads as there are takers. `first` is the number of its first row over
/// all files; it is moved to that of the next file. `progress` is told how many rows have been read.
pub(crate) fn each_fact<T: Taker>(
    home: &Home,
    mapping: &Mapping,
    path: &Path,
    options: Options<'_>,
    first: &mut u64,
    takers: &mut [T],
    progress: &mut dyn FnMut(u64),
) -> Result<FileReport, ImportError> {
    debug_assert!(matches!(mapping.target, Target::Fact(_)), "the register is no matter of many rows");
    let mut source = Source::open(path, mapping)?;
    let making = Making::of(home, mapping, options.change.at);
    let mut rejects = Rejects::of(home, path, &source, options);
    let mut report = FileReport { path: path.to_owned(), ..FileReport::default() };
    let (to_make, chunks) = sync_channel(WAITING);
    let (made, done) = channel();
    let chunks = Mutex::new(chunks);
    std::thread::scope(|scope| {
        let workers: Vec<_> = takers
            .iter_mut()
            .map(|taker| {
                let (making, chunks, made) = (&making, &chunks, made.clone());
                scope.spawn(move || work(making, chunks, &made, taker))
            })
            .collect();
        drop(made);
        let mut reading = Reading {
            rejects: &mut rejects,
            to_make,
            done,
            waiting: BTreeMap::new(),
            next_bad: 0,
            at: 0,
            number: *first,
            failure: None,
        };
        let read = reading.read(&mut source, &making, &mut report, progress);
        let Reading { to_make, number, .. } = &mut reading;
        *first = *number;
        // Workers end when nothing more comes; then all that they made can be looked at.
        drop(std::mem::replace(to_make, sync_channel(0).0));
        let worked =
            workers.into_iter().map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        let worked: Result<Vec<()>, ImportError> = worked.collect();
        reading.take_bad(true);
        let failure = reading.failure.take();
        read?;
        worked?;
        failure.map_or(Ok(()), Err)
    })?;
    rejects.finish(&mut report)?;
    Ok(report)
}

/// Makes facts of chunk after chunk. After a failure the rest is taken and dropped: whoever reads must not wait for ever.
fn work<T: Taker>(
    making: &Making<'_>,
    chunks: &Mutex<Receiver<Chunk>>,
    made: &Sender<Made>,
    taker: &mut T,
) -> Result<(), ImportError> {
    let mut result = Ok(());
    loop {
        let next = chunks.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(chunk) = next else { return result };
        if result.is_ok() {
            let (at, mut bad) = (chunk.at, Vec::new());
            result = make(making, chunk, &mut bad, taker);
            let _ = made.send((at, bad));
        }
    }
}

fn make<T: Taker>(
    making: &Making<'_>,
    Chunk { first, rows, .. }: Chunk,
    bad: &mut Vec<(u64, Raw, String)>,
    taker: &mut T,
) -> Result<(), ImportError> {
    let mut make = |number: u64, rows: Vec<RawRow>| -> Result<(), ImportError> {
        match making.facts(&rows) {
            Ok(facts) => {
                for (within, fact) in (0..).zip(facts) {
                    taker.take(number * FACTS_OF_ROW + within.min(FACTS_OF_ROW - 1), fact)?;
                }
            }
            Err(reason) => bad.extend(rows.into_iter().map(|row| (row.line, row.raw, reason.clone()))),
        }
        Ok(())
    };
    match rows {
        Rows::Single(rows) => (first..).zip(rows).try_for_each(|(number, row)| make(number, vec![row])),
        Rows::Groups(groups) => (first..).zip(groups).try_for_each(|(number, rows)| make(number, rows)),
    }
}

/// The thread that reads.
struct Reading<'a> {
    rejects: &'a mut Rejects,
    to_make: SyncSender<Chunk>,
    done: Receiver<Made>,
    /// Bad rows of chunks that are before their turn.
    waiting: BTreeMap<u64, Vec<(u64, Raw, String)>>,
    /// The chunk whose bad rows are next.
    next_bad: u64,
    /// Chunks so far.
    at: u64,
    /// Rows so far, over all files.
    number: u64,
    failure: Option<ImportError>,
}

impl Reading<'_> {
    fn read(
        &mut self,
        source: &mut Source,
        making: &Making<'_>,
        report: &mut FileReport,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), ImportError> {
        let (mut rows, mut groups) = (Vec::with_capacity(CHUNK), Vec::new());
        each_record(source, making.mapping, report, progress, &mut |record| match record {
            Record::Bad(line, raw, reason) => self.reject(line, &raw, &reason),
            Record::Row(row) => {
                rows.push(row);
                if rows.len() == CHUNK {
                    self.send(Rows::Single(std::mem::replace(&mut rows, Vec::with_capacity(CHUNK))));
                }
            }
            Record::Group(rows) => {
                groups.push(rows);
                if groups.len() == CHUNK {
                    self.send(Rows::Groups(std::mem::take(&mut groups)));
                }
            }
        })?;
        self.send(Rows::Single(rows));
        self.send(Rows::Groups(groups));
        Ok(())
    }

    fn send(&mut self, rows: Rows) {
        let count = match &rows {
            Rows::Single(rows) => rows.len(),
            Rows::Groups(groups) => groups.len(),
        };
        // Nobody listens after a failure, which is told in the end.
        let _ = self.to_make.send(Chunk { at: self.at, first: self.number, rows });
        self.at += 1;
        self.number += count as u64;
        self.take_bad(false);
    }

    /// Writes down bad rows that threads found, in the order of the file.
    fn take_bad(&mut self, all: bool) {
        self.waiting.extend(self.done.try_iter());
        while let Some(bad) = self.waiting.remove(&self.next_bad) {
            self.next_bad += 1;
            for (line, raw, reason) in &bad {
                self.reject(*line, raw, reason);
            }
        }
        if all {
            // Chunks that failed have told nothing.
            for (line, raw, reason) in std::mem::take(&mut self.waiting).into_values().flatten() {
                self.reject(line, &raw, &reason);
            }
        }
    }

    fn reject(&mut self, line: u64, raw: &Raw, reason: &str) {
        if let Err(error) = self.rejects.add(line, raw, reason) {
            self.failure.get_or_insert(error);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::home::{DEFAULT_CONFIG, Given, init};
    use model::time::Instant;
    use std::fmt::Write as _;
    use store::Change;

    /// Takes so many facts, and then no more.
    struct Few(usize);

    impl Taker for Few {
        fn take(&mut self, _: u64, _: Fact) -> Result<(), ImportError> {
            self.0 = self.0.checked_sub(1).ok_or_else(|| ImportError::TooManyRows { path: "enough".to_owned() })?;
            Ok(())
        }
    }

    #[tokio::test]
    async fn whoever_reads_does_not_wait_for_threads_that_failed() {
        let folder = tempfile::tempdir().expect("a folder");
        let scheme = include_str!("../../../../schemes/article.toml");
        init(folder.path(), scheme, DEFAULT_CONFIG, [1; 32], &Given::default()).await.expect("made");
        let home = Home::open(folder.path(), "test", &Given::default()).await.expect("a home");
        let mapping = "kind = \"case\"\nsource = \"s\"\nid = [\"id\"]\n[fields]\naccepted_at = \"at\"\n";
        let mapping = Mapping::parse(mapping, None).expect("a mapping");
        let mut text = "id,at\n".to_owned();
        (0..20_000).for_each(|row| _ = writeln!(text, "{row},2026-03-05 09:00"));
        let path = folder.path().join("cases.csv");
        std::fs::write(&path, text).expect("written");
        let change = Change { actor: "test", at: Instant(1_772_701_200) };
        let options = Options { change, dry_run: false, rejects: None };
        let read = |few: usize| {
            let (mut first, mut takers) = (0, [Few(few), Few(few)]);
            let done = each_fact(&home, &mapping, &path, options, &mut first, &mut takers, &mut |_| {});
            (done.map(|report| report.rows).map_err(|error| error.to_string()), first)
        };
        assert_eq!(read(20_000), (Ok(20_000), 20_000));
        let (refused, _) = read(1_500);
        assert!(refused.as_ref().is_err_and(|error| error.contains("enough")), "{refused:?}");
    }
}

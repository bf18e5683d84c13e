//! Counts the sealed days of the tally benchmark.
//!
//! `tally_bench DIR --threads 2 --runs 1` counts `DIR/YYYY-MM-DD/case.parquet` by day, window and person under the
//! scheme of `bench/tally.toml`, one day after another on so many threads, and prints one JSON line per run. With
//! `--groups FILE` every group is written as CSV, to be compared with what other engines say.

use lake::kernel::{Groups, Overrides, Program, tally};
use lake::{Batches, Files, TableFile};
use model::canonical::Digest;
use model::fact::Table;
use model::scheme::Scheme;
use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SCHEME: &str = include_str!("../../../bench/tally.toml");
/// With `--repeat`: a rule that looks beyond one row.
const REPEAT: &str = include_str!("../../../bench/repeat.toml");

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let options = Options::read(std::env::args().skip(1))?;
    let repeat = if options.repeat { REPEAT } else { "" };
    let scheme = model::scheme::parse(&format!("{SCHEME}{repeat}"))?;
    let program = Program::new(Table::Case, &scheme.marks, &scheme.measures);
    let days = sealed(&options.folder)?;
    for run in 1..=options.runs {
        let (wall, cpu) = (now(), cpu_nanoseconds()?);
        let (counted, workers) = count(&program, &days, &options)?;
        let cpu = cpu_nanoseconds()? - cpu + workers;
        let wall = wall.elapsed().as_secs_f64();
        let mut line = summary(&scheme, &counted)?;
        line["engine"] = "heng".into();
        line["version"] = env!("CARGO_PKG_VERSION").into();
        line["run"] = run.into();
        line["wall_s"] = wall.into();
        line["cpu_s"] = seconds(cpu).into();
        line["peak_mb"] = peak_mb()?.into();
        line["columns"] = program.columns(&Overrides::default()).into();
        println!("{line}");
        if let Some(path) = options.groups.as_ref().filter(|_| run == options.runs) {
            write_groups(path, &scheme, &counted)?;
        }
    }
    Ok(())
}

struct Options {
    folder: PathBuf,
    threads: usize,
    runs: u32,
    groups: Option<PathBuf>,
    repeat: bool,
}

impl Options {
    fn read(mut args: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let mut options = Self { folder: PathBuf::new(), threads: 2, runs: 1, groups: None, repeat: false };
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or("a value is missing");
            match arg.as_str() {
                "--threads" => options.threads = value()?.parse()?,
                "--runs" => options.runs = value()?.parse()?,
                "--groups" => options.groups = Some(PathBuf::from(value()?)),
                "--repeat" => options.repeat = true,
                folder => options.folder = PathBuf::from(folder),
            }
        }
        if options.folder.as_os_str().is_empty() {
            return Err("usage: tally_bench DIR [--threads N] [--runs N] [--groups FILE] [--repeat]".into());
        }
        Ok(options)
    }
}

/// The sealed days of a folder, in order.
fn sealed(folder: &Path) -> Result<Vec<(String, TableFile)>, Failure> {
    let mut days = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let said = std::fs::read(entry.path().join("case.json"))?;
        days.push((entry.file_name().to_string_lossy().into_owned(), serde_json::from_slice(&said)?));
    }
    days.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(days)
}

/// The batches of a local file. Outside a runtime the storage answers at once, on this thread, whose time is taken.
fn batches(files: &Files, table: &TableFile, columns: &[&str]) -> Result<Batches, Failure> {
    match pin!(files.batches(table, columns)).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(batches) => Ok(batches?),
        Poll::Pending => Err("the storage is not local".into()),
    }
}

/// The groups of every day, and the CPU time of the threads that counted them.
type Counted<'f> = (Vec<(&'f str, Groups)>, u64);

fn count<'f>(program: &Program, days: &'f [(String, TableFile)], options: &Options) -> Result<Counted<'f>, Failure> {
    let files = Files::local(&options.folder)?;
    let (next, done, cpu) = (AtomicUsize::new(0), Mutex::new(Vec::new()), Mutex::new(0));
    let work = || -> Result<(), Failure> {
        let overrides = Overrides::default();
        while let Some((day, table)) = days.get(next.fetch_add(1, Ordering::Relaxed)) {
            let groups = tally(program, &overrides, |columns| batches(&files, table, columns))?;
            done.lock().map_err(|_| "a thread failed")?.push((day.as_str(), groups));
        }
        *cpu.lock().map_err(|_| "a thread failed")? += cpu_nanoseconds()?;
        Ok(())
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..options.threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a thread failed")?)
    })?;
    let mut done: Vec<(&str, Groups)> = done.into_inner().map_err(|_| "a thread failed")?;
    done.sort_by_key(|(day, _)| *day);
    let cpu = cpu.into_inner().map_err(|_| "a thread failed")?;
    Ok((done, cpu))
}

fn summary(scheme: &Scheme, counted: &[(&str, Groups)]) -> Result<serde_json::Value, Failure> {
    let total = |count: fn(&Groups) -> u64| counted.iter().map(|(_, groups)| count(groups)).sum::<u64>();
    let mut sums = serde_json::Map::new();
    for (index, measure) in scheme.measures.iter().enumerate() {
        let sum: i64 = counted.iter().flat_map(|(_, groups)| values(groups, index)).sum();
        sums.insert(measure.id.to_string(), sum.into());
    }
    let mut marked = serde_json::Map::new();
    for (index, mark) in scheme.marks.iter().enumerate() {
        marked.insert(mark.id.clone(), counted.iter().map(|(_, groups)| groups.marked[index]).sum::<u64>().into());
    }
    Ok(serde_json::json!({
        "rows": total(|groups| groups.rows),
        "groups": total(|groups| groups.keys.len() as u64),
        "sums": sums,
        "marked": marked,
        "digest": digest(counted)?,
    }))
}

fn values(groups: &Groups, column: usize) -> impl Iterator<Item = i64> {
    (0..groups.keys.len()).filter_map(move |group| groups.value(column, group))
}

/// The digest of every value of every group, whatever the number of threads.
fn digest(counted: &[(&str, Groups)]) -> Result<String, Failure> {
    let mut days = String::new();
    for (day, groups) in counted {
        let mut text = String::new();
        for group in 0..groups.keys.len() {
            line(&mut text, day, groups, group)?;
        }
        writeln!(days, "{}", Digest::of(text.as_bytes()))?;
    }
    Ok(Digest::of(days.as_bytes()).to_string())
}

/// One line of CSV; a measure that no row of the group counted for is 0.
fn line(text: &mut String, day: &str, groups: &Groups, group: usize) -> std::fmt::Result {
    let (window, staff) = groups.key(group);
    write!(text, "{day},{window},{staff}")?;
    for column in 0..groups.columns.len() {
        write!(text, ",{}", groups.value(column, group).unwrap_or(0))?;
    }
    writeln!(text)
}

fn write_groups(path: &Path, scheme: &Scheme, counted: &[(&str, Groups)]) -> Result<(), Failure> {
    let mut text = String::from("day,window,staff");
    for measure in &scheme.measures {
        write!(text, ",{}", measure.id)?;
    }
    text.push('\n');
    for (day, groups) in counted {
        for group in 0..groups.keys.len() {
            line(&mut text, day, groups, group)?;
        }
    }
    std::fs::write(path, text)?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures")]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}

/// The CPU time of the calling thread so far, by the scheduler's own count.
fn cpu_nanoseconds() -> Result<u64, Failure> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(text.split_whitespace().next().ok_or("the kernel does not say")?.parse()?)
}

#[expect(clippy::cast_precision_loss, reason = "a benchmark's seconds")]
fn seconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e9
}

/// The most memory the process ever had.
fn peak_mb() -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("the kernel does not say")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse::<u64>()? / 1024)
}

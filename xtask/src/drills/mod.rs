//! Drills: the real program, killed, starved, lied to and fed with rubbish, must end where an undisturbed one ends.
//!
//! `cargo xtask drills` runs the full counts with a release build and writes docs/testing.md; `--sample` runs a few of
//! each with the debug build that the tests have made, and writes nothing.

#![expect(clippy::disallowed_methods, reason = "drills measure, and find what cargo built")]

mod clock;
mod corpus;
mod damage;
mod fsync;
mod full;
mod hostile;
mod kills;
mod program;
mod serving;
mod strain;
mod town;
mod two;

use anyhow::{Context as _, Result, bail};
use program::Program;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use town::Town;

/// How much of everything.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counts {
    kills: u32,
    /// Servers killed on each database.
    servers: u32,
    /// Requests whose sender goes away.
    cut: u32,
    /// Seconds for which the database is gone.
    gone: u64,
    fillings: u32,
    damages: u32,
    /// Every so many-th hostile input.
    every: usize,
}

const FULL: Counts = Counts { kills: 1_000, servers: 500, cut: 10_000, gone: 30, fillings: 40, damages: 200, every: 1 };
const SAMPLE: Counts = Counts { kills: 24, servers: 20, cut: 400, gone: 3, fillings: 4, damages: 24, every: 4 };

/// What a drill has to say.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// What was done and seen, for people.
    seen: Vec<String>,
    /// What should not have been.
    problems: Vec<String>,
}

impl Report {
    fn says(&mut self, text: impl Into<String>) {
        self.seen.push(text.into());
    }

    fn fails(&mut self, text: impl Into<String>) {
        let text = text.into();
        eprintln!("  ✗ {text}");
        self.problems.push(text);
    }

    fn expect(&mut self, holds: bool, text: impl FnOnce() -> String) {
        if !holds {
            self.fails(text());
        }
    }
}

/// What every drill works with.
pub(crate) struct Ground<'a> {
    heng: &'a Program,
    town: &'a Town,
    seed: u64,
    counts: Counts,
}

type Drill = fn(&Ground<'_>) -> Result<Report>;

const DRILLS: [(&str, &str, Drill); 9] = [
    ("kills", "SIGKILL at seeded moments of import, close, second close, close of the period, score", kills::run),
    ("serving", "SIGKILL of a server under load, on either database", serving::run),
    ("strain", "Requests that are cut off, more than there is room for, a database that is gone", strain::run),
    ("full", "The disk is full", full::run),
    ("damage", "Torn, truncated, flipped, missing and stray files in a home", damage::run),
    ("clock", "The clock is a day off", clock::run),
    ("two", "Two processes at one home", two::run),
    ("hostile", "Hostile inputs: time and memory against the same command on an empty one", hostile::run),
    ("fsync", "What is on disk before it counts", fsync::run),
];

const USAGE: &str =
    "cargo xtask drills [--sample] [--seed N] [kills|serving|strain|full|damage|clock|two|hostile|fsync …]";

/// What was asked for.
struct Asked {
    sample: bool,
    seed: u64,
    /// These drills; all, if none is named.
    only: Vec<&'static str>,
}

/// A word that says nothing is refused: a misspelt drill must not be one that passed.
fn asked(words: &[String]) -> Result<Asked> {
    let mut asked = Asked { sample: false, seed: 1, only: Vec::new() };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--sample" => asked.sample = true,
            "--seed" => asked.seed = words.next().and_then(|seed| seed.parse().ok()).context("--seed N")?,
            word => match DRILLS.iter().find(|(name, ..)| *name == word) {
                Some((name, ..)) => asked.only.push(name),
                None => bail!("{word}? {USAGE}"),
            },
        }
    }
    Ok(asked)
}

pub(crate) fn run(words: &[String]) -> Result<()> {
    let Asked { sample, seed, only } = asked(words)?;
    let counts = if sample { SAMPLE } else { FULL };
    let heng = Program::build(!sample)?;
    let work = tempfile::tempdir()?;
    println!("drills: seed {seed}, {counts:?}");
    let started = Instant::now();
    let town = Town::build(&heng, work.path())?;
    let ground = Ground { heng: &heng, town: &town, seed, counts };
    let mut done = Vec::new();
    for (name, title, drill) in DRILLS {
        if !only.is_empty() && !only.contains(&name) {
            continue;
        }
        let begun = Instant::now();
        println!("── {title}");
        let report = drill(&ground).with_context(|| name)?;
        report.seen.iter().for_each(|line| println!("  {line}"));
        done.push((title, begun.elapsed().as_secs(), report));
    }
    let problems: usize = done.iter().map(|(.., report)| report.problems.len()).sum();
    if !sample && only.is_empty() {
        let text = document(seed, started.elapsed().as_secs(), &done)?;
        std::fs::write(root().join("docs/testing.md"), text)?;
    }
    println!("drills: {problems} problems in {} s", started.elapsed().as_secs());
    if problems > 0 {
        bail!("{problems} problems");
    }
    Ok(())
}

/// The project's own folder.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn document(seed: u64, seconds: u64, done: &[(&str, u64, Report)]) -> Result<String> {
    use std::fmt::Write as _;
    let commit = Command::new("git").args(["rev-parse", "--short", "HEAD"]).current_dir(root()).output()?;
    let commit = String::from_utf8_lossy(&commit.stdout).trim().to_owned();
    let mut out = format!(
        "# Drills\n\nRewritten by `cargo xtask drills`; `.ci/run` runs a sample of each. The real program in a home of \
         its own, against the result of a run that nothing disturbed: the same inputs, days and scores, by their \
         digests.\n\nCommit {commit}, seed {seed}, {seconds} s.\n"
    );
    for (title, seconds, report) in done {
        let _ = write!(out, "\n## {title}\n\n");
        for line in &report.seen {
            let _ = writeln!(out, "- {line}");
        }
        let verdict = if report.problems.is_empty() { "No problem." } else { "Problems:" };
        let _ = writeln!(out, "\n{verdict} {seconds} s.");
        for problem in &report.problems {
            let _ = writeln!(out, "- **{problem}**");
        }
    }
    Ok(out)
}

//! The command line.

mod intake;
mod score;

pub(crate) use intake::{BackfillArgs, CollectArgs, DifferencesArgs, PORT, ServeArgs, TokenCommand};
pub(crate) use score::{ExplainArgs, MarksArgs, ScoreArgs, WhatifArgs};

use crate::zh::in_chinese;
use app::home::{LogFormat, Noun};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgGroup, Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use model::fact::Kind;
use model::period::Period;
use model::scheme::UnitKind;
use model::time::Day;
use render::Lang;
use std::ffi::OsString;
use std::path::PathBuf;

/// 衡 · fair assessment of government service windows: a score that anyone can recompute.
#[derive(Debug, Parser)]
#[command(name = "heng", version, arg_required_else_help = true, after_help = EXAMPLES)]
pub(crate) struct Cli {
    /// The home: configuration, register, facts, scores [default: the XDG data folder]
    #[arg(long, global = true, env = "HENG_HOME", value_name = "DIR")]
    home: Option<PathBuf>,
    /// Language of texts for people [default: from LANG, else zh]
    #[arg(long, global = true, value_name = "LANG", value_parser = langs())]
    lang: Option<Lang>,
    /// How what happens is logged on standard error [default: `log_format` of heng.toml, else text]
    #[arg(long, global = true, env = "HENG_LOG_FORMAT", hide_env = true, value_name = "FORMAT", value_parser = formats())]
    pub log_format: Option<LogFormat>,
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "Examples:
  heng demo                                        a made-up city, in a home of its own
  heng init                                        a new home with the preset scheme
  heng import case --map cases.toml 2026-03.csv    facts of a month
  heng close --period 2026-03                      seal its days and freeze its inputs
  heng score 2026-03                               the ranking
  heng explain W012 2026-03                        where every point came from";

impl Cli {
    /// What was asked for; help is printed in the language that was asked for, too.
    pub(crate) fn of_words() -> Self {
        let matches = Self::command_in(asked_lang(std::env::args_os())).get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }

    /// The command line with its help in a language.
    pub(crate) fn command_in(lang: Lang) -> clap::Command {
        match lang {
            Lang::Zh => in_chinese(Self::command()),
            Lang::En => Self::command(),
        }
    }

    /// The language to print in.
    pub(crate) fn lang(&self) -> Lang {
        self.lang.unwrap_or_else(lang_of_environment)
    }

    /// The home that was named, if one was.
    pub(crate) fn named_home(&self) -> Option<&PathBuf> {
        self.home.as_ref()
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make up a city, import it, close half a year, rank its windows, say what is odd, and show the pages
    #[command(after_help = "Examples:
  heng demo
  heng demo --seed 7 --no-serve
  heng --home ./city demo --cases 60000")]
    Demo(DemoArgs),
    /// Make a new home
    #[command(after_help = "Examples:
  heng --home ./centre init --scheme city.toml
  heng --home ./centre init --database-url postgres://heng:secret@db:5432/heng
  heng --home ./centre init --storage-url s3://heng/centre --storage-endpoint http://127.0.0.1:9000

The database of the URL must exist and be empty; with UTF8, of any locale.
So must the bucket; its keys are HENG_S3_ACCESS_KEY and HENG_S3_SECRET_KEY.")]
    Init(InitArgs),
    /// Write the files of a made-up city: register, workdays, facts, and the mappings that read them
    #[command(after_help = "Examples:
  heng generate --cases 600000 --out ./city
  heng generate --cases 10000 --seed 7 --out ./town

The same seed and number give the same bytes on every machine. It prints the commands that make a home of the files.")]
    Generate(GenerateArgs),
    /// Show the scores of a home in the browser, on this machine alone
    #[command(after_help = "Examples:
  heng serve
  heng --home ./city serve --port 9000
  heng serve --day 2026-07-01
  heng serve --tls-cert heng.pem --tls-key heng.key

The pages are read-only and need no script. Nobody signs in yet, so only this machine is answered. Sources report to
/api/v1 by their tokens: /api/docs. Ctrl+C ends it.")]
    Serve(ServeArgs),
    /// Facts, conflicts, days to close
    #[command(after_help = "Examples:
  heng status
  heng status --day 2026-06-30")]
    Status(StatusArgs),
    /// Bring in facts or register entries
    #[command(after_help = "Examples:
  heng import --map cases.toml 2026-03-*.csv
  heng import rating --map kiosk.toml --dry-run ratings.ndjson
  heng import window --map windows.toml windows.csv

Bad rows never stop the good ones: they come back with the reason beside each, in a file of the same format
(of XLSX and Parquet: as CSV).
The same file twice changes nothing.")]
    Import(ImportArgs),
    /// Bring in years of files, past the database's rows: what they say lies in files of its own and counts all the same
    #[command(after_help = "Examples:
  heng backfill case.toml 2019/case-*.csv rating.toml 2019/rating-*.csv
  heng close --through 2019-12-31

Each mapping stands before the files that it reads. What belongs together (cases with their ratings and surveys) comes in
one backfill. Cases that are still open, contradictions, and what concerns records that are known go the ordinary way.
What lies in files counts as a whole or not at all; the same files twice change nothing.")]
    Backfill(BackfillArgs),
    /// Fetch what the systems and folders of heng.toml have to tell
    #[command(after_help = "Examples:
  heng collect
  heng collect --day 2026-03-05 --source hall-a

`heng serve` does it by itself. The same answer or file twice changes nothing; exit status 1 if something is missing or bad.")]
    Collect(CollectArgs),
    /// What systems report of their windows, where the cases say something else
    #[command(after_help = "Examples:
  heng differences
  heng differences --day 2026-03-05
  heng differences --from 2026-03-01 --to 2026-03-31 --json

Nothing is changed. Exit status 1 if figures differ.")]
    Differences(DifferencesArgs),
    /// Seal days that are over, or freeze a period
    #[command(after_help = "Examples:
  heng close 2026-03-05
  heng close --through 2026-03-31
  heng close --period 2026-03
  heng close --period 2026-03 --final")]
    Close(CloseArgs),
    /// Score a period
    #[command(after_help = "Examples:
  heng score 2026-03
  heng score 2026-03 --outcomes
  heng score 2026-03 --unit staff --csv > march.csv
  heng score 2026-03 --xlsx march.xlsx
  heng score 2026-Q1 --json
  heng score 2026-03 --scheme candidate.toml")]
    Score(ScoreArgs),
    /// Where every point of a score came from, down to the facts
    #[command(after_help = "Examples:
  heng explain W012 2026-03
  heng explain W012 2026-03 --indicator on_time_rate --all
  heng explain W012 2026-03 --html W012.html
  heng explain 110023 2026-03 --json")]
    Explain(ExplainArgs),
    /// What the cleaning rules mark, and what another scheme's would
    #[command(after_help = "Examples:
  heng marks 2026-03
  heng marks 2026-03 --mark repeat_phone --all
  heng marks 2025 --scheme candidate.toml --json")]
    Marks(MarksArgs),
    /// What is odd in the sealed days of a period, for somebody to look at; no score depends on it
    #[command(after_help = "Examples:
  heng odd 2026-H1
  heng odd 2026-01-01..2026-03-15")]
    Odd(OddArgs),
    /// Replay real history under a candidate scheme: who moves, and how little would turn a grade
    #[command(after_help = "Examples:
  heng whatif --scheme candidate.toml --periods 2026-01..2026-06
  heng whatif --scheme candidate.toml --periods 2026-06 --unit staff --all
  heng whatif --scheme candidate.toml --periods 2026-06 --json

Nothing changes: the home keeps its scheme, closed periods keep their scores.")]
    Whatif(WhatifArgs),
    /// Whether the home is sound: settings in force, database, every sealed file, scheme, register, clock
    #[command(after_help = "Example:
  heng doctor

Exit status 1 if something is damaged or the scheme has errors. Nothing is changed.")]
    Doctor,
    /// Copy the database into another one: SQLite or PostgreSQL, in either direction
    #[command(after_help = "Examples:
  heng copy-db postgres://heng:secret@db:5432/heng
  heng copy-db ./heng.db

The other database must be empty. Every table is read again and compared by its digest. Then name the other database in
heng.toml (database_url), or take that line out for a file heng.db in the home.")]
    CopyDb {
        /// A URL of PostgreSQL, or a file that is not there yet
        #[arg(value_name = "URL|FILE")]
        to: String,
    },
    /// Bring the tables of the database up to date with this program
    #[command(after_help = "Example:\n  heng migrate\n\nEvery command that writes does so, too; back up first.")]
    Migrate,
    /// Copy the home, while others work on, into a folder that is a home itself
    #[command(after_help = "Example:
  heng backup /backup/heng-2026-03-05

The database as of one moment, every sealed file, configuration, register and keys, with a list of their digests.
The key of pseudonyms is among them: keep the backup as secret as the home.")]
    Backup {
        /// The folder, which is not there yet
        #[arg(value_name = "DIR")]
        to: PathBuf,
    },
    /// Make a home of a backup; what is damaged is refused
    #[command(after_help = "Examples:
  heng --home ./centre restore /backup/heng-2026-03-05
  heng --home ./centre restore /backup/heng-2026-03-05 --database-url postgres://heng:secret@db:5432/heng
  heng --home ./centre restore /backup/heng-2026-03-05 --storage-url s3://heng/centre --storage-endpoint http://127.0.0.1:9000

Without a URL the database is a file, and the sealed files lie in the folder, wherever they were before.")]
    Restore(RestoreArgs),
    /// Words that a shell completes
    #[command(after_help = "Examples:
  heng completions bash > /etc/bash_completion.d/heng
  heng completions fish > ~/.config/fish/completions/heng.fish")]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Manual pages: written into a folder, or the first one printed
    #[command(after_help = "Examples:
  heng man | man -l -
  heng man --out /usr/local/share/man/man1")]
    Man {
        /// Where to write the pages of all commands
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Check a scheme, or print its JSON Schema
    #[command(subcommand)]
    Scheme(SchemeCommand),
    /// Tokens of sources that report over HTTP
    #[command(subcommand)]
    Token(TokenCommand),
}

/// Which city to show.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Another seed is another city
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// About so many cases; 600000 are 120 windows over half a year
    #[arg(long, value_name = "N", default_value_t = 600_000)]
    pub cases: u64,
    /// Threads to count and to draw with
    #[arg(long, default_value_t = default_threads(), value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: u16,
    /// End when everything is printed, and show no pages
    #[arg(long)]
    pub no_serve: bool,
    /// The port of the pages; 0 takes any that is free
    #[arg(long, value_name = "N", default_value_t = PORT, conflicts_with = "no_serve")]
    pub port: u16,
}

/// What to begin with.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// The scheme to start with [default: the preset of the article]
    #[arg(long, value_name = "FILE")]
    pub scheme: Option<PathBuf>,
    /// PostgreSQL instead of the file heng.db
    #[arg(long, value_name = "URL")]
    pub database_url: Option<String>,
    /// A bucket for the sealed files instead of the folder lake: `s3://bucket/prefix`
    #[arg(long, value_name = "URL")]
    pub storage_url: Option<String>,
    /// The server of the bucket [default: Amazon's]
    #[arg(long, value_name = "URL", requires = "storage_url")]
    pub storage_endpoint: Option<String>,
}

/// What to restore, and where to.
#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// The backup
    #[arg(value_name = "DIR")]
    pub from: PathBuf,
    /// PostgreSQL instead of the file heng.db
    #[arg(long, value_name = "URL")]
    pub database_url: Option<String>,
    /// A bucket for the sealed files instead of the folder lake: `s3://bucket/prefix`
    #[arg(long, value_name = "URL")]
    pub storage_url: Option<String>,
    /// The server of the bucket [default: Amazon's]
    #[arg(long, value_name = "URL", requires = "storage_url")]
    pub storage_endpoint: Option<String>,
}

/// Which morning.
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// The morning of this day [default: today]
    #[arg(long, value_name = "DAY", value_parser = parse_day)]
    pub day: Option<Day>,
    /// Threads to count with
    #[arg(long, default_value_t = default_threads(), value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: u16,
}

/// Where to look for what is odd.
#[derive(Debug, Args)]
pub(crate) struct OddArgs {
    /// 2026-03, 2026-H1, 2026-01-01..2026-06-30 …
    #[arg(value_parser = parse_period)]
    pub period: Period,
    /// Threads to count with
    #[arg(long, default_value_t = default_threads(), value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: u16,
}

/// Which city.
#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    /// About so many cases; 600000 are 120 windows over half a year
    #[arg(long, value_name = "N", default_value_t = 600_000)]
    pub cases: u64,
    /// Another seed is another city
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// The folder to write into
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// What to import.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The mapping from columns to fields
    #[arg(long, value_name = "FILE")]
    pub map: PathBuf,
    /// Only say what would happen
    #[arg(long)]
    pub dry_run: bool,
    /// Where bad rows go [default: the home's folder `rejected`]
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
    /// The files: CSV, XLSX, Parquet, NDJSON or JSON arrays. The kind may stand before them, to be checked against the mapping
    #[arg(required = true, value_name = "[KIND] PATH")]
    words: Vec<PathBuf>,
}

impl ImportArgs {
    /// The kind, if the first word is one, and the files.
    pub(crate) fn kind_and_paths(&self) -> (Option<&str>, &[PathBuf]) {
        let kind = self.words.first().and_then(|word| word.to_str());
        let is_kind = |word: &&str| Kind::parse(word).is_some() || Noun::parse(word).is_some();
        match kind.filter(is_kind) {
            Some(kind) if self.words.len() > 1 => (Some(kind), &self.words[1..]),
            _ => (None, &self.words),
        }
    }
}

/// What to close.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").required(true).args(["day", "through", "period"])))]
#[group(skip)]
pub(crate) struct CloseArgs {
    /// One day
    #[arg(value_parser = parse_day)]
    pub day: Option<Day>,
    /// Every day up to this one that is not sealed or has changed
    #[arg(long, value_name = "DAY", value_parser = parse_day)]
    pub through: Option<Day>,
    /// A period: its days, then its inputs
    #[arg(long, value_name = "PERIOD", value_parser = parse_period)]
    pub period: Option<Period>,
    /// Declare the period final: its scores stay, and complaints founded later count in the month of their verdict
    #[arg(long = "final", requires = "period", conflicts_with_all = ["day", "through"])]
    pub becomes_final: bool,
    /// Another scheme than the home's, for --period
    #[arg(long, value_name = "FILE", requires = "period", conflicts_with_all = ["day", "through"])]
    pub scheme: Option<PathBuf>,
    /// Threads to count with
    #[arg(long, default_value_t = default_threads(), value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: u16,
}

/// What to do with a scheme.
#[derive(Debug, Subcommand)]
pub(crate) enum SchemeCommand {
    /// Problems of a scheme: SMART, sums, bounds, double counting
    #[command(after_help = "Examples:
  heng scheme lint candidate.toml
  heng scheme lint candidate.toml --json

Exit status 1 if the scheme cannot be used.")]
    Lint {
        /// The scheme
        file: PathBuf,
        /// The findings as JSON
        #[arg(long)]
        json: bool,
    },
    /// The scheme as a 考核办法, complete enough that a stranger recomputes a score by hand
    #[command(after_help = "Examples:
  heng scheme print
  heng scheme print schemes/national.toml --lang en
  heng scheme print --html method.html")]
    Print {
        /// The scheme [default: the home's]
        file: Option<PathBuf>,
        /// Write a page for the browser and for A4 instead
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
    },
    /// The JSON Schema of the scheme format
    #[command(after_help = "Example:\n  heng scheme schema > scheme.schema.json")]
    Schema,
}

/// Windows or people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Unit {
    /// Windows
    Window,
    /// People
    Staff,
}

impl From<Unit> for UnitKind {
    fn from(unit: Unit) -> Self {
        match unit {
            Unit::Window => Self::Window,
            Unit::Staff => Self::Staff,
        }
    }
}

/// The languages that can be asked for.
fn langs() -> impl TypedValueParser<Value = Lang> {
    PossibleValuesParser::new(["zh", "en"]).map(|code| Lang::parse(&code).unwrap_or(Lang::Zh))
}

/// The forms of a log.
fn formats() -> impl TypedValueParser<Value = LogFormat> {
    PossibleValuesParser::new(["text", "json"])
        .map(|name| if name == "json" { LogFormat::Json } else { LogFormat::Text })
}

/// The language that these words ask for, before they are understood; else that of the environment.
fn asked_lang(words: impl Iterator<Item = OsString>) -> Lang {
    let words: Vec<OsString> = words.collect();
    let after = |at: usize| words.get(at + 1).and_then(|word| word.to_str());
    let asked = words.iter().enumerate().find_map(|(at, word)| match word.to_str()? {
        "--lang" => after(at).and_then(Lang::parse),
        word => word.strip_prefix("--lang=").and_then(Lang::parse),
    });
    asked.unwrap_or_else(lang_of_environment)
}

/// The language of the environment: English where it asks for English, else Chinese.
#[expect(clippy::disallowed_methods, reason = "the binary is where the environment is read")]
fn lang_of_environment() -> Lang {
    let asked =
        ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    if asked.is_some_and(|asked| asked.starts_with("en")) { Lang::En } else { Lang::Zh }
}

fn parse_period(text: &str) -> Result<Period, String> {
    let help = "write 2026-03, 2026-Q1, 2026-H1, 2026 or 2026-03-05..2026-03-20";
    Period::parse(text).ok_or_else(|| help.to_owned())
}

fn parse_periods(text: &str) -> Result<(Period, Period), String> {
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    let help = "write one base period like 2026-06, or the first and the last like 2026-01..2026-06";
    let period = |text| Period::parse(text).ok_or_else(|| help.to_owned());
    Ok((period(first)?, period(last)?))
}

fn parse_day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| "write a date like 2026-03-05".to_owned())
}

fn default_threads() -> u16 {
    std::thread::available_parallelism().map_or(1, |n| u16::try_from(n.get()).unwrap_or(256).min(256))
}

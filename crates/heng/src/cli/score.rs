//! The words of the commands that say what came out: scores, and what is behind them.

use super::{Unit, default_threads, parse_period, parse_periods};
use clap::Args;
use model::period::Period;
use std::path::PathBuf;

/// What to score.
#[derive(Debug, Args)]
pub(crate) struct ScoreArgs {
    /// 2026-03, 2026-Q1, 2026-H1, 2026 or 2026-03-05..2026-03-20
    #[arg(value_parser = parse_period)]
    pub period: Period,
    /// Another scheme than the home's
    #[arg(long, value_name = "FILE")]
    pub scheme: Option<PathBuf>,
    /// Windows or people
    #[arg(long, value_enum, default_value_t = Unit::Window)]
    pub unit: Unit,
    /// Threads to count and to draw with
    #[arg(long, default_value_t = default_threads(), value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: u16,
    /// The seats at the top, at the bottom and in the help loop, who takes them, and how sure that is
    #[arg(long, conflicts_with_all = ["no_intervals", "csv", "xlsx"])]
    pub outcomes: bool,
    /// Scores alone, without saying how sure they are
    #[arg(long)]
    pub no_intervals: bool,
    #[command(flatten)]
    pub format: ScoreFormat,
}

/// How scores are written; as a table for people if nothing is said.
#[derive(Debug, Args)]
pub(crate) struct ScoreFormat {
    /// Everything, for programs
    #[arg(long, conflicts_with_all = ["csv", "xlsx"])]
    pub json: bool,
    /// A table for spreadsheets, with a byte order mark
    #[arg(long, conflicts_with = "xlsx")]
    pub csv: bool,
    /// A workbook: ranking, layers, indicators, and what the columns mean
    #[arg(long, value_name = "FILE")]
    pub xlsx: Option<PathBuf>,
}

/// What to explain.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The window or the work number
    pub unit: String,
    /// The period
    #[arg(value_parser = parse_period)]
    pub period: Period,
    /// Another scheme than the home's
    #[arg(long, value_name = "FILE")]
    pub scheme: Option<PathBuf>,
    /// The facts of one indicator
    #[arg(long, value_name = "ID")]
    pub indicator: Option<String>,
    /// Every fact, not the first few
    #[arg(long)]
    pub all: bool,
    /// Everything, for programs
    #[arg(long, conflicts_with = "html")]
    pub json: bool,
    /// The scorecard as one page for the browser and for paper
    #[arg(long, value_name = "FILE", conflicts_with_all = ["indicator", "all"])]
    pub html: Option<PathBuf>,
}

/// Which marks.
#[derive(Debug, Args)]
pub(crate) struct MarksArgs {
    /// The period; its sealed days are looked at
    #[arg(value_parser = parse_period)]
    pub period: Period,
    /// The rules of another scheme than the home's; nothing is written
    #[arg(long, value_name = "FILE")]
    pub scheme: Option<PathBuf>,
    /// The records of one rule
    #[arg(long, value_name = "ID")]
    pub mark: Option<String>,
    /// Every record, not the first few
    #[arg(long, requires = "mark")]
    pub all: bool,
    /// Everything, for programs
    #[arg(long)]
    pub json: bool,
}

/// What to replay.
#[derive(Debug, Args)]
pub(crate) struct WhatifArgs {
    /// The candidate
    #[arg(long, value_name = "FILE")]
    pub scheme: PathBuf,
    /// The base periods: one, or the first and the last as 2026-01..2026-06
    #[arg(long, value_name = "A..B", value_parser = parse_periods)]
    pub periods: (Period, Period),
    /// Windows or people
    #[arg(long, value_enum, default_value_t = Unit::Window)]
    pub unit: Unit,
    /// Threads to count with
    #[arg(long, default_value_t = default_threads(), value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: u16,
    /// Every unit, not only those that move most
    #[arg(long)]
    pub all: bool,
    /// Everything, for programs
    #[arg(long)]
    pub json: bool,
}

//! What comes in: serving, collecting, tokens.

use super::{default_threads, parse_day};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use model::fact::Kind;
use model::time::Day;
use std::path::{Path, PathBuf};

/// The port of the pages, unless another one is named.
pub(crate) const PORT: u16 = 8180;

/// How to show the pages.
#[derive(Debug, Default, Args)]
pub(crate) struct ServeArgs {
    /// The port; 0 takes any that is free [default: `port` of heng.toml, else 8180]
    #[arg(long, value_name = "N", env = "HENG_PORT", hide_env = true)]
    pub port: Option<u16>,
    /// A port of its own for the server's counters (/metrics) [default: `metrics_port` of heng.toml, else none]
    #[arg(long, value_name = "N", env = "HENG_METRICS_PORT", hide_env = true)]
    pub metrics_port: Option<u16>,
    /// Answer over TLS, with this certificate (PEM) [default: `tls_cert` of heng.toml, else plain HTTP]
    #[arg(long, value_name = "FILE", env = "HENG_TLS_CERT", hide_env = true)]
    pub tls_cert: Option<PathBuf>,
    /// The key of the certificate (PEM) [default: `tls_key` of heng.toml]
    #[arg(long, value_name = "FILE", env = "HENG_TLS_KEY", hide_env = true)]
    pub tls_key: Option<PathBuf>,
    /// Look at the pages as on this day [default: today; in a demonstration the morning after its last day]
    #[arg(long, value_name = "DAY", value_parser = parse_day)]
    pub day: Option<Day>,
    /// Threads to count and to draw with
    #[arg(long, default_value_t = default_threads(), value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: u16,
}

/// What to ask for.
#[derive(Debug, Args)]
pub(crate) struct CollectArgs {
    /// The day; no folder is looked into then [default: yesterday, and folders]
    #[arg(long, value_name = "DAY", value_parser = parse_day)]
    pub day: Option<Day>,
    /// One system or folder alone, by its source
    #[arg(long, value_name = "SOURCE")]
    pub source: Option<String>,
}

/// Which days to compare.
#[derive(Debug, Args)]
pub(crate) struct DifferencesArgs {
    /// One day [default: yesterday]
    #[arg(long, value_name = "DAY", value_parser = parse_day, conflicts_with_all = ["from", "to"])]
    pub day: Option<Day>,
    /// The first of several days
    #[arg(long, value_name = "DAY", value_parser = parse_day, requires = "to")]
    pub from: Option<Day>,
    /// The last of them
    #[arg(long, value_name = "DAY", value_parser = parse_day, requires = "from")]
    pub to: Option<Day>,
    /// Everything, for programs
    #[arg(long)]
    pub json: bool,
}

/// What to do with tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Issue a token; it is shown once
    #[command(after_help = "Examples:
  heng token add hall-a
  heng token add kiosk --kind rating --window W01 --window W02 --note \"评价器\"")]
    Add {
        /// The source that reports under it
        #[arg(value_name = "SOURCE")]
        source: String,
        /// A kind of fact that it may report [default: all]
        #[arg(long, value_name = "KIND", value_parser = kinds())]
        kind: Vec<Kind>,
        /// A window of which it may report [default: all]
        #[arg(long, value_name = "WINDOW")]
        window: Vec<String>,
        /// What it is for
        #[arg(long, value_name = "TEXT", default_value = "")]
        note: String,
    },
    /// Every token, with its scope and its last use
    #[command(after_help = "Example:\n  heng token list")]
    List,
    /// Revoke a token, from now on
    #[command(after_help = "Example:\n  heng token revoke 3f9a1c0b22d7")]
    Revoke {
        /// The token's name
        #[arg(value_name = "ID")]
        id: String,
    },
}

/// The kinds of facts, by their names.
fn kinds() -> impl TypedValueParser<Value = Kind> {
    PossibleValuesParser::new(Kind::ALL.map(Kind::name)).try_map(|name| Kind::parse(&name).ok_or("no kind"))
}

/// What to backfill.
#[derive(Debug, Args)]
pub(crate) struct BackfillArgs {
    /// A mapping (.toml), the files it reads, and so on: CSV, XLSX, Parquet, NDJSON or JSON arrays
    #[arg(required = true, value_name = "MAPPING FILE")]
    words: Vec<PathBuf>,
    /// Threads to read, to settle and to write with
    #[arg(long, default_value_t = default_threads(), value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: u16,
}

impl BackfillArgs {
    /// Each mapping with its files. `Err`: the word that is out of place.
    pub(crate) fn sources(&self) -> Result<Vec<(&Path, &[PathBuf])>, &Path> {
        let is_mapping = |word: &PathBuf| word.extension().is_some_and(|extension| extension == "toml");
        let mut sources = Vec::new();
        let mut rest = &self.words[..];
        while let Some((mapping, after)) = rest.split_first() {
            let files = after.iter().position(is_mapping).unwrap_or(after.len());
            if !is_mapping(mapping) || files == 0 {
                return Err(mapping);
            }
            sources.push((mapping.as_path(), &after[..files]));
            rest = &after[files..];
        }
        Ok(sources)
    }
}

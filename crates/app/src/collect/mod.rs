//! Pulling: what other systems have to tell is fetched from them.
//!
//! A business system is asked day by day what its windows did, by the interface of the article; its answers are kept as
//! figures that a source reports (`statistic`), never as cases: an average is no tally. Others put files into a folder, or
//! answer in pages of JSON; these are records, and they come in as with `heng import`.

mod api;
mod differences;
mod figures;
mod file;
mod http;
mod incoming;
mod link;
mod look;
mod pages;
mod stats;

pub use api::collect_api;
pub(crate) use differences::reconcile_day;
pub use differences::{Difference, Reconciled, WithoutCases, reconcile};
pub use file::{FileId, Found, take_file};
pub use look::{Look, Settled, Unfit, identify, look};
pub use stats::{collect, windows_of};

use crate::AppError;
use crate::import::mapping::MappingError;
use crate::import::{FileReport, ImportError};
use std::path::PathBuf;

/// What a variable of the environment says.
pub type Environment = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Why something could not be collected.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// The token is not there.
    #[error("{source_name}: its token is missing: {place}")]
    NoToken {
        /// The source.
        source_name: String,
        /// Where it should be.
        place: String,
    },
    /// The system did not answer, or refused.
    #[error("{url}: {problem}")]
    NoAnswer {
        /// What was asked.
        url: String,
        /// What happened.
        problem: String,
    },
    /// The answer is not what it must be.
    #[error("{url}: the answer is not whole: {problem}")]
    NotWhole {
        /// What was asked.
        url: String,
        /// What is missing or wrong.
        problem: String,
    },
    /// A folder cannot be looked into.
    #[error("{path}: the folder cannot be looked into: {problem}")]
    NoFolder {
        /// The folder.
        path: String,
        /// What is wrong.
        problem: String,
    },
    /// A file of a folder cannot be taken.
    #[error("{path}: the file cannot be taken: {problem}")]
    NoFile {
        /// The file.
        path: String,
        /// What is wrong.
        problem: String,
    },
    /// The mapping cannot be used.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// What came cannot be read as the mapping says.
    #[error("{place}")]
    Import {
        /// The file, or what was asked.
        place: String,
        /// The cause.
        source: Box<ImportError>,
    },
    /// The database failed, or a file of known reports.
    #[error("the figures could not be stored")]
    Store(#[from] Box<AppError>),
}

/// What became of what was collected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// Reports that were not there.
    pub new: usize,
    /// Reports that were there already.
    pub same: usize,
    /// Reports that contradict what was said before; both are kept for a person to decide.
    pub conflicts: usize,
}

/// What became of records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Rows, or items of an answer.
    pub rows: u64,
    /// Those that the mapping is not about.
    pub passed_over: u64,
    /// What became of the others.
    pub collected: Collected,
    /// Those that were bad.
    pub bad: u64,
    /// Where these are, with their reasons.
    pub rejects: Option<PathBuf>,
}

impl From<FileReport> for Taken {
    fn from(report: FileReport) -> Self {
        let FileReport { rows, passed_over, new, same, conflicts, bad, rejects, .. } = report;
        Self { rows, passed_over, collected: Collected { new, same, conflicts }, bad, rejects }
    }
}

impl std::fmt::Display for Collected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} new, {} known, {} contradicting", self.new, self.same, self.conflicts)
    }
}

impl std::fmt::Display for Taken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} rows: {}, {} bad", self.rows, self.collected, self.bad)?;
        match &self.rejects {
            Some(path) => write!(f, " ({})", path.display()),
            None => Ok(()),
        }
    }
}

//! What came of a job, in the words that are kept of it.

use crate::collect::{Collected, Found, Taken};
use std::fmt;

/// What came of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Days were closed.
    Closed {
        /// How many.
        days: usize,
        /// Rows in their files.
        rows: u64,
    },
    /// Figures of a window were collected.
    Figures(Collected),
    /// Records of another system were collected.
    Records(Taken),
    /// A file was taken, or is another one by now.
    File(Found),
    /// A folder can be looked into again.
    Looked,
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed { days, rows } => write!(f, "{days} days, {rows} rows"),
            Self::Figures(collected) => write!(f, "{collected}"),
            Self::Records(taken) | Self::File(Found::Taken(taken)) => write!(f, "{taken}"),
            Self::File(Found::Another) => f.write_str("the file is another one by now, which is a job of its own"),
            Self::Looked => f.write_str("the folder can be looked into again"),
        }
    }
}

//! What can go wrong with sealed files.

use model::canonical::Digest;

/// A failure of the lake; it always names the file.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// The storage failed.
    #[error("{path}: the storage failed")]
    Storage {
        /// The file.
        path: String,
        /// The cause.
        #[source]
        source: object_store::Error,
    },
    /// A file that a manifest names is not there.
    #[error("{path}: the file is missing; restore it from a backup, or close the day again")]
    Missing {
        /// The file.
        path: String,
    },
    /// A file is not what was sealed.
    #[error(
        "{path}: damaged: its SHA-256 is {found}, sealed was {expected}; restore it from a backup, or close the day again"
    )]
    Damaged {
        /// The file.
        path: String,
        /// What was sealed.
        expected: Digest,
        /// What is there.
        found: Digest,
    },
    /// A file cannot be read as what it should be.
    #[error("{path}: not readable: {problem}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        problem: String,
    },
    /// Arrow or Parquet failed on data of our own.
    #[error("{what}: {problem}")]
    Encoding {
        /// What was being written or computed.
        what: &'static str,
        /// Why it failed.
        problem: String,
    },
    /// More rows on one day than sums are proved for.
    #[error("{path}: {rows} rows on one day; at most 2147483648 are counted without overflow")]
    TooManyRows {
        /// The file.
        path: String,
        /// How many.
        rows: u64,
    },
}

impl LakeError {
    pub(crate) fn encoding(what: &'static str, error: impl std::fmt::Display) -> Self {
        Self::Encoding { what, problem: error.to_string() }
    }

    pub(crate) fn unreadable(path: &str, error: impl std::fmt::Display) -> Self {
        Self::Unreadable { path: path.to_owned(), problem: error.to_string() }
    }
}

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
    /// A bucket does not answer, or not with what was asked for.
    #[error("{path}: the storage {place} fails: {problem}; see to it and try again, nothing is half-done")]
    Unreachable {
        /// The file.
        path: String,
        /// The bucket and its server.
        place: String,
        /// What happened to the last request.
        problem: String,
    },
    /// A bucket's server says no.
    #[error(
        "{path}: the storage {place} refuses: {problem}; check storage_url, HENG_S3_ACCESS_KEY and HENG_S3_SECRET_KEY"
    )]
    Refused {
        /// The file.
        path: String,
        /// The bucket and its server.
        place: String,
        /// What it said.
        problem: String,
    },
    /// A bucket's server overwrites what is there, or knows no condition.
    #[error(
        "{place}: this storage cannot be told to create a file only where there is none (If-None-Match: *); sealed files need one that can"
    )]
    Unconditional {
        /// The bucket and its server.
        place: String,
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

//! Sealed days: facts as Parquet files, the tally kernel that reads them, and the storage they lie in.

mod batch;
mod derived;
mod error;
mod facts;
mod files;
pub mod kernel;
mod manifest;
mod parts;

pub use batch::{batch_of, schema_of};
pub use derived::{read_tally, write_tally};
pub use error::LakeError;
pub use facts::{BATCH_ROWS, Batches, FactsFile, read_batches, write_facts};
pub use files::{Files, Stored};
pub use manifest::{DayManifest, SCHEMA_ID, TableFile};
pub use parts::Part;

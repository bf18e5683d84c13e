//! Sealed days: facts as Parquet files, the tally kernel that reads them, and the storage they lie in. Beside them,
//! Parquet files that others wrote.

mod batch;
mod bucket;
mod cache;
mod compact;
mod derived;
mod error;
mod facts;
mod files;
mod foreign;
mod foreign_value;
pub mod kernel;
mod keys;
mod manifest;
mod parts;
mod record;

pub use batch::{batch_of, schema_of};
pub use bucket::Bucket;
pub use derived::{read_tally, write_tally};
pub use error::LakeError;
pub use facts::{BATCH_ROWS, Batches, FactsFile, read_batches, write_facts};
pub use files::{Files, Stored};
pub use foreign::{ForeignBatch, ForeignCell, ForeignFile};
pub use keys::{KEY_FILES, KeyEntry, KeyFile, KeyFiles, KeyIndex, key_file_of, write_directory, write_keys};
pub use manifest::{DayManifest, SCHEMA_ID, TableFile};
pub use parts::Part;
pub use record::{Record, RecordWriter, Records, read_records};

//! Facts as rows.

mod import;
mod read;

pub(crate) use import::import;
pub use import::{ImportOutcome, Incoming};
pub use read::{Conflict, FactCounts};

//! Facts as rows.

mod import;
mod pack;
mod read;
mod texts;

pub(crate) use import::import;
pub use import::{ImportOutcome, Incoming};
pub use read::{Conflict, FactCounts};
pub(crate) use read::{FactRow, Unpacking, between};
pub(crate) use texts::Texts;

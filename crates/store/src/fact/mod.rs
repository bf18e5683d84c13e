//! Facts as rows.

mod follow;
mod import;
mod pack;
mod read;
mod row;
mod texts;

pub use follow::NewReports;
pub use import::{ImportOutcome, Taken};
pub(crate) use import::{Part, import, known, next_id};
pub(crate) use pack::{Shape, pack};
pub(crate) use read::{BETWEEN, FactRow, Unpacking};
pub use read::{Conflict, DayParts, FactCounts};
pub(crate) use texts::{KnownTexts, Number, Numbering, Texts, insert as insert_texts};

pub(crate) use import::{ANCHOR, FREE_TEXT};
pub(crate) use row::{FACT, NewRow};
pub(crate) use texts::TEXT;

/// What the module says to the database, for the test that prepares it.
#[cfg(test)]
pub(crate) mod said {
    pub(crate) use super::follow::STATEMENTS as FOLLOW;
    pub(crate) use super::import::STATEMENTS as IMPORT;
    pub(crate) use super::read::STATEMENTS as READ;
    pub(crate) use super::texts::STATEMENTS as TEXTS;
}

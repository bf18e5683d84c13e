//! Reports that lie in files of the lake instead of rows: which files there are, how a backfill brings them, and how
//! single ones come back into rows.

mod backfill;
mod key;
mod packed;
mod read;
mod thaw;

pub use backfill::{Backfill, BackfilledDay, FreeText, KindCount, SourceCount};
pub(crate) use backfill::{Backfilled, backfill, files_digest};
pub use key::{case_key, record_key, report_key};
pub use packed::{BatchTexts, Packed, PackedReport, Packer, Reading, SharedTexts};
pub use read::{ColdBatch, ColdDay, ColdFile, TakeName};
pub(crate) use read::{NameRow, days};
pub use thaw::Thawed;
pub(crate) use thaw::thaw;

use crate::sql::{Table, Type};

pub(crate) const BATCH: Table = Table {
    name: "cold_batch",
    columns: &[
        ("id", Type::Integer),
        ("first_fact", Type::Integer),
        ("facts", Type::Integer),
        ("open_from", Type::Integer),
        ("files", Type::Text),
        ("command", Type::Integer),
    ],
};
pub(crate) const DAY: Table = Table {
    name: "cold_day",
    columns: &[
        ("day", Type::Integer),
        ("batch", Type::Integer),
        ("file", Type::Text),
        ("first_fact", Type::Integer),
        ("last_fact", Type::Integer),
    ],
};
pub(crate) const SOURCE: Table = Table {
    name: "cold_source",
    columns: &[
        ("day", Type::Integer),
        ("batch", Type::Integer),
        ("kind", Type::Text),
        ("source", Type::Text),
        ("facts", Type::Integer),
    ],
};
pub(crate) const KIND: Table = Table {
    name: "cold_kind",
    columns: &[("batch", Type::Integer), ("kind", Type::Text), ("reports", Type::Integer), ("current", Type::Integer)],
};

/// What the module says to the database, for the test that prepares it.
#[cfg(test)]
pub(crate) mod said {
    pub(crate) use super::backfill::STATEMENTS as BACKFILL;
    pub(crate) use super::read::STATEMENTS as READ;
    pub(crate) use super::thaw::STATEMENTS as THAW;
}

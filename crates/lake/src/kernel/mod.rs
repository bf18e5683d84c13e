//! The local tally engine: rules as a program over record batches.
//!
//! A scheme's marks and measures on one table become one [`Program`]: a list of conditions in which each distinct
//! part stands once, children before parents. Per batch every condition becomes a bitmap; per run of rows with the
//! same window and person, measures are popcounts and masked sums. Sealed files and batches in memory take the same
//! path.

mod bits;
mod columns;
mod groups;
mod marked;
mod names;
mod program;
mod select;
mod texts;

pub use groups::{Groups, MeasureColumn, tally};
pub use program::{Overrides, Program};
pub use select::{Query, SelectedRow, Selection};
pub use texts::Texts;

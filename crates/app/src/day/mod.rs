//! Days: sealed once they are over, tallied under the rules of a scheme.

mod close;
mod derive;
mod references;
mod rows;

pub(crate) use close::open_days;
pub use close::{Closed, Sealing, close_day, close_through};
pub use derive::{Derived, derive_days, manifest_of, overrides_of};
pub(crate) use derive::{manifest_file, tally_of_rows};
pub(crate) use references::{holds_within, references_on};
pub(crate) use rows::rows_of;

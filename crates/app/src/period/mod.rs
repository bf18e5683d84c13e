//! Periods: their inputs gathered, frozen at the close, and scored.

mod bundle;
mod freeze;
mod gather;
mod score;

pub use freeze::{Frozen, close_period};
pub use gather::{Gathered, gather};
pub use score::{Ask, Cards, PeriodScores, PeriodState, score_period};
pub(crate) use score::{Basis, ranked};

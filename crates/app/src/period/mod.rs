//! Periods: their inputs gathered, frozen at the close, and scored.

mod bundle;
mod freeze;
mod gather;
mod outcomes;
mod score;
mod uncertainty;

pub use freeze::{Frozen, close_period};
pub use gather::{Gathered, gather};
pub use outcomes::Outcomes;
pub use score::{Ask, Beside, Cards, PeriodScores, PeriodState, score_period};
pub(crate) use score::{Basis, ranked};

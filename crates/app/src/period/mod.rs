//! Periods: their inputs gathered, frozen at the close, and scored.

mod bundle;
mod finalize;
mod freeze;
mod gather;
mod outcomes;
mod score;
mod uncertainty;

pub use finalize::finalize_period;
pub(crate) use finalize::finals;
pub(crate) use freeze::frozen_files;
pub use freeze::{Frozen, close_period};
pub use gather::{Gathered, Wanted, gather};
pub use outcomes::Outcomes;
pub use score::{Ask, Beside, Cards, PeriodScores, PeriodState, can_be_scored, score_period};
pub(crate) use score::{Basis, check_period, ranked, wrong_period};
pub(crate) use uncertainty::windows_among;

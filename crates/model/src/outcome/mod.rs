//! Outcomes by rank (结果应用): who takes a seat at the top, at the bottom, in the help loop, and how surely.
//!
//! Seats are given by the scores themselves, ties included. Chance enters in one place: a pay cut and the help loop
//! also ask in what share of the draws a unit stands there (membership), which `insight` computes. Nothing here acts
//! on anybody: it says what the scheme's rules lead to, and why.

mod decide;
mod grade;
mod membership;
mod seats;
mod team;

pub use decide::{Contender, Cut, CutReason, CutVerdict, Help, HelpVerdict, Month, PoolOutcome, Top, decide};
pub use grade::{Grade, grade, grades};
pub use membership::{Membership, Memberships};
pub use seats::{Edges, Seats};
pub use team::TeamParts;

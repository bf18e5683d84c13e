//! Scores: a pure function of inputs that were frozen at the close of the period.
//!
//! The road of a number: measures → exact ratio → (shrinkage) → curve → points → weights → own score → team share →
//! deductions → one last rounding. Every station is kept on the [`Scorecard`], so that each point can be explained
//! and appealed from there.

mod card;
mod deduct;
mod flip;
mod json;
mod line;
mod longer;
mod peers;
mod prior;
mod rank;
mod staff;
mod team;
#[cfg(test)]
mod tests;
mod units;
mod weigh;

pub use card::{Deduction, Hundredths, NotScored, Part, Scorecard, Scored, Status, TeamPart, TeamShare, TeamSource};
pub use deduct::{Taken, taken};
pub use flip::{Flip, MOST_HUNDREDTHS, flips};
pub use json::{UnitJson, units_digest, units_json};
pub use line::{Line, RatingLine, Squares, State};
pub use longer::{LongerCard, mean_of_periods};
pub use peers::{Peers, Pool};
pub use prior::Priors;
pub use rank::{Rank, rank};
pub use team::team_lines;

use crate::calendar::OfficeClock;
use crate::fact::Table;
use crate::id::{StaffId, WindowId};
use crate::period::Period;
use crate::register::Register;
use crate::ruling::Rulings;
use crate::scheme::{Scheme, UnitKind};
use crate::silence::Verdicts;
use crate::tally::Tally;
use crate::time::Day;

/// The version of the arithmetic. Older versions stay runnable; a card says by which one it was computed.
pub const ALGORITHM: &str = "heng-score-1";

/// A record that the negative list hits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Incident {
    /// What happened; several records of one incident deduct once.
    pub incident: String,
    /// The entry of the negative list, by position.
    pub negative: usize,
    /// The window.
    pub window: WindowId,
    /// The person.
    pub staff: StaffId,
    /// The day.
    pub day: Day,
    /// Where the record is.
    pub table: Table,
    /// The system that reported it.
    pub source: String,
    /// Its id there.
    pub source_id: String,
}

/// Everything that a score is a function of.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// The scheme.
    pub scheme: &'a Scheme,
    /// The period.
    pub period: Period,
    /// Windows, types, posts.
    pub register: &'a Register,
    /// Which days are worked.
    pub clock: &'a OfficeClock,
    /// What was counted in the period.
    pub tally: &'a Tally,
    /// The peers' values over earlier periods.
    pub priors: &'a Priors,
    /// What was counted in the earlier periods that units are compared with themselves: how many before, and what.
    pub history: &'a [(u8, Tally)],
    /// Whether the silence of a window's citizens counts; none before the period is closed.
    pub silence: &'a Verdicts,
    /// Records that the negative list hits in the period.
    pub incidents: &'a [Incident],
    /// Decisions of people.
    pub rulings: &'a Rulings,
}

/// The scorecards of every window or every person, sorted by id.
#[must_use]
pub fn score(inputs: &Inputs<'_>, kind: UnitKind) -> Vec<Scorecard> {
    let windows = units::Windows::new(inputs);
    match kind {
        UnitKind::Window => windows.cards(),
        UnitKind::Staff => staff::cards(&windows),
    }
}

//! What can go wrong between facts and scores.

use crate::home::HomeError;
use lake::LakeError;
use model::tally::TallyError;
use model::time::Day;
use store::StoreError;

/// A failure of a use case.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The home.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The database.
    #[error("the database failed")]
    Store(#[from] StoreError),
    /// The sealed files.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// Days that do not come together.
    #[error(transparent)]
    Tally(#[from] TallyError),
    /// A day or period that is not over.
    #[error("{what} is not over: it ends on {last}, today is {today}")]
    NotOver {
        /// What was to be closed.
        what: String,
        /// Its last day.
        last: Day,
        /// Today.
        today: Day,
    },
    /// A period before its cut-off.
    #[error("{period} cannot be closed before its cut-off: late ratings still count up to {cut_off}; today is {today}")]
    BeforeCutOff {
        /// The period.
        period: String,
        /// The last day before it can be closed.
        cut_off: Day,
        /// Today.
        today: Day,
    },
    /// A period that the scheme does not score.
    #[error("{period} is not scored at first hand: the scheme's period is {base}; {fix}")]
    WrongPeriod {
        /// The period.
        period: String,
        /// The scheme's base period.
        base: String,
        /// What to do.
        fix: &'static str,
    },
    /// No facts at all.
    #[error("{period} has no sealed day; import facts, then `heng close --period {period}`")]
    NothingSealed {
        /// The period.
        period: String,
    },
    /// Days that must be sealed (again) first.
    #[error(
        "{period}: {count} days are not sealed or have changed since, the first is {first}; run `heng close --period {period}`"
    )]
    NotSealed {
        /// The period.
        period: String,
        /// How many.
        count: usize,
        /// The first of them.
        first: Day,
    },
    /// A period that must be closed first.
    #[error("{period} is not closed under this scheme; run `heng close --period {period}` first")]
    NotClosed {
        /// The period.
        period: String,
    },
    /// A period whose scores stay.
    #[error("{period} is final since {since}: its scores stay as they are; what is learned later counts later")]
    Final {
        /// The period.
        period: String,
        /// The day on which it became final.
        since: Day,
    },
    /// A cleaning rule that the scheme does not have.
    #[error("the scheme has no cleaning rule `{mark}`; it has {known}")]
    UnknownMark {
        /// What was asked for.
        mark: String,
        /// What there is.
        known: String,
    },
    /// A unit that is not there.
    #[error("there is no window or person `{unit}` in {period}{hint}")]
    UnknownUnit {
        /// What was asked for.
        unit: String,
        /// The period.
        period: String,
        /// Ids that are near.
        hint: String,
    },
    /// Something recorded cannot be read back.
    #[error("{what}: {problem}")]
    Unreadable {
        /// What.
        what: String,
        /// Why.
        problem: String,
    },
    /// A thread of a computation ended unexpectedly.
    #[error("a worker thread failed")]
    Worker,
}

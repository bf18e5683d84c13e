//! What can go wrong between facts and scores.

use crate::backfill::BackfillError;
use crate::collect::CollectError;
use crate::home::HomeError;
use lake::LakeError;
use model::tally::TallyError;
use model::time::Day;
use std::error::Error;
use store::StoreError;

/// A failure with its causes, from the outermost in, each in the `words` for it.
pub fn causes(error: &(dyn Error + 'static), words: impl Fn(&(dyn Error + 'static)) -> String) -> String {
    let mut shown = String::new();
    let mut next = Some(error);
    while let Some(cause) = next {
        let text = words(cause);
        // An outer error often quotes its cause.
        if !shown.contains(&text) {
            shown = if shown.is_empty() { text } else { format!("{shown}: {text}") };
        }
        next = cause.source();
    }
    shown
}

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
    /// A business system, asked what its windows did.
    #[error(transparent)]
    Collect(#[from] CollectError),
    /// A backfill.
    #[error(transparent)]
    Backfill(Box<BackfillError>),
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
        fix: PeriodFix,
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
    #[error("there is no window or person `{unit}` in {period}{}", did_you_mean(near))]
    UnknownUnit {
        /// What was asked for.
        unit: String,
        /// The period.
        period: String,
        /// Ids that are near.
        near: Vec<String>,
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

/// What can be asked instead of a period that has no cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeriodFix {
    /// Its base periods are closed one by one.
    CloseBasePeriods,
    /// One of its base periods is explained.
    ExplainBasePeriod,
    /// A span of whole base periods is named.
    NameWholePeriods,
    /// The first and the last base period are named.
    NameFirstAndLast,
}

impl std::fmt::Display for PeriodFix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::CloseBasePeriods => "close each of its base periods; longer ones are their mean",
            Self::ExplainBasePeriod => "explain one of its base periods; the longer score is their mean",
            Self::NameWholePeriods => "name a span made of whole base periods",
            Self::NameFirstAndLast => "name the first and the last base period, the earlier one first",
        })
    }
}

fn did_you_mean(near: &[String]) -> String {
    if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(", ")) }
}

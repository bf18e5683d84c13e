//! Which periods are final, and since when (SCORING §1).

use crate::period::Period;
use crate::time::Day;

/// The final periods of a home: their scores stay, and what is learned later counts where it is learned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finals(Vec<(Period, Day)>);

impl Finals {
    /// Periods, each with the day on which it became final.
    #[must_use]
    pub fn new(periods: Vec<(Period, Day)>) -> Self {
        Self(periods)
    }

    /// The day on which the period around a day became final, the first one if there are several; `None` if it is not.
    #[must_use]
    pub fn since(&self, day: Day) -> Option<Day> {
        let around = |(period, _): &&(Period, Day)| {
            let (first, last) = period.days();
            first <= day && day <= last
        };
        self.0.iter().filter(around).map(|(_, since)| *since).min()
    }
}

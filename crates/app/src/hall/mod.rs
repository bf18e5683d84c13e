//! What the hall screen of a centre shows: how much was done, how long people waited, what they said. No person, no
//! single window, nobody last.

mod now;

pub use now::{HallNow, hall_now};

use crate::AppError;
use crate::home::Home;
use crate::oddities::watch;
use insight::odd::Counts;
use model::id::{CentreId, WindowType};
use model::time::Day;
use std::collections::BTreeMap;
use tokio::runtime::Handle;

/// Days over which ratings are summed: a day has too few of them.
pub const RATED_DAYS: i32 = 30;

/// Figures of a centre.
#[derive(Debug)]
pub struct HallFigures {
    /// The centre.
    pub centre: CentreId,
    /// What people call it.
    pub name: String,
    /// The last sealed day, which they are of; `None` if none is.
    pub day: Option<Day>,
    /// By type of window.
    pub types: BTreeMap<WindowType, TypeFigures>,
}

/// Figures of one type of window, or of all.
#[derive(Clone, Copy, Debug, Default)]
pub struct TypeFigures {
    /// Windows with records.
    pub windows: usize,
    /// On the last sealed day.
    pub day: Counts,
    /// Over the [`RATED_DAYS`] up to it.
    pub month: Counts,
}

impl HallFigures {
    /// All types together.
    #[must_use]
    pub fn total(&self) -> TypeFigures {
        let mut total = TypeFigures::default();
        for of in self.types.values() {
            total.windows += of.windows;
            total.day += of.day;
            total.month += of.month;
        }
        total
    }
}

/// The figures of a centre up to its last sealed day before `today`; `None` if there is no such centre. Call it outside
/// the runtime.
pub fn hall(
    home: &Home,
    centre: &str,
    today: Day,
    threads: usize,
    runtime: &Handle,
) -> Result<Option<HallFigures>, AppError> {
    let Some(entry) = home.register.centre(centre) else { return Ok(None) };
    let mut figures =
        HallFigures { centre: entry.centre.clone(), name: entry.name.clone(), day: None, types: BTreeMap::new() };
    let sealed = runtime.block_on(home.store.sealed_days(Day(i32::MIN), today.plus(-1)))?;
    let Some(last) = sealed.last().map(|sealed| sealed.day) else { return Ok(Some(figures)) };
    figures.day = Some(last);
    for window in watch(home, (last.plus(1 - RATED_DAYS), last), threads, runtime)?.windows {
        let here = home.register.window_on(window.window.as_str(), last);
        if here.is_none_or(|here| here.centre.as_str() != centre) {
            continue;
        }
        let of = figures.types.entry(window.window_type.clone()).or_default();
        of.windows += 1;
        of.day += window.days.get(&last).copied().unwrap_or_default();
        of.month += window.sum();
    }
    Ok(Some(figures))
}

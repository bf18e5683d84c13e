//! What is going on in a centre at the moment.

use crate::live::{Look, WindowNow};
use model::id::WindowType;
use model::live::WindowStats;
use model::register::Register;
use model::time::{Day, Instant};
use std::collections::BTreeMap;

/// A centre at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HallNow {
    /// The open day.
    pub day: Day,
    /// When it was looked.
    pub at: Instant,
    /// Nothing was learned since then.
    pub stale: bool,
    /// Tickets that nobody called yet.
    pub waiting: i64,
    /// What was done so far, by type of window.
    pub types: BTreeMap<WindowType, WindowStats>,
}

impl HallNow {
    /// All types together.
    #[must_use]
    pub fn total(&self) -> WindowStats {
        let mut total = WindowStats::default();
        for of in self.types.values() {
            total += *of;
        }
        total
    }
}

/// A centre at the moment of a look; `None` if nothing is known of it today. Tickets that no window called yet wait at the
/// only centre there is; where there are several they tell nothing about any of them.
#[must_use]
pub fn hall_now(register: &Register, centre: &str, look: &Look, stale: bool) -> Option<HallNow> {
    let mut now = HallNow { day: look.day, at: look.at, stale, waiting: 0, types: BTreeMap::new() };
    let sole = register.centres().count() == 1;
    let mut known = false;
    for WindowNow { window, waiting, stats, .. } in look.windows.iter() {
        let entry = register.window_on(window, look.day);
        if entry.is_some_and(|entry| entry.centre.as_str() == centre) || (window.is_empty() && sole) {
            known = true;
            now.waiting += waiting;
        }
        if let Some(entry) = entry.filter(|entry| entry.centre.as_str() == centre) {
            *now.types.entry(entry.window_type.clone()).or_default() += *stats;
        }
    }
    known.then_some(now)
}

//! Evenings and weekends on which a window that was closed finished cases.

use super::{Oddity, Watched};

/// On one day: a straggler or two after closing time is nothing.
const LEAST: i64 = 10;

pub(super) fn look(watched: &Watched) -> Vec<Oddity> {
    let odd = watched.days.iter().filter(|(_, counts)| counts.off_hours >= LEAST);
    odd.map(|(day, counts)| Oddity::OffHours { window: watched.window.clone(), day: *day, cases: counts.off_hours })
        .collect()
}

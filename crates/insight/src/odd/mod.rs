//! What is odd about windows and people, for somebody to look at: never a verdict, and nothing that enters a score.
//!
//! Every finding names the numbers it rests on. Where chance is weighed, the threshold is so low that a city of this
//! size would show less than one false finding in a hundred half-years.

mod complaints;
mod decline;
mod hard_cases;
mod off_hours;
mod praise;
mod rewrites;
mod silence;
#[cfg(test)]
mod tests;

use model::id::{StaffId, WindowId, WindowType};
use model::time::Day;
use std::collections::BTreeMap;
use std::ops::AddAssign;

/// How many false findings of a kind are borne over everything that is looked at.
const FALSE_FINDINGS: f64 = 0.01;

/// What is counted of a window or a person on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Tickets called of which the wait is known.
    pub called: i64,
    /// Σ seconds that their holders waited.
    pub waiting_seconds: i64,
    /// Cases finished.
    pub finished: i64,
    /// Of these, those with a reference time.
    pub timed: i64,
    /// Σ office-time seconds of these.
    pub handling_seconds: i64,
    /// Σ permille of their reference.
    pub handling_permille: i64,
    /// Cases finished outside office hours, self-service and rostered extended service apart.
    pub off_hours: i64,
    /// Cases whose citizens were asked for a rating.
    pub asked: i64,
    /// Ratings.
    pub rated: i64,
    /// Of these, the satisfied ones.
    pub satisfied: i64,
    /// Of these, those given within seconds of the call.
    pub at_once: i64,
    /// Citizens who answered when they were called back.
    pub revisited: i64,
    /// Of these, the satisfied ones.
    pub revisited_satisfied: i64,
    /// Founded complaints.
    pub founded: i64,
    /// Finish times that were rewritten.
    pub rewritten: i64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.called += other.called;
        self.waiting_seconds += other.waiting_seconds;
        self.finished += other.finished;
        self.timed += other.timed;
        self.handling_seconds += other.handling_seconds;
        self.handling_permille += other.handling_permille;
        self.off_hours += other.off_hours;
        self.asked += other.asked;
        self.rated += other.rated;
        self.satisfied += other.satisfied;
        self.at_once += other.at_once;
        self.revisited += other.revisited;
        self.revisited_satisfied += other.revisited_satisfied;
        self.founded += other.founded;
        self.rewritten += other.rewritten;
    }
}

/// A window over the days that are looked at.
#[derive(Clone, Debug)]
pub struct Watched {
    /// The window.
    pub window: WindowId,
    /// Its type.
    pub window_type: WindowType,
    /// Its days with records.
    pub days: BTreeMap<Day, Counts>,
}

impl Watched {
    /// Its counts over all days.
    #[must_use]
    pub fn sum(&self) -> Counts {
        sum(self.days.values())
    }
}

fn sum<'a>(counts: impl Iterator<Item = &'a Counts>) -> Counts {
    let mut total = Counts::default();
    counts.for_each(|one| total += *one);
    total
}

/// Everything that is looked at.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// Windows, sorted by id.
    pub windows: Vec<Watched>,
    /// People over all days, sorted by work number.
    pub staff: Vec<(StaffId, Counts)>,
}

/// Something odd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// Ratings are given within seconds of the call, as no citizen could, and those who are called back say less good.
    Praise {
        /// The window.
        window: WindowId,
        /// Its counts over all days.
        of: Counts,
    },
    /// From a month on it is slower and its citizens are less content, more than its peers.
    Decline {
        /// The window.
        window: WindowId,
        /// The first day of the month.
        from: Day,
        /// Its counts before.
        before: Counts,
        /// Its counts since.
        since: Counts,
    },
    /// Its cases take much longer than those of its peers, and no longer than such cases take: hard, not slow.
    HardCases {
        /// The window.
        window: WindowId,
        /// Its counts over all days.
        of: Counts,
        /// Seconds per case in the middle of its peers.
        peers_seconds: i64,
    },
    /// Citizens are asked and hardly anybody rates: a device that is dead, or hidden?
    HardlyRated {
        /// The window.
        window: WindowId,
        /// Its counts over all days.
        of: Counts,
    },
    /// A day on which many cases were finished outside office hours.
    OffHours {
        /// The window.
        window: WindowId,
        /// The day.
        day: Day,
        /// How many.
        cases: i64,
    },
    /// Founded complaints that come together more than chance would have it.
    Complaints {
        /// The window.
        window: WindowId,
        /// The first day.
        first: Day,
        /// The last.
        last: Day,
        /// Within these days.
        cases: i64,
        /// On all days.
        all: i64,
    },
    /// Finish times are rewritten again and again.
    Rewrites {
        /// Who does it.
        staff: StaffId,
        /// That person's counts over all days.
        of: Counts,
    },
}

/// What is odd, kind by kind, windows by id.
#[must_use]
pub fn oddities(watch: &Watch) -> Vec<Oddity> {
    let windows = &watch.windows[..];
    let mut found = Vec::new();
    found.extend(windows.iter().filter_map(praise::look));
    found.extend(decline::look(windows));
    found.extend(hard_cases::look(windows));
    found.extend(windows.iter().filter_map(silence::look));
    found.extend(windows.iter().flat_map(off_hours::look));
    found.extend(complaints::look(windows));
    found.extend(rewrites::look(&watch.staff));
    found
}

/// Counts are never negative.
fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// The middle of a list, the lower one of two.
fn median(mut list: Vec<f64>) -> Option<f64> {
    list.sort_by(f64::total_cmp);
    list.get(list.len().saturating_sub(1) / 2).copied()
}

#[expect(clippy::cast_precision_loss, reason = "counts lie far below 2⁵³")]
fn float(number: i64) -> f64 {
    number as f64
}

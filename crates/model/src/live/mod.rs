//! The open day as it goes (实时): per window, what follows from the reports that are there now.
//!
//! Everything here is provisional; the close makes it final. A report changes what its group says (a case with its
//! ratings, or one record of another kind), so the group is taken out and put in again: the same reports give the same
//! figures in whatever order and however often they came.

mod stats;

pub use stats::{WindowStats, average, window_of};

use crate::fact::{Cell, DayFacts, Fact, Kind, Row, RowContext, Table, day_rows};
use crate::id::Source;
use crate::time::{Day, Instant};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Ratings become visible in blocks of so many, so that nobody can tell who gave one (SCORING §8).
pub const RATING_BLOCK: usize = 5;

/// Seconds over which throughput is counted.
const THROUGHPUT_SECONDS: i64 = 3_600;

/// What belongs together: a case with its ratings and surveys, or a record by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupKey {
    /// By the number of the case.
    Case(Arc<str>),
    /// By kind, source and the record's own id.
    Record(Kind, Source, Arc<str>),
}

impl GroupKey {
    /// The group of a fact.
    #[must_use]
    pub fn of(fact: &Fact) -> Self {
        match fact.case_id() {
            Some(case) => Self::Case(case.into()),
            None => Self::record(fact),
        }
    }

    /// A fact's own name, whichever group it is in.
    #[must_use]
    pub fn record(fact: &Fact) -> Self {
        let identity = fact.identity();
        Self::Record(fact.kind(), identity.source.clone(), identity.source_id.as_str().into())
    }
}

/// The facts of a group that count now, each with its place in the order of arrival.
pub type Arrived = Vec<(i64, Fact)>;

/// A window at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowNow {
    /// The window; empty for tickets that no window called yet.
    pub window: String,
    /// Tickets drawn today that nobody called, and that were not given up.
    pub waiting: i64,
    /// When the first of them was drawn.
    pub waiting_since: Option<Instant>,
    /// Cases finished in the hour up to the moment.
    pub completed_last_hour: i64,
    /// What was done so far. Ratings are those of whole blocks of [`RATING_BLOCK`], in the order in which they arrived.
    pub stats: WindowStats,
}

impl WindowNow {
    fn empty(window: &str) -> Self {
        Window::default().at(window, Instant(0))
    }
}

/// What one group adds to one window.
#[derive(Debug)]
struct Share {
    window: Box<str>,
    /// Without ratings.
    stats: WindowStats,
    waiting_since: Option<Instant>,
    finished_at: Option<Instant>,
    /// The rating's place in the order of arrival, and whether it is a satisfied one.
    rating: Option<(i64, bool)>,
}

#[derive(Debug)]
struct Group {
    facts: Arc<Arrived>,
    shares: Vec<Share>,
}

#[derive(Debug, Default)]
struct Window {
    stats: WindowStats,
    waiting: BTreeMap<Instant, i64>,
    finished: BTreeMap<Instant, i64>,
    ratings: BTreeMap<i64, bool>,
}

/// The open day.
#[derive(Debug)]
pub struct OpenDay {
    day: Day,
    groups: HashMap<GroupKey, Group>,
    /// The group in which a record of a case is now: a revision may name another case.
    filed: HashMap<GroupKey, GroupKey>,
    windows: BTreeMap<Box<str>, Window>,
    /// The cases of each window.
    served: HashMap<Box<str>, BTreeSet<GroupKey>>,
}

impl OpenDay {
    /// A day of which nothing is known yet.
    #[must_use]
    pub fn new(day: Day) -> Self {
        Self { day, groups: HashMap::new(), filed: HashMap::new(), windows: BTreeMap::new(), served: HashMap::new() }
    }

    /// The day.
    #[must_use]
    pub fn day(&self) -> Day {
        self.day
    }

    /// The groups that a report touches: its own, and the one in which the record was before.
    pub fn touched(&self, fact: &Fact) -> impl Iterator<Item = GroupKey> {
        let before = self.filed.get(&GroupKey::record(fact)).cloned();
        std::iter::once(GroupKey::of(fact)).chain(before)
    }

    /// Replaces what is known of a group by the facts of it that count now; without any it is gone.
    pub fn replace(&mut self, key: &GroupKey, facts: Arrived, ctx: &RowContext<'_>) {
        if let Some(old) = self.groups.remove(key) {
            for (_, fact) in old.facts.iter() {
                let record = GroupKey::record(fact);
                // It may be filed under another group by now.
                if self.filed.get(&record) == Some(key) {
                    self.filed.remove(&record);
                }
                if let Some(served) = fact.code("window").and_then(|window| self.served.get_mut(window)) {
                    served.remove(key);
                }
            }
            for share in &old.shares {
                self.take_out(share);
            }
        }
        if facts.is_empty() {
            return;
        }
        let shares = shares(&facts, ctx);
        for (_, fact) in &facts {
            self.filed.insert(GroupKey::record(fact), key.clone());
            if let Some(window) = fact.code("window").filter(|_| fact.kind() == Kind::Case) {
                self.served.entry(window.into()).or_default().insert(key.clone());
            }
        }
        for share in &shares {
            self.put_in(share);
        }
        self.groups.insert(key.clone(), Group { facts: Arc::new(facts), shares });
    }

    fn put_in(&mut self, share: &Share) {
        let window = self.windows.entry(share.window.clone()).or_default();
        window.stats += share.stats;
        for (times, at) in [(&mut window.waiting, share.waiting_since), (&mut window.finished, share.finished_at)] {
            if let Some(at) = at {
                *times.entry(at).or_default() += 1;
            }
        }
        window.ratings.extend(share.rating);
    }

    fn take_out(&mut self, share: &Share) {
        let Some(window) = self.windows.get_mut(&share.window) else { return };
        window.stats -= share.stats;
        for (times, at) in [(&mut window.waiting, share.waiting_since), (&mut window.finished, share.finished_at)] {
            let Some(at) = at else { continue };
            let count = times.entry(at).or_default();
            *count -= 1;
            if *count == 0 {
                times.remove(&at);
            }
        }
        if let Some((place, _)) = share.rating {
            window.ratings.remove(&place);
        }
        if window.is_empty() {
            self.windows.remove(&share.window);
        }
    }

    /// Every window of which something is known, at a moment.
    #[must_use]
    pub fn windows(&self, now: Instant) -> Vec<WindowNow> {
        self.windows.iter().map(|(name, window)| window.at(name, now)).collect()
    }

    /// The cases at a window of which anything was reported today.
    pub fn cases_at(&self, window: &str) -> impl Iterator<Item = &Fact> {
        let groups = self.served.get(window).into_iter().flatten().filter_map(|key| self.groups.get(key));
        groups.flat_map(|group| group.facts.iter().map(|(_, fact)| fact)).filter(|fact| fact.kind() == Kind::Case)
    }

    /// The facts of every group, to be counted by a scheme. They are shared, not copied.
    #[must_use]
    pub fn facts(&self) -> Vec<Arc<Arrived>> {
        self.groups.values().map(|group| group.facts.clone()).collect()
    }
}

impl Window {
    fn is_empty(&self) -> bool {
        self.stats == WindowStats::default()
            && self.waiting.is_empty()
            && self.finished.is_empty()
            && self.ratings.is_empty()
    }

    fn at(&self, name: &str, now: Instant) -> WindowNow {
        let shown = self.ratings.len() / RATING_BLOCK * RATING_BLOCK;
        let satisfied = self.ratings.values().take(shown).filter(|satisfied| **satisfied).count();
        let count = |some: usize| i64::try_from(some).unwrap_or(i64::MAX);
        let hour = Instant(now.0 - THROUGHPUT_SECONDS + 1)..=now;
        WindowNow {
            window: name.to_owned(),
            waiting: self.waiting.values().sum(),
            waiting_since: self.waiting.keys().next().copied(),
            completed_last_hour: self.finished.range(hour).map(|(_, count)| count).sum(),
            stats: WindowStats { rated: count(shown), satisfied: count(satisfied), ..self.stats },
        }
    }
}

/// Brings facts into the form that rows of a day are made of.
#[must_use]
pub fn day_facts<'a>(facts: impl IntoIterator<Item = &'a Fact>) -> DayFacts {
    let mut all = DayFacts::default();
    for fact in facts {
        match fact.kind() {
            Kind::Case => all.cases.push(fact.clone()),
            Kind::Rating => all.ratings.push(fact.clone()),
            _ => all.others.push(fact.clone()),
        }
    }
    all
}

fn shares(facts: &Arrived, ctx: &RowContext<'_>) -> Vec<Share> {
    let rows = day_rows(&day_facts(facts.iter().map(|(_, fact)| fact)), ctx);
    let mut shares: Vec<Share> = Vec::new();
    for row in rows.get(&Table::Case).into_iter().flatten() {
        // What is not finished is late once its deadline has passed, which no report says.
        let of_row = WindowStats::of_row(row, Instant(i64::MIN));
        let rating = (of_row.rated > 0).then(|| Some((place_of_rating(row, facts)?, of_row.satisfied > 0))).flatten();
        let finished_at = (of_row.completed > 0).then(|| finished_at(row)).flatten();
        let stats = WindowStats { rated: 0, satisfied: 0, ..of_row };
        if stats != WindowStats::default() || rating.is_some() {
            let window = window_of(row).into();
            shares.push(Share { window, stats, waiting_since: None, finished_at, rating });
        }
    }
    let waiting = facts.iter().filter_map(|(_, fact)| waiting(fact, ctx));
    shares.extend(waiting.map(|(window, since)| Share {
        window: window.into(),
        stats: WindowStats::default(),
        waiting_since: Some(since),
        finished_at: None,
        rating: None,
    }));
    shares
}

/// Window and time of a ticket of the day that nobody called yet, and that was not given up.
fn waiting<'a>(fact: &'a Fact, ctx: &RowContext<'_>) -> Option<(&'a str, Instant)> {
    let drawn = fact.instant("ticketed_at").filter(|_| fact.kind() == Kind::Case)?;
    let over = ["called_at", "abandoned_at", "accepted_at", "finished_at"];
    let waits = ctx.zone.day_of(drawn) == ctx.day && over.iter().all(|column| fact.instant(column).is_none());
    waits.then(|| (fact.code("window").unwrap_or(""), drawn))
}

fn finished_at(row: &Row) -> Option<Instant> {
    match row.cells.get(Table::Case.column("finished_at")?.0) {
        Some(Cell::Integer(seconds)) => Some(Instant(*seconds)),
        _ => None,
    }
}

/// The place in the order of arrival of the rating on a row.
fn place_of_rating(row: &Row, facts: &Arrived) -> Option<i64> {
    let code = |column| match row.cells.get(Table::Case.column(column)?.0) {
        Some(Cell::Code(code)) => Some(&**code),
        _ => None,
    };
    let (source, id) = (code("rating_source")?, code("rating_id")?);
    let is = |fact: &Fact| {
        fact.kind() == Kind::Rating && fact.identity().source.as_str() == source && fact.identity().source_id == id
    };
    facts.iter().find(|(_, fact)| is(fact)).map(|(place, _)| *place)
}

/// The windows of which something else is said than before; nothing is left of one that is not named any more.
#[must_use]
pub fn changed(before: &[WindowNow], now: &[WindowNow]) -> Vec<WindowNow> {
    let mut known: BTreeMap<&str, &WindowNow> = before.iter().map(|of| (of.window.as_str(), of)).collect();
    let mut changed: Vec<WindowNow> =
        now.iter().filter(|of| known.remove(of.window.as_str()) != Some(of)).cloned().collect();
    changed.extend(known.into_keys().map(WindowNow::empty));
    changed
}

/// The cases and the records among groups.
#[must_use]
pub fn split(keys: &BTreeSet<GroupKey>) -> (BTreeSet<&str>, BTreeSet<(Kind, &Source, &str)>) {
    let (mut cases, mut records) = (BTreeSet::new(), BTreeSet::new());
    for key in keys {
        match key {
            GroupKey::Case(case) => _ = cases.insert(&**case),
            GroupKey::Record(kind, source, id) => _ = records.insert((*kind, source, &**id)),
        }
    }
    (cases, records)
}

#[cfg(test)]
mod tests;

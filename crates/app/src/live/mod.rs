//! The open day, followed as reports come in, on every node alike: from the database and never from requests, so that
//! what other nodes and the command line wrote counts, too.

mod scores;

pub use model::live::{RATING_BLOCK, WindowNow, average};
pub use scores::{OpenFacts, provisional};

use crate::AppError;
use crate::cold::facts_of;
use crate::day::references_on;
use crate::home::Home;
use crate::period::finals;
use model::fact::{Codes, Matched, RowContext, case_at};
use model::finals::Finals;
use model::live::{Arrived, GroupKey, OpenDay, changed, split};
use model::reference::References;
use model::time::{Day, Instant};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Groups that are looked up at once.
const GROUPS_AT_ONCE: usize = 2_000;

/// What a look at the database found.
#[derive(Clone, Debug)]
pub struct Look {
    /// The open day.
    pub day: Day,
    /// When it was looked.
    pub at: Instant,
    /// Every command up to this one is counted.
    pub command: i64,
    /// The day is another one than at the look before, or it is the first look.
    pub anew: bool,
    /// Every window of which something is known.
    pub windows: Arc<Vec<WindowNow>>,
    /// The windows of which something else is said than at the look before.
    pub changed: Vec<WindowNow>,
}

/// Follows the open day of a home.
pub struct Follower {
    home: Arc<Home>,
    open: Option<Open>,
}

/// A day that is followed.
struct Open {
    /// The home as it was in the morning: register, workdays.
    home: Arc<Home>,
    references: References,
    finals: Finals,
    day: OpenDay,
    /// Everything up to this place in the order of arrival was looked at.
    place: i64,
    windows: Arc<Vec<WindowNow>>,
}

impl Follower {
    /// Follows whatever day is open.
    #[must_use]
    pub fn new(home: Arc<Home>) -> Self {
        Self { home, open: None }
    }

    /// Looks at what came in since the last time. A day that has just begun, or of which a look failed half-way, is built from
    /// the reports that are there.
    pub async fn tick(&mut self, now: Instant) -> Result<Look, AppError> {
        let today = self.home.zone.day_of(now);
        // First: whatever a later command brings is counted at the latest with the next look.
        let command = self.home.store.last_command().await?;
        let (anew, mut open) = match self.open.take().filter(|open| open.day.day() == today) {
            Some(open) => (false, open),
            None => (true, Open::begin(&self.home, today).await?),
        };
        open.follow(today).await?;
        let before = std::mem::replace(&mut open.windows, Arc::new(open.day.windows(now)));
        let (windows, told) = (open.windows.clone(), changed(&before, &open.windows));
        self.open = Some(open);
        Ok(Look { day: today, at: now, command, anew, windows, changed: told })
    }

    /// The number of the case at a window that a rating given now or a moment ago is about, if that is sure.
    #[must_use]
    pub fn case_at(&self, window: &str, rated_at: Instant, seconds: i64) -> Option<String> {
        let day = &self.open.as_ref()?.day;
        match case_at(day.cases_at(window), window, rated_at, seconds, false) {
            Matched::Case(case) => case.case_id().map(str::to_owned),
            Matched::Later | Matched::Nothing => None,
        }
    }

    /// What the open day holds, to be scored.
    #[must_use]
    pub fn facts(&self) -> Option<OpenFacts> {
        let open = self.open.as_ref()?;
        Some(OpenFacts { home: open.home.clone(), day: open.day.day(), groups: open.day.facts() })
    }
}

impl Open {
    async fn begin(home: &Arc<Home>, today: Day) -> Result<Self, AppError> {
        // A server may run for months; what people edited since holds from the next morning.
        let served = home.clone();
        let home = tokio::task::spawn_blocking(move || served.reread()).await.map_err(|_| AppError::Worker)??;
        let (references, finals) = (references_on(&home, today).await?, finals(&home).await?);
        // A fact is dated at most a day ahead: what came in before yesterday says nothing of today …
        let place = home.store.place_before(home.zone.start_of(today.plus(-1))).await?;
        let (home, windows) = (Arc::new(home), Arc::default());
        let mut open = Self { home, references, finals, day: OpenDay::new(today), place, windows };
        // … but for deadlines, which were known long before.
        let (facts, _) = facts_of(&open.home, today).await?;
        let all = facts.cases.iter().chain(&facts.ratings).chain(&facts.others);
        let keys: BTreeSet<GroupKey> = all.map(GroupKey::of).collect();
        open.replace(&keys).await?;
        Ok(open)
    }

    async fn follow(&mut self, today: Day) -> Result<(), AppError> {
        let from = self.home.zone.start_of(today);
        loop {
            let new = self.home.store.reports_after(self.place, from).await?;
            let touched: BTreeSet<GroupKey> = new.facts.iter().flat_map(|fact| self.day.touched(fact)).collect();
            self.replace(&touched).await?;
            self.place = new.last;
            if !new.more {
                return Ok(());
            }
        }
    }

    /// Replaces groups by what counts of them now.
    async fn replace(&mut self, keys: &BTreeSet<GroupKey>) -> Result<(), AppError> {
        let keys: Vec<&GroupKey> = keys.iter().collect();
        for keys in keys.chunks(GROUPS_AT_ONCE) {
            let keys: BTreeSet<GroupKey> = keys.iter().map(|key| (*key).clone()).collect();
            let (cases, records) = split(&keys);
            let mut groups: BTreeMap<GroupKey, Arrived> = keys.iter().map(|key| (key.clone(), Vec::new())).collect();
            for (place, fact) in self.home.store.counting(&cases, &records).await? {
                // A record that was asked for by its own name may be in another group.
                if let Some(group) = groups.get_mut(&GroupKey::of(&fact)) {
                    group.push((place, fact));
                }
            }
            let codes = Codes::default();
            let ctx = RowContext {
                day: self.day.day(),
                zone: &self.home.zone,
                register: &self.home.register,
                clock: &self.home.clock,
                references: &self.references,
                finals: &self.finals,
                codes: &codes,
            };
            for (key, facts) in groups {
                self.day.replace(&key, facts, &ctx);
            }
        }
        Ok(())
    }
}

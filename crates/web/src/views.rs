//! What pages are made from: results of `app`, computed off the runtime and kept while nothing changes.

use crate::Site;
use crate::api::Hub;
use crate::kept::Kept;
use crate::problem::Problem;
use app::AppError;
use app::explain::{Explained, explain};
use app::hall::{HallFigures, HallNow, hall, hall_now};
use app::home::Home;
use app::marks::{Listed, marks};
use app::oddities::find_oddities;
use app::period::{Ask, Beside, PeriodScores, can_be_scored, score_period};
use insight::odd::Oddity;
use model::period::Period;
use model::scheme::{MarkEffect, UnitKind};
use model::time::Day;
use render::Lang;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::runtime::Handle;

/// Days up to the end of a period in which something odd is looked for: half a year, so that a change shows.
const ODD_DAYS: i32 = 183;

/// What pages are made from.
pub(crate) struct Views {
    site: Site,
    /// The open day.
    live: Arc<Hub>,
    scores: Kept<(Period, UnitKind), PeriodScores>,
    cards: Kept<(String, Period), Explained>,
    odd: Kept<Period, (Vec<Oddity>, (Day, Day))>,
    left_out: Kept<Period, BTreeMap<String, u64>>,
    halls: Kept<(String, Day), Option<HallFigures>>,
}

impl Views {
    pub(crate) fn new(site: Site, live: Arc<Hub>) -> Self {
        Self {
            site,
            live,
            scores: Kept::new(),
            cards: Kept::new(),
            odd: Kept::new(),
            left_out: Kept::new(),
            halls: Kept::new(),
        }
    }

    pub(crate) fn home(&self) -> &Home {
        &self.site.home
    }

    pub(crate) fn today(&self) -> Day {
        (self.site.today)()
    }

    /// What every page says at its top.
    pub(crate) fn banner(&self, lang: Lang) -> Option<String> {
        let trial = self.home().config.trial_until.filter(|until| self.today() <= *until);
        match (self.site.demo, trial, lang) {
            (true, _, Lang::Zh) => Some("演示:人和事都是虚构的".to_owned()),
            (true, _, Lang::En) => Some("A demonstration: nobody here is real".to_owned()),
            (false, Some(until), Lang::Zh) => Some(format!("试运行至 {until}:照常计分,结果一概不执行")),
            (false, Some(until), Lang::En) => {
                Some(format!("Trial run until {until}: everything is scored, and nothing comes of it"))
            }
            (false, None, _) => None,
        }
    }

    /// Runs a use case where it may wait, off the threads that answer requests.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Home, usize, &Handle) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, Problem> {
        let (home, threads, runtime) = (self.site.home.clone(), self.site.threads, Handle::current());
        let done = tokio::task::spawn_blocking(move || work(&home, threads, &runtime)).await;
        Ok(done.map_err(|_| Problem::Stopped)??)
    }

    async fn last_command(&self) -> Result<i64, Problem> {
        Ok(self.home().store.last_command().await?)
    }

    /// Whether a period has cards of first hand; longer ones are means of them.
    pub(crate) fn can_be_shown(&self, period: Period) -> Result<bool, Problem> {
        let scheme = self.home().scheme(None).map_err(AppError::from)?;
        Ok(can_be_scored(&scheme, period))
    }

    /// The base periods that can be shown, the latest first.
    pub(crate) async fn periods(&self) -> Result<Vec<Period>, Problem> {
        let scheme = self.home().scheme(None).map_err(AppError::from)?;
        let closed = self.home().store.closed_periods().await?;
        let mut periods: Vec<Period> = closed.iter().filter_map(|text| Period::parse(text)).collect();
        if let Some(last) = self.home().store.last_sealed_day().await? {
            periods.push(Period::containing(last, scheme.base_period));
        }
        periods.retain(|period| can_be_scored(&scheme, *period));
        periods.sort_by_key(|period| std::cmp::Reverse(period.days()));
        periods.dedup();
        Ok(periods)
    }

    /// The scores of a period with their draws.
    pub(crate) async fn scores(&self, period: Period, kind: UnitKind) -> Result<Arc<PeriodScores>, Problem> {
        let command = self.last_command().await?;
        let make = async || {
            self.run(move |home, threads, runtime| {
                let ask = Ask { period, scheme: None, kind, beside: Beside::Intervals, threads };
                score_period(home, &ask, runtime)
            })
            .await
        };
        self.scores.get(&(period, kind), command, make).await
    }

    /// One card with the records behind it.
    pub(crate) async fn card(&self, unit: &str, period: Period) -> Result<Arc<Explained>, Problem> {
        let command = self.last_command().await?;
        let key = (unit.to_owned(), period);
        let asked = unit.to_owned();
        let make = async || {
            self.run(move |home, threads, runtime| explain(home, &asked, period, None, threads, runtime)).await
        };
        self.cards.get(&key, command, make).await
    }

    /// What is odd in the half-year up to the end of a period, and on which days it was looked for.
    pub(crate) async fn odd(&self, period: Period) -> Result<Arc<(Vec<Oddity>, (Day, Day))>, Problem> {
        let command = self.last_command().await?;
        let make = async || {
            let (first, last) = period.days();
            let sealed = self.home().store.first_sealed_day().await?.unwrap_or(first);
            let span = (first.min(last.plus(1 - ODD_DAYS)).max(sealed), last);
            let found = self.run(move |home, threads, runtime| find_oddities(home, span, threads, runtime)).await?;
            Ok::<_, Problem>((found, span))
        };
        self.odd.get(&period, command, make).await
    }

    /// How many records cleaning rules leave out of scores, by window.
    pub(crate) async fn left_out(&self, period: Period) -> Result<Arc<BTreeMap<String, u64>>, Problem> {
        let command = self.last_command().await?;
        let make = async || {
            let marks = self.run(move |home, _, runtime| marks(home, period, None, Listed::Nothing, runtime)).await?;
            let mut windows = BTreeMap::new();
            let excluding = marks.scheme.marks.iter().zip(&marks.by_window);
            for (_, by_window) in excluding.filter(|(mark, _)| mark.effect == MarkEffect::Exclude) {
                for (window, count) in by_window {
                    *windows.entry(window.clone()).or_default() += count;
                }
            }
            Ok::<_, Problem>(windows)
        };
        self.left_out.get(&period, command, make).await
    }

    /// What is going on in a centre, if anything is known of it today.
    pub(crate) fn hall_now(&self, centre: &str) -> Option<HallNow> {
        let (look, stale) = self.live.look()?;
        hall_now(&self.home().register, centre, &look, stale)
    }

    /// What the hall screen of a centre shows.
    pub(crate) async fn hall(&self, centre: &str) -> Result<Arc<Option<HallFigures>>, Problem> {
        let (command, today) = (self.last_command().await?, self.today());
        let asked = centre.to_owned();
        let make = async || self.run(move |home, threads, runtime| hall(home, &asked, today, threads, runtime)).await;
        self.halls.get(&(centre.to_owned(), today), command, make).await
    }
}

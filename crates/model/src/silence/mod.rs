//! Silence (未评价): whether those who were asked and said nothing may be counted as satisfied (SCORING §3).
//!
//! One verdict per window and month, computed once at the close from counts alone and frozen as an input of the
//! score. Every condition is decided in exact arithmetic: nobody's machine can come to another verdict.

mod exact;

pub use exact::{binomial_tail, gap_at_most, wilson_lower_at_least};

use crate::exact::Ratio;
use crate::id::WindowId;
use crate::period::Period;
use crate::register::Register;
use crate::scheme::{Evidence, Ratings, Scheme, SilencePolicy, UnitKind};
use crate::score::{Peers, Pool};
use crate::tally::{Tally, add_values};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The verdicts of a period, by window.
pub type Verdicts = BTreeMap<WindowId, Verdict>;

/// A part of a whole: x of n.
pub type Share = (i64, i64);

/// What was looked at for one window, and what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Cases that were asked and stayed silent.
    pub silent: i64,
    /// (i) Satisfied of all answers, when silent cases were visited again.
    pub revisits: Check<Share>,
    /// (ii) Satisfied of rated, and satisfied of surveyed.
    pub gap: Check<(Share, Share)>,
    /// (iii) Founded complaints of cases: the window, and its peers without it.
    pub complaints: Check<(Share, Share)>,
    /// (iv) Rated of asked, and the share that is needed.
    pub participation: Check<(Share, Ratio)>,
}

/// One condition, with the counts that decided it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check<T> {
    /// Too few records to say anything.
    Missing(T),
    /// It speaks for counting silence, or at least not against it.
    Passed(T),
    /// It speaks against it.
    Failed(T),
}

impl<T> Check<T> {
    fn of(counts: T, passed: bool) -> Self {
        if passed { Self::Passed(counts) } else { Self::Failed(counts) }
    }

    /// Whether it speaks against counting silence.
    #[must_use]
    pub fn failed(&self) -> bool {
        matches!(self, Self::Failed(_))
    }

    /// Whether there are too few records.
    #[must_use]
    pub fn missing(&self) -> bool {
        matches!(self, Self::Missing(_))
    }

    /// What was counted.
    #[must_use]
    pub fn counts(&self) -> &T {
        match self {
            Self::Missing(counts) | Self::Passed(counts) | Self::Failed(counts) => counts,
        }
    }

    /// The name in JSON.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Missing(_) => "missing",
            Self::Passed(_) => "passed",
            Self::Failed(_) => "failed",
        }
    }
}

impl Verdict {
    /// Silence counts if there is evidence, (i) or (ii), and nothing speaks against it.
    #[must_use]
    pub fn admits(&self) -> bool {
        let evidence = !(self.revisits.missing() && self.gap.missing());
        let against =
            [self.revisits.failed(), self.gap.failed(), self.complaints.failed(), self.participation.failed()];
        evidence && !against.contains(&true)
    }
}

/// The verdicts on every registered window that asked for ratings; none where the scheme never counts silence.
#[must_use]
pub fn verdicts(scheme: &Scheme, register: &Register, period: Period, tally: &Tally) -> Verdicts {
    let Some((ratings, evidence)) = scheme.ratings.as_ref().and_then(|ratings| match &ratings.silence {
        SilencePolicy::Never => None,
        SilencePolicy::OnEvidence(evidence) => Some((ratings, evidence)),
    }) else {
        return Verdicts::new();
    };
    let counts = Counts::of(scheme, register, period, tally, ratings, evidence);
    counts
        .by_window
        .keys()
        .filter(|id| counts.window(id).asked.1 > 0)
        .map(|id| (id.clone(), counts.verdict(id)))
        .collect()
}

/// What is counted for one window.
#[derive(Clone, Copy, Debug, Default)]
struct Window {
    silent: i64,
    /// Rated of asked.
    asked: Share,
    rated: Share,
    revisits: Share,
    surveys: Share,
    complaints: Share,
}

struct Counts<'a> {
    evidence: &'a Evidence,
    by_window: BTreeMap<WindowId, (Pool, Window)>,
    /// Complaints of cases of each pool, and the share of participation that half its median is.
    pools: BTreeMap<Pool, (Share, Ratio)>,
}

impl<'a> Counts<'a> {
    fn of(
        scheme: &Scheme,
        register: &Register,
        period: Period,
        tally: &Tally,
        ratings: &Ratings,
        evidence: &'a Evidence,
    ) -> Self {
        let peers = Peers::new(register, period, UnitKind::Window, scheme.peers_at_least);
        let registered = register.windows_in(period);
        let mut by_window = BTreeMap::new();
        for rows in tally.rows.chunk_by(|a, b| a.window == b.window) {
            let Some(entry) = registered.get(rows[0].window.as_str()) else { continue };
            let mut values = vec![None; scheme.measures.len()];
            for row in rows {
                add_values(&mut values, &row.values);
            }
            let pool = peers.pool(&entry.window_type, &entry.centre);
            by_window.insert(entry.window.clone(), (pool, Window::of(scheme, ratings, evidence, &values)));
        }
        let mut of_pool: BTreeMap<Pool, Vec<Window>> = BTreeMap::new();
        for (pool, window) in by_window.values() {
            of_pool.entry(pool.clone()).or_default().push(*window);
        }
        let pooled = |windows: Vec<Window>| {
            let sum = |of: fn(&Window) -> i64| windows.iter().map(of).fold(0_i64, i64::saturating_add);
            let needed = median_participation(&windows).map(|median| median.mul(&evidence.of_median));
            let complaints = (sum(|window| window.complaints.0), sum(|window| window.complaints.1));
            (complaints, needed.unwrap_or(Ratio::ZERO).max(evidence.participation.clone()))
        };
        let pools = of_pool.into_iter().map(|(pool, windows)| (pool, pooled(windows))).collect();
        Self { evidence, by_window, pools }
    }

    fn window(&self, id: &WindowId) -> Window {
        self.by_window.get(id).map(|(_, window)| *window).unwrap_or_default()
    }

    fn verdict(&self, id: &WindowId) -> Verdict {
        let window = self.window(id);
        let evidence = self.evidence;
        let pool = self.by_window.get(id).and_then(|(pool, _)| self.pools.get(pool));
        let (all, needed) = pool.cloned().unwrap_or(((0, 0), evidence.participation.clone()));
        let enough = |share: Share| share.1 >= i64::from(evidence.min_n);
        let revisits = if enough(window.revisits) {
            Check::of(window.revisits, wilson_lower_at_least(window.revisits, &evidence.satisfied))
        } else {
            Check::Missing(window.revisits)
        };
        let pair = (window.rated, window.surveys);
        let gap = if enough(window.rated) && enough(window.surveys) {
            Check::of(pair, gap_at_most(pair, &evidence.gap, revisits.missing()))
        } else {
            Check::Missing(pair)
        };
        let (own, others) = (window.complaints, (all.0 - window.complaints.0, all.1 - window.complaints.1));
        let complaints = Check::of((own, others), binomial_tail(own, others) >= evidence.complaints_tail);
        let share = Ratio::new(window.asked.0.into(), window.asked.1.into());
        let participation = Check::of((window.asked, needed.clone()), share.is_some_and(|share| share >= needed));
        Verdict { silent: window.silent, revisits, gap, complaints, participation }
    }
}

impl Window {
    fn of(scheme: &Scheme, ratings: &Ratings, evidence: &Evidence, values: &[Option<i64>]) -> Self {
        let of = |measure: usize| values.get(measure).copied().flatten().unwrap_or(0);
        let share = |(x, n): (usize, usize)| (of(x), of(n));
        Self {
            silent: of(ratings.silent),
            asked: (of(ratings.answered), of(ratings.asked)),
            rated: scheme.indicators[ratings.indicator].ratio.map(share).unwrap_or_default(),
            revisits: share(evidence.revisits),
            surveys: share(evidence.surveys),
            complaints: share(evidence.complaints),
        }
    }
}

/// The median share of ratings among windows that asked for any; of an even number the mean of the middle two.
fn median_participation(windows: &[Window]) -> Option<Ratio> {
    let share = |window: &Window| Ratio::new(window.asked.0.into(), window.asked.1.into());
    let mut shares: Vec<Ratio> = windows.iter().filter_map(share).collect();
    shares.sort();
    let middle = shares.len() / 2;
    match shares.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(shares.swap_remove(middle)),
        _ => shares[middle - 1].add(&shares[middle]).div(&Ratio::whole(2)),
    }
}

#[cfg(test)]
mod tests;

//! The scorecard (成绩单): a score with everything that explains it.

use super::line::Line;
use super::peers::Pool;
use super::rank::Rank;
use crate::exact::{Ratio, Rounding};
use crate::id::{CentreId, WindowId, WindowType};
use crate::outcome::Grade;
use crate::scheme::UnitKind;

/// A score in hundredths of points, 0 … 10,000: what ranks and quotas compare.
pub type Hundredths = u16;

/// A unit's score and where every point came from.
#[derive(Clone, Debug)]
pub struct Scorecard {
    /// The window or the work number.
    pub unit: String,
    /// Which of the two.
    pub kind: UnitKind,
    /// What people call it.
    pub name: String,
    /// With whom it is compared: those of the type of window it is scored by.
    pub pool: Option<Pool>,
    /// One part per window that a person is scored at; a window has one.
    pub parts: Vec<Part>,
    /// Whether there is a score.
    pub status: Status,
    /// The place among its peers.
    pub rank: Option<Rank>,
    /// What the period comes to, once [`crate::outcome::grade`] has said so.
    pub grade: Option<Grade>,
}

/// The lines of one window, with its share of a person's score.
#[derive(Clone, Debug)]
pub struct Part {
    /// The window.
    pub window: WindowId,
    /// On-post half-days there; 1 where posts do not matter.
    pub half_days: i64,
    /// The windows whose counts go to it: its own, and those of stints too short to stand apart.
    pub takes: Vec<String>,
    /// The indicators.
    pub lines: Vec<Line>,
    /// Σ contributions.
    pub own: Ratio,
}

/// Whether there is a score.
#[derive(Clone, Debug)]
pub enum Status {
    /// 予以评分
    Scored(Box<Scored>),
    /// 不予评分, and every reason why.
    NotScored(Vec<NotScored>),
}

/// The stations of a score, unrounded.
#[derive(Clone, Debug)]
pub struct Scored {
    /// Σ contributions, merged over windows by half-days.
    pub own: Ratio,
    /// The team share, for people.
    pub team: Option<TeamShare>,
    /// After the team share.
    pub s1: Ratio,
    /// What the negative list took, by incident.
    pub deductions: Vec<Deduction>,
    /// After deductions by share.
    pub s2: Ratio,
    /// After deductions by points, within 0 … 100.
    pub s3: Ratio,
    /// Whether a veto fails the period.
    pub vetoed: bool,
    /// Bounds of the window type that moved weights broke; the unit is then not ranked.
    pub broken_bounds: Vec<String>,
}

impl Scored {
    /// The score as it is shown: two decimals, half up.
    #[must_use]
    pub fn score(&self) -> String {
        self.s3.to_decimal(2, Rounding::HalfUp)
    }

    /// The score as it is shown, in hundredths of points.
    #[must_use]
    pub fn hundredths(&self) -> Hundredths {
        let shown = self.s3.round_to_i64(2, Rounding::HalfUp).unwrap_or(0);
        // Within 0 … 100 points, so it always fits.
        Hundredths::try_from(shown).unwrap_or(0)
    }

    /// The score that enters longer periods: a failed period counts at most 59.99.
    #[must_use]
    pub fn aggregate(&self) -> Ratio {
        if !self.vetoed {
            return self.s3.clone();
        }
        let cap = Ratio::new(5999, 100).unwrap_or(Ratio::ZERO);
        self.s3.clone().min(cap)
    }
}

/// The team share of a person's score.
#[derive(Clone, Debug)]
pub struct TeamShare {
    /// The share of the scheme.
    pub share: Ratio,
    /// The points of the windows, weighted by half-days.
    pub points: Ratio,
    /// Window by window.
    pub parts: Vec<TeamPart>,
}

/// What one window gives to a person's team share.
#[derive(Clone, Debug)]
pub struct TeamPart {
    /// The window.
    pub window: WindowId,
    /// On-post half-days there.
    pub half_days: i64,
    /// The points, if there are any.
    pub points: Option<Ratio>,
    /// Whose they are.
    pub source: TeamSource,
}

/// Whose points a team share takes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TeamSource {
    /// The window's own.
    Window(WindowId),
    /// The windows of its type and centre, counted together, stand in.
    StandIn(WindowType, CentreId),
}

impl TeamPart {
    /// Whether the windows of the same type and centre stand in.
    #[must_use]
    pub fn stand_in(&self) -> bool {
        matches!(self.source, TeamSource::StandIn(..))
    }
}

/// What the negative list took for one incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deduction {
    /// The incident.
    pub incident: String,
    /// The entry that was used: the heaviest.
    pub negative: usize,
    /// The records that tell of it.
    pub records: Vec<(String, String)>,
}

/// Why a unit is not scored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotScored {
    /// The window's type has no profile in the scheme.
    NoProfile(String),
    /// Less nominal weight with data than the scheme asks for.
    TooLittleWeight {
        /// With data.
        present: Ratio,
        /// Asked for.
        needed: Ratio,
    },
    /// Fewer groups with data than the scheme asks for.
    TooFewGroups {
        /// With data.
        present: usize,
        /// Asked for.
        needed: usize,
    },
    /// None of the groups that the scheme insists on has data.
    NoneOfGroups(Vec<usize>),
    /// A person without a registered post, whose facts lie at several windows.
    NoPost,
    /// A person without facts or posts in the period.
    NotThere,
    /// Fewer final base periods than a longer period asks for.
    TooFewPeriods {
        /// There.
        present: usize,
        /// Asked for.
        needed: usize,
    },
}

impl Scorecard {
    /// The score, if there is one.
    #[must_use]
    pub fn scored(&self) -> Option<&Scored> {
        match &self.status {
            Status::Scored(scored) => Some(scored),
            Status::NotScored(_) => None,
        }
    }

    /// The type of window it is scored by.
    #[must_use]
    pub fn window_type(&self) -> Option<&WindowType> {
        self.pool.as_ref().map(|pool| &pool.window_type)
    }

    /// The largest number of records that any indicator rests on.
    #[must_use]
    pub fn n(&self) -> i64 {
        self.parts.iter().flat_map(|part| &part.lines).map(|line| line.n).max().unwrap_or(0)
    }
}

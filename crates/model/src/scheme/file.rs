//! The scheme file as it is written: TOML, checked for shape and names of fields only.

mod ratings;

pub use ratings::{Answers, Complaints, Ratings, Silence};

use super::number::Exact;
use super::{Direction, LongerPeriods, MarkEffect, MarkKey, MarkTarget, On, UnitKind};
use crate::period::BasePeriod;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// A scheme file (考核方案).
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Heng scheme")]
pub struct File {
    /// The version of this format: 1.
    pub format: u32,
    /// The scheme's id.
    pub id: String,
    /// The scheme's own version, shown beside every score.
    pub version: String,
    /// What people call it.
    pub name: String,
    /// The name in English.
    pub en: Option<String>,
    /// The period that is scored at first hand.
    pub base_period: BasePeriod,
    /// How a longer period comes from its base periods.
    #[serde(default)]
    pub longer_periods: LongerPeriods,
    /// When a unit is scored at all.
    pub scored: Option<Scored>,
    /// How ratings and silence are counted.
    #[schemars(with = "Option<Ratings>")]
    pub ratings: Option<Spanned<Ratings>>,
    /// The share of a person's score that comes from the windows they work at.
    #[schemars(with = "Option<Team>")]
    pub team: Option<Spanned<Team>>,
    /// Who is compared with whom.
    #[serde(default)]
    pub peers: Peers,
    /// The history by which small numbers are drawn towards their peers.
    #[serde(default)]
    pub shrinkage: Shrinkage,
    /// Shares of units for outcomes.
    pub quota: Option<Quota>,
    /// Types of window, each with its weights.
    #[serde(rename = "profile")]
    #[schemars(with = "Vec<Profile>")]
    pub profiles: Vec<Spanned<Profile>>,
    /// Bounds on the weight of tagged indicators.
    #[serde(default, rename = "bound")]
    #[schemars(with = "Vec<Bound>")]
    pub bounds: Vec<Spanned<Bound>>,
    /// Cleaning rules.
    #[serde(default, rename = "mark")]
    #[schemars(with = "Vec<Mark>")]
    pub marks: Vec<Spanned<Mark>>,
    /// What is counted.
    #[serde(rename = "measure")]
    #[schemars(with = "Vec<Measure>")]
    pub measures: Vec<Spanned<Measure>>,
    /// The layers of the score.
    #[serde(rename = "layer")]
    #[schemars(with = "Vec<Layer>")]
    pub layers: Vec<Spanned<Layer>>,
    /// The groups of indicators.
    #[serde(rename = "group")]
    #[schemars(with = "Vec<Group>")]
    pub groups: Vec<Spanned<Group>>,
    /// The indicators.
    #[serde(rename = "indicator")]
    #[schemars(with = "Vec<Indicator>")]
    pub indicators: Vec<Spanned<Indicator>>,
    /// The negative list, the heaviest entry first.
    #[serde(default, rename = "negative")]
    #[schemars(with = "Vec<Negative>")]
    pub negatives: Vec<Spanned<Negative>>,
    /// Weights of single windows.
    #[serde(default, rename = "window_layer")]
    #[schemars(with = "Vec<WindowLayer>")]
    pub window_layers: Vec<Spanned<WindowLayer>>,
}

/// When a unit is scored at all; otherwise the card says 不予评分 and why.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scored {
    /// The least nominal weight with data.
    pub min_weight: Exact,
    /// The least number of groups with data.
    pub min_groups: usize,
    /// Groups of which at least one must have data.
    #[serde(default)]
    pub any_of: Vec<String>,
}

/// The team share of a person's score.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Team {
    /// The share.
    pub share: Exact,
    /// The group whose points the windows give.
    pub group: String,
    /// The measure that counts ratings.
    pub ratings: String,
    /// From this share of a window's ratings on, the window's points would be the person's own, and those of the
    /// same type and centre stand in.
    pub own_ratings_at_most: Exact,
}

/// Who is compared with whom: units of one type, of one centre where it has enough of them, else of all the others.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Peers {
    /// A centre with so many units of a type stands alone; a pool with fewer has no outcomes by rank.
    pub at_least: usize,
}

impl Default for Peers {
    fn default() -> Self {
        Self { at_least: 10 }
    }
}

/// How far back peers are looked at for shrinkage.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shrinkage {
    /// Periods before the one that is scored.
    pub periods: u8,
    /// With fewer than this, nothing is shrunk.
    pub at_least: u8,
}

impl Default for Shrinkage {
    fn default() -> Self {
        Self { periods: 6, at_least: 3 }
    }
}

/// Shares of units for outcomes, read by the ranking.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// The share at the top (优秀).
    pub top: Exact,
    /// What the top may reach when a tie stands at its edge.
    pub top_at_most: Exact,
    /// The share at the bottom (不合格).
    pub bottom: Exact,
    /// Below this number of units nobody is at the bottom.
    pub bottom_from: usize,
    /// The share that is offered help (帮扶).
    pub help: Exact,
    /// The membership without which no pay is cut.
    pub cut_membership: Exact,
    /// The membership over two months without which nobody enters the help loop.
    pub help_membership: Exact,
    /// Whether outcomes go by rank alone, without asking how sure it is. It is printed beside the signature.
    #[serde(default)]
    pub waive_membership: bool,
}

/// A type of window.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The type, as in the register of windows.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The name in English.
    pub en: Option<String>,
    /// Another type whose weights this one takes.
    pub uses: Option<String>,
    /// Which units are scored; both if left out.
    pub units: Option<Vec<UnitKind>>,
}

/// A bound on the nominal weight of the indicators that carry any of the tags.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// The type of window.
    pub profile: String,
    /// The tags; an indicator with several counts once.
    pub tags: Vec<String>,
    /// The least weight.
    pub at_least: Option<Exact>,
    /// The greatest weight.
    pub at_most: Option<Exact>,
    /// The weight that must be passed.
    pub more_than: Option<Exact>,
}

/// A cleaning rule: on single records (`where`), or on records that come too often (`repeat`) or too fast (`burst`).
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// Its id.
    pub id: String,
    /// The reason that everyone reads beside a record it marks.
    pub reason: String,
    /// The reason in English.
    pub en: Option<String>,
    /// What is marked: the case, its rating, or both.
    pub targets: Vec<MarkTarget>,
    /// What the mark does.
    pub effect: MarkEffect,
    /// Which records, on the columns of `case`; with `repeat` or `burst`, which ones these look at (all without it).
    #[serde(rename = "where")]
    pub condition: Option<String>,
    /// More than so many with one key on one day: all of them are marked.
    pub repeat: Option<Repeat>,
    /// So many with one key within so many seconds.
    pub burst: Option<Burst>,
}

/// More than so many records with one key on one day.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    /// What they have in common.
    pub by: MarkKey,
    /// As many are borne.
    pub more_than: u32,
}

/// So many records with one key within so many seconds.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Burst {
    /// What they have in common.
    pub by: MarkKey,
    /// From so many on they are marked.
    pub at_least: u32,
    /// From the first of them to the last.
    pub within_seconds: u32,
}

/// Something that is counted or summed per day, window and person.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The name in English.
    pub en: Option<String>,
    /// The table of sealed facts.
    pub table: String,
    /// For cases: the event whose day and record it belongs to.
    pub on: Option<On>,
    /// Which records; all if left out.
    #[serde(rename = "where")]
    pub condition: Option<String>,
    /// What is summed; the records are counted if left out.
    pub sum: Option<String>,
    /// How days come together: `sum`, `last` or `weighted`.
    #[serde(default)]
    pub merge: MergeName,
    /// With `merge = "weighted"`: the measure by which each day's value is weighted.
    pub by: Option<String>,
    /// How many months are looked back on; 0 means the period alone.
    #[serde(default)]
    pub trail_months: u8,
}

/// How a measure comes together over days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MergeName {
    /// Added up.
    #[default]
    Sum,
    /// The last day that has a record.
    Last,
    /// Each day's value times its weight, added up.
    Weighted,
}

/// A layer of the score.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The name in English.
    pub en: Option<String>,
    /// Its share of 100.
    pub weight: Exact,
}

/// A group of indicators.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The name in English.
    pub en: Option<String>,
    /// The layer it belongs to.
    pub layer: String,
    /// With fewer indicators than this, the group has no data.
    #[serde(default)]
    pub min_indicators: usize,
}

/// An indicator: a ratio of two measures, a curve and weights.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The name in English.
    pub en: Option<String>,
    /// The group it belongs to.
    pub group: String,
    /// The measure above the line.
    pub numerator: Option<String>,
    /// The measure below the line.
    pub denominator: Option<String>,
    /// What the ratio is multiplied with before the curve.
    pub factor: Option<Exact>,
    /// The measure that says how many records the value rests on; the denominator if left out.
    pub n: Option<String>,
    /// The least such number.
    #[serde(default)]
    pub min_n: u32,
    /// Other measures that must reach a number.
    #[serde(default)]
    pub requires: Vec<Requirement>,
    /// How many records' weight the peers' value has; 0 = no shrinkage.
    #[serde(default)]
    pub shrink: u32,
    /// What it means if there is nothing to count.
    #[serde(default)]
    pub empty: Empty,
    /// How chance enters it, for intervals: what the measures make plain if left out.
    pub noise: Option<NoiseName>,
    /// With `noise = "ratio"`: how far apart the cases lie.
    pub spread: Option<Spread>,
    /// The curve from value to points.
    pub curve: Curve,
    /// Weight per type of window; types that are left out do not have it.
    pub weights: BTreeMap<String, Exact>,
    /// Which units have it; both if left out.
    pub units: Option<Vec<UnitKind>>,
    /// Tags for bounds.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The unit of the value.
    pub unit: Option<String>,
    /// Which way is better.
    pub direction: Option<Direction>,
    /// Where the data comes from.
    pub source: Option<String>,
    /// The span that the value speaks of, in words.
    pub period: Option<String>,
}

/// How chance enters an indicator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoiseName {
    /// Not at all: the figure is taken as it is.
    None,
    /// So many of so many.
    Share,
    /// Events per exposure.
    Count,
    /// A sum over a sum of cases that differ.
    Ratio,
}

/// The measures that say how far apart the cases behind a ratio lie.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    /// The sum of the squares of what a case adds above the line.
    pub xx: String,
    /// The sum of the products of the two.
    pub xy: String,
    /// The sum of the squares of what a case adds below the line.
    pub yy: String,
    /// What both were divided by before they were multiplied; 1 if left out.
    #[serde(default = "one")]
    pub scale: u32,
}

fn one() -> u32 {
    1
}

/// A measure that must reach a number before an indicator counts.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// The measure.
    pub measure: String,
    /// The number.
    pub at_least: u32,
}

/// What an empty denominator means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Empty {
    /// Data should be there and is not.
    #[default]
    NoData,
    /// There was nothing to be done (no entitled case, no request).
    NotApplicable,
}

/// A curve from a value to 0 … 100 points.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Curve {
    /// 0 points at the floor, 100 at the target, a straight line between.
    Linear {
        /// The value that earns nothing.
        floor: Exact,
        /// The value that earns everything.
        target: Exact,
    },
    /// Straight lines through these points, level beyond them.
    Piecewise(Vec<(Exact, Exact)>),
    /// The points of the last step whose value is reached.
    Steps(Vec<(Exact, Exact)>),
    /// Whole levels between a threshold and a benchmark (42 CFR 412.165, achievement).
    Achievement {
        /// The value that earns the first level.
        threshold: Exact,
        /// The value that earns the last.
        benchmark: Exact,
        /// How many levels there are.
        #[serde(default = "ten")]
        levels: u32,
    },
    /// Whole levels between the unit's own baseline and a benchmark (42 CFR 412.165, improvement).
    Improvement {
        /// The value that earns the last level but one.
        benchmark: Exact,
        /// The baseline: measures of the same period, or the own value some periods ago.
        baseline: Baseline,
        /// How many levels there are.
        #[serde(default = "ten")]
        levels: u32,
    },
    /// The best of several curves; those without data are passed over.
    BestOf(Vec<Curve>),
    /// How far the weakest of several indicators stands above its floor (42 CFR 412.165, consistency).
    Consistency {
        /// How many levels there are.
        levels: u32,
        /// The indicators, all of which must have data.
        of: Vec<ConsistencyPart>,
    },
    /// The place among the peers: 100 for the best, 0 for the worst, ties in the middle of theirs.
    Rank {},
}

fn ten() -> u32 {
    10
}

/// Where an own baseline comes from.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Baseline {
    /// Two measures of the same period.
    Measures {
        /// Above the line.
        numerator: String,
        /// Below the line.
        denominator: String,
    },
    /// The own value so many periods ago.
    PeriodsBefore(u8),
}

/// One indicator of a consistency curve.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsistencyPart {
    /// The indicator.
    pub indicator: String,
    /// The worst value anyone had.
    pub floor: Exact,
    /// The value from which on it counts in full.
    pub threshold: Exact,
}

/// An entry of the negative list.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Negative {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The name in English.
    pub en: Option<String>,
    /// `complaint` or `violation`.
    pub table: String,
    /// Which records.
    #[serde(rename = "where")]
    pub condition: String,
    /// Which units it reaches; both if left out.
    pub units: Option<Vec<UnitKind>>,
    /// What it does.
    pub effect: NegativeEffect,
}

/// What an entry of the negative list does.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum NegativeEffect {
    /// A share of the score for each incident, added up.
    Share {
        /// The share.
        each: Exact,
        /// The most incidents that count.
        at_most: u32,
    },
    /// Points off for each incident.
    Points(Exact),
    /// The score is at most this, however good the rest.
    Cap(Exact),
    /// The period is failed.
    Veto {},
}

/// A window's own weights within one layer.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WindowLayer {
    /// The window.
    pub window: String,
    /// The layer whose weights it replaces.
    pub layer: String,
    /// The new weights, by indicator.
    pub weights: BTreeMap<String, Exact>,
}

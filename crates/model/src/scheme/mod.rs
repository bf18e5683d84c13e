//! Schemes (考核方案): what is counted, how it becomes points, and how points become a score.
//!
//! A scheme is written as TOML ([`mod@file`]), built into [`Scheme`] with every name resolved and every number exact,
//! and identified by the digest of what was built, so that a comment or a reordered key changes nothing.

mod build;
mod curve;
pub mod file;
mod lint;
mod noise;
mod number;
mod ratings;

pub use build::{SchemeError, parse};
pub use curve::{Baseline, ConsistencyPart, Curve, NanoPoints, Surroundings};
pub use file::Empty;
pub use lint::{Finding, Severity, lint, lint_data};
pub use noise::{Noise, Spread};
pub use ratings::{Evidence, MATCH_SECONDS, Ratings, SilencePolicy};

use crate::canonical::Digest;
use crate::exact::Ratio;
use crate::fact::Table;
use crate::id::{IndicatorId, MeasureId, WindowId, WindowType};
use crate::period::BasePeriod;
use crate::rule::{Number, Predicate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A scheme, ready to score with.
#[derive(Clone, Debug, Serialize)]
pub struct Scheme {
    /// Its id.
    pub id: String,
    /// Its own version.
    pub version: String,
    /// What people call it.
    pub name: Name,
    /// The period that is scored at first hand.
    pub base_period: BasePeriod,
    /// How a longer period comes from its base periods.
    pub longer_periods: LongerPeriods,
    /// When a unit is scored at all.
    pub scored: Scored,
    /// How ratings and silence are counted.
    pub ratings: Option<Ratings>,
    /// The team share of a person's score.
    pub team: Option<Team>,
    /// With so many units of one type, a centre is compared within itself; with fewer in a pool, ranks decide nothing.
    pub peers_at_least: usize,
    /// Periods looked back on for shrinkage, and the least number of them.
    pub shrinkage: (u8, u8),
    /// Shares of units for outcomes.
    pub quota: Option<Quota>,
    /// Types of window.
    pub profiles: Vec<Profile>,
    /// Cleaning rules.
    pub marks: Vec<Mark>,
    /// What is counted.
    pub measures: Vec<Measure>,
    /// The layers.
    pub layers: Vec<Layer>,
    /// The groups, in order of their layers.
    pub groups: Vec<Group>,
    /// The indicators, in order of their groups.
    pub indicators: Vec<Indicator>,
    /// The negative list, the heaviest entry first.
    pub negatives: Vec<Negative>,
    /// Windows with weights of their own in one layer: the layer, and one weight per indicator.
    pub window_weights: BTreeMap<WindowId, (usize, Vec<Ratio>)>,
}

/// A name in two languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Name {
    /// In Chinese, or in the scheme's own language.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// A window or a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    /// 窗口
    Window,
    /// 工作人员
    Staff,
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
}

/// How a longer period comes from its base periods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LongerPeriods {
    /// The mean of the base periods' unrounded scores, if two thirds of them are there.
    #[default]
    MeanOfPeriods,
    /// Scored at first hand from all of its days.
    Pooled,
}

/// The event of a case that a measure belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum On {
    /// The finish: handling and quality.
    Finish,
    /// The call of the ticket: waiting.
    Call,
    /// The finish or the deadline, whichever is first: lateness. On time it is the row of who finished the case, late
    /// that of who held it at the deadline.
    Due,
    /// The finish, where there was a notice of what is missing: the row of who accepted the case.
    Notice,
    /// The finish: a row for every holder of stages.
    Stage,
    /// The rating.
    Rating,
}

impl On {
    /// The flag of the case table that says so.
    #[must_use]
    pub fn column(self) -> &'static str {
        match self {
            Self::Finish => "on_finish",
            Self::Call => "on_call",
            Self::Due => "on_due",
            Self::Notice => "on_notice",
            Self::Stage => "on_stage",
            Self::Rating => "on_rating",
        }
    }
}

/// What a mark is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MarkTarget {
    /// The case.
    Case,
    /// Its rating.
    Rating,
}

/// What a mark does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MarkEffect {
    /// The record counts nowhere.
    Exclude,
    /// The record is shown for people to look at, and counts.
    Flag,
}

/// When a unit is scored at all.
#[derive(Clone, Debug, Serialize)]
pub struct Scored {
    /// The least nominal weight with data.
    pub min_weight: Ratio,
    /// The least number of groups with data.
    pub min_groups: usize,
    /// Groups of which at least one must have data; none = no such demand.
    pub any_of: Vec<usize>,
}

/// The team share of a person's score.
#[derive(Clone, Debug, Serialize)]
pub struct Team {
    /// The share.
    pub share: Ratio,
    /// The group whose points the windows give.
    pub group: usize,
    /// The measure that counts ratings.
    pub ratings: usize,
    /// From this share of a window's ratings on, type and centre stand in.
    pub own_ratings_at_most: Ratio,
}

/// Shares of units for outcomes.
#[derive(Clone, Debug, Serialize)]
pub struct Quota {
    /// The share at the top.
    pub top: Ratio,
    /// What the top may reach when a tie stands at its edge.
    pub top_at_most: Ratio,
    /// The share at the bottom.
    pub bottom: Ratio,
    /// Below this number of units nobody is at the bottom.
    pub bottom_from: usize,
    /// The share that is offered help.
    pub help: Ratio,
    /// The membership without which no pay is cut.
    pub cut_membership: Ratio,
    /// The membership without which nobody enters the help loop.
    pub help_membership: Ratio,
    /// Whether outcomes go by rank alone. It is printed beside the signature.
    pub waive_membership: bool,
}

/// A type of window with its weights.
#[derive(Clone, Debug, Serialize)]
pub struct Profile {
    /// The type.
    pub id: WindowType,
    /// What people call it.
    pub name: Name,
    /// Which units are scored.
    pub units: Vec<UnitKind>,
    /// One weight per indicator; zero where the type does not have it.
    pub weights: Vec<Ratio>,
    /// Bounds on these weights.
    pub bounds: Vec<Bound>,
}

/// A bound on the weight of tagged indicators.
#[derive(Clone, Debug, Serialize)]
pub struct Bound {
    /// The tags.
    pub tags: Vec<String>,
    /// The indicators that carry one of them.
    pub indicators: Vec<usize>,
    /// The least weight.
    pub at_least: Option<Ratio>,
    /// The greatest weight.
    pub at_most: Option<Ratio>,
    /// The weight that must be passed.
    pub more_than: Option<Ratio>,
}

impl Bound {
    /// Whether weights keep the bound, and what they sum to.
    #[must_use]
    pub fn check(&self, weights: &[Ratio]) -> (bool, Ratio) {
        let sum: Ratio = self.indicators.iter().map(|index| weights[*index].clone()).sum();
        let ok = self.at_least.as_ref().is_none_or(|least| sum >= *least)
            && self.at_most.as_ref().is_none_or(|most| sum <= *most)
            && self.more_than.as_ref().is_none_or(|floor| sum > *floor);
        (ok, sum)
    }
}

/// A cleaning rule on the case table.
#[derive(Clone, Debug, Serialize)]
pub struct Mark {
    /// Its id.
    pub id: String,
    /// The reason that everyone reads.
    pub reason: Name,
    /// What is marked.
    pub targets: Vec<MarkTarget>,
    /// What the mark does.
    pub effect: MarkEffect,
    /// Which records.
    #[serde(flatten)]
    pub rule: MarkRule,
}

/// Which records a rule marks (SCORING §3). A day's marks depend on that day's facts only.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkRule {
    /// Those of which a condition holds.
    #[serde(serialize_with = "as_text")]
    Where(Predicate),
    /// All of those with one key, if there are more than so many of them on one day.
    Repeat(Repeat),
    /// Those with one key that lie so close together.
    Burst(Burst),
}

/// More than so many records with one key, filed under one day.
#[derive(Clone, Debug, Serialize)]
pub struct Repeat {
    /// What the records have in common.
    pub by: MarkKey,
    /// As many are borne; with one more, all of them are marked.
    pub more_than: u32,
    /// Which records are looked at.
    #[serde(rename = "where", serialize_with = "as_text")]
    pub of: Predicate,
}

/// So many records with one key within so many seconds.
#[derive(Clone, Debug, Serialize)]
pub struct Burst {
    /// What the records have in common.
    pub by: MarkKey,
    /// From so many on they are marked.
    pub at_least: u32,
    /// From the first of them to the last.
    pub within_seconds: u32,
    /// Which records are looked at.
    #[serde(rename = "where", serialize_with = "as_text")]
    pub of: Predicate,
}

/// What records have in common, for rules that look beyond one record. Records without it are never marked by them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MarkKey {
    /// Who rated: the pseudonym of a phone number or an account. Looks at ratings, at the time they were given.
    Rater,
    /// The device that a rating came from. Looks at ratings, at the time they were given.
    Device,
    /// The citizen of a case. Looks at finished cases, at the time they were finished.
    Client,
}

impl MarkKey {
    /// The column of the case table that holds it.
    #[must_use]
    pub fn column(self) -> &'static str {
        match self {
            Self::Rater => "rater",
            Self::Device => "device",
            Self::Client => "client",
        }
    }

    /// The column of the time that bursts are measured by.
    #[must_use]
    pub fn time_column(self) -> &'static str {
        match self {
            Self::Rater | Self::Device => "rated_at",
            Self::Client => "finished_at",
        }
    }

    /// The flag of the rows that are looked at; none where rows without the key are no candidates anyway.
    #[must_use]
    pub fn flag_column(self) -> Option<&'static str> {
        match self {
            Self::Rater | Self::Device => None,
            Self::Client => Some("on_finish"),
        }
    }
}

/// How a measure comes together over days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Merge {
    /// Added up.
    Sum,
    /// The last day that has a record.
    Last,
    /// Each day's value times another measure of that day, added up.
    Weighted(usize),
}

/// Something that is counted or summed per day, window and person.
#[derive(Clone, Debug, Serialize)]
pub struct Measure {
    /// Its id.
    pub id: MeasureId,
    /// What people call it.
    pub name: Name,
    /// The table of sealed facts.
    pub table: Table,
    /// For cases: the event it belongs to.
    pub on: Option<On>,
    /// Which records, the event included.
    #[serde(rename = "where", serialize_with = "as_text")]
    pub condition: Predicate,
    /// What is summed; 1 counts records.
    #[serde(serialize_with = "as_text")]
    pub sum: Number,
    /// How days come together.
    pub merge: Merge,
    /// How many months are looked back on; 0 means the period alone.
    pub trail_months: u8,
}

impl Measure {
    /// What a mark must be on to leave a record out of this measure.
    #[must_use]
    pub fn mark_target(&self) -> Option<MarkTarget> {
        match (self.table, self.on) {
            (Table::Case, Some(On::Rating)) => Some(MarkTarget::Rating),
            (Table::Case, _) => Some(MarkTarget::Case),
            _ => None,
        }
    }
}

/// A layer of the score.
#[derive(Clone, Debug, Serialize)]
pub struct Layer {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: Name,
    /// Its share of 100.
    pub weight: Ratio,
}

/// A group of indicators.
#[derive(Clone, Debug, Serialize)]
pub struct Group {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: Name,
    /// The layer it belongs to.
    pub layer: usize,
    /// With fewer indicators than this, the group has no data.
    pub min_indicators: usize,
}

/// An indicator.
#[derive(Clone, Debug, Serialize)]
pub struct Indicator {
    /// Its id.
    pub id: IndicatorId,
    /// What people call it.
    pub name: Name,
    /// The group it belongs to.
    pub group: usize,
    /// The measures above and below the line; none where the curve looks at other indicators.
    pub ratio: Option<(usize, usize)>,
    /// What the ratio is multiplied with before the curve.
    pub factor: Ratio,
    /// The measure that says how many records the value rests on.
    pub n: Option<usize>,
    /// The least such number.
    pub min_n: u32,
    /// Other measures that must reach a number.
    pub requires: Vec<(usize, u32)>,
    /// How many records' weight the peers' value has.
    pub shrink: u32,
    /// What an empty denominator means.
    pub empty: Empty,
    /// How chance enters it.
    pub noise: Noise,
    /// The curve from value to points.
    pub curve: Curve,
    /// Which units have it.
    pub units: Vec<UnitKind>,
    /// Tags for bounds.
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

/// What an entry of the negative list does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NegativeEffect {
    /// A share of the score for each incident, added up, for at most so many.
    Share {
        /// The share.
        each: Ratio,
        /// The most incidents that count.
        at_most: u32,
    },
    /// Points off for each incident.
    Points(Ratio),
    /// The score is at most this.
    Cap(Ratio),
    /// The period is failed.
    Veto,
}

/// An entry of the negative list.
#[derive(Clone, Debug, Serialize)]
pub struct Negative {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: Name,
    /// Complaints or violations.
    pub table: Table,
    /// Which records.
    #[serde(rename = "where", serialize_with = "as_text")]
    pub condition: Predicate,
    /// Which units it reaches.
    pub units: Vec<UnitKind>,
    /// What it does.
    pub effect: NegativeEffect,
}

impl Scheme {
    /// The digest by which the scheme is known: over everything that was built, nothing of how it was written.
    #[must_use]
    pub fn digest(&self) -> Digest {
        digest_of(self)
    }

    /// The digest of what decides tallies and marks. Schemes that differ only in weights or curves share it, and
    /// with it their derived files.
    #[must_use]
    pub fn rules_digest(&self) -> Digest {
        digest_of(&(&self.marks, &self.measures))
    }

    /// Whether another scheme counts the same, so that it can be scored from what was gathered under this one: they
    /// differ in names, weights, curves, bounds and what follows from scores.
    #[must_use]
    pub fn counts_like(&self, other: &Self) -> bool {
        let of = |indicator: &Indicator| (indicator.ratio, indicator.shrink, indicator.noise.clone());
        let ratios = |scheme: &Self| -> Vec<_> { scheme.indicators.iter().map(of).collect() };
        let negatives =
            |scheme: &Self| -> Vec<_> { scheme.negatives.iter().map(|n| (n.table, n.condition.clone())).collect() };
        let looks_back = |scheme: &Self| -> Vec<u8> { (1..=24).filter(|before| scheme.looks_back(*before)).collect() };
        self.base_period == other.base_period
            && self.rules_digest() == other.rules_digest()
            && ratios(self) == ratios(other)
            && self.shrinkage == other.shrinkage
            && self.peers_at_least == other.peers_at_least
            && digest_of(&self.ratings) == digest_of(&other.ratings)
            && negatives(self) == negatives(other)
            && looks_back(self) == looks_back(other)
    }

    /// Whether a curve compares a unit with itself so many periods ago.
    #[must_use]
    pub fn looks_back(&self, periods: u8) -> bool {
        self.indicators.iter().any(|indicator| indicator.curve.looks_back(periods))
    }

    /// The profile of a type of window.
    #[must_use]
    pub fn profile(&self, window_type: &str) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.id.as_str() == window_type)
    }

    /// The nominal weights of a window: its own where it has some, else its type's.
    #[must_use]
    pub fn weights<'a>(&self, window: &str, profile: &'a Profile) -> Cow<'a, [Ratio]> {
        let Some((layer, own)) = self.window_weights.get(window) else {
            return Cow::Borrowed(&profile.weights);
        };
        let weight = |(index, weight): (usize, &Ratio)| {
            let replaced = self.groups[self.indicators[index].group].layer == *layer;
            if replaced { own[index].clone() } else { weight.clone() }
        };
        Cow::Owned(profile.weights.iter().enumerate().map(weight).collect())
    }
}

fn digest_of<T: Serialize>(value: &T) -> Digest {
    let mut json = serde_json::to_value(value).unwrap_or_default();
    numbers_to_text(&mut json);
    Digest::of_json(&json)
}

/// Canonical JSON writes every number as a decimal string.
fn numbers_to_text(json: &mut serde_json::Value) {
    match json {
        serde_json::Value::Number(number) => *json = number.to_string().into(),
        serde_json::Value::Array(items) => items.iter_mut().for_each(numbers_to_text),
        serde_json::Value::Object(fields) => fields.values_mut().for_each(numbers_to_text),
        _ => {}
    }
}

fn as_text<T: std::fmt::Display, S: serde::Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// The JSON Schema of the scheme file, for editors.
#[must_use]
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(file::File).to_value()
}

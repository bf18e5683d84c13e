//! The canonical form of scorecards: what `score --json` prints and the digest is taken over.
//!
//! Fields stand in the order of their names, and a test holds them to it: so the bytes are canonical as they are
//! written, and a city's worth of them need not be sorted in memory.

use super::card::{Deduction, NotScored, Part, Scorecard, Scored, Status, TeamPart, TeamShare};
use super::line::{Line, RatingLine};
use crate::canonical::Digest;
use crate::exact::{Ratio, Rounding};
use crate::id::WindowType;
use crate::outcome::Grade;
use crate::scheme::{Scheme, UnitKind};
use serde::Serialize;

/// A unit in canonical JSON: numbers are decimal strings.
#[derive(Debug, Serialize)]
pub struct UnitJson<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    broken_bounds: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deductions: Option<Vec<DeductionJson<'a>>>,
    exact: Option<String>,
    grade: Option<Grade>,
    kind: &'static str,
    layers: Vec<LayerJson<'a>>,
    n: String,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_scored: Option<Vec<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    own: Option<String>,
    rank: Option<RankJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    s1: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    s2: Option<String>,
    score: Option<String>,
    /// Null where a score has no team share.
    #[serde(skip_serializing_if = "TeamField::is_absent")]
    team: TeamField<'a>,
    #[serde(rename = "type")]
    window_type: Option<&'a str>,
    unit: &'a str,
}

/// Absent where there is no score.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum TeamField<'a> {
    Absent,
    Of(Option<TeamJson<'a>>),
}

impl TeamField<'_> {
    fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

#[derive(Debug, Serialize)]
struct RankJson {
    of: String,
    scope: String,
    value: String,
}

#[derive(Debug, Serialize)]
struct DeductionJson<'a> {
    entry: &'a str,
    incident: &'a str,
    records: &'a [(String, String)],
}

#[derive(Debug, Serialize)]
struct TeamJson<'a> {
    points: String,
    share: String,
    windows: Vec<TeamWindowJson<'a>>,
}

#[derive(Debug, Serialize)]
struct TeamWindowJson<'a> {
    half_days: String,
    points: Option<String>,
    stand_in: bool,
    window: &'a str,
}

#[derive(Debug, Serialize)]
struct LayerJson<'a> {
    contribution: String,
    groups: Vec<GroupJson<'a>>,
    half_days: String,
    id: &'a str,
    window: &'a str,
}

#[derive(Debug, Serialize)]
struct GroupJson<'a> {
    contribution: String,
    effective: String,
    id: &'a str,
    indicators: Vec<IndicatorJson<'a>>,
    nominal: String,
    points: Option<String>,
}

#[derive(Debug, Serialize)]
struct IndicatorJson<'a> {
    baseline: Option<String>,
    contribution: String,
    denominator: String,
    effective: String,
    id: &'a str,
    n: Option<String>,
    nominal: String,
    numerator: String,
    points: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ratings: Option<RatingsJson>,
    shrunk: Option<ShrunkJson>,
    state: &'static str,
    value: Option<String>,
}

#[derive(Debug, Serialize)]
struct RatingsJson {
    admitted: String,
    answered: String,
    asked: String,
    rated: String,
    rated_satisfied: String,
    set_aside: String,
    silent: String,
}

#[derive(Debug, Serialize)]
struct ShrunkJson {
    m: String,
    p0: String,
}

/// The units in canonical JSON, in their order: sorted by id.
#[must_use]
pub fn units_json<'a>(scheme: &'a Scheme, cards: &'a [Scorecard]) -> Vec<UnitJson<'a>> {
    cards.iter().map(|card| unit(scheme, card)).collect()
}

/// SHA-256 over the canonical JSON of units: what "to the bit" is checked by.
#[must_use]
pub fn units_digest(scheme: &Scheme, cards: &[Scorecard]) -> Digest {
    Digest::of_list(cards.iter().map(|card| unit(scheme, card)))
}

fn unit<'a>(scheme: &'a Scheme, card: &'a Scorecard) -> UnitJson<'a> {
    let (scored, not_scored) = match &card.status {
        Status::Scored(scored) => (Some(&**scored), None),
        Status::NotScored(reasons) => (None, Some(reasons.iter().map(reason_name).collect())),
    };
    let station = |of: fn(&Scored) -> &Ratio| scored.map(|scored| nine(of(scored)));
    UnitJson {
        broken_bounds: scored.map(|scored| scored.broken_bounds.as_slice()),
        deductions: scored.map(|scored| scored.deductions.iter().map(|taken| deduction(scheme, taken)).collect()),
        exact: station(|scored| &scored.s3),
        grade: card.grade,
        kind: if card.kind == UnitKind::Window { "window" } else { "staff" },
        layers: layers(scheme, &card.parts),
        n: card.n().to_string(),
        name: &card.name,
        not_scored,
        own: station(|scored| &scored.own),
        rank: card.rank.as_ref().map(|rank| RankJson {
            of: rank.of.to_string(),
            scope: rank.scope.to_string(),
            value: rank.place.to_string(),
        }),
        s1: station(|scored| &scored.s1),
        s2: station(|scored| &scored.s2),
        score: scored.map(Scored::score),
        team: scored.map_or(TeamField::Absent, |scored| TeamField::Of(scored.team.as_ref().map(team))),
        window_type: card.window_type().map(WindowType::as_str),
        unit: &card.unit,
    }
}

fn deduction<'a>(scheme: &'a Scheme, taken: &'a Deduction) -> DeductionJson<'a> {
    DeductionJson { entry: &scheme.negatives[taken.negative].id, incident: &taken.incident, records: &taken.records }
}

fn team(team: &TeamShare) -> TeamJson<'_> {
    TeamJson {
        points: nine(&team.points),
        share: team.share.to_plain(),
        windows: team.parts.iter().map(team_window).collect(),
    }
}

fn team_window(part: &TeamPart) -> TeamWindowJson<'_> {
    TeamWindowJson {
        half_days: part.half_days.to_string(),
        points: part.points.as_ref().map(nine),
        stand_in: part.stand_in(),
        window: part.window.as_str(),
    }
}

fn nine(ratio: &Ratio) -> String {
    ratio.to_decimal(9, Rounding::HalfEven)
}

fn reason_name(reason: &NotScored) -> &'static str {
    match reason {
        NotScored::NoProfile(_) => "no_profile",
        NotScored::TooLittleWeight { .. } => "too_little_weight",
        NotScored::TooFewGroups { .. } => "too_few_groups",
        NotScored::NoneOfGroups(_) => "none_of_groups",
        NotScored::NoPost => "no_post",
        NotScored::NotThere => "not_there",
        NotScored::TooFewPeriods { .. } => "too_few_periods",
    }
}

/// Layers of groups of indicators, with the points of each level. A person at several windows has the layers once
/// per window.
fn layers<'a>(scheme: &'a Scheme, parts: &'a [Part]) -> Vec<LayerJson<'a>> {
    let mut list = Vec::new();
    for part in parts {
        for (at, layer) in scheme.layers.iter().enumerate() {
            let in_layer = |line: &&Line| scheme.groups[scheme.indicators[line.indicator].group].layer == at;
            let lines: Vec<&Line> = part.lines.iter().filter(in_layer).collect();
            if lines.is_empty() {
                continue;
            }
            list.push(LayerJson {
                contribution: nine(&lines.iter().map(|line| line.contribution()).sum::<Ratio>()),
                groups: groups(scheme, &lines),
                half_days: part.half_days.to_string(),
                id: &layer.id,
                window: part.window.as_str(),
            });
        }
    }
    list
}

fn groups<'a>(scheme: &'a Scheme, lines: &[&Line]) -> Vec<GroupJson<'a>> {
    let mut list = Vec::new();
    for (at, group) in scheme.groups.iter().enumerate() {
        let lines: Vec<&&Line> = lines.iter().filter(|line| scheme.indicators[line.indicator].group == at).collect();
        if lines.is_empty() {
            continue;
        }
        let effective = sum(lines.iter().map(|line| &line.effective));
        let contribution = lines.iter().map(|line| line.contribution()).sum::<Ratio>();
        let points = contribution.mul(&Ratio::whole(100)).div(&effective);
        list.push(GroupJson {
            contribution: nine(&contribution),
            effective: nine(&effective),
            id: &group.id,
            indicators: lines.iter().map(|line| indicator(scheme, line)).collect(),
            nominal: sum(lines.iter().map(|line| &line.nominal)).to_plain(),
            points: points.as_ref().map(nine),
        });
    }
    list
}

fn indicator<'a>(scheme: &'a Scheme, line: &Line) -> IndicatorJson<'a> {
    let indicator = &scheme.indicators[line.indicator];
    IndicatorJson {
        baseline: line.baseline.as_deref().map(Ratio::to_fraction),
        contribution: nine(&line.contribution()),
        denominator: line.denominator.to_string(),
        effective: nine(&line.effective),
        id: indicator.id.as_str(),
        n: indicator.n.map(|_| line.n.to_string()),
        nominal: line.nominal.to_plain(),
        numerator: line.numerator.to_string(),
        points: line.state.counts().then(|| nine(&Ratio::nano(line.points))),
        ratings: line.ratings.as_deref().map(ratings),
        shrunk: line.shrunk.as_ref().map(|(p0, m)| ShrunkJson { m: m.to_string(), p0: p0.to_fraction() }),
        state: line.state.name(),
        value: line.value.as_ref().map(Ratio::to_fraction),
    }
}

fn ratings(line: &RatingLine) -> RatingsJson {
    RatingsJson {
        admitted: line.admitted.to_string(),
        answered: line.answered.to_string(),
        asked: line.asked.to_string(),
        rated: line.rated_only.1.to_string(),
        rated_satisfied: line.rated_only.0.to_string(),
        set_aside: line.set_aside.to_string(),
        silent: line.silent.to_string(),
    }
}

fn sum<'a>(ratios: impl Iterator<Item = &'a Ratio>) -> Ratio {
    ratios.cloned().sum()
}

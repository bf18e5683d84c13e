//! The canonical form of scorecards: what `score --json` prints and the digest is taken over.

use super::card::{NotScored, Part, Scorecard, Status};
use super::line::Line;
use crate::canonical::Digest;
use crate::exact::{Ratio, Rounding};
use crate::scheme::{Scheme, UnitKind};
use serde_json::{Value, json};

/// The units in canonical JSON: numbers are decimal strings, units sorted by id.
#[must_use]
pub fn units_json(scheme: &Scheme, cards: &[Scorecard]) -> Value {
    Value::Array(cards.iter().map(|card| unit(scheme, card)).collect())
}

/// SHA-256 over the canonical JSON of units: what "to the bit" is checked by.
#[must_use]
pub fn units_digest(units: &Value) -> Digest {
    Digest::of_json(units)
}

fn unit(scheme: &Scheme, card: &Scorecard) -> Value {
    let mut json = json!({
        "unit": card.unit,
        "kind": if card.kind == UnitKind::Window { "window" } else { "staff" },
        "name": card.name,
        "type": card.window_type.as_ref().map(ToString::to_string),
        "n": card.n().to_string(),
        "rank": card.rank.as_ref().map(|rank| json!({
            "scope": rank.scope, "value": rank.place.to_string(), "of": rank.of.to_string()
        })),
        "score": null,
        "exact": null,
        "grade": null,
        "layers": layers(scheme, &card.parts),
    });
    match &card.status {
        Status::Scored(scored) => {
            json["score"] = scored.score().into();
            json["exact"] = nine(&scored.s3);
            json["own"] = nine(&scored.own);
            json["s1"] = nine(&scored.s1);
            json["s2"] = nine(&scored.s2);
            if scored.vetoed {
                json["grade"] = "不合格".into();
            }
            json["broken_bounds"] = json!(scored.broken_bounds);
            json["deductions"] = scored
                .deductions
                .iter()
                .map(|deduction| {
                    json!({
                        "incident": deduction.incident,
                        "entry": scheme.negatives[deduction.negative].id,
                        "records": deduction.records,
                    })
                })
                .collect();
            json["team"] = scored.team.as_ref().map_or(Value::Null, |team| {
                json!({
                    "share": team.share.to_plain(),
                    "points": nine(&team.points),
                    "windows": team.parts.iter().map(|part| json!({
                        "window": part.window.as_str(),
                        "half_days": part.half_days.to_string(),
                        "points": part.points.as_ref().map(nine),
                        "stand_in": part.stand_in,
                    })).collect::<Vec<_>>(),
                })
            });
        }
        Status::NotScored(reasons) => {
            json["not_scored"] = reasons.iter().map(|reason| Value::from(reason_name(reason))).collect();
        }
    }
    json
}

fn nine(ratio: &Ratio) -> Value {
    ratio.to_decimal(9, Rounding::HalfEven).into()
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
fn layers(scheme: &Scheme, parts: &[Part]) -> Value {
    let mut list = Vec::new();
    for part in parts {
        for (at, layer) in scheme.layers.iter().enumerate() {
            let in_layer = |line: &&Line| scheme.groups[scheme.indicators[line.indicator].group].layer == at;
            let lines: Vec<&Line> = part.lines.iter().filter(in_layer).collect();
            if lines.is_empty() {
                continue;
            }
            list.push(json!({
                "id": layer.id,
                "window": part.window.as_str(),
                "half_days": part.half_days.to_string(),
                "contribution": nine(&lines.iter().map(|line| line.contribution()).sum::<Ratio>()),
                "groups": groups(scheme, &lines),
            }));
        }
    }
    Value::Array(list)
}

fn groups(scheme: &Scheme, lines: &[&Line]) -> Value {
    let mut list = Vec::new();
    for (at, group) in scheme.groups.iter().enumerate() {
        let lines: Vec<&&Line> = lines.iter().filter(|line| scheme.indicators[line.indicator].group == at).collect();
        if lines.is_empty() {
            continue;
        }
        let effective = sum(lines.iter().map(|line| &line.effective));
        let contribution = lines.iter().map(|line| line.contribution()).sum::<Ratio>();
        let points = contribution.mul(&Ratio::whole(100)).div(&effective);
        list.push(json!({
            "id": group.id,
            "nominal": sum(lines.iter().map(|line| &line.nominal)).to_plain(),
            "effective": nine(&effective),
            "points": points.as_ref().map(nine),
            "contribution": nine(&contribution),
            "indicators": lines.iter().map(|line| indicator(scheme, line)).collect::<Vec<_>>(),
        }));
    }
    Value::Array(list)
}

fn indicator(scheme: &Scheme, line: &Line) -> Value {
    json!({
        "id": scheme.indicators[line.indicator].id.as_str(),
        "state": line.state.name(),
        "numerator": line.numerator.to_string(),
        "denominator": line.denominator.to_string(),
        "n": scheme.indicators[line.indicator].n.map(|_| line.n.to_string()),
        "shrunk": line.shrunk.as_deref().map(|(p0, m)| json!({"p0": p0.to_fraction(), "m": m.to_string()})),
        "baseline": line.baseline.as_deref().map(Ratio::to_fraction),
        "value": line.value.as_ref().map(Ratio::to_fraction),
        "points": line.state.counts().then(|| nine(&Ratio::nano(line.points.into()))),
        "nominal": line.nominal.to_plain(),
        "effective": nine(&line.effective),
        "contribution": nine(&line.contribution()),
    })
}

fn sum<'a>(ratios: impl Iterator<Item = &'a Ratio>) -> Ratio {
    ratios.cloned().sum()
}

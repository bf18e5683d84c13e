//! From the file to the scheme: every name resolved, every number checked, every error with its line and the fix.

use super::curve::{Baseline, ConsistencyPart, Curve};
use super::file::{self, File, MergeName, NoiseName};
use super::{
    Bound, Burst, Direction, Evidence, Group, Indicator, Layer, Mark, MarkRule, Measure, Merge, Name, Negative,
    NegativeEffect, Noise, On, Profile, Quota, Ratings, Repeat, Scheme, Scored, SilencePolicy, Spread, Team, UnitKind,
};
use crate::exact::Ratio;
use crate::fact::Table;
use crate::id::{IndicatorId, MeasureId, WindowId, WindowType};
use crate::rule::{Number, Predicate, nearest, parse_predicate, parse_sum};
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;

/// The longest scheme file.
pub(super) const MAX_SCHEME_BYTES: usize = 1 << 20;
/// The most measures, and the most indicators, of a scheme.
pub(super) const MAX_ENTRIES: usize = 500;

/// Why a file is not a scheme.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct SchemeError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong and how to mend it.
    pub message: String,
}

/// Reads a scheme.
pub fn parse(text: &str) -> Result<Scheme, SchemeError> {
    if text.len() > MAX_SCHEME_BYTES {
        let message = format!("the file has {} bytes; a scheme has at most {MAX_SCHEME_BYTES}", text.len());
        return Err(SchemeError { line: 1, message });
    }
    let file: File = toml::from_str(text).map_err(|error| {
        let (line, message) = crate::toml_text::problem(text, &error);
        SchemeError { line, message }
    })?;
    Builder { text, file: &file, names: Names::default() }.build()
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset.min(text.len())].split(|byte| *byte == b'\n').count()
}

/// Positions by id, filled as the parts are built.
#[derive(Default)]
struct Names<'a> {
    profiles: BTreeMap<&'a str, usize>,
    measures: BTreeMap<&'a str, usize>,
    layers: BTreeMap<&'a str, usize>,
    groups: BTreeMap<&'a str, usize>,
    indicators: BTreeMap<&'a str, usize>,
}

struct Builder<'a> {
    text: &'a str,
    file: &'a File,
    names: Names<'a>,
}

type Built<T> = Result<T, SchemeError>;

impl<'a> Builder<'a> {
    fn error<T>(&self, at: &Spanned<T>, message: impl Into<String>) -> SchemeError {
        SchemeError { line: line_of(self.text, at.span().start), message: message.into() }
    }

    fn top(message: impl Into<String>) -> SchemeError {
        SchemeError { line: 1, message: message.into() }
    }

    fn index<T>(&self, items: &'a [Spanned<T>], noun: &str, id: fn(&T) -> &str) -> Built<BTreeMap<&'a str, usize>> {
        let mut names = BTreeMap::new();
        if items.len() > MAX_ENTRIES {
            return Err(Self::top(format!("{} entries of [[{noun}]]; at most {MAX_ENTRIES}", items.len())));
        }
        for (position, item) in items.iter().enumerate() {
            let id = id(item.get_ref());
            let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
            if id.is_empty() || id.len() > 100 || !id.chars().all(good) {
                return Err(self.error(item, format!("{noun} id `{id}`: use letters, digits, `_`, `-` and `.`")));
            }
            if names.insert(id, position).is_some() {
                return Err(self.error(item, format!("{noun} `{id}` is defined twice; rename one")));
            }
        }
        Ok(names)
    }

    fn find<T>(&self, at: &Spanned<T>, names: &BTreeMap<&str, usize>, noun: &str, id: &str) -> Built<usize> {
        names.get(id).copied().ok_or_else(|| {
            let near = nearest(id, names.keys().copied());
            let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            self.error(at, format!("there is no {noun} `{id}`{hint}"))
        })
    }

    fn build(mut self) -> Built<Scheme> {
        let file = self.file;
        if file.format != 1 {
            return Err(Self::top(format!("format = {} is unknown; this program reads format = 1", file.format)));
        }
        self.names.profiles = self.index(&file.profiles, "profile", |item| &item.id)?;
        self.names.measures = self.index(&file.measures, "measure", |item| &item.id)?;
        self.names.layers = self.index(&file.layers, "layer", |item| &item.id)?;
        self.names.groups = self.index(&file.groups, "group", |item| &item.id)?;
        self.names.indicators = self.index(&file.indicators, "indicator", |item| &item.id)?;
        self.index(&file.marks, "mark", |item| &item.id)?;
        self.index(&file.negatives, "negative", |item| &item.id)?;
        let layers = file.layers.iter().map(|item| self.layer(item)).collect::<Built<Vec<_>>>()?;
        let groups = file.groups.iter().map(|item| self.group(item)).collect::<Built<Vec<_>>>()?;
        let measures = file.measures.iter().map(|item| self.measure(item)).collect::<Built<Vec<_>>>()?;
        let indicators = file.indicators.iter().map(|item| self.indicator(item, &measures));
        let indicators = indicators.collect::<Built<Vec<_>>>()?;
        let profiles = self.profiles()?;
        let window_weights = self.window_weights(&groups, &indicators)?;
        Ok(Scheme {
            id: file.id.clone(),
            version: file.version.clone(),
            name: name(&file.name, file.en.as_deref()),
            base_period: file.base_period,
            longer_periods: file.longer_periods,
            scored: self.scored()?,
            ratings: file.ratings.as_ref().map(|ratings| self.ratings(ratings)).transpose()?,
            team: file.team.as_ref().map(|team| self.team(team)).transpose()?,
            peers_at_least: file.peers.at_least,
            shrinkage: (file.shrinkage.periods.min(24), file.shrinkage.at_least),
            quota: file.quota.as_ref().map(quota),
            profiles,
            marks: file.marks.iter().map(|item| self.mark(item)).collect::<Built<_>>()?,
            measures,
            layers,
            groups,
            indicators,
            negatives: file.negatives.iter().map(|item| self.negative(item)).collect::<Built<_>>()?,
            window_weights,
        })
    }

    fn layer(&self, item: &Spanned<file::Layer>) -> Built<Layer> {
        let layer = item.get_ref();
        if layer.weight.0 <= Ratio::ZERO {
            return Err(self.error(item, format!("layer `{}`: the weight must be above 0", layer.id)));
        }
        Ok(Layer { id: layer.id.clone(), name: name(&layer.name, layer.en.as_deref()), weight: layer.weight.0.clone() })
    }

    fn group(&self, item: &Spanned<file::Group>) -> Built<Group> {
        let group = item.get_ref();
        Ok(Group {
            id: group.id.clone(),
            name: name(&group.name, group.en.as_deref()),
            layer: self.find(item, &self.names.layers, "layer", &group.layer)?,
            min_indicators: group.min_indicators,
        })
    }

    fn measure(&self, item: &Spanned<file::Measure>) -> Built<Measure> {
        let measure = item.get_ref();
        let fail = |message: String| self.error(item, format!("measure `{}`: {message}", measure.id));
        let table = Table::parse(&measure.table).ok_or_else(|| {
            let near = nearest(&measure.table, Table::ALL.iter().map(|table| table.name()));
            let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            fail(format!("there is no table `{}`{hint}", measure.table))
        })?;
        let on = match (table, measure.on) {
            (Table::Case, Some(on)) => Self::event(on),
            (Table::Case, None) => {
                return Err(fail(
                    "say on = \"finish\", \"call\", \"due\", \"notice\", \"stage\" or \"rating\"".to_owned(),
                ));
            }
            (_, Some(_)) => return Err(fail("`on` is for cases only; leave it out".to_owned())),
            (_, None) => Predicate::Constant(true),
        };
        let condition = match &measure.condition {
            Some(text) => parse_predicate(text, table).map_err(|error| fail(format!("where: {error}")))?,
            None => Predicate::Constant(true),
        };
        let sum = match &measure.sum {
            Some(text) => parse_sum(text, table).map_err(|error| fail(format!("sum: {error}")))?,
            None => Number::literal(1),
        };
        let merge = match (measure.merge, &measure.by) {
            (MergeName::Sum, None) => Merge::Sum,
            (MergeName::Last, None) => Merge::Last,
            (MergeName::Weighted, Some(by)) => Merge::Weighted(self.find(item, &self.names.measures, "measure", by)?),
            (MergeName::Weighted, None) => {
                return Err(fail("merge = \"weighted\" needs by = \"…\"".to_owned()));
            }
            (_, Some(_)) => return Err(fail("`by` goes with merge = \"weighted\"".to_owned())),
        };
        if measure.trail_months > 12 {
            return Err(fail("trail_months is at most 12".to_owned()));
        }
        Ok(Measure {
            id: MeasureId::new(&measure.id),
            name: name(&measure.name, measure.en.as_deref()),
            table,
            on: measure.on,
            condition: on.and(condition),
            sum,
            merge,
            trail_months: measure.trail_months,
        })
    }

    fn event(on: On) -> Predicate {
        let found = Table::Case.column(on.column());
        found.map_or(Predicate::Constant(false), |(_, column)| Predicate::Flag(column))
    }

    fn indicator(&self, item: &Spanned<file::Indicator>, measures: &[Measure]) -> Built<Indicator> {
        let indicator = item.get_ref();
        let fail = |message: &str| self.error(item, format!("indicator `{}`: {message}", indicator.id));
        let measure = |id: &String| self.find(item, &self.names.measures, "measure", id);
        let ratio = match (&indicator.numerator, &indicator.denominator) {
            (Some(above), Some(below)) => Some((measure(above)?, measure(below)?)),
            (None, None) if matches!(indicator.curve, file::Curve::Consistency { .. }) => None,
            _ => return Err(fail("give both numerator and denominator")),
        };
        // The scale of a reported figure says nothing about how many records it rests on.
        let countable = |below: usize| self.file.measures[below].get_ref().table != Table::Statistic.name();
        let below = ratio.map(|(_, below)| below).filter(|below| countable(*below));
        let n = indicator.n.as_ref().map(measure).transpose()?.or(below);
        if n.is_none() && indicator.min_n > 0 {
            return Err(fail("min_n needs n = \"…\": the scale of a statistic is no number of records"));
        }
        let requires = indicator.requires.iter().map(|need| Ok((measure(&need.measure)?, need.at_least)));
        let factor = indicator.factor.as_ref().map_or(Ratio::ONE, |factor| factor.0.clone());
        if factor <= Ratio::ZERO {
            return Err(fail("the factor must be above 0"));
        }
        Ok(Indicator {
            id: IndicatorId::new(&indicator.id),
            name: name(&indicator.name, indicator.en.as_deref()),
            group: self.find(item, &self.names.groups, "group", &indicator.group)?,
            ratio,
            factor,
            n,
            min_n: indicator.min_n,
            requires: requires.collect::<Built<_>>()?,
            shrink: indicator.shrink,
            empty: indicator.empty,
            noise: self.noise(item, ratio.map(|(above, below)| (&measures[above], &measures[below])))?,
            curve: self.curve(item, &indicator.curve, indicator.direction, 0)?,
            units: indicator.units.clone().unwrap_or_else(|| vec![UnitKind::Window, UnitKind::Staff]),
            tags: indicator.tags.clone(),
            unit: indicator.unit.clone(),
            direction: indicator.direction,
            source: indicator.source.clone(),
            period: indicator.period.clone(),
        })
    }

    fn noise(&self, item: &Spanned<file::Indicator>, ratio: Option<(&Measure, &Measure)>) -> Built<Noise> {
        let indicator = item.get_ref();
        let fail = |message: &str| self.error(item, format!("indicator `{}`: {message}", indicator.id));
        let measure = |id: &String| self.find(item, &self.names.measures, "measure", id);
        match (indicator.noise, &indicator.spread, ratio) {
            (Some(NoiseName::Ratio), Some(file::Spread { xx, xy, yy, scale: scale @ 1.. }), Some(_)) => {
                Ok(Noise::Ratio(Spread { xx: measure(xx)?, xy: measure(xy)?, yy: measure(yy)?, scale: *scale }))
            }
            (Some(NoiseName::Ratio), ..) => Err(fail(
                "noise = \"ratio\" needs spread = { xx = \"…\", xy = \"…\", yy = \"…\" }, with a scale from 1",
            )),
            (_, Some(_), _) => Err(fail("spread goes with noise = \"ratio\"")),
            (Some(NoiseName::None), ..) | (None, _, None) => Ok(Noise::None),
            (Some(_), _, None) => Err(fail("without numerator and denominator there is no noise of its own")),
            (Some(NoiseName::Share), ..) => Ok(Noise::Share),
            (Some(NoiseName::Count), ..) => Ok(Noise::Count),
            (None, _, Some((above, below))) => Ok(Noise::usual(above, below)),
        }
    }

    fn curve(
        &self,
        item: &Spanned<file::Indicator>,
        curve: &file::Curve,
        direction: Option<Direction>,
        depth: u8,
    ) -> Built<Curve> {
        let fail = |message: &str| self.error(item, format!("indicator `{}`: curve: {message}", item.get_ref().id));
        let points = |list: &[(super::number::Exact, super::number::Exact)]| {
            let list: Vec<_> = list.iter().map(|(value, points)| (value.0.clone(), points.0.clone())).collect();
            let ascending = list.windows(2).all(|pair| pair[0].0 < pair[1].0);
            let in_range = list.iter().all(|(_, points)| (Ratio::ZERO..=Ratio::whole(100)).contains(points));
            if list.len() < 2 || !ascending || !in_range {
                return Err(fail("give at least two [value, points] with ascending values and points from 0 to 100"));
            }
            Ok(list)
        };
        let levels_ok = |levels: u32| {
            if (2..=1000).contains(&levels) { Ok(levels) } else { Err(fail("levels must be from 2 to 1000")) }
        };
        Ok(match curve {
            file::Curve::Linear { floor, target } => {
                Curve::linear(floor.0.clone(), target.0.clone()).ok_or_else(|| fail("floor and target must differ"))?
            }
            file::Curve::Piecewise(list) => Curve::Piecewise(points(list)?),
            file::Curve::Steps(list) => Curve::Steps(points(list)?),
            file::Curve::Achievement { threshold, benchmark, levels } => {
                if threshold == benchmark {
                    return Err(fail("threshold and benchmark must differ"));
                }
                let (threshold, benchmark) = (threshold.0.clone(), benchmark.0.clone());
                Curve::Achievement { threshold, benchmark, levels: levels_ok(*levels)? }
            }
            file::Curve::Improvement { benchmark, baseline, levels } => Curve::Improvement {
                benchmark: benchmark.0.clone(),
                lower_is_better: match direction {
                    Some(direction) => direction == Direction::Lower,
                    None => return Err(fail("improvement needs the indicator's direction")),
                },
                baseline: self.baseline(item, baseline)?,
                levels: levels_ok(*levels)?,
            },
            file::Curve::BestOf(curves) => {
                if depth > 0 || curves.len() < 2 || curves.len() > 10 {
                    return Err(fail("best_of takes 2 to 10 curves, none of them best_of again"));
                }
                let curves = curves.iter().map(|curve| self.curve(item, curve, direction, depth + 1));
                Curve::BestOf(curves.collect::<Built<_>>()?)
            }
            file::Curve::Consistency { levels, of } => {
                let part = |part: &file::ConsistencyPart| {
                    if part.floor == part.threshold {
                        return Err(fail("floor and threshold must differ"));
                    }
                    Ok(ConsistencyPart {
                        indicator: self.find(item, &self.names.indicators, "indicator", &part.indicator)?,
                        floor: part.floor.0.clone(),
                        threshold: part.threshold.0.clone(),
                    })
                };
                if depth > 0 || of.is_empty() || item.get_ref().numerator.is_some() {
                    return Err(fail("consistency names other indicators, and has no ratio of its own"));
                }
                Curve::Consistency { levels: levels_ok(*levels)?, of: of.iter().map(part).collect::<Built<_>>()? }
            }
            file::Curve::Rank {} => {
                if direction.is_none() {
                    return Err(fail("rank needs the indicator's direction"));
                }
                Curve::Rank
            }
        })
    }

    fn baseline(&self, item: &Spanned<file::Indicator>, baseline: &file::Baseline) -> Built<Baseline> {
        Ok(match baseline {
            file::Baseline::Measures { numerator, denominator } => Baseline::Measures(
                self.find(item, &self.names.measures, "measure", numerator)?,
                self.find(item, &self.names.measures, "measure", denominator)?,
            ),
            file::Baseline::PeriodsBefore(periods) if (1..=24).contains(periods) => Baseline::PeriodsBefore(*periods),
            file::Baseline::PeriodsBefore(_) => {
                return Err(self.error(item, "periods_before is from 1 to 24"));
            }
        })
    }

    fn profiles(&self) -> Built<Vec<Profile>> {
        for item in &self.file.indicators {
            for id in item.get_ref().weights.keys() {
                self.find(item, &self.names.profiles, "profile", id)?;
            }
        }
        self.file.profiles.iter().map(|item| self.profile(item)).collect()
    }

    fn profile(&self, item: &Spanned<file::Profile>) -> Built<Profile> {
        let profile = item.get_ref();
        let source = profile.uses.as_deref().unwrap_or(&profile.id);
        self.find(item, &self.names.profiles, "profile", source)?;
        let weight = |indicator: &Spanned<file::Indicator>| match indicator.get_ref().weights.get(source) {
            Some(weight) if weight.0 < Ratio::ZERO => Err(self.error(indicator, "a weight cannot be negative")),
            weight => Ok(weight.map_or(Ratio::ZERO, |weight| weight.0.clone())),
        };
        let bounds = self.file.bounds.iter().filter(|bound| bound.get_ref().profile == profile.id);
        Ok(Profile {
            id: WindowType::new(&profile.id),
            name: name(&profile.name, profile.en.as_deref()),
            units: profile.units.clone().unwrap_or_else(|| vec![UnitKind::Window, UnitKind::Staff]),
            weights: self.file.indicators.iter().map(weight).collect::<Built<_>>()?,
            bounds: bounds.map(|bound| self.bound(bound)).collect::<Built<_>>()?,
        })
    }

    fn bound(&self, item: &Spanned<file::Bound>) -> Built<Bound> {
        let bound = item.get_ref();
        let known: BTreeSet<&str> =
            self.file.indicators.iter().flat_map(|i| &i.get_ref().tags).map(String::as_str).collect();
        if let Some(tag) = bound.tags.iter().find(|tag| !known.contains(tag.as_str())) {
            return Err(self.error(item, format!("no indicator carries the tag `{tag}`")));
        }
        let limits = [&bound.at_least, &bound.at_most, &bound.more_than];
        if limits.iter().all(|limit| limit.is_none()) {
            return Err(self.error(item, "a bound needs at_least, at_most or more_than"));
        }
        let [at_least, at_most, more_than] = limits.map(|limit| limit.as_ref().map(|exact| exact.0.clone()));
        let carries = |item: &Spanned<file::Indicator>| item.get_ref().tags.iter().any(|tag| bound.tags.contains(tag));
        let indicators = self.file.indicators.iter().enumerate().filter(|(_, item)| carries(item)).map(|(at, _)| at);
        Ok(Bound { tags: bound.tags.clone(), indicators: indicators.collect(), at_least, at_most, more_than })
    }

    fn mark(&self, item: &Spanned<file::Mark>) -> Built<Mark> {
        let mark = item.get_ref();
        let fail = |message: String| self.error(item, format!("mark `{}`: {message}", mark.id));
        if mark.targets.is_empty() {
            return Err(fail("name at least one target, case or rating".to_owned()));
        }
        let condition = mark.condition.as_deref().map(|text| parse_predicate(text, Table::Case)).transpose();
        let condition = condition.map_err(|error| fail(format!("where: {error}")))?;
        let all = || condition.clone().unwrap_or(Predicate::Constant(true));
        let rule = match (&mark.repeat, &mark.burst, &condition) {
            (None, None, Some(condition)) => MarkRule::Where(condition.clone()),
            (Some(repeat), None, _) if (1..=10_000).contains(&repeat.more_than) => {
                MarkRule::Repeat(Repeat { by: repeat.by, more_than: repeat.more_than, of: all() })
            }
            (Some(_), None, _) => return Err(fail("repeat: more_than is from 1 to 10000".to_owned())),
            (
                None,
                Some(file::Burst { by, at_least: at_least @ 2..=10_000, within_seconds: within @ 0..=86_400 }),
                _,
            ) => MarkRule::Burst(Burst { by: *by, at_least: *at_least, within_seconds: *within, of: all() }),
            (None, Some(_), _) => {
                return Err(fail("burst: at_least is from 2 to 10000, within_seconds at most 86400".to_owned()));
            }
            (None, None, None) => return Err(fail("say where, repeat or burst".to_owned())),
            (Some(_), Some(_), _) => return Err(fail("repeat and burst are two rules: write two marks".to_owned())),
        };
        let reason = name(&mark.reason, mark.en.as_deref());
        Ok(Mark { id: mark.id.clone(), reason, targets: mark.targets.clone(), effect: mark.effect, rule })
    }

    fn negative(&self, item: &Spanned<file::Negative>) -> Built<Negative> {
        let negative = item.get_ref();
        let fail = |message: String| self.error(item, format!("negative `{}`: {message}", negative.id));
        let Some(table @ (Table::Complaint | Table::Violation)) = Table::parse(&negative.table) else {
            return Err(fail("the table is complaint or violation".to_owned()));
        };
        let condition = parse_predicate(&negative.condition, table).map_err(|error| fail(format!("where: {error}")))?;
        let effect = match &negative.effect {
            file::NegativeEffect::Share { each, at_most } => {
                let most = each.0.mul(&Ratio::whole((*at_most).into()));
                if each.0 <= Ratio::ZERO || most > Ratio::ONE {
                    return Err(fail("each × at_most must lie above 0 and at most at 1".to_owned()));
                }
                NegativeEffect::Share { each: each.0.clone(), at_most: *at_most }
            }
            file::NegativeEffect::Points(points) if points.0 <= Ratio::ZERO => {
                return Err(fail("write the points that are taken off as a number above 0".to_owned()));
            }
            file::NegativeEffect::Points(points) => NegativeEffect::Points(points.0.clone()),
            file::NegativeEffect::Cap(cap) if !(Ratio::ZERO..Ratio::whole(100)).contains(&cap.0) => {
                return Err(fail("a cap lies between 0 and 100".to_owned()));
            }
            file::NegativeEffect::Cap(cap) => NegativeEffect::Cap(cap.0.clone()),
            file::NegativeEffect::Veto {} => NegativeEffect::Veto,
        };
        let units = negative.units.clone().unwrap_or_else(|| vec![UnitKind::Window, UnitKind::Staff]);
        let id = negative.id.clone();
        Ok(Negative { id, name: name(&negative.name, negative.en.as_deref()), table, condition, units, effect })
    }

    fn scored(&self) -> Built<Scored> {
        let Some(scored) = &self.file.scored else {
            return Ok(Scored { min_weight: Ratio::ZERO, min_groups: 1, any_of: Vec::new() });
        };
        let group = |id: &String| {
            let found = self.names.groups.get(id.as_str()).copied();
            found.ok_or_else(|| Self::top(format!("[scored] any_of: there is no group `{id}`")))
        };
        Ok(Scored {
            min_weight: scored.min_weight.0.clone(),
            min_groups: scored.min_groups.max(1),
            any_of: scored.any_of.iter().map(group).collect::<Built<_>>()?,
        })
    }

    fn ratings(&self, item: &Spanned<file::Ratings>) -> Built<Ratings> {
        let ratings = item.get_ref();
        let measure = |id: &String| self.find(item, &self.names.measures, "measure", id);
        let indicator = self.find(item, &self.names.indicators, "indicator", &ratings.indicator)?;
        if self.file.indicators[indicator].get_ref().numerator.is_none() {
            return Err(self.error(item, "ratings: the indicator needs a numerator and a denominator"));
        }
        let silence = match &ratings.silence {
            None => SilencePolicy::Never,
            Some(silence) => {
                let answers = |of: &file::Answers| Ok((measure(&of.satisfied)?, measure(&of.answered)?));
                let shares = [&silence.satisfied, &silence.gap, &silence.complaints_tail, &silence.participation];
                if !shares.iter().all(|share| (Ratio::ZERO..=Ratio::ONE).contains(&share.0)) {
                    return Err(self.error(item, "ratings.silence: shares lie between 0 and 1"));
                }
                SilencePolicy::OnEvidence(Evidence {
                    revisits: answers(&silence.revisits)?,
                    surveys: answers(&silence.surveys)?,
                    complaints: (measure(&silence.complaints.founded)?, measure(&silence.complaints.cases)?),
                    min_n: silence.min_n,
                    satisfied: silence.satisfied.0.clone(),
                    gap: silence.gap.0.clone(),
                    complaints_tail: silence.complaints_tail.0.clone(),
                    participation: silence.participation.0.clone(),
                    of_median: silence.of_median.0.clone(),
                })
            }
        };
        Ok(Ratings {
            indicator,
            asked: measure(&ratings.asked)?,
            answered: measure(&ratings.answered)?,
            silent: measure(&ratings.silent)?,
            set_aside: measure(&ratings.set_aside)?,
            silence,
            match_seconds: ratings.match_seconds,
        })
    }

    fn team(&self, item: &Spanned<file::Team>) -> Built<Team> {
        let team = item.get_ref();
        if !(Ratio::ZERO..=Ratio::ONE).contains(&team.share.0) {
            return Err(self.error(item, "team: the share lies between 0 and 1"));
        }
        Ok(Team {
            share: team.share.0.clone(),
            group: self.find(item, &self.names.groups, "group", &team.group)?,
            ratings: self.find(item, &self.names.measures, "measure", &team.ratings)?,
            own_ratings_at_most: team.own_ratings_at_most.0.clone(),
        })
    }

    /// A window may replace the weights of one layer; the layer keeps its sum and the type its bounds.
    fn window_weights(
        &self,
        groups: &[Group],
        indicators: &[Indicator],
    ) -> Built<BTreeMap<WindowId, (usize, Vec<Ratio>)>> {
        let mut result = BTreeMap::new();
        for item in &self.file.window_layers {
            let change = item.get_ref();
            let layer = self.find(item, &self.names.layers, "layer", &change.layer)?;
            let mut weights = vec![Ratio::ZERO; indicators.len()];
            let mut sum = Ratio::ZERO;
            for (id, weight) in &change.weights {
                let index = self.find(item, &self.names.indicators, "indicator", id)?;
                if groups[indicators[index].group].layer != layer {
                    return Err(self.error(item, format!("indicator `{id}` is not in layer `{}`", change.layer)));
                }
                sum = sum.add(&weight.0);
                weights[index] = weight.0.clone();
            }
            let expected = &self.file.layers[layer].get_ref().weight.0;
            if sum != *expected {
                let message = format!(
                    "window `{}`: the weights of layer `{}` sum to {sum}, not {expected}",
                    change.window, change.layer
                );
                return Err(self.error(item, message));
            }
            if result.insert(WindowId::new(&change.window), (layer, weights)).is_some() {
                return Err(
                    self.error(item, format!("window `{}` replaces weights twice; one layer only", change.window))
                );
            }
        }
        Ok(result)
    }
}

fn quota(quota: &file::Quota) -> Quota {
    Quota {
        top: quota.top.0.clone(),
        top_at_most: quota.top_at_most.0.clone(),
        bottom: quota.bottom.0.clone(),
        bottom_from: quota.bottom_from,
        help: quota.help.0.clone(),
        cut_membership: quota.cut_membership.0.clone(),
        help_membership: quota.help_membership.0.clone(),
        waive_membership: quota.waive_membership,
    }
}

fn name(zh: &str, en: Option<&str>) -> Name {
    Name { zh: zh.to_owned(), en: en.unwrap_or(zh).to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARTICLE: &str = include_str!("../../../../schemes/article.toml");

    #[test]
    fn the_other_presets_build() {
        let hvbp = parse(include_str!("../../../../schemes/hvbp.toml")).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(hvbp.indicators.len(), 21);
        assert_eq!(crate::scheme::lint(&hvbp), []);
        let article = parse(ARTICLE).unwrap_or_else(|error| panic!("{error}"));
        let national =
            parse(include_str!("../../../../schemes/national.toml")).unwrap_or_else(|error| panic!("{error}"));
        let weights = |scheme: &Scheme| scheme.profiles.iter().map(|p| p.weights.clone()).collect::<Vec<_>>();
        assert_eq!(weights(&national), weights(&article));
        assert!(matches!(national.ratings.map(|ratings| ratings.silence), Some(SilencePolicy::Never)));
    }

    #[test]
    fn every_error_names_its_line_and_the_fix() {
        let check = |from: &str, to: &str, expect: &str| {
            assert!(ARTICLE.contains(from), "{from}");
            let text = ARTICLE.replacen(from, to, 1);
            let error = parse(&text).expect_err(expect);
            assert!(error.message.contains(expect), "{expect}: {error}");
            let near =
                text.lines().skip(error.line - 1).take(25).any(|line| !to.is_empty() && to.contains(line.trim()));
            assert!(near || error.line == 1 || to.is_empty(), "{error} is not at the change `{to}`");
        };
        check("format = 1", "format = 2", "reads format = 1");
        check("id = \"finished\"", "id = \"fin ished\"", "use letters");
        check("id = \"timed\"", "id = \"finished\"", "defined twice");
        check("denominator = \"due\"", "denominator = \"duee\"", "did you mean `due`?");
        check("table = \"case_day\"", "table = \"cases_day\"", "did you mean `case_day`?");
        check("on = \"finish\"\n", "on = \"end\"\n", "unknown variant `end`");
        check("on = \"finish\"\n", "", "say on =");
        check("where = \"NOT overdue\"", "where = \"NOT late\"", "no column `late`");
        check("sum = \"handling_permille\"", "sum = \"channel\"", "a code is not a number");
        check("group = \"efficiency\"\n", "group = \"eficiency\"\n", "did you mean `efficiency`?");
        check("floor = \"90%\"", "floor = 0.9", "in quotes");
        check("floor = \"90%\"", "floor = \"ninety\"", "is not a number");
        check("floor = \"5%\", target = \"0%\"", "floor = \"5%\", target = \"0.05\"", "must differ");
        check("curve = { linear = {", "curve = { linar = {", "unknown variant `linar`");
        check("weights = { default = 8, simple = 20", "weights = { default = 8, simpel = 20", "did you mean `simple`?");
        check("tags = [\"efficiency\"]\nat_most", "tags = [\"speed\"]\nat_most", "no indicator carries");
        check("at_most = 70", "", "needs at_least");
        check("noise = \"ratio\"\n", "noise = \"share\"\n", "spread goes with");
        check("spread = { xx = \"handling_squared\", xy", "spread = { xx = \"handled\", xy", "no measure `handled`");
        check("noise = \"share\"\n", "noise = \"ratio\"\n", "needs spread");
        check("effect = { points = 50 }", "effect = { points = \"-50\" }", "above 0");
        check("min_groups = 3", "min_grups = 3", "unknown field `min_grups`");
        check("share = \"0.3\"", "share = \"1.3\"", "between 0 and 1");
        check("any_of = [\"efficiency\", ", "any_of = [\"speed\", ", "no group `speed`");
        check("where = \"elapsed_seconds < 0\"", "where = \"elapsed_seconds < 0; DROP\"", "after the end");
    }

    #[test]
    fn hostile_files_are_refused_before_work_starts() {
        let error = parse(&"#".repeat(MAX_SCHEME_BYTES + 1)).expect_err("too long");
        assert!(error.message.contains("at most"), "{error}");
        for text in ["", "format = 1", "\u{0}", "[[[[", &"a = [".repeat(10_000), "format = 99999999999999999999"] {
            assert!(parse(text).is_err());
        }
        let many: Vec<String> =
            (0..600).map(|n| format!("\n[[layer]]\nid = \"l{n}\"\nname = \"x\"\nweight = 1\n")).collect();
        let many = many.concat();
        assert!(parse(&format!("{ARTICLE}{many}")).expect_err("too many").message.contains("at most 500"));
    }
}

//! The team share: the points of one group of indicators of a window, or of those of its type and centre together.

use super::Inputs;
use super::card::{Scorecard, TeamSource};
use super::line::{Counted, Line};
use super::units::{Windows, profile_for};
use crate::exact::Ratio;
use crate::register::Window;
use crate::scheme::UnitKind;
use crate::tally::add_values;
use std::collections::BTreeMap;

/// The lines behind every team share of these cards, by whose they are.
#[must_use]
pub fn team_lines(inputs: &Inputs<'_>, cards: &[Scorecard]) -> BTreeMap<TeamSource, Vec<Line>> {
    let Some(team) = &inputs.scheme.team else { return BTreeMap::new() };
    let windows = Windows::new(inputs);
    let shares = cards.iter().filter_map(|card| card.scored()?.team.as_ref());
    let mut found = BTreeMap::new();
    for part in shares.flat_map(|share| &share.parts).filter(|part| part.points.is_some()) {
        if !found.contains_key(&part.source) {
            found.insert(part.source.clone(), windows.group_lines(&part.source, team.group).unwrap_or_default());
        }
    }
    found
}

/// The points of one group from its lines, 0 … 100; `None` if there are none.
pub(super) fn points(lines: &[Line]) -> Option<Ratio> {
    let (mut sum, mut weights) = (Ratio::ZERO, Ratio::ZERO);
    for line in lines {
        sum = sum.add(&line.nominal.mul(&Ratio::nano(line.points)));
        weights = weights.add(&line.nominal);
    }
    sum.div(&weights)
}

impl Windows<'_> {
    /// The lines of one group that have points.
    pub(super) fn group_lines(&self, source: &TeamSource, group: usize) -> Option<Vec<Line>> {
        match source {
            TeamSource::Window(window) => {
                let entry = self.registered.get(window.as_str())?;
                let values = self.values_of(window.as_str())?;
                let counted = Counted { values, admitted: self.admitted(window.as_str(), values), history: &[] };
                self.group_lines_of(counted, window.as_str(), entry, group)
            }
            TeamSource::StandIn(window_type, centre) => {
                let same = |entry: &&&Window| entry.window_type == *window_type && entry.centre == *centre;
                let mut pooled = vec![None; self.inputs.scheme.measures.len()];
                let mut admitted = 0_i64;
                for entry in self.registered.values().filter(same) {
                    if let Some(values) = self.values_of(entry.window.as_str()) {
                        add_values(&mut pooled, values);
                        admitted = admitted.saturating_add(self.admitted(entry.window.as_str(), values));
                    }
                }
                let like = self.registered.values().find(same)?;
                self.group_lines_of(Counted { values: &pooled, admitted, history: &[] }, "", like, group)
            }
        }
    }

    fn group_lines_of(&self, counted: Counted<'_>, unit: &str, like: &Window, group: usize) -> Option<Vec<Line>> {
        let scheme = self.inputs.scheme;
        let profile = profile_for(scheme, like.window_type.as_str(), UnitKind::Window)?;
        let mut lines = self.lines_of(counted, unit, like, &profile.weights, UnitKind::Window);
        lines.retain(|line| scheme.indicators[line.indicator].group == group && line.state.counts());
        Some(lines)
    }
}

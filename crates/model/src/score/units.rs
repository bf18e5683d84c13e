//! Windows: their counts, their lines, their scores.

use super::card::{NotScored, Part, Scorecard, Scored, Status};
use super::deduct::{Deducted, deduct};
use super::line::{Counted, Field, Line, LineInputs, lines};
use super::peers::Peers;
use super::weigh::weigh;
use super::{Incident, Inputs};
use crate::exact::Ratio;
use crate::register::Window;
use crate::scheme::{Curve, Indicator, Profile, Scheme, UnitKind};
use crate::silence::Verdict;
use crate::tally::{Tally, TallyRow, add_values};
use std::collections::{BTreeMap, HashMap};

/// The values of each window.
type ByWindow<'a> = HashMap<&'a str, Vec<Option<i64>>>;

/// Everything about windows that both their own cards and those of people need.
pub(super) struct Windows<'a> {
    pub(super) inputs: &'a Inputs<'a>,
    /// The window as it stood on the first day of the period on which it was registered, by id.
    pub(super) registered: BTreeMap<&'a str, &'a Window>,
    peers: Peers,
    values: ByWindow<'a>,
    history: Vec<(u8, ByWindow<'a>)>,
    incidents: HashMap<&'a str, Vec<&'a Incident>>,
    fields: HashMap<(usize, &'a str), Field>,
}

impl<'a> Windows<'a> {
    pub(super) fn new(inputs: &'a Inputs<'a>) -> Self {
        let registered = inputs.register.windows_in(inputs.period);
        // Earlier periods window by window are read by own baselines alone.
        let own = inputs.history.iter().filter(|(before, _)| inputs.scheme.looks_back(*before));
        let history = own.map(|(before, tally)| (*before, by_window(tally))).collect();
        let mut incidents: HashMap<&str, Vec<&Incident>> = HashMap::new();
        for incident in inputs.incidents {
            incidents.entry(incident.window.as_str()).or_default().push(incident);
        }
        let values = by_window(inputs.tally);
        let peers = Peers::new(inputs.register, inputs.period, UnitKind::Window, inputs.scheme.peers_at_least);
        let mut windows = Self { inputs, registered, peers, values, history, incidents, fields: HashMap::new() };
        windows.fields = windows.fields();
        windows
    }

    /// The values of every window for the indicators whose curve ranks them.
    fn fields(&self) -> HashMap<(usize, &'a str), Field> {
        let scheme = self.inputs.scheme;
        let ranked: Vec<usize> =
            (0..scheme.indicators.len()).filter(|at| ranks(&scheme.indicators[*at].curve)).collect();
        let mut values: HashMap<(usize, &str), Vec<Ratio>> = HashMap::new();
        for (id, entry) in self.registered.iter().filter(|_| !ranked.is_empty()) {
            let window_type = entry.window_type.as_str();
            let Some(profile) = scheme.profile(window_type) else {
                continue;
            };
            for line in self.lines(entry, &scheme.weights(id, profile)) {
                if let (true, Some(value)) = (ranked.contains(&line.indicator), line.value) {
                    values.entry((line.indicator, window_type)).or_default().push(value);
                }
            }
        }
        let field = |((index, ty), values): ((usize, &'a str), Vec<Ratio>)| {
            ((index, ty), Field::new(values, scheme.indicators[index].direction))
        };
        values.into_iter().map(field).collect()
    }

    pub(super) fn values_of(&self, window: &str) -> Option<&[Option<i64>]> {
        self.values.get(window).map(Vec::as_slice)
    }

    /// Of the silent cases counted at a window, for the window or for a person: those that count as satisfied.
    pub(super) fn admitted(&self, window: &str, values: &[Option<i64>]) -> i64 {
        let Some(ratings) = &self.inputs.scheme.ratings else { return 0 };
        let admits = self.inputs.silence.get(window).is_some_and(Verdict::admits);
        if admits { values.get(ratings.silent).copied().flatten().unwrap_or(0) } else { 0 }
    }

    fn lines(&self, entry: &Window, weights: &[Ratio]) -> Vec<Line> {
        let window = entry.window.as_str();
        let history: Vec<(u8, Vec<Option<i64>>)> =
            self.history.iter().filter_map(|(before, windows)| Some((*before, windows.get(window)?.clone()))).collect();
        let values = self.values_of(window).unwrap_or(&[]);
        let admitted = self.admitted(window, values);
        self.lines_of(Counted { values, admitted, history: &history }, window, entry, weights, UnitKind::Window)
    }

    /// The lines of any unit that is scored as a window is.
    pub(super) fn lines_of(
        &self,
        counted: Counted<'_>,
        unit: &str,
        like: &Window,
        weights: &[Ratio],
        kind: UnitKind,
    ) -> Vec<Line> {
        let (first, last) = self.inputs.period.days();
        let own_act =
            |indicator: &Indicator| self.inputs.rulings.own_act(unit, indicator.id.as_str(), first, last).is_some();
        let place = |index: usize, value: &Ratio| {
            let direction = self.inputs.scheme.indicators[index].direction;
            self.fields.get(&(index, like.window_type.as_str()))?.place(value, direction)
        };
        let inputs = LineInputs {
            scheme: self.inputs.scheme,
            counted,
            priors: self.inputs.priors.of(&self.peers.pool(&like.window_type, &like.centre)),
            own_act: &own_act,
            place: &place,
        };
        lines(&inputs, weights, |indicator| indicator.units.contains(&kind))
    }

    pub(super) fn cards(&self) -> Vec<Scorecard> {
        self.registered.iter().map(|(id, entry)| self.card(id, entry)).collect()
    }

    fn card(&self, id: &str, entry: &Window) -> Scorecard {
        let scheme = self.inputs.scheme;
        let mut card = Scorecard {
            unit: id.to_owned(),
            kind: UnitKind::Window,
            name: entry.name.clone(),
            pool: Some(self.peers.pool(&entry.window_type, &entry.centre)),
            parts: Vec::new(),
            status: Status::NotScored(vec![NotScored::NoProfile(entry.window_type.to_string())]),
            rank: None,
            grade: None,
        };
        let Some(profile) = profile_for(scheme, entry.window_type.as_str(), UnitKind::Window) else {
            return card;
        };
        let weights = scheme.weights(id, profile);
        let mut lines = self.lines(entry, &weights);
        let own = weigh(scheme, &mut lines);
        let reasons = not_scored(scheme, &[&lines]);
        card.status = if reasons.is_empty() {
            let incidents = self.incidents.get(id).into_iter().flatten().copied();
            let Deducted { deductions, s2, s3, vetoed } = deduct(scheme, UnitKind::Window, &own, incidents);
            let broken_bounds = broken_bounds(profile, &lines, scheme);
            let (own, s1, team) = (own.clone(), own.clone(), None);
            Status::Scored(Box::new(Scored { own, team, s1, deductions, s2, s3, vetoed, broken_bounds }))
        } else {
            Status::NotScored(reasons)
        };
        card.parts = vec![Part { window: entry.window.clone(), half_days: 1, takes: vec![id.to_owned()], lines, own }];
        card
    }
}

fn ranks(curve: &Curve) -> bool {
    match curve {
        Curve::Rank => true,
        Curve::BestOf(curves) => curves.iter().any(ranks),
        _ => false,
    }
}

fn by_window(tally: &Tally) -> ByWindow<'_> {
    let mut windows = ByWindow::new();
    // Rows are sorted by window: one window's rows stand together.
    for rows in tally.rows.chunk_by(|a, b| a.window == b.window) {
        let mut sum = rows[0].values.clone();
        for TallyRow { values, .. } in &rows[1..] {
            add_values(&mut sum, values);
        }
        windows.insert(rows[0].window.as_str(), sum);
    }
    windows
}

pub(super) fn profile_for<'a>(scheme: &'a Scheme, window_type: &str, kind: UnitKind) -> Option<&'a Profile> {
    scheme.profile(window_type).filter(|profile| profile.units.contains(&kind))
}

/// Every reason not to score a unit with these lines (several windows of a person are looked at together).
pub(super) fn not_scored(scheme: &Scheme, parts: &[&[Line]]) -> Vec<NotScored> {
    let mut reasons = Vec::new();
    let weight_of = |lines: &[Line]| {
        let present = lines.iter().filter(|line| line.state.counts());
        present.fold(Ratio::ZERO, |sum, line| sum.add(&line.nominal))
    };
    // With several windows the fullest one decides.
    let present = parts.iter().map(|lines| weight_of(lines)).max().unwrap_or(Ratio::ZERO);
    if present < scheme.scored.min_weight {
        reasons.push(NotScored::TooLittleWeight { present, needed: scheme.scored.min_weight.clone() });
    }
    let has_data = |group: usize| {
        let mut lines = parts.iter().flat_map(|lines| lines.iter());
        lines.any(|line| line.state.counts() && scheme.indicators[line.indicator].group == group)
    };
    let groups = (0..scheme.groups.len()).filter(|group| has_data(*group)).count();
    if groups < scheme.scored.min_groups {
        reasons.push(NotScored::TooFewGroups { present: groups, needed: scheme.scored.min_groups });
    }
    let any_of = &scheme.scored.any_of;
    if !any_of.is_empty() && !any_of.iter().any(|group| has_data(*group)) {
        reasons.push(NotScored::NoneOfGroups(any_of.clone()));
    }
    reasons
}

/// Bounds of the type that the moved weights break although the nominal ones may keep them.
pub(super) fn broken_bounds(profile: &Profile, lines: &[Line], scheme: &Scheme) -> Vec<String> {
    if profile.bounds.is_empty() {
        return Vec::new();
    }
    let mut weights = vec![Ratio::ZERO; scheme.indicators.len()];
    for line in lines {
        weights[line.indicator] = line.effective.clone();
    }
    let broken = profile.bounds.iter().filter(|bound| !bound.check(&weights).0);
    broken.map(|bound| bound.tags.join(" ∪ ")).collect()
}

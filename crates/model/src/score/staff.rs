//! People: scored at the windows they worked at, merged by half-days, with a share of their team.

use super::card::{NotScored, Part, Scorecard, Scored, Status, TeamPart, TeamShare, TeamSource};
use super::deduct::{Deducted, deduct};
use super::line::Counted;
use super::peers::Peers;
use super::team::points;
use super::units::{Windows, broken_bounds, not_scored, profile_for};
use super::weigh::weigh;
use crate::exact::Ratio;
use crate::id::{StaffId, WindowId};
use crate::register::{Stint, Window};
use crate::scheme::{Team, UnitKind};
use crate::tally::add_values;
use crate::time::Day;
use std::collections::{BTreeMap, BTreeSet};

/// From this many on-post days on, a window is scored apart; shorter stints go to the main window (SCORING §2).
const DAYS_TO_STAND_APART: usize = 3;

type Values = Vec<Option<i64>>;

pub(super) fn cards(windows: &Windows<'_>) -> Vec<Scorecard> {
    let inputs = windows.inputs;
    let (first, last) = inputs.period.days();
    let counted = by_staff(inputs.tally.rows.iter().map(|row| (&row.staff, &row.window, &row.values)));
    let history: Vec<(u8, _)> = inputs
        .history
        .iter()
        .filter(|(before, _)| inputs.scheme.looks_back(*before))
        .map(|(before, tally)| (*before, by_staff(tally.rows.iter().map(|row| (&row.staff, &row.window, &row.values)))))
        .collect();
    let mut people: BTreeSet<&str> = counted.keys().copied().filter(|id| !id.is_empty()).collect();
    for day in (first.0..=last.0).map(Day) {
        people.extend(inputs.register.staff_on(day).map(|person| person.staff.as_str()));
    }
    let peers = Peers::new(inputs.register, inputs.period, UnitKind::Staff, inputs.scheme.peers_at_least);
    let empty = BTreeMap::new();
    let card = |id: &&str| {
        let then = history.iter().map(|(before, people)| (*before, people.get(id).unwrap_or(&empty))).collect();
        Person { windows, peers: &peers, id, counted: counted.get(id).unwrap_or(&empty), history: then }.card()
    };
    people.iter().map(card).collect()
}

type ByWindow<'a> = BTreeMap<&'a str, &'a Values>;

fn by_staff<'a>(
    rows: impl Iterator<Item = (&'a StaffId, &'a WindowId, &'a Values)>,
) -> BTreeMap<&'a str, ByWindow<'a>> {
    let mut people: BTreeMap<&str, ByWindow<'_>> = BTreeMap::new();
    for (staff, window, values) in rows {
        people.entry(staff.as_str()).or_default().insert(window.as_str(), values);
    }
    people
}

struct Person<'a> {
    windows: &'a Windows<'a>,
    peers: &'a Peers,
    id: &'a str,
    counted: &'a ByWindow<'a>,
    history: Vec<(u8, &'a ByWindow<'a>)>,
}

/// A window at which the person is scored, and the windows whose counts go to it.
struct Place {
    window: WindowId,
    half_days: i64,
    takes: BTreeSet<String>,
}

impl Person<'_> {
    fn card(&self) -> Scorecard {
        let inputs = self.windows.inputs;
        let registered = inputs.register.person(self.id);
        let mut card = Scorecard {
            unit: self.id.to_owned(),
            kind: UnitKind::Staff,
            name: registered.map_or_else(|| self.id.to_owned(), |person| person.name.clone()),
            pool: None,
            parts: Vec::new(),
            status: Status::NotScored(Vec::new()),
            rank: None,
            grade: None,
        };
        let (first, last) = inputs.period.days();
        let stints = inputs.register.half_days(self.id, first, last, |day| inputs.clock.is_workday(day));
        let places = match self.places(&stints) {
            Ok(places) => places,
            Err(reason) => {
                card.status = Status::NotScored(vec![reason]);
                return card;
            }
        };
        let main = places.iter().max_by(|a, b| (a.half_days, &b.window).cmp(&(b.half_days, &a.window)));
        let at = main.and_then(|place| self.entry(&place.window));
        card.pool = at.map(|entry| self.peers.pool(&entry.window_type, &entry.centre));
        let mut broken = Vec::new();
        for place in &places {
            card.parts.extend(self.part(place, &mut broken));
        }
        card.status = self.status(&card, &stints, broken);
        card
    }

    fn entry(&self, window: &WindowId) -> Option<&Window> {
        self.windows.registered.get(window.as_str()).copied()
    }

    /// Where the person is scored: windows with enough days on post, the shorter stints added to the main one.
    fn places(&self, stints: &[Stint]) -> Result<Vec<Place>, NotScored> {
        let known: Vec<&str> = self.counted.keys().copied().filter(|window| !window.is_empty()).collect();
        if stints.is_empty() {
            return match known.as_slice() {
                [] => Err(NotScored::NotThere),
                [only] => {
                    let takes = self.counted.keys().map(ToString::to_string).collect();
                    Ok(vec![Place { window: WindowId::new(only), half_days: 1, takes }])
                }
                _ => Err(NotScored::NoPost),
            };
        }
        // The main window has most half-days, the first by id if equal.
        let mut sorted: Vec<&Stint> = stints.iter().collect();
        sorted.sort_by(|a, b| b.half_days.cmp(&a.half_days).then_with(|| a.window.cmp(&b.window)));
        let mut places: Vec<Place> = Vec::new();
        for (at, stint) in sorted.iter().enumerate() {
            let window = stint.window.clone();
            if at == 0 || stint.days >= DAYS_TO_STAND_APART {
                let takes = BTreeSet::from([window.to_string()]);
                places.push(Place { window, half_days: stint.half_days, takes });
            } else {
                places[0].half_days += stint.half_days;
                places[0].takes.insert(window.to_string());
            }
        }
        let taken: BTreeSet<String> = places.iter().flat_map(|place| place.takes.clone()).collect();
        places[0].takes.extend(self.counted.keys().map(ToString::to_string).filter(|window| !taken.contains(window)));
        places.sort_by(|a, b| a.window.cmp(&b.window));
        Ok(places)
    }

    fn sum(counted: &ByWindow<'_>, place: &Place, measures: usize) -> Values {
        let mut sum = vec![None; measures];
        for window in &place.takes {
            if let Some(values) = counted.get(window.as_str()) {
                add_values(&mut sum, values);
            }
        }
        sum
    }

    fn part(&self, place: &Place, broken: &mut Vec<String>) -> Option<Part> {
        let scheme = self.windows.inputs.scheme;
        let entry = self.entry(&place.window)?;
        let profile = profile_for(scheme, entry.window_type.as_str(), UnitKind::Staff)?;
        let weights = scheme.weights(place.window.as_str(), profile);
        let measures = scheme.measures.len();
        let values = Self::sum(self.counted, place, measures);
        let history: Vec<_> =
            self.history.iter().map(|(before, counted)| (*before, Self::sum(counted, place, measures))).collect();
        let admitted = place
            .takes
            .iter()
            .filter_map(|window| Some(self.windows.admitted(window, self.counted.get(window.as_str())?)));
        let admitted = admitted.fold(0_i64, i64::saturating_add);
        let mut lines = self.windows.lines_of(
            Counted { values: &values, admitted, history: &history },
            self.id,
            entry,
            &weights,
            UnitKind::Staff,
        );
        let own = weigh(scheme, &mut lines);
        broken.extend(broken_bounds(profile, &lines, scheme));
        Some(Part {
            window: place.window.clone(),
            half_days: place.half_days,
            takes: place.takes.iter().cloned().collect(),
            lines,
            own,
        })
    }

    fn status(&self, card: &Scorecard, stints: &[Stint], broken_bounds: Vec<String>) -> Status {
        let inputs = self.windows.inputs;
        if card.parts.is_empty() {
            let window_type = card.window_type().map(ToString::to_string).unwrap_or_default();
            return Status::NotScored(vec![NotScored::NoProfile(window_type)]);
        }
        let lines: Vec<_> = card.parts.iter().map(|part| part.lines.as_slice()).collect();
        let reasons = not_scored(inputs.scheme, &lines);
        if !reasons.is_empty() {
            return Status::NotScored(reasons);
        }
        let has_data = |part: &&Part| part.lines.iter().any(|line| line.state.counts());
        let weighted: Ratio =
            card.parts.iter().filter(has_data).map(|part| part.own.mul(&halves(part.half_days))).sum();
        let total: Ratio = card.parts.iter().filter(has_data).map(|part| halves(part.half_days)).sum();
        let own = weighted.div(&total).unwrap_or(Ratio::ZERO);
        let team = inputs.scheme.team.as_ref().and_then(|team| self.team(team, stints));
        let s1 = match &team {
            Some(team) => own.mul(&Ratio::ONE.sub(&team.share)).add(&team.points.mul(&team.share)),
            None => own.clone(),
        };
        let incidents = inputs.incidents.iter().filter(|incident| incident.staff.as_str() == self.id);
        let Deducted { deductions, s2, s3, vetoed } = deduct(inputs.scheme, UnitKind::Staff, &s1, incidents);
        Status::Scored(Box::new(Scored { own, team, s1, deductions, s2, s3, vetoed, broken_bounds }))
    }

    /// T of SCORING §5: the satisfaction of the windows the person was posted to, by half-days. Windows without a
    /// figure of their own or of their type and centre drop out; if all do, there is no team share.
    fn team(&self, team: &Team, stints: &[Stint]) -> Option<TeamShare> {
        let part = |stint: &Stint| {
            let window = stint.window.as_str();
            let points_of = |source: &TeamSource| points(&self.windows.group_lines(source, team.group)?);
            let mut source = TeamSource::Window(stint.window.clone());
            let mut points = points_of(&source).filter(|_| !self.mostly_own(team, window));
            if let (None, Some(entry)) = (&points, self.entry(&stint.window)) {
                source = TeamSource::StandIn(entry.window_type.clone(), entry.centre.clone());
                points = points_of(&source);
            }
            TeamPart { window: stint.window.clone(), half_days: stint.half_days, points, source }
        };
        let parts: Vec<TeamPart> = stints.iter().map(part).collect();
        let (mut sum, mut weight) = (Ratio::ZERO, Ratio::ZERO);
        for part in &parts {
            if let Some(points) = &part.points {
                sum = sum.add(&points.mul(&halves(part.half_days)));
                weight = weight.add(&halves(part.half_days));
            }
        }
        Some(TeamShare { share: team.share.clone(), points: sum.div(&weight)?, parts })
    }

    /// Whether the person received so large a share of the window's ratings that its points would be their own.
    fn mostly_own(&self, team: &Team, window: &str) -> bool {
        let count = |values: Option<&[Option<i64>]>| values.and_then(|values| values[team.ratings]).unwrap_or(0);
        let own = count(self.counted.get(window).map(|values| values.as_slice()));
        let all = count(self.windows.values_of(window));
        Ratio::new(own.into(), all.into()).is_some_and(|share| share >= team.own_ratings_at_most)
    }
}

fn halves(half_days: i64) -> Ratio {
    Ratio::whole(half_days.into())
}

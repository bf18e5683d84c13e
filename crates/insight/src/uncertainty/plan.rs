//! A card made ready for draws: which lines, with which weight, and what comes after them.

use super::dispersion::Dispersion;
use super::field::Field;
use super::line::{DrawnLine, LineContext};
use super::memo::Memo;
use crate::float::{of_ratio, of_sum};
use model::canonical::Digest;
use model::exact::Ratio;
use model::id::{CentreId, WindowId, WindowType};
use model::register::Window;
use model::scheme::{Curve, Scheme, UnitKind};
use model::score::{Hundredths, Inputs, Line, Part, Peers, Scorecard, Scored, TeamSource, taken};
use std::collections::BTreeMap;

/// What every plan is made with.
pub(super) struct Context<'a> {
    pub(super) scheme: &'a Scheme,
    seed: Digest,
    dispersion: &'a Dispersion,
    peers: Peers,
    registered: BTreeMap<&'a str, &'a Window>,
}

/// The windows among which curves rank, by indicator and type.
pub(super) type Fields = BTreeMap<(usize, WindowType), Field>;

/// The points of whatever team shares take, in every draw.
pub(super) type TeamPoints = BTreeMap<TeamSource, Vec<f64>>;

/// A scored card, ready to be drawn.
pub(super) struct Plan<'a> {
    /// Per window that the unit is scored at.
    pub(super) parts: Vec<(&'a WindowId, Vec<DrawnLine<'a>>)>,
    /// What a point of each team source adds.
    pub(super) team: Vec<(&'a TeamSource, f64)>,
    /// The share of S1 that the negative list leaves.
    pub(super) left: f64,
    /// The points that it takes then.
    taken: f64,
    /// What the score is at most.
    cap: f64,
}

impl<'a> Context<'a> {
    pub(super) fn new(inputs: &Inputs<'a>, dispersion: &'a Dispersion, seed: Digest) -> Self {
        Self {
            scheme: inputs.scheme,
            seed,
            dispersion,
            peers: Peers::new(inputs.register, inputs.period, UnitKind::Window, inputs.scheme.peers_at_least),
            registered: inputs.register.windows_in(inputs.period),
        }
    }

    /// What lines at windows of one type and centre are drawn with, under the name of their streams.
    fn lines<'c>(
        &'c self,
        fields: &'c Fields,
        name: Vec<&'c str>,
        at: Option<(&WindowType, &CentreId)>,
    ) -> LineContext<'c> {
        let dispersion = at.map_or(&[][..], |(ty, centre)| self.dispersion.of(&self.peers.pool(ty, centre)));
        let fields = at.map_or(Vec::new(), |(ty, _)| of_type(fields, ty));
        LineContext { scheme: self.scheme, seed: self.seed, name, dispersion, fields }
    }

    fn place_of(&self, window: &WindowId) -> Option<(&'a WindowType, &'a CentreId)> {
        self.registered.get(window.as_str()).map(|entry| (&entry.window_type, &entry.centre))
    }

    /// The values of all windows in every draw, for the curves that rank them.
    pub(super) fn fields(&self, windows: &[Scorecard], draws: u32) -> Fields {
        let none = Fields::new();
        let mut values: BTreeMap<(usize, WindowType), Vec<DrawnLine<'_>>> = BTreeMap::new();
        let ranked = |line: &&Line| line.value.is_some() && ranks(&self.scheme.indicators[line.indicator].curve);
        for card in windows {
            let (Some(part), Some(window_type)) = (card.parts.first(), card.window_type()) else { continue };
            let name = vec!["window", card.unit.as_str()];
            let ctx = self.lines(&none, name, self.place_of(&part.window));
            for line in part.lines.iter().filter(ranked) {
                let drawn = DrawnLine::new(&ctx, line, 0.0, &|_| None);
                values.entry((line.indicator, window_type.clone())).or_default().push(drawn);
            }
        }
        let field = |(key, lines): ((usize, WindowType), Vec<DrawnLine<'_>>)| {
            let direction = self.scheme.indicators[key.0].direction;
            let field = Field::new(draws, direction, |draw| lines.iter().map(|line| line.value(draw)).collect());
            (key, field)
        };
        values.into_iter().map(field).collect()
    }

    /// The points that a team source gives in every draw.
    pub(super) fn team_points(&self, fields: &Fields, source: &TeamSource, lines: &[Line], draws: u32) -> Vec<f64> {
        let total = of_ratio(&lines.iter().map(|line| line.nominal.clone()).sum::<Ratio>());
        let weight = |line: &Line| of_ratio(&line.nominal) / total;
        let drawn = match source {
            TeamSource::Window(window) => {
                let name = vec!["window", window.as_str()];
                DrawnLine::all(&self.lines(fields, name, self.place_of(window)), lines, weight)
            }
            TeamSource::StandIn(window_type, centre) => {
                let name = vec!["stand_in", window_type.as_str(), centre.as_str()];
                DrawnLine::all(&self.lines(fields, name, Some((window_type, centre))), lines, weight)
            }
        };
        let mut sums = vec![0.0; usize::try_from(draws).unwrap_or(0)];
        for line in &drawn {
            line.add_to(&mut sums, &drawn, &mut Memo::default());
        }
        sums
    }

    /// The plan of a card; `None` if it has no score.
    pub(super) fn plan<'c>(&'c self, fields: &'c Fields, card: &'c Scorecard) -> Option<Plan<'c>> {
        let scored = card.scored()?;
        let own_share = scored.team.as_ref().map_or(1.0, |team| 1.0 - of_ratio(&team.share));
        // Parts without data carry no weight, as on the card.
        let has_data = |part: &&Part| part.lines.iter().any(|line| line.state.counts());
        let half_days: i64 = card.parts.iter().filter(has_data).map(|part| part.half_days).sum();
        let parts = card.parts.iter().filter(has_data).map(|part| {
            let share = own_share * of_sum(part.half_days) / of_sum(half_days.max(1));
            let weight = |line: &Line| share * of_ratio(&line.effective) / 100.0;
            let name = match card.kind {
                UnitKind::Window => vec!["window", card.unit.as_str()],
                UnitKind::Staff => vec!["staff", card.unit.as_str(), part.window.as_str()],
            };
            let ctx = self.lines(fields, name, self.place_of(&part.window));
            (&part.window, DrawnLine::all(&ctx, &part.lines, weight))
        });
        let off = taken(self.scheme, &scored.deductions);
        Some(Plan {
            parts: parts.collect(),
            team: team_weights(scored),
            left: of_ratio(&off.left),
            taken: of_ratio(&off.points),
            cap: of_ratio(&off.cap),
        })
    }
}

/// What a point of each team source adds to S1.
fn team_weights(scored: &Scored) -> Vec<(&TeamSource, f64)> {
    let Some(team) = &scored.team else { return Vec::new() };
    let counting = || team.parts.iter().filter(|part| part.points.is_some());
    let half_days: i64 = counting().map(|part| part.half_days).sum();
    let share = of_ratio(&team.share) / of_sum(half_days.max(1));
    counting().map(|part| (&part.source, share * of_sum(part.half_days))).collect()
}

fn of_type<'f>(fields: &'f Fields, window_type: &WindowType) -> Vec<(usize, &'f Field)> {
    let same = fields.iter().filter(|((_, ty), _)| ty == window_type);
    same.map(|((indicator, _), field)| (*indicator, field)).collect()
}

fn ranks(curve: &Curve) -> bool {
    match curve {
        Curve::Rank => true,
        Curve::BestOf(curves) => curves.iter().any(ranks),
        _ => false,
    }
}

impl Plan<'_> {
    /// Whether every draw gives the card's score.
    pub(super) fn is_certain(&self) -> bool {
        self.team.is_empty() && self.parts.iter().flat_map(|(_, lines)| lines).all(DrawnLine::is_certain)
    }

    /// S3 in every draw, as it is shown.
    pub(super) fn scores(&self, team: &TeamPoints, draws: u32, memo: &mut Memo) -> Vec<Hundredths> {
        let mut sums = vec![0.0; usize::try_from(draws).unwrap_or(0)];
        for (_, lines) in &self.parts {
            for line in lines {
                line.add_to(&mut sums, lines, memo);
            }
        }
        for (source, weight) in &self.team {
            let Some(points) = team.get(source) else { continue };
            for (sum, points) in sums.iter_mut().zip(points) {
                *sum += weight * points;
            }
        }
        let s3 = |sum: f64| (sum * self.left - self.taken).max(0.0).min(self.cap);
        sums.into_iter().map(|sum| hundredths(s3(sum))).collect()
    }
}

/// A score in hundredths, rounded half up as scores are.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 … 100 points are 0 … 10,000 hundredths")]
fn hundredths(points: f64) -> Hundredths {
    libm::floor(points * 100.0 + 0.5) as Hundredths
}

//! How little would change a grade: the smallest change of one weight that turns a window's grade into another.
//!
//! The weight of one indicator moves, and the others of its layer give or take in proportion, so that the layer keeps
//! its sum. Changes are tried hundredth by hundredth along the slopes of the scores; that a grade really turns is
//! checked exactly, by weighing the whole pool anew.

use super::card::{Hundredths, Scorecard, Scored, Status};
use super::deduct::taken;
use super::peers::{Peers, Pool};
use super::rank::rank;
use super::weigh::weigh;
use crate::exact::{Ratio, Rounding};
use crate::outcome::{Grade, Seats, grades};
use crate::scheme::{Profile, Scheme, UnitKind};
use std::collections::BTreeMap;

/// The largest change that is tried, in hundredths of a point of weight.
pub const MOST_HUNDREDTHS: i64 = 500;
/// Checks for one window that may come to nothing before it is left alone.
const CHECKS: u32 = 20;

/// Billionths of a point in a hundredth.
const NANOS_PER_HUNDREDTH: i64 = 10_000_000;

/// The smallest change of a single weight that turns a grade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flip {
    /// The card, by position.
    pub card: usize,
    /// The indicator, by position in the scheme.
    pub indicator: usize,
    /// The weight that the scheme gives it.
    pub weight: Ratio,
    /// By how much it moves, in hundredths of a point of weight.
    pub change_hundredths: i64,
    /// The grade by the scheme as it is.
    pub from: Grade,
    /// The grade after the change.
    pub to: Grade,
}

/// The flip of every ranked window that has one, in the order of the cards. Windows with weights of their own, and
/// pools too small for outcomes, are left out.
#[must_use]
pub fn flips(scheme: &Scheme, peers: &Peers, cards: &[Scorecard]) -> Vec<Flip> {
    let Some(quota) = &scheme.quota else { return Vec::new() };
    let mut pools: BTreeMap<&Pool, Vec<usize>> = BTreeMap::new();
    for (at, card) in cards.iter().enumerate().filter(|(_, card)| card.kind == UnitKind::Window && card.rank.is_some())
    {
        if let Some(pool) = card.pool.as_ref().filter(|pool| peers.enough(pool)) {
            pools.entry(pool).or_default().push(at);
        }
    }
    let mut found = Vec::new();
    for (pool, members) in pools {
        let Some(profile) = scheme.profile(pool.window_type.as_str()) else { continue };
        let weighed = Weighed { scheme, peers, profile, cards: members.iter().map(|at| &cards[*at]).collect() };
        let seats = Seats::new(quota, members.len());
        found.extend(weighed.flips(&seats).into_iter().map(|flip| Flip { card: members[flip.card], ..flip }));
    }
    found.sort_by_key(|flip| flip.card);
    found
}

/// The windows of one pool.
struct Weighed<'a> {
    scheme: &'a Scheme,
    peers: &'a Peers,
    profile: &'a Profile,
    cards: Vec<&'a Scorecard>,
}

/// How the scores of a pool move with one weight.
struct Slope {
    indicator: usize,
    /// In billionths per point of weight.
    per_point: Vec<i64>,
}

impl Weighed<'_> {
    fn flips(&self, seats: &Seats) -> Vec<Flip> {
        let now = self.grades(&self.profile.weights);
        let scores: Vec<i64> = self.cards.iter().map(|card| card.scored().map_or(0, |s| nanos(&s.s3))).collect();
        let fixed = |card: usize| {
            // A veto stays, whatever the weights; so do weights that are the window's own.
            self.cards[card].scored().is_none_or(|scored| scored.vetoed)
                || self.scheme.window_weights.contains_key(self.cards[card].unit.as_str())
        };
        let vetoed = self.cards.iter().map(|card| card.scored().is_some_and(|scored| scored.vetoed)).collect();
        let slopes: Vec<Slope> = (0..self.profile.weights.len())
            .filter(|at| !self.profile.weights[*at].is_zero())
            .filter_map(|indicator| Some(Slope { indicator, per_point: self.slopes(indicator, &scores)? }))
            .collect();
        let mut checks = vec![CHECKS; self.cards.len()];
        let mut open: Vec<usize> = (0..self.cards.len()).filter(|card| !fixed(*card)).collect();
        let mut found = Vec::new();
        let estimate = Estimate { scores, vetoed, seats: *seats };
        for hundredths in 1..=MOST_HUNDREDTHS {
            for (slope, change) in slopes.iter().flat_map(|slope| [(slope, hundredths), (slope, -hundredths)]) {
                let then = estimate.grades(slope, change);
                if open.iter().all(|card| then[*card] == now[*card]) {
                    continue;
                }
                let Some(weights) = self.moved(slope.indicator, change) else { continue };
                let exact = self.grades(&weights);
                open.retain(|card| match (now[*card], exact[*card]) {
                    (Some(from), Some(to)) if from != to => {
                        let weight = self.profile.weights[slope.indicator].clone();
                        let indicator = slope.indicator;
                        found.push(Flip { card: *card, indicator, weight, change_hundredths: change, from, to });
                        false
                    }
                    _ if then[*card] != now[*card] => {
                        checks[*card] -= 1;
                        checks[*card] > 0
                    }
                    _ => true,
                });
            }
            if open.is_empty() {
                break;
            }
        }
        found
    }

    /// By how much each score moves per point of weight; `None` where the weight cannot move by one.
    fn slopes(&self, indicator: usize, scores: &[i64]) -> Option<Vec<i64>> {
        let weights = self.moved(indicator, 100).map(|weights| (weights, 1));
        let (weights, sign) = weights.or_else(|| Some((self.moved(indicator, -100)?, -1)))?;
        let moved = self.cards.iter().map(|card| self.score(card, &weights).map_or(0, |score| nanos(&score)));
        Some(moved.zip(scores).map(|(moved, score)| (moved - score) * sign).collect())
    }

    /// The weights with one of them moved by hundredths, and the others of its layer in proportion; `None` if one would
    /// leave 0 … the layer's sum, or a bound of the type would break.
    fn moved(&self, indicator: usize, hundredths: i64) -> Option<Vec<Ratio>> {
        let layer_of = |at: usize| self.scheme.groups[self.scheme.indicators[at].group].layer;
        let layer = layer_of(indicator);
        let change = Ratio::new(hundredths.into(), 100)?;
        let weight = self.profile.weights[indicator].add(&change);
        let others = (0..self.profile.weights.len()).filter(|at| *at != indicator && layer_of(*at) == layer);
        let sum: Ratio = others.map(|at| self.profile.weights[at].clone()).sum();
        let left = sum.sub(&change);
        if weight < Ratio::ZERO || left < Ratio::ZERO {
            return None;
        }
        let factor = left.div(&sum)?;
        let scaled = |(at, nominal): (usize, &Ratio)| match at {
            at if at == indicator => weight.clone(),
            at if layer_of(at) == layer => nominal.mul(&factor),
            _ => nominal.clone(),
        };
        let weights: Vec<Ratio> = self.profile.weights.iter().enumerate().map(scaled).collect();
        self.profile.bounds.iter().all(|bound| bound.check(&weights).0).then_some(weights)
    }

    /// A window's score under other weights, unrounded.
    fn score(&self, card: &Scorecard, weights: &[Ratio]) -> Option<Ratio> {
        let scored = card.scored()?;
        let mut lines = card.parts.first()?.lines.clone();
        for line in &mut lines {
            line.nominal = weights[line.indicator].clone();
        }
        let own = weigh(self.scheme, &mut lines);
        Some(taken(self.scheme, &scored.deductions).from(&own).1)
    }

    fn grades(&self, weights: &[Ratio]) -> Vec<Option<Grade>> {
        let scored = |card: &&Scorecard| {
            let own_weights = self.scheme.window_weights.contains_key(card.unit.as_str());
            let mut scored = card.scored()?.clone();
            if !own_weights {
                scored.s3 = self.score(card, weights)?;
            }
            Some(Scored { broken_bounds: Vec::new(), ..scored })
        };
        let mut cards: Vec<Scorecard> = self
            .cards
            .iter()
            .filter_map(|card| Some(Scorecard { status: Status::Scored(Box::new(scored(card)?)), ..bare(card) }))
            .collect();
        rank(&mut cards);
        grades(self.scheme.quota.as_ref(), self.peers, &cards)
    }
}

/// A card without its lines: enough to be ranked.
fn bare(card: &Scorecard) -> Scorecard {
    Scorecard {
        unit: card.unit.clone(),
        kind: card.kind,
        name: String::new(),
        pool: card.pool.clone(),
        parts: Vec::new(),
        status: Status::NotScored(Vec::new()),
        rank: None,
        grade: None,
    }
}

/// Grades as they would be if every score went on along its slope.
struct Estimate {
    /// In billionths.
    scores: Vec<i64>,
    vetoed: Vec<bool>,
    seats: Seats,
}

impl Estimate {
    fn grades(&self, slope: &Slope, change_hundredths: i64) -> Vec<Option<Grade>> {
        let shown = |(score, slope): (&i64, &i64)| {
            let then = score + slope * change_hundredths / 100;
            Hundredths::try_from(((then + NANOS_PER_HUNDREDTH / 2) / NANOS_PER_HUNDREDTH).clamp(0, 10_000)).unwrap_or(0)
        };
        let then: Vec<Hundredths> = self.scores.iter().zip(&slope.per_point).map(shown).collect();
        let ranked = |at: &usize| !self.vetoed[*at];
        let mut ascending: Vec<Hundredths> = (0..then.len()).filter(ranked).map(|at| then[at]).collect();
        ascending.sort_unstable();
        let edges = self.seats.edges(&ascending, then.len() - ascending.len());
        let grade = |at: usize| match then[at] {
            _ if self.vetoed[at] => Grade::Failed,
            score if edges.is_top(score) => Grade::Excellent,
            score if edges.is_bottom(score) => Grade::Failed,
            _ => Grade::Qualified,
        };
        (0..then.len()).map(|at| Some(grade(at))).collect()
    }
}

/// Near enough to look for a change; whether it is one is decided exactly.
fn nanos(ratio: &Ratio) -> i64 {
    ratio.round_to_i64(9, Rounding::HalfEven).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Calendar, OfficeClock};
    use crate::id::{CentreId, StaffId, WindowId, WindowType};
    use crate::period::Period;
    use crate::register::{Centre, Register, Validity, Window};
    use crate::ruling::Rulings;
    use crate::score::{Inputs, Priors, score};
    use crate::silence::Verdicts;
    use crate::tally::{Tally, TallyRow};
    use crate::time::{Day, Zone};
    use proptest::prelude::*;

    const SCHEME: &str = r#"
format = 1
id = "t"
version = "1"
name = "t"
base_period = "month"
profile = [{ id = "w", name = "w" }]
layer = [{ id = "l", name = "l", weight = 60 }, { id = "m", name = "m", weight = 40 }]
group = [{ id = "g", name = "g", layer = "l" }, { id = "h", name = "h", layer = "m" }]
measure = [
  { id = "n", name = "", table = "survey" }, { id = "a", name = "", table = "survey" },
  { id = "b", name = "", table = "survey" }, { id = "c", name = "", table = "survey" },
]
indicator = [
  { id = "a", name = "a", group = "g", numerator = "a", denominator = "n", curve = { linear = { floor = 0, target = 1 } }, weights = { w = 40 } },
  { id = "b", name = "b", group = "g", numerator = "b", denominator = "n", curve = { linear = { floor = 0, target = 1 } }, weights = { w = 20 } },
  { id = "c", name = "c", group = "h", numerator = "c", denominator = "n", curve = { linear = { floor = 0, target = 1 } }, weights = { w = 40 } },
]
[quota]
top = "20%"
top_at_most = "25%"
bottom = "5%"
bottom_from = 20
help = "10%"
cut_membership = "90%"
help_membership = "50%"
"#;

    /// Windows with a, b and c of 100, scored and ranked; and their peers.
    fn cards(values: &[[i64; 3]]) -> (Scheme, Peers, Vec<Scorecard>) {
        let scheme = crate::scheme::parse(SCHEME).unwrap_or_else(|error| panic!("{error}"));
        let id = |at: usize| WindowId::new(&format!("W{at:02}"));
        let window = |at: usize| Window {
            window: id(at),
            name: String::new(),
            centre: CentreId::new("C"),
            window_type: WindowType::new("w"),
            valid: Validity { from: Day::parse("2026-01-01").expect("a day"), to: None },
        };
        let centre = Centre { centre: CentreId::new("C"), name: String::new() };
        let windows = (0..values.len()).map(window).collect();
        let register = Register::new(vec![centre], windows, vec![], vec![], vec![]).expect("a register");
        let row = |(at, [a, b, c]): (usize, &[i64; 3])| TallyRow {
            window: id(at),
            staff: StaffId::new(""),
            values: [100, *a, *b, *c].map(Some).into(),
        };
        let calendar = Calendar::shipped(&[]).expect("a calendar");
        let period = Period::parse("2026-03").expect("a month");
        let inputs = Inputs {
            scheme: &scheme,
            period,
            register: &register,
            clock: &OfficeClock::new(&calendar, &Zone::utc()),
            tally: &Tally { rows: values.iter().enumerate().map(row).collect() },
            priors: &Priors::default(),
            history: &[],
            silence: &Verdicts::new(),
            incidents: &[],
            rulings: &Rulings::default(),
        };
        let mut cards = score(&inputs, UnitKind::Window);
        rank(&mut cards);
        let peers = Peers::new(&register, period, UnitKind::Window, scheme.peers_at_least);
        (scheme, peers, cards)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn a_flip_turns_the_grade_and_no_smaller_change_of_a_single_weight_does(
            values in prop::collection::vec(prop::array::uniform3(60_i64..100), 20..24),
        ) {
            let (scheme, peers, cards) = cards(&values);
            let found = flips(&scheme, &peers, &cards);
            let pool = Weighed { scheme: &scheme, peers: &peers, profile: &scheme.profiles[0], cards: cards.iter().collect() };
            let now = pool.grades(&scheme.profiles[0].weights);
            // Every change of up to two points, hundredth by hundredth.
            let mut smallest: Vec<Option<i64>> = vec![None; cards.len()];
            for hundredths in 1..=200 {
                for (indicator, change) in (0..3).flat_map(|at| [(at, hundredths), (at, -hundredths)]) {
                    let Some(weights) = pool.moved(indicator, change) else { continue };
                    for (card, grade) in pool.grades(&weights).into_iter().enumerate() {
                        if grade != now[card] {
                            smallest[card].get_or_insert(hundredths);
                        }
                    }
                }
            }
            for flip in &found {
                let weights = pool.moved(flip.indicator, flip.change_hundredths).expect("a change that can be made");
                prop_assert_eq!(pool.grades(&weights)[flip.card], Some(flip.to));
                prop_assert_eq!(now[flip.card], Some(flip.from));
            }
            let found = |card| found.iter().find(|flip| flip.card == card).map(|flip| flip.change_hundredths.abs());
            for (card, smallest) in smallest.into_iter().enumerate() {
                prop_assert_eq!(found(card).filter(|found| *found <= 200), smallest, "{}", card);
            }
        }
    }
}

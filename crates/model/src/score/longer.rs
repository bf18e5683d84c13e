//! Quarters, halves and years as the mean of their base periods.

use super::card::{NotScored, Scorecard};
use crate::exact::{Ratio, Rounding};
use crate::period::Period;
use crate::scheme::UnitKind;
use std::collections::BTreeMap;

/// A unit's score over a longer period.
#[derive(Clone, Debug)]
pub struct LongerCard {
    /// The window or the work number.
    pub unit: String,
    /// Which of the two.
    pub kind: UnitKind,
    /// What people call it.
    pub name: String,
    /// The base periods with a score, each with what it adds to the mean.
    pub periods: Vec<(Period, Ratio)>,
    /// The mean of the unrounded scores, or why there is none.
    pub mean: Result<Ratio, NotScored>,
}

impl LongerCard {
    /// The score as it is shown: two decimals, half up.
    #[must_use]
    pub fn score(&self) -> Option<String> {
        self.mean.as_ref().ok().map(|mean| mean.to_decimal(2, Rounding::HalfUp))
    }
}

/// The mean of the base periods' unrounded scores, for units with at least two thirds of them (SCORING §1).
#[must_use]
pub fn mean_of_periods(periods: &[(Period, Vec<Scorecard>)], expected: usize) -> Vec<LongerCard> {
    let needed = (2 * expected).div_ceil(3);
    let mut units: BTreeMap<&str, LongerCard> = BTreeMap::new();
    for (period, cards) in periods {
        for card in cards {
            let entry = units.entry(&card.unit).or_insert_with(|| LongerCard {
                unit: card.unit.clone(),
                kind: card.kind,
                name: card.name.clone(),
                periods: Vec::new(),
                mean: Ok(Ratio::ZERO),
            });
            entry.name.clone_from(&card.name);
            entry.periods.extend(card.scored().map(|scored| (*period, scored.aggregate())));
        }
    }
    let mut cards: Vec<LongerCard> = units.into_values().collect();
    for card in &mut cards {
        let present = card.periods.len();
        let sum: Ratio = card.periods.iter().map(|(_, score)| score.clone()).sum();
        let mean = sum.div(&Ratio::whole(i128::try_from(present).unwrap_or(0)));
        let enough = mean.filter(|_| present >= needed);
        card.mean = enough.ok_or(NotScored::TooFewPeriods { present, needed });
    }
    cards
}

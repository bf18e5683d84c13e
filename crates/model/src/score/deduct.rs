//! The negative list: deductions in their order, and the veto (SCORING §5).

use super::Incident;
use super::card::Deduction;
use crate::exact::Ratio;
use crate::scheme::{NegativeEffect, Scheme, UnitKind};
use std::collections::BTreeMap;

/// What the negative list does to a unit.
pub(super) struct Deducted {
    pub(super) deductions: Vec<Deduction>,
    pub(super) s2: Ratio,
    pub(super) s3: Ratio,
    pub(super) vetoed: bool,
}

/// Applies the incidents of one unit: each uses only its heaviest entry, whoever reported it and however often.
pub(super) fn deduct<'a>(
    scheme: &Scheme,
    kind: UnitKind,
    s1: &Ratio,
    incidents: impl Iterator<Item = &'a Incident>,
) -> Deducted {
    let mut by_incident: BTreeMap<&str, Deduction> = BTreeMap::new();
    for incident in incidents.filter(|incident| scheme.negatives[incident.negative].units.contains(&kind)) {
        let record = (incident.source.clone(), incident.source_id.clone());
        let entry = by_incident.entry(&incident.incident).or_insert_with(|| Deduction {
            incident: incident.incident.clone(),
            negative: incident.negative,
            records: Vec::new(),
        });
        // The list is written the heaviest first.
        entry.negative = entry.negative.min(incident.negative);
        if !entry.records.contains(&record) {
            entry.records.push(record);
        }
    }
    let mut deductions: Vec<Deduction> = by_incident.into_values().collect();
    for deduction in &mut deductions {
        deduction.records.sort();
    }
    let taken = taken(scheme, &deductions);
    let (s2, s3) = taken.from(s1);
    Deducted { deductions, s2, s3, vetoed: taken.vetoed }
}

/// What deductions take together, whatever the score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The share of S1 that is left, 0 … 1.
    pub left: Ratio,
    /// The points that come off after it.
    pub points: Ratio,
    /// What the score is at most.
    pub cap: Ratio,
    /// Whether a veto fails the period.
    pub vetoed: bool,
}

impl Taken {
    /// S2 = S1 × `left`, and S3 = S2 − `points`, within 0 … `cap`.
    #[must_use]
    pub fn from(&self, s1: &Ratio) -> (Ratio, Ratio) {
        let s2 = s1.mul(&self.left);
        let s3 = s2.sub(&self.points).max(Ratio::ZERO).min(self.cap.clone());
        (s2, s3)
    }
}

/// Adds deductions up, each entry of the negative list for at most so many incidents.
#[must_use]
pub fn taken(scheme: &Scheme, deductions: &[Deduction]) -> Taken {
    let mut used: BTreeMap<usize, u32> = BTreeMap::new();
    for deduction in deductions {
        *used.entry(deduction.negative).or_default() += 1;
    }
    let (mut share, mut points, mut cap, mut vetoed) = (Ratio::ZERO, Ratio::ZERO, Ratio::whole(100), false);
    for (negative, count) in used {
        match &scheme.negatives[negative].effect {
            NegativeEffect::Share { each, at_most } => {
                share = share.add(&each.mul(&Ratio::whole(count.min(*at_most).into())));
            }
            NegativeEffect::Points(each) => points = points.add(&each.mul(&Ratio::whole(count.into()))),
            NegativeEffect::Cap(most) => cap = cap.min(most.clone()),
            NegativeEffect::Veto => vetoed = true,
        }
    }
    Taken { left: Ratio::ONE.sub(&share.min(Ratio::ONE)), points, cap, vetoed }
}

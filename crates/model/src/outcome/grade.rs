//! Grades: by points, quota and veto alone (SCORING §6). Chance has no say here, only in what a grade leads to.

use super::Seats;
use crate::scheme::Quota;
use crate::score::{Hundredths, Peers, Pool, Scorecard, Scored};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// What a period comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// A seat at the top (优秀).
    Excellent,
    /// Neither (合格).
    Qualified,
    /// A seat at the bottom, or a veto (不合格).
    Failed,
}

impl Grade {
    /// The word for it: 优秀, 合格 or 不合格.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Excellent => "优秀",
            Self::Qualified => "合格",
            Self::Failed => "不合格",
        }
    }
}

impl Serialize for Grade {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// Gives every ranked card its grade.
pub fn grade(quota: Option<&Quota>, peers: &Peers, cards: &mut [Scorecard]) {
    let grades = grades(quota, peers, cards);
    for (card, grade) in cards.iter_mut().zip(grades) {
        card.grade = grade;
    }
}

/// The grade of every card; `None` without a score. A pool that is too small, and a scheme without quotas, has neither
/// top nor bottom.
#[must_use]
pub fn grades(quota: Option<&Quota>, peers: &Peers, cards: &[Scorecard]) -> Vec<Option<Grade>> {
    let mut pools: BTreeMap<&Pool, Vec<(usize, &Scored)>> = BTreeMap::new();
    let mut grades: Vec<Option<Grade>> = Vec::with_capacity(cards.len());
    for (at, card) in cards.iter().enumerate() {
        let scored = card.scored();
        grades.push(scored.map(|scored| if scored.vetoed { Grade::Failed } else { Grade::Qualified }));
        if let (Some(scored), Some(pool)) = (scored, &card.pool)
            && (card.rank.is_some() || scored.vetoed)
        {
            pools.entry(pool).or_default().push((at, scored));
        }
    }
    let Some(quota) = quota else { return grades };
    for (_, units) in pools.into_iter().filter(|(pool, _)| peers.enough(pool)) {
        let vetoed = units.iter().filter(|(_, scored)| scored.vetoed).count();
        let mut ascending: Vec<Hundredths> =
            units.iter().filter(|(_, scored)| !scored.vetoed).map(|(_, scored)| scored.hundredths()).collect();
        ascending.sort_unstable();
        let edges = Seats::new(quota, units.len()).edges(&ascending, vetoed);
        for (at, scored) in units.into_iter().filter(|(_, scored)| !scored.vetoed) {
            if edges.is_top(scored.hundredths()) {
                grades[at] = Some(Grade::Excellent);
            } else if edges.is_bottom(scored.hundredths()) {
                grades[at] = Some(Grade::Failed);
            }
        }
    }
    grades
}

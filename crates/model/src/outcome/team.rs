//! A window's team score (SCORING §5): what the flag of the best team, its pool of money and its larger quota go by.

use crate::exact::Ratio;

/// Of 100: satisfaction, joint projects, knowledge shared.
const WEIGHTS: [i64; 3] = [70, 20, 10];

/// What a team is judged by, each 0 … 100 points; `None` where there is nothing to judge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TeamParts {
    /// The points of the satisfaction group.
    pub satisfaction: Option<Ratio>,
    /// Projects with other windows, done of those planned.
    pub joint_projects: Option<Ratio>,
    /// Trainings and the like, held of those planned.
    pub knowledge_sharing: Option<Ratio>,
}

impl TeamParts {
    /// The team score, 0 … 100, exact. The weight of a part with nothing to judge moves to the others in proportion, as
    /// on a card; without satisfaction there is no score.
    #[must_use]
    pub fn score(&self) -> Option<Ratio> {
        self.satisfaction.as_ref()?;
        let parts = [&self.satisfaction, &self.joint_projects, &self.knowledge_sharing];
        let there = || parts.iter().zip(WEIGHTS).filter_map(|(points, weight)| Some((points.as_ref()?, weight)));
        let weight: i64 = there().map(|(_, weight)| weight).sum();
        let sum: Ratio = there().map(|(points, weight)| points.mul(&Ratio::whole(weight.into()))).sum();
        sum.div(&Ratio::whole(weight.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s5_a_team_is_seventy_satisfaction_twenty_joint_projects_and_ten_knowledge_shared() {
        let check = |parts: [Option<&str>; 3], expect: Option<&str>| {
            let [satisfaction, joint_projects, knowledge_sharing] =
                parts.map(|text| text.map(|text| Ratio::parse(text).expect("a number")));
            let score = TeamParts { satisfaction, joint_projects, knowledge_sharing }.score();
            assert_eq!(score, expect.map(|text| Ratio::parse(text).expect("a number")), "{parts:?}");
        };
        check([Some("90"), Some("50"), Some("100")], Some("83"));
        // Nothing was planned with others: 70 and 10 of 80.
        check([Some("90"), None, Some("50")], Some("85"));
        check([Some("90"), None, None], Some("90"));
        check([None, Some("50"), Some("100")], None);
    }
}

//! One card by itself: its interval, and why it is wide.

use super::drawing::Drawing;
use super::memo::Memo;
use super::plan::{Plan, TeamPoints};
use super::{DRAWS, Question, ScoreInterval};
use crate::float::of_count;
use model::id::WindowId;
use model::score::{Hundredths, Scorecard, TeamSource};

/// How sure one card's score is, and what makes it unsure.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    /// The bounds of the middle 95 % of the drawn scores, as among all cards.
    pub interval: ScoreInterval,
    /// The middle of the drawn scores.
    pub median: Hundredths,
    /// What moves the score, the largest first; nothing where nothing is left to chance.
    pub contributors: Vec<Contributor>,
}

/// A part of a score that chance moves.
#[derive(Clone, Debug, PartialEq)]
pub struct Contributor {
    /// Which part.
    pub source: Source,
    /// By how many points it moves the score: the standard deviation over the draws.
    pub deviation: f64,
    /// Its share of the sum of all such variances, 0 … 1. Parts are drawn independently, but for curves that look at
    /// other indicators or units.
    pub share: f64,
}

/// Where chance comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// An indicator, by position in the scheme, at a window.
    Indicator(WindowId, usize),
    /// The points of a window, or of those that stand in for it, in the team share.
    Team(TeamSource),
}

/// The interval of one card and what it is made of; `None` for a card without a score.
#[must_use]
pub fn explain(question: &Question<'_>, card: &Scorecard) -> Option<Explained> {
    let question = Question { cards: std::slice::from_ref(card), ..*question };
    let drawing = Drawing::of(&question, 1);
    let plan = drawing.plan(0)?;
    let (interval, median) = super::summary(&drawing.scores(0, &mut Memo::default())?)?;
    Some(Explained { interval, median, contributors: contributors(&plan, &drawing.team) })
}

fn contributors(plan: &Plan<'_>, team: &TeamPoints) -> Vec<Contributor> {
    let mut found = Vec::new();
    for (window, lines) in &plan.parts {
        for line in lines.iter().filter(|line| !line.is_certain()) {
            let draws: Vec<f64> = (0..DRAWS).map(|draw| plan.left * line.weight * line.points(draw, lines)).collect();
            found.push((Source::Indicator((*window).clone(), line.indicator), variance(&draws)));
        }
    }
    for (source, weight) in &plan.team {
        let Some(points) = team.get(source) else { continue };
        let draws: Vec<f64> = points.iter().map(|points| plan.left * weight * points).collect();
        found.push((Source::Team((*source).clone()), variance(&draws)));
    }
    let total: f64 = found.iter().map(|(_, variance)| variance).sum();
    found.retain(|(_, variance)| *variance > 0.0);
    found.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    let contributor =
        |(source, variance): (Source, f64)| Contributor { source, deviation: variance.sqrt(), share: variance / total };
    found.into_iter().map(contributor).collect()
}

fn variance(draws: &[f64]) -> f64 {
    let n = of_count(draws.len() as u64);
    let mean = draws.iter().sum::<f64>() / n;
    draws.iter().map(|draw| (draw - mean) * (draw - mean)).sum::<f64>() / n
}

//! Why an interval is wide: how much each indicator adds to the variance of a score.

use super::plan::Context;
use super::{DRAWS, Question};
use crate::float::of_count;
use model::id::WindowId;
use model::score::{Scorecard, TeamSource, team_lines};

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

/// What moves the score of one card, the largest first; nothing for a card without a score.
#[must_use]
pub fn contributors(question: &Question<'_>, card: &Scorecard) -> Vec<Contributor> {
    let ctx = Context::new(question.inputs, question.dispersion, question.seed);
    let fields = ctx.fields(question.windows, DRAWS);
    let Some(plan) = ctx.plan(&fields, card) else { return Vec::new() };
    let mut found = Vec::new();
    for (window, lines) in &plan.parts {
        for line in lines.iter().filter(|line| !line.is_certain()) {
            let draws: Vec<f64> = (0..DRAWS).map(|draw| plan.left * line.weight * line.points(draw, lines)).collect();
            found.push((Source::Indicator((*window).clone(), line.indicator), variance(&draws)));
        }
    }
    let team = team_lines(question.inputs, std::slice::from_ref(card));
    for (source, weight) in &plan.team {
        let Some(lines) = team.get(source) else { continue };
        let mut draws = ctx.team_points(&fields, source, lines, DRAWS);
        for points in &mut draws {
            *points *= plan.left * weight;
        }
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

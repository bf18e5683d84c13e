//! A question made ready: what all of its cards are drawn with.

use super::memo::Memo;
use super::plan::{Context, Fields, Plan, TeamPoints};
use super::{DRAWS, Question, parallel};
use model::score::{Hundredths, team_lines};

/// A question, ready to be drawn.
pub(super) struct Drawing<'a> {
    pub(super) question: &'a Question<'a>,
    /// How many draws there are; one where nothing is left to chance.
    pub(super) draws: u32,
    /// What team shares take, in every draw.
    pub(super) team: TeamPoints,
    ctx: Context<'a>,
    fields: Fields,
}

impl<'a> Drawing<'a> {
    pub(super) fn of(question: &'a Question<'a>, threads: usize) -> Self {
        let ctx = Context::new(question.inputs, question.dispersion, question.seed);
        let none = Fields::new();
        let mut plans = question.cards.iter().filter_map(|card| ctx.plan(&none, card));
        let draws = if plans.any(|plan| !plan.is_certain()) { DRAWS } else { 1 };
        let fields = ctx.fields(question.windows, draws);
        let lines = team_lines(question.inputs, question.cards);
        let sources: Vec<_> = lines.iter().collect();
        let points = parallel::map(sources.len(), threads, |at| {
            let (source, lines) = sources[at];
            (source.clone(), ctx.team_points(&fields, source, lines, draws))
        });
        Self { question, draws, team: points.into_iter().collect(), fields, ctx }
    }

    /// The plan of a card, by its position; `None` if it has no score.
    pub(super) fn plan(&self, at: usize) -> Option<Plan<'_>> {
        self.ctx.plan(&self.fields, &self.question.cards[at])
    }

    /// The draws of a card's score.
    pub(super) fn scores(&self, at: usize, memo: &mut Memo) -> Option<Vec<Hundredths>> {
        Some(self.plan(at)?.scores(&self.team, self.draws, memo))
    }
}

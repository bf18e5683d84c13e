//! Two questions about the same units: drawn side by side.

use super::memo::Memo;
use super::plan::{Context, Fields, TeamPoints};
use super::{DRAWS, Question, leaves_to_chance, parallel};
use model::score::{Hundredths, team_lines};

/// The draws of the cards of two questions, card by card; `None` where one has no score. Both draw as they would alone,
/// and what both believe alike is drawn once.
#[must_use]
pub fn paired(
    first: &Question<'_>,
    second: &Question<'_>,
    threads: usize,
) -> Vec<Option<(Vec<Hundredths>, Vec<Hundredths>)>> {
    let (first, second) = (Side::of(first), Side::of(second));
    parallel::map(first.question.cards.len().min(second.question.cards.len()), threads, |at| {
        let mut memo = Memo::keeping();
        Some((first.scores(at, &mut memo)?, second.scores(at, &mut memo)?))
    })
}

/// A question, ready to be drawn.
struct Side<'a> {
    question: &'a Question<'a>,
    ctx: Context<'a>,
    fields: Fields,
    team: TeamPoints,
    draws: u32,
}

impl<'a> Side<'a> {
    fn of(question: &'a Question<'a>) -> Self {
        let ctx = Context::new(question.inputs, question.dispersion, question.seed);
        let draws = if leaves_to_chance(&ctx, question.cards) { DRAWS } else { 1 };
        let fields = ctx.fields(question.windows, draws);
        let lines = team_lines(question.inputs, question.cards);
        let points =
            |(source, lines): (&_, &Vec<_>)| (Clone::clone(source), ctx.team_points(&fields, source, lines, draws));
        let team = lines.iter().map(points).collect();
        Self { question, ctx, fields, team, draws }
    }

    fn scores(&self, at: usize, memo: &mut Memo) -> Option<Vec<Hundredths>> {
        Some(self.ctx.plan(&self.fields, &self.question.cards[at])?.scores(&self.team, self.draws, memo))
    }
}

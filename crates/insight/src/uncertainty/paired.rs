//! Two questions about the same units: drawn side by side.

use super::drawing::Drawing;
use super::memo::Memo;
use super::{Question, parallel};
use model::score::Hundredths;

/// The draws of the cards of two questions, card by card; `None` where one has no score. Both draw as they would alone,
/// and what both believe alike is drawn once.
#[must_use]
pub fn paired(
    first: &Question<'_>,
    second: &Question<'_>,
    threads: usize,
) -> Vec<Option<(Vec<Hundredths>, Vec<Hundredths>)>> {
    let count = first.cards.len().min(second.cards.len());
    let (first, second) = (Drawing::of(first, threads), Drawing::of(second, threads));
    parallel::map(count, threads, |at| {
        let mut memo = Memo::keeping();
        Some((first.scores(at, &mut memo)?, second.scores(at, &mut memo)?))
    })
}

//! How sure scores are: the draws of a period's cards, off the road of the scores.

use super::score::{Basis, ranked};
use insight::uncertainty::{Explained, Question, Uncertainty, explain, seed, uncertainty};
use model::scheme::UnitKind;
use model::score::Scorecard;

impl Basis {
    /// The draws of ranked cards. The result does not depend on the number of threads.
    pub(crate) fn uncertainty(&self, cards: &[Scorecard], threads: usize) -> Uncertainty {
        self.ask(cards, |question| uncertainty(question, threads))
    }

    /// The interval of one card and what makes it wide; `None` if it has no score.
    pub(crate) fn explain(&self, card: &Scorecard) -> Option<Explained> {
        self.ask(std::slice::from_ref(card), |question| explain(question, card))
    }

    fn ask<T>(&self, cards: &[Scorecard], answer: impl FnOnce(&Question<'_>) -> T) -> T {
        let inputs = self.inputs(&self.scheme, &self.gathered);
        // Curves may rank a unit among all windows.
        let windows = ranked(&inputs, UnitKind::Window);
        answer(&Question {
            inputs: &inputs,
            windows: &windows,
            cards,
            dispersion: &self.gathered.dispersion,
            seed: seed(self.period, &self.gathered.tally),
        })
    }
}

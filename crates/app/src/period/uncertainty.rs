//! How sure scores are: the draws of a period's cards, off the road of the scores.

use super::score::{Basis, ranked};
use insight::uncertainty::{Explained, Question, Uncertainty, explain, seed, uncertainty};
use model::scheme::UnitKind;
use model::score::{Inputs, Scorecard};
use std::borrow::Cow;

/// The cards of all windows, among which curves rank: the ones at hand, if they are it.
pub(crate) fn windows_among<'c>(inputs: &Inputs<'_>, kind: UnitKind, all: &'c [Scorecard]) -> Cow<'c, [Scorecard]> {
    match kind {
        UnitKind::Window => Cow::Borrowed(all),
        UnitKind::Staff => Cow::Owned(ranked(inputs, UnitKind::Window)),
    }
}

impl Basis {
    /// The draws of all ranked cards of a kind. The result does not depend on the number of threads.
    pub(crate) fn uncertainty(&self, kind: UnitKind, all: &[Scorecard], threads: usize) -> Uncertainty {
        self.ask(kind, all, |question| uncertainty(question, threads))
    }

    /// The interval of one of all ranked cards of a kind, and what makes it wide; `None` if it has no score.
    pub(crate) fn explain(&self, kind: UnitKind, all: &[Scorecard], card: &Scorecard) -> Option<Explained> {
        self.ask(kind, all, |question| explain(question, card))
    }

    fn ask<T>(&self, kind: UnitKind, all: &[Scorecard], answer: impl FnOnce(&Question<'_>) -> T) -> T {
        let inputs = self.inputs(&self.scheme, &self.gathered);
        answer(&Question {
            inputs: &inputs,
            windows: &windows_among(&inputs, kind, all),
            cards: all,
            dispersion: &self.gathered.dispersion,
            seed: seed(self.period, &self.gathered.tally),
        })
    }
}

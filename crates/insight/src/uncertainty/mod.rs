//! How sure a score is: the same cards, drawn again and again (SCORING §6).
//!
//! Every indicator is drawn from what is believed of it after the period ([`Posterior`]), through its curve, its
//! weight, the team share and the negative list, to a score; 1,000 times. Weights, deductions, priors and everything
//! else that the card has stay as they are: the interval speaks of the chance in what happened, not of the rules.
//!
//! A draw depends on the seed, the unit, the indicator and its number alone ([`crate::random`]). So results are the
//! same bytes on any number of threads, all staff of a window share the draws of their window's points, and two
//! schemes on the same facts can be compared draw by draw. Draws of a score are kept in hundredths of points, as scores
//! are shown, ranked and told apart.

mod curve;
mod dispersion;
mod drawing;
mod explain;
mod field;
mod json;
mod line;
mod memo;
mod paired;
mod parallel;
mod plan;
mod posterior;
mod standing;

pub use dispersion::Dispersion;
pub use explain::{Contributor, Explained, Source, explain};
pub use paired::paired;
pub use posterior::{Posterior, Prior, Sums};
pub use standing::Standing;

use drawing::Drawing;
use memo::Memo;
use model::canonical::Digest;
use model::period::Period;
use model::score::{Hundredths, Inputs, Scorecard};
use model::tally::Tally;

/// The version of the draws. Older versions stay runnable; results say by which one they were made.
pub const ALGORITHM: &str = "heng-uncertainty-1";

/// Draws per indicator.
pub const DRAWS: u32 = 1000;

/// What draws are a function of.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// What the cards were scored from.
    pub inputs: &'a Inputs<'a>,
    /// The cards of all windows, among which curves rank.
    pub windows: &'a [Scorecard],
    /// The cards that are asked about, of windows or of people, ranked.
    pub cards: &'a [Scorecard],
    /// By how much counts vary more than independent records would.
    pub dispersion: &'a Dispersion,
    /// See [`seed`].
    pub seed: Digest,
}

/// The seed of a period: over what was counted in it, and no curve or weight of the scheme, so that two schemes draw
/// alike. The same facts give the same seed in every home, whatever key its pseudonyms are made with.
#[must_use]
pub fn seed(period: Period, tally: &Tally) -> Digest {
    let rows = tally.rows.iter().map(|row| (row.window.as_str(), row.staff.as_str(), &row.values));
    let counted = Digest::of_list(rows);
    Digest::of_json(&serde_json::json!({"algorithm": ALGORITHM, "period": period, "tally": counted}))
}

/// The uncertainty of a period's cards.
#[derive(Clone, Debug)]
pub struct Uncertainty {
    /// The seed.
    pub seed: Digest,
    /// How many draws; one where nothing is left to chance.
    pub draws: u32,
    /// One per card, in their order; none for cards without a score.
    pub units: Vec<Option<UnitUncertainty>>,
    scores: Vec<Option<Vec<Hundredths>>>,
}

/// The uncertainty of one card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitUncertainty {
    /// The window or the work number.
    pub unit: String,
    /// The bounds of the middle 95 % of the drawn scores.
    pub interval: ScoreInterval,
    /// The middle of the drawn scores.
    pub median: Hundredths,
    /// Where it stands among its peers; none for units that are neither ranked nor vetoed.
    pub standing: Option<Standing>,
}

/// Bounds of a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScoreInterval {
    /// The lower one.
    pub lower: Hundredths,
    /// The upper one.
    pub upper: Hundredths,
}

/// Bounds of a place in the ranking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaceInterval {
    /// The better one.
    pub best: usize,
    /// The worse one.
    pub worst: usize,
}

/// By how much a unit is ahead of another one: bounds of the middle 95 % of the paired differences, in hundredths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The other one.
    pub unit: String,
    /// The lower bound.
    pub lower: i32,
    /// The upper bound.
    pub upper: i32,
}

impl Difference {
    fn of(unit: &str, first: &[Hundredths], second: &[Hundredths]) -> Self {
        let mut differences: Vec<i32> = first.iter().zip(second).map(|(a, b)| i32::from(*a) - i32::from(*b)).collect();
        let (lower, upper) = middle(&mut differences).unwrap_or_default();
        Self { unit: unit.to_owned(), lower, upper }
    }

    /// Whether the two can be told apart: 0 lies outside.
    #[must_use]
    pub fn is_distinguishable(&self) -> bool {
        self.lower > 0 || self.upper < 0
    }
}

/// The least and the greatest of the middle 95 % of a list: of 1,000 the 26th and the 975th.
fn middle<T: Copy + Ord>(values: &mut [T]) -> Option<(T, T)> {
    let outside = values.len() / 40;
    let last = values.len().checked_sub(1 + outside)?;
    values.sort_unstable();
    Some((values[outside], values[last]))
}

/// The draws of a period's cards. The result does not depend on the number of threads.
#[must_use]
pub fn uncertainty(question: &Question<'_>, threads: usize) -> Uncertainty {
    let (cards, drawing) = (question.cards, Drawing::of(question, threads));
    let scores = parallel::map(cards.len(), threads, |at| drawing.scores(at, &mut Memo::default()));
    let standings = standing::standings(cards, &scores, question.inputs.scheme.quota.as_ref(), threads);
    let units = cards.iter().zip(&scores).zip(standings).map(|((card, scores), standing)| {
        let (interval, median) = summary(scores.as_deref()?)?;
        Some(UnitUncertainty { unit: card.unit.clone(), interval, median, standing })
    });
    Uncertainty { seed: question.seed, draws: drawing.draws, units: units.collect(), scores }
}

/// The middle 95 % of drawn scores, and the one in the middle.
fn summary(scores: &[Hundredths]) -> Option<(ScoreInterval, Hundredths)> {
    let mut scores = scores.to_vec();
    let (lower, upper) = middle(&mut scores)?;
    Some((ScoreInterval { lower, upper }, scores[scores.len() / 2]))
}

impl Uncertainty {
    /// By how much one card is ahead of another, by their positions; `None` if one has no score.
    #[must_use]
    pub fn difference(&self, first: usize, second: usize) -> Option<Difference> {
        let scores = |at: usize| self.scores.get(at)?.as_deref();
        let unit = &self.units.get(second)?.as_ref()?.unit;
        Some(Difference::of(unit, scores(first)?, scores(second)?))
    }

    /// The drawn scores of a card, by its position; `None` if it has no score.
    #[must_use]
    pub fn scores(&self, at: usize) -> Option<&[Hundredths]> {
        self.scores.get(at)?.as_deref()
    }
}

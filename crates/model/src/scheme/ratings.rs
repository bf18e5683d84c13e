//! How a scheme counts ratings, and when it takes silence for satisfaction (SCORING §3).

use crate::exact::Ratio;
use serde::Serialize;

/// How ratings and silence are counted.
#[derive(Clone, Debug, Serialize)]
pub struct Ratings {
    /// The indicator that admitted silence enters, above and below the line.
    pub indicator: usize,
    /// The measure that counts cases asked for a rating.
    pub asked: usize,
    /// The measure that counts those of them that were rated.
    pub answered: usize,
    /// The measure that counts those of them that stayed silent.
    pub silent: usize,
    /// The measure that counts bad ratings set aside because the person was not the cause.
    pub set_aside: usize,
    /// Whether silence counts.
    pub silence: SilencePolicy,
    /// Within how many seconds of its end a case takes a rating that was given on a device at its window, if the scheme
    /// says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub match_seconds: Option<u32>,
}

/// What holds where a scheme does not say within how many seconds a rating finds its case: a quarter of an hour.
pub const MATCH_SECONDS: u32 = 900;

impl Ratings {
    /// Every measure that is looked at.
    #[must_use]
    pub fn measures(&self) -> Vec<usize> {
        let mut measures = vec![self.asked, self.answered, self.silent, self.set_aside];
        if let SilencePolicy::OnEvidence(evidence) = &self.silence {
            let pairs = [evidence.revisits, evidence.surveys, evidence.complaints];
            measures.extend(pairs.into_iter().flat_map(|(part, whole)| [part, whole]));
        }
        measures
    }
}

/// Whether silence counts as satisfied.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SilencePolicy {
    /// Never.
    Never,
    /// Per window and month, if there is evidence and nothing speaks against it (SCORING §3).
    OnEvidence(Evidence),
}

/// What silence is judged by. Pairs are measures: a part and its whole.
#[derive(Clone, Debug, Serialize)]
pub struct Evidence {
    /// Satisfied answers of silent cases that were visited again, and all of them.
    pub revisits: (usize, usize),
    /// Satisfied answers of surveys and revisits, and all of them.
    pub surveys: (usize, usize),
    /// Founded complaints, and cases.
    pub complaints: (usize, usize),
    /// With fewer answers a comparison says nothing.
    pub min_n: u32,
    /// The least share of satisfied revisits, as a lower bound.
    pub satisfied: Ratio,
    /// How far ratings may lie above surveys.
    pub gap: Ratio,
    /// The least probability of as many complaints.
    pub complaints_tail: Ratio,
    /// The least participation.
    pub participation: Ratio,
    /// The least participation, as a part of the peers' median.
    pub of_median: Ratio,
}

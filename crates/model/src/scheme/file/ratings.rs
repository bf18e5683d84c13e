//! `[ratings]` as it is written.

use crate::scheme::number::Exact;
use schemars::JsonSchema;
use serde::Deserialize;

/// How ratings and silence are counted. Participation and the share of set-aside ratings stand beside the indicator.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ratings {
    /// The indicator of ratings; admitted silence enters it above and below the line.
    pub indicator: String,
    /// The measure that counts cases asked for a rating.
    pub asked: String,
    /// The measure that counts those of them that were rated.
    pub answered: String,
    /// The measure that counts those of them that stayed silent.
    pub silent: String,
    /// The measure that counts bad ratings set aside because the person was not the cause.
    pub set_aside: String,
    /// When silence counts as satisfied; never if left out.
    pub silence: Option<Silence>,
    /// Within how many seconds of its end a case takes a rating that was given on a device at its window; 900 if left out.
    pub match_seconds: Option<u32>,
}

/// When silence counts as satisfied: there is evidence, and nothing speaks against it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Silence {
    /// Measures of answers of silent cases that were visited again.
    pub revisits: Answers,
    /// Measures of answers of surveys and revisits.
    pub surveys: Answers,
    /// Measures of founded complaints and of cases.
    pub complaints: Complaints,
    /// With fewer answers, revisits and surveys say nothing.
    #[serde(default = "thirty")]
    pub min_n: u32,
    /// The least share of satisfied revisits, as the one-sided 95 % lower bound.
    #[serde(default = "eighty_percent")]
    pub satisfied: Exact,
    /// How far ratings may lie above surveys.
    #[serde(default = "ten_percent")]
    pub gap: Exact,
    /// With a smaller probability of as many complaints as there are, they speak against it.
    #[serde(default = "five_percent")]
    pub complaints_tail: Exact,
    /// The least share of those asked that rated.
    #[serde(default = "ten_percent")]
    pub participation: Exact,
    /// The same, as a part of the peers' median.
    #[serde(default = "half")]
    pub of_median: Exact,
}

/// Measures of answers.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// Satisfied ones.
    pub satisfied: String,
    /// All of them.
    pub answered: String,
}

/// Measures of complaints.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Complaints {
    /// Founded ones.
    pub founded: String,
    /// The cases that they are compared with.
    pub cases: String,
}

fn thirty() -> u32 {
    30
}

fn eighty_percent() -> Exact {
    Exact::parts(80, 100)
}

fn ten_percent() -> Exact {
    Exact::parts(10, 100)
}

fn five_percent() -> Exact {
    Exact::parts(5, 100)
}

fn half() -> Exact {
    Exact::parts(1, 2)
}

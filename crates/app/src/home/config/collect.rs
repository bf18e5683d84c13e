//! `[[collect]]`: business systems that answer by the interface of the article.

use super::{check_url, clock_seconds, is_name};
use serde::Deserialize;

/// A business system that is asked what its windows did.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Collect {
    /// The name under which its figures are kept.
    pub source: String,
    /// Where it is: `http://host:port`, before `/v1/windows/stats`.
    pub url: String,
    /// The variable of the environment that holds its token.
    pub token_env: Option<String>,
    /// The file that holds its token, relative to the home.
    pub token_file: Option<String>,
    /// The windows to ask for; without any, all that are registered on the day.
    #[serde(default)]
    pub windows: Vec<String>,
    /// The figures to ask for.
    #[serde(default = "metrics")]
    pub metrics: Vec<String>,
    /// When it is asked for yesterday, as `01:00`; `never` leaves it to people.
    #[serde(default = "collect_at")]
    pub at: String,
    /// How long an answer may take.
    #[serde(default = "timeout_seconds")]
    pub timeout_seconds: u64,
}

/// The article's three.
fn metrics() -> Vec<String> {
    ["avg_process_time", "completed_count", "overdue_count"].map(str::to_owned).to_vec()
}

pub(super) fn collect_at() -> String {
    "01:00".to_owned()
}

pub(super) fn timeout_seconds() -> u64 {
    10
}

impl Collect {
    pub(super) fn check(&self) -> Result<(), String> {
        let of = |problem: String| Err::<(), _>(format!("[[collect]] `{}`: {problem}", self.source));
        let names = self.windows.iter().chain(&self.metrics);
        if !is_name(&self.source) || !names.into_iter().all(|name| is_name(name)) {
            return of("source, windows and metrics are names without a slash".to_owned());
        }
        check_url(&self.url).or_else(of)?;
        if self.token_env.is_some() == self.token_file.is_some() {
            return of("say either token_env or token_file".to_owned());
        }
        if self.metrics.is_empty() || !(1..=600).contains(&self.timeout_seconds) {
            return of("it needs metrics, and timeout_seconds from 1 to 600".to_owned());
        }
        clock_seconds("at", &self.at).map(|_| ())
    }
}

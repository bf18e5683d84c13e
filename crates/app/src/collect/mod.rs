//! Pulling: a business system is asked day by day what its windows did, by the interface of the article.
//!
//! Its answers are kept as figures that a source reports (`statistic`), never as cases: an average is no tally.

mod figures;

use crate::home::{Collect, Home};
use figures::figures;
use model::time::Day;
use std::path::Path;
use std::time::Duration;
use store::{Change, Command, Done, StoreError};
use tokio::runtime::Handle;

/// The longest answer.
const MAX_BYTES: u64 = 1 << 20;

/// What a variable of the environment says.
pub type Environment = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Why a day of a window could not be collected.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// The token is not there.
    #[error("{source_name}: its token is missing: {place}")]
    NoToken {
        /// The source.
        source_name: String,
        /// Where it should be.
        place: String,
    },
    /// The system did not answer, or refused.
    #[error("{url}: {problem}")]
    NoAnswer {
        /// What was asked.
        url: String,
        /// What happened.
        problem: String,
    },
    /// The answer is not what it must be.
    #[error("{url}: the answer is not whole: {problem}")]
    NotWhole {
        /// What was asked.
        url: String,
        /// What is missing or wrong.
        problem: String,
    },
    /// The database failed.
    #[error("the figures could not be stored")]
    Store(#[from] StoreError),
}

/// What became of a day of a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// Figures that were not there.
    pub new: usize,
    /// Figures that were there already.
    pub same: usize,
    /// Figures that contradict what was said before; both are kept for a person to decide.
    pub conflicts: usize,
}

/// The windows of which a system is asked on a day.
#[must_use]
pub fn windows_of(home: &Home, collect: &Collect, day: Day) -> Vec<String> {
    if !collect.windows.is_empty() {
        return collect.windows.clone();
    }
    let mut windows: Vec<String> = home.register.windows_on(day).map(|window| window.window.to_string()).collect();
    windows.sort_unstable();
    windows.dedup();
    windows
}

/// Asks a system what a window did on a day, and keeps what it says. Call it outside the runtime: it waits.
pub fn collect(
    home: &Home,
    collect: &Collect,
    window: &str,
    day: Day,
    environment: &Environment,
    change: Change<'_>,
    runtime: &Handle,
) -> Result<Collected, CollectError> {
    let token = token(home.folder(), collect, environment)?;
    let url = format!("{}/v1/windows/stats", collect.url.trim_end_matches('/'));
    let text = ask(&url, collect, window, day, &token)?;
    let facts = figures(&text, collect, window, day).map_err(|problem| CollectError::NotWhole { url, problem })?;
    let command = Command::ImportFacts { facts, zone: home.zone.clone() };
    let done = runtime.block_on(home.store.write(change, command))?;
    let Done::Imported(outcome) = done else { return Ok(Collected::default()) };
    Ok(Collected { new: outcome.new, same: outcome.same, conflicts: outcome.conflicts })
}

fn token(folder: &Path, collect: &Collect, environment: &Environment) -> Result<String, CollectError> {
    let missing = |place: String| CollectError::NoToken { source_name: collect.source.clone(), place };
    let text = match (&collect.token_env, &collect.token_file) {
        (Some(name), _) => environment(name).ok_or_else(|| missing(format!("set {name} in the environment")))?,
        (None, Some(file)) => {
            let path = folder.join(file);
            std::fs::read_to_string(&path).map_err(|error| missing(format!("{}: {error}", path.display())))?
        }
        (None, None) => return Err(missing("say token_env or token_file in heng.toml".to_owned())),
    };
    Ok(text.trim().to_owned())
}

fn ask(url: &str, collect: &Collect, window: &str, day: Day, token: &str) -> Result<String, CollectError> {
    let failed = |problem: String| CollectError::NoAnswer { url: url.to_owned(), problem };
    let timeout = Some(Duration::from_secs(collect.timeout_seconds));
    let config = ureq::Agent::config_builder().timeout_global(timeout).max_redirects(0).http_status_as_error(false);
    let agent = ureq::Agent::new_with_config(config.build());
    let mut request = agent.get(url).header("Authorization", format!("Bearer {token}"));
    request = request.query("window_id", window).query("date", day.to_string());
    for metric in &collect.metrics {
        request = request.query("metrics", metric);
    }
    let mut response = request.call().map_err(|error| failed(error.to_string()))?;
    if response.status() != 200 {
        return Err(failed(format!("it answered {}", response.status())));
    }
    response.body_mut().with_config().limit(MAX_BYTES).read_to_string().map_err(|error| failed(error.to_string()))
}

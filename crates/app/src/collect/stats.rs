//! Asking a system what a window did on a day, by the interface of the article.

use super::figures::figures;
use super::http::{Request, get, token};
use super::{CollectError, Collected, Environment};
use crate::cold::{Patience, import_facts};
use crate::home::{Collect, Home};
use model::time::Day;
use store::Change;
use tokio::runtime::Handle;

/// The longest answer.
const MAX_BYTES: u64 = 1 << 20;

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
    let places = (collect.token_env.as_deref(), collect.token_file.as_deref());
    let token = token(home.folder(), &collect.source, places, environment)?;
    let url = format!("{}/v1/windows/stats", collect.url.trim_end_matches('/'));
    let day_text = day.to_string();
    let mut query = vec![("window_id", window), ("date", day_text.as_str())];
    query.extend(collect.metrics.iter().map(|metric| ("metrics", metric.as_str())));
    let (token, timeout_seconds) = (token.as_deref(), collect.timeout_seconds);
    let text = get(&Request { url: &url, query: &query, token, timeout_seconds, max_bytes: MAX_BYTES })?;
    let facts = figures(&text, collect, window, day).map_err(|problem| CollectError::NotWhole { url, problem })?;
    let outcome = runtime.block_on(import_facts(home, facts, change, Patience::Waits)).map_err(Box::new)?;
    Ok(Collected { new: outcome.new, same: outcome.same, conflicts: outcome.conflicts })
}

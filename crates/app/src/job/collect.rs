//! Asking business systems what their windows did (collect), once a day is over.

use super::{Said, due_days, unreadable};
use crate::AppError;
use crate::collect::{Environment, collect, windows_of};
use crate::home::Home;
use model::time::{Day, Instant};
use store::{Change, Job};
use tokio::runtime::Handle;

/// The kind of these jobs.
pub const KIND: &str = "collect";

/// Asks for every window of every system and every day that nobody asked for yet. A gap is a job that is not done: it is
/// tried again, and shown.
pub(super) async fn schedule(home: &Home, now: Instant) -> Result<(), AppError> {
    for system in &home.config.collect {
        for (day, due) in due_days(home, &system.at, now) {
            let windows = windows_of(home, system, day);
            let Some(last) = windows.last() else { continue };
            // They are asked for in order: where the last one is, all are.
            if home.store.is_enqueued(KIND, &subject(&system.source, day, last)).await? {
                continue;
            }
            for window in &windows {
                home.store.enqueue(KIND, &subject(&system.source, day, window), due).await?;
            }
        }
    }
    Ok(())
}

/// The work on a day of a window.
#[must_use]
pub fn subject(source: &str, day: Day, window: &str) -> String {
    format!("{source}/{day}/{window}")
}

/// Collects the day of a window that is named.
pub(super) fn run(
    home: &Home,
    job: &Job,
    change: Change<'_>,
    environment: &Environment,
    runtime: &Handle,
) -> Result<Said, AppError> {
    let wrong = |problem: &str| unreadable(&job.subject, problem);
    let mut parts = job.subject.split('/');
    let (Some(source), Some(day), Some(window)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(wrong("it is not source/day/window"));
    };
    let day = Day::parse(day).ok_or_else(|| wrong("no date"))?;
    let system = home.config.collect.iter().find(|system| system.source == source);
    let system = system.ok_or_else(|| wrong("heng.toml has no such [[collect]] any more"))?;
    Ok(Said::Figures(collect(home, system, window, day, environment, change, runtime)?))
}

//! Asking other systems for the records of a day (api), once it is over.

use super::{Said, due_days, unreadable};
use crate::AppError;
use crate::collect::{Environment, collect_api};
use crate::home::Home;
use model::time::{Day, Instant};
use store::{Change, Job};
use tokio::runtime::Handle;

/// The kind of these jobs.
pub const KIND: &str = "api";

/// Asks for every day of every system that nobody asked for yet. A gap is a job that is not done: it is tried again, and shown.
pub(super) async fn schedule(home: &Home, now: Instant) -> Result<(), AppError> {
    for system in &home.config.api {
        for (day, due) in due_days(home, &system.at, now) {
            home.store.enqueue(KIND, &subject(&system.source, day), due).await?;
        }
    }
    Ok(())
}

/// The work on a day of a source.
#[must_use]
pub fn subject(source: &str, day: Day) -> String {
    format!("{source}/{day}")
}

/// Collects the day that is named.
pub(super) fn run(
    home: &Home,
    job: &Job,
    change: Change<'_>,
    environment: &Environment,
    runtime: &Handle,
) -> Result<Said, AppError> {
    let wrong = |problem: &str| unreadable(&job.subject, problem);
    let (source, day) = job.subject.split_once('/').ok_or_else(|| wrong("it is not source/day"))?;
    let day = Day::parse(day).ok_or_else(|| wrong("no date"))?;
    let system = home.config.api.iter().find(|system| system.source == source);
    let system = system.ok_or_else(|| wrong("heng.toml has no such [[api]] any more"))?;
    let attempt = format!("{}-{}", job.id, job.attempts);
    Ok(Said::Records(collect_api(home, system, day, environment, &attempt, change, runtime)?))
}

//! Asking business systems what their windows did (collect), once a day is over.

use crate::AppError;
use crate::collect::{Environment, collect, windows_of};
use crate::home::{Collect, Home, clock_seconds};
use model::time::{Day, Instant};
use store::Change;
use tokio::runtime::Handle;

pub(super) const KIND: &str = "collect";
/// Days that are asked for again if nobody asked when it was time: a server that was down for a week misses nothing.
const LOOK_BACK: i32 = 7;

/// Asks for every window of every system and every day that nobody asked for yet. A gap is a job that is not done: it is
/// tried again, and shown.
pub(super) async fn schedule(home: &Home, now: Instant) -> Result<(), AppError> {
    let today = home.zone.day_of(now);
    for system in &home.config.collect {
        let Ok(Some(after)) = clock_seconds("at", &system.at) else { continue };
        for day in (1..=LOOK_BACK).rev().map(|back| today.plus(-back)) {
            let due = Instant(home.zone.start_of(day.plus(1)).0 + after);
            if now < due {
                continue;
            }
            let windows = windows_of(home, system, day);
            let Some(last) = windows.last() else { continue };
            // They are asked for in order: where the last one is, all are.
            if home.store.is_enqueued(KIND, &subject(system, day, last)).await? {
                continue;
            }
            for window in &windows {
                home.store.enqueue(KIND, &subject(system, day, window), due).await?;
            }
        }
    }
    Ok(())
}

fn subject(system: &Collect, day: Day, window: &str) -> String {
    format!("{}/{day}/{window}", system.source)
}

/// Collects the day of a window that is named.
pub(super) fn run(
    home: &Home,
    subject: &str,
    change: Change<'_>,
    environment: &Environment,
    runtime: &Handle,
) -> Result<String, AppError> {
    let unreadable =
        |problem: &str| AppError::Unreadable { what: format!("the job for `{subject}`"), problem: problem.to_owned() };
    let mut parts = subject.split('/');
    let (Some(source), Some(day), Some(window)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(unreadable("it is not source/day/window"));
    };
    let day = Day::parse(day).ok_or_else(|| unreadable("no date"))?;
    let system = home.config.collect.iter().find(|system| system.source == source);
    let system = system.ok_or_else(|| unreadable("heng.toml has no such [[collect]] any more"))?;
    let done = collect(home, system, window, day, environment, change, runtime)?;
    Ok(format!("{} new, {} known, {} contradicting", done.new, done.same, done.conflicts))
}

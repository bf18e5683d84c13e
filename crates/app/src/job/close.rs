//! The daily close (日结), once a day is over.

use super::{Said, unreadable};
use crate::AppError;
use crate::day::close_through;
use crate::home::Home;
use model::time::{Day, Instant};
use store::Change;
use tokio::runtime::Handle;

pub(super) const KIND: &str = "close";

/// Asks for the close of yesterday, once it is late enough today. Of days before it the close takes care, too.
pub(super) async fn schedule(home: &Home, now: Instant) -> Result<(), AppError> {
    let today = home.zone.day_of(now);
    let Ok(Some(after)) = home.config.close_seconds() else { return Ok(()) };
    let due = Instant(home.zone.start_of(today).0 + after);
    if now < due {
        return Ok(());
    }
    home.store.enqueue(KIND, &today.plus(-1).to_string(), due).await?;
    Ok(())
}

/// Closes every day through the one that is named.
pub(super) fn run(
    home: &Home,
    subject: &str,
    change: Change<'_>,
    threads: usize,
    runtime: &Handle,
) -> Result<Said, AppError> {
    let last = Day::parse(subject).ok_or_else(|| unreadable(subject, "no date"))?;
    let closed = close_through(home, last, change, threads, runtime, &mut |_| {})?;
    let rows: u64 = closed.iter().map(|day| day.rows).sum();
    Ok(Said::Closed { days: closed.len(), rows })
}

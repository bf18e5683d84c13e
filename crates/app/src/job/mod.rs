//! What a server does beside requests: scheduled by the clock, noted in the database, done by one node.

pub mod api;
mod close;
pub mod collect;
pub mod folder;
mod said;

pub use folder::Seen;
pub use said::Said;

use crate::collect::Environment;
use crate::home::{Home, clock_seconds};
use crate::rating::look_for_cases;
use crate::{AppError, causes};
use model::time::{Day, Instant};
use std::sync::Arc;
use std::time::Duration;
use store::{Change, Job, Take};

/// How often a node that is at a job says that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Days that are asked for again if nobody asked when it was time: a server that was down for a week misses nothing.
const LOOK_BACK: i32 = 7;

/// What a tick did.
#[derive(Debug)]
pub enum Ticked {
    /// There was nothing to do.
    Idle,
    /// A job was done: what it was, and what came of it.
    Done(String, Said),
    /// A job failed: what it was, and why. It will be tried again.
    Failed(String, AppError),
}

/// What became of work that a person wants done at once.
#[derive(Debug)]
pub enum TakenUp {
    /// It was done before, with these words.
    Before(String),
    /// Somebody else is at it.
    Busy,
    /// It is done now.
    Done(Said),
    /// It failed. It will be tried again.
    Failed(AppError),
}

/// A node that does jobs.
#[derive(Clone)]
pub struct Worker {
    /// The home.
    pub home: Arc<Home>,
    /// The name of the node, different from every other's.
    pub name: String,
    /// The time.
    pub now: Arc<dyn Fn() -> Instant + Send + Sync>,
    /// Threads to close days with.
    pub threads: usize,
    /// Where tokens of business systems are.
    pub environment: Arc<Environment>,
    /// What it saw in the folders.
    pub seen: Seen,
}

impl Worker {
    /// Asks for what the clock says is due, takes one job and does it.
    pub async fn tick(&self) -> Result<Ticked, AppError> {
        close::schedule(&self.home, (self.now)()).await?;
        collect::schedule(&self.home, (self.now)()).await?;
        // Any node may do it, and several at once: a rating is matched once.
        look_for_cases(&self.home, Change { actor: "matching", at: (self.now)() }).await?;
        api::schedule(&self.home, (self.now)()).await?;
        folder::schedule(&self.home, &self.seen, (self.now)()).await?;
        let Some(job) = self.home.store.claim(&self.name, (self.now)()).await? else { return Ok(Ticked::Idle) };
        let what = format!("{} {}", job.kind, job.subject);
        Ok(match self.do_job(&job).await? {
            Ok(said) => Ticked::Done(what, said),
            Err(error) => Ticked::Failed(what, error),
        })
    }

    /// Does work that a person wants done at once, unless it is done or somebody is at it.
    pub async fn take_up(&self, kind: &str, subject: &str) -> Result<TakenUp, AppError> {
        Ok(match self.home.store.take(kind, subject, &self.name, (self.now)()).await? {
            Take::Done(said) => TakenUp::Before(said),
            Take::Busy => TakenUp::Busy,
            Take::Yours(job) => match self.do_job(&job).await? {
                Ok(said) => TakenUp::Done(said),
                Err(error) => TakenUp::Failed(error),
            },
        })
    }

    /// Does a job that was claimed, and notes what came of it.
    async fn do_job(&self, job: &Job) -> Result<Result<Said, AppError>, AppError> {
        let (kind, subject) = (&job.kind, &job.subject);
        tracing::info!(job = job.id, kind, subject, attempt = job.attempts, "a job begins");
        let done = self.attended(job).await;
        let now = (self.now)();
        match &done {
            Ok(said) => {
                let said = said.to_string();
                self.home.store.finish(job, &said, now).await?;
                tracing::info!(job = job.id, kind, subject, said, "a job is done");
            }
            Err(error) => {
                let why = causes(error, ToString::to_string);
                self.home.store.fail(job, &why, now).await?;
                tracing::error!(job = job.id, kind, subject, attempt = job.attempts, why, "a job failed");
            }
        }
        Ok(done)
    }

    /// Does a job, and says meanwhile that somebody is at it.
    async fn attended(&self, job: &Job) -> Result<Said, AppError> {
        let work = self.work(job);
        tokio::pin!(work);
        let mut beat = tokio::time::interval(HEARTBEAT);
        loop {
            tokio::select! {
                done = &mut work => return done,
                _ = beat.tick() => {
                    // A database that is gone for a moment costs no more than this word.
                    if let Err(error) = self.home.store.heartbeat(job, (self.now)()).await {
                        tracing::warn!(job = job.id, %error, "a heartbeat was not heard");
                    }
                }
            }
        }
    }

    async fn work(&self, job: &Job) -> Result<Said, AppError> {
        let (home, threads, now) = (self.home.clone(), self.threads, (self.now)());
        let (job, environment) = (job.clone(), self.environment.clone());
        let runtime = tokio::runtime::Handle::current();
        let actor = format!("job {}", job.id);
        let done = tokio::task::spawn_blocking(move || {
            // A server may run for months; what people edited since it began holds for this job.
            let home = home.reread()?;
            let change = Change { actor: &actor, at: now };
            match job.kind.as_str() {
                close::KIND => close::run(&home, &job.subject, change, threads, &runtime),
                collect::KIND => collect::run(&home, &job, change, &*environment, &runtime),
                api::KIND => api::run(&home, &job, change, &*environment, &runtime),
                folder::KIND => folder::run(&home, &job, change, &runtime),
                other => Err(unknown(other)),
            }
        });
        done.await.unwrap_or_else(|panic| {
            let problem = if panic.is_panic() { "it panicked" } else { "it was stopped" };
            Err(AppError::Unreadable { what: "the job".to_owned(), problem: problem.to_owned() })
        })
    }
}

/// The days that a system is to be asked for by now, each with the time since when: they are over, and it is past the time of
/// day that the home's settings name for it.
fn due_days(home: &Home, at: &str, now: Instant) -> Vec<(Day, Instant)> {
    let Ok(Some(after)) = clock_seconds("at", at) else { return Vec::new() };
    let today = home.zone.day_of(now);
    let days = (1..=LOOK_BACK).rev().map(|back| today.plus(-back));
    let due = days.map(|day| (day, Instant(home.zone.start_of(day.plus(1)).0 + after)));
    due.filter(|(_, due)| now >= *due).collect()
}

fn unknown(kind: &str) -> AppError {
    AppError::Unreadable { what: format!("the job `{kind}`"), problem: "this program does not know it".to_owned() }
}

fn unreadable(subject: &str, problem: &str) -> AppError {
    AppError::Unreadable { what: format!("the job for `{subject}`"), problem: problem.to_owned() }
}

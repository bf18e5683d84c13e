//! Jobs: work that is done beside requests, by whichever node takes it.
//!
//! They are outside the door: a job says what is to be done and by whom, and what it does goes through the door.

use crate::sql::{Tx, statements};
use crate::{Store, StoreError};
use model::time::Instant;
use sqlx::FromRow;

/// A job that says nothing for so long has lost its node; another one may take it.
pub const LEASE_SECONDS: i64 = 60;
/// After so many attempts nobody tries any more until a person looks.
pub const MAX_ATTEMPTS: i64 = 10;
/// Seconds until the second attempt; each further one waits twice as long, up to an hour, and up to a quarter longer, so
/// that what failed together is not tried again together.
const FIRST_WAIT_SECONDS: i64 = 30;
const LONGEST_WAIT_SECONDS: i64 = 3_600;

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// To be done, at its time.
    Waiting,
    /// Somebody is at it.
    Running,
    /// Done.
    Done,
    /// Given up.
    Failed,
}

impl JobState {
    const ALL: [Self; 4] = [Self::Waiting, Self::Running, Self::Done, Self::Failed];

    /// The name in the database, and for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// What becomes of work that somebody wants to do at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Take {
    /// It is theirs.
    Yours(Job),
    /// It is done, with these words.
    Done(String),
    /// Somebody else is at it.
    Busy,
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its number.
    pub id: i64,
    /// What is to be done.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// How far it is.
    pub state: JobState,
    /// Not before.
    pub run_at: Instant,
    /// How often somebody began.
    pub attempts: i64,
    /// Who is at it, or was last.
    pub owner: Option<String>,
    /// What came of it, or what was wrong the last time.
    pub said: String,
}

#[derive(FromRow)]
struct JobRow {
    id: i64,
    kind: String,
    subject: String,
    state: String,
    run_at: i64,
    attempts: i64,
    owner: Option<String>,
    said: String,
}

impl JobRow {
    fn into_job(self) -> Result<Job, StoreError> {
        let known = JobState::ALL.into_iter().find(|state| state.name() == self.state);
        let state = known.ok_or_else(|| StoreError::corrupt("job", self.id, "state", &self.state))?;
        let Self { id, kind, subject, run_at, attempts, owner, said, .. } = self;
        Ok(Job { id, kind, subject, state, run_at: Instant(run_at), attempts, owner, said })
    }
}

statements! {
    KNOWN = "SELECT COUNT(*) FROM job WHERE kind = $1 AND subject = $2";
    ENQUEUE = "INSERT INTO job (id, kind, subject, state, run_at, attempts, said) \
        SELECT (SELECT COALESCE(MAX(id), 0) + 1 FROM job), $1, $2, 'waiting', $3, 0, '' WHERE TRUE \
        ON CONFLICT (kind, subject) DO NOTHING";
    DUE = "SELECT id, kind, subject, state, run_at, attempts, owner, said FROM job WHERE state IN ('waiting', 'running') \
        AND run_at <= $1 AND (state = 'waiting' OR heartbeat_at < $2) ORDER BY run_at, id LIMIT 1";
    NAMED = "SELECT id, kind, subject, state, run_at, attempts, owner, said FROM job WHERE kind = $1 AND subject = $2";
    LOST = "SELECT COUNT(*) FROM job WHERE id = $1 AND heartbeat_at < $2";
    SETTLE = "UPDATE job SET state = 'done', finished_at = $3, said = $4 \
        WHERE kind = $1 AND subject = $2 AND state IN ('waiting', 'failed')";
    CLAIM = "UPDATE job SET state = 'running', owner = $2, heartbeat_at = $3, attempts = attempts + 1 WHERE id = $1";
    HEARTBEAT = "UPDATE job SET heartbeat_at = $3 WHERE id = $1 AND owner = $2 AND state = 'running'";
    FINISH = "UPDATE job SET state = 'done', finished_at = $3, said = $4 \
        WHERE id = $1 AND owner = $2 AND state = 'running'";
    AGAIN = "UPDATE job SET state = 'waiting', run_at = $3, said = $4 WHERE id = $1 AND owner = $2 AND state = 'running'";
    GIVE_UP = "UPDATE job SET state = 'failed', finished_at = $3, said = $4 \
        WHERE id = $1 AND owner = $2 AND state = 'running'";
    HAND_BACK = "UPDATE job SET state = 'waiting', attempts = attempts - 1 WHERE owner = $1 AND state = 'running'";
    TROUBLED = "SELECT id, kind, subject, state, run_at, attempts, owner, said FROM job \
        WHERE state = 'failed' OR (state = 'waiting' AND attempts > 0) ORDER BY id DESC LIMIT $1";
    LATEST = "SELECT id, kind, subject, state, run_at, attempts, owner, said FROM job ORDER BY id DESC LIMIT $1";
}

impl Store {
    /// Asks for work at a time. `false`: the same work was asked for before.
    pub async fn enqueue(&self, kind: &str, subject: &str, run_at: Instant) -> Result<bool, StoreError> {
        if self.is_enqueued(kind, subject).await? {
            return Ok(false);
        }
        Ok(self.database.note_in_turn(ENQUEUE, &[kind.into(), subject.into(), run_at.0.into()]).await? > 0)
    }

    /// Whether work was asked for, whatever became of it.
    pub async fn is_enqueued(&self, kind: &str, subject: &str) -> Result<bool, StoreError> {
        let known: Option<(i64,)> = self.database.optional(KNOWN, &[kind.into(), subject.into()]).await?;
        Ok(known.is_some_and(|(count,)| count > 0))
    }

    /// Takes the job that is due longest, or that somebody left without a word. One node gets it.
    pub async fn claim(&self, owner: &str, now: Instant) -> Result<Option<Job>, StoreError> {
        let lost = now.0 - LEASE_SECONDS;
        let due = [now.0.into(), lost.into()];
        // Nearly always there is nothing to do; nobody waits for that.
        if self.database.optional::<JobRow>(DUE, &due).await?.is_none() {
            return Ok(None);
        }
        let mut tx = self.database.begin_in_turn().await?;
        let Some(row) = tx.optional::<JobRow>(DUE, &due).await? else { return Ok(None) };
        claim(tx, row.into_job()?, owner, now).await.map(Some)
    }

    /// Takes work that a person wants done at once: asked for or not, due or not, given up or not. What is done stays so,
    /// and nobody is interrupted.
    pub async fn take(&self, kind: &str, subject: &str, owner: &str, now: Instant) -> Result<Take, StoreError> {
        self.enqueue(kind, subject, now).await?;
        let mut tx = self.database.begin_in_turn().await?;
        let row: Option<JobRow> = tx.optional(NAMED, &[kind.into(), subject.into()]).await?;
        let Some(row) = row else { return Ok(Take::Busy) };
        let job = row.into_job()?;
        match job.state {
            JobState::Done => return Ok(Take::Done(job.said)),
            JobState::Running => {
                let lost = now.0 - LEASE_SECONDS;
                if tx.number(LOST, &[job.id.into(), lost.into()]).await? == 0 {
                    return Ok(Take::Busy);
                }
            }
            JobState::Waiting | JobState::Failed => {}
        }
        claim(tx, job, owner, now).await.map(Take::Yours)
    }

    /// Says that work which waits or was given up has been done beside the jobs. `false`: there was none.
    pub async fn settle(&self, kind: &str, subject: &str, said: &str, now: Instant) -> Result<bool, StoreError> {
        let args = [kind.into(), subject.into(), now.0.into(), said.into()];
        Ok(self.database.note_in_turn(SETTLE, &args).await? > 0)
    }

    /// Says that a job is being worked at. `false`: it is somebody else's by now.
    pub async fn heartbeat(&self, job: &Job, now: Instant) -> Result<bool, StoreError> {
        let owner = job.owner.as_deref();
        Ok(self.database.note(HEARTBEAT, &[job.id.into(), owner.into(), now.0.into()]).await? > 0)
    }

    /// Says that a job is done, and what came of it.
    pub async fn finish(&self, job: &Job, said: &str, now: Instant) -> Result<(), StoreError> {
        let owner = job.owner.as_deref();
        self.database.note(FINISH, &[job.id.into(), owner.into(), now.0.into(), said.into()]).await.map(|_| ())
    }

    /// Says that an attempt failed, and why. It is tried again later and later, up to [`MAX_ATTEMPTS`] times.
    pub async fn fail(&self, job: &Job, said: &str, now: Instant) -> Result<(), StoreError> {
        let doublings = u32::try_from(job.attempts - 1).unwrap_or(0).min(16);
        let wait = (FIRST_WAIT_SECONDS << doublings).min(LONGEST_WAIT_SECONDS);
        let again = now.0 + wait + jitter(job, wait / 4);
        let (sql, at) = if job.attempts < MAX_ATTEMPTS { (AGAIN, again) } else { (GIVE_UP, now.0) };
        let owner = job.owner.as_deref();
        self.database.note(sql, &[job.id.into(), owner.into(), at.into(), said.into()]).await.map(|_| ())
    }

    /// Gives back whatever a node has begun: it ends.
    pub async fn hand_back(&self, owner: &str) -> Result<u64, StoreError> {
        self.database.note(HAND_BACK, &[owner.into()]).await
    }

    /// Jobs that were given up or are to be tried again, the last one first.
    pub async fn troubled_jobs(&self, limit: u32) -> Result<Vec<Job>, StoreError> {
        let rows: Vec<JobRow> = self.database.all(TROUBLED, &[limit.into()]).await?;
        rows.into_iter().map(JobRow::into_job).collect()
    }

    /// The latest jobs, the last one first.
    pub async fn latest_jobs(&self, limit: u32) -> Result<Vec<Job>, StoreError> {
        let rows: Vec<JobRow> = self.database.all(LATEST, &[limit.into()]).await?;
        rows.into_iter().map(JobRow::into_job).collect()
    }
}

/// Notes who is at a job, from now on.
async fn claim(mut tx: Tx, job: Job, owner: &str, now: Instant) -> Result<Job, StoreError> {
    tx.execute(CLAIM, &[job.id.into(), owner.into(), now.0.into()]).await?;
    tx.commit().await?;
    let attempts = job.attempts + 1;
    Ok(Job { state: JobState::Running, owner: Some(owner.to_owned()), attempts, ..job })
}

/// Seconds up to `most`, spread by the number of the job and of the attempt: the same every time, and chance to others.
fn jitter(job: &Job, most: i64) -> i64 {
    /// 2⁶⁴ divided by the golden ratio: multiples of it are spread evenly.
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let number = job.id.unsigned_abs().wrapping_add(job.attempts.unsigned_abs() << 32).wrapping_mul(SPREAD);
    let part = (u128::from(number) * (u128::from(most.unsigned_abs()) + 1)) >> 64;
    i64::try_from(part).unwrap_or(0)
}

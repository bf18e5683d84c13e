//! The one door: every change of state is a command, and a command is one transaction of state, audit entry, ledger
//! leaf and outbox rows. There is no other public way to write.

use crate::day::{self, SealedRow};
use crate::fact::{self, ImportOutcome, Incoming};
use crate::period::{self, ClosedPeriod, FinalPeriod};
use crate::reference::{self, ReferenceSet};
use crate::{Store, StoreError};
use model::canonical::{Digest, canonical_json};
use model::time::{Instant, Zone};
use sqlx::{Sqlite, Transaction};
use std::collections::BTreeSet;

/// Something that changes state.
#[derive(Debug)]
pub enum Command<'a> {
    /// Facts came in.
    ImportFacts {
        /// The facts.
        facts: &'a [Incoming],
        /// The home's time zone.
        zone: &'a Zone,
    },
    /// A day was sealed.
    SealDay(&'a SealedRow),
    /// A period was closed and its inputs frozen.
    ClosePeriod(&'a ClosedPeriod),
    /// A closed period became final.
    FinalizePeriod(&'a FinalPeriod),
    /// Reference times were computed and frozen for a year.
    FreezeReferences(&'a ReferenceSet),
}

/// Who changes state, and when.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// The account, or `cli`.
    pub actor: &'a str,
    /// The time, from the caller's clock.
    pub at: Instant,
}

/// What a command did.
#[derive(Debug)]
pub enum Done {
    /// What became of imported facts.
    Imported(ImportOutcome),
    /// The command changed state.
    Changed,
    /// Everything was already as the command wanted it: nothing was written.
    Nothing,
}

/// What a command leaves behind beside state.
pub(crate) struct Trace {
    pub(crate) action: &'static str,
    pub(crate) detail: serde_json::Value,
    pub(crate) windows: BTreeSet<String>,
}

impl Command<'_> {
    /// What it is called in the log.
    fn name(&self) -> &'static str {
        match self {
            Self::ImportFacts { .. } => "import",
            Self::SealDay(_) => "seal_day",
            Self::ClosePeriod(_) => "close_period",
            Self::FinalizePeriod(_) => "finalize_period",
            Self::FreezeReferences(_) => "freeze_references",
        }
    }
}

pub(crate) type Tx<'c> = Transaction<'c, Sqlite>;

const NEXT_COMMAND: &str = "SELECT COALESCE(MAX(command), 0) + 1 FROM audit";
const LAST_COMMAND: &str = "SELECT COALESCE(MAX(command), 0) FROM audit";
const INSERT_AUDIT: &str = "INSERT INTO audit (command, at, actor, action, detail) VALUES ($1, $2, $3, $4, $5)";
const INSERT_LEAF: &str = "INSERT INTO leaf (command, bytes) VALUES ($1, $2)";
const INSERT_OUTBOX: &str = "INSERT INTO outbox (command, window) SELECT $1, value FROM json_each($2)";

impl Store {
    /// Carries a command out, whole or not at all.
    pub async fn write(&self, change: Change<'_>, command: Command<'_>) -> Result<Done, StoreError> {
        tracing::debug!(command = command.name(), "transaction begins");
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let number: i64 = sqlx::query_scalar(NEXT_COMMAND).fetch_one(&mut *tx).await?;
        let (done, trace) = match command {
            Command::ImportFacts { facts, zone } => {
                let (outcome, trace) = fact::import(self, &mut tx, number, facts, zone).await?;
                (Done::Imported(outcome), trace)
            }
            Command::SealDay(row) => outcome_of(day::seal(&mut tx, number, row).await?),
            Command::ClosePeriod(closed) => outcome_of(period::close(&mut tx, number, closed).await?),
            Command::FinalizePeriod(row) => outcome_of(period::finalize(&mut tx, number, row).await?),
            Command::FreezeReferences(set) => outcome_of(reference::freeze(&mut tx, number, set).await?),
        };
        // A command that changed nothing leaves no trace: the same file twice is one file.
        if let Some(trace) = trace {
            record(&mut tx, number, change, &trace).await?;
            tracing::debug!(action = trace.action, number, "commit begins");
            tx.commit().await?;
            tracing::debug!(action = trace.action, number, "commit done");
        } else {
            tx.rollback().await?;
        }
        Ok(done)
    }

    /// The number of the last command that changed something; 0 in a new home. What was computed after it still holds
    /// while it is the last.
    pub async fn last_command(&self) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar(LAST_COMMAND).fetch_one(&self.readers).await?)
    }
}

fn outcome_of(trace: Option<Trace>) -> (Done, Option<Trace>) {
    (if trace.is_some() { Done::Changed } else { Done::Nothing }, trace)
}

async fn record(tx: &mut Tx<'_>, number: i64, change: Change<'_>, trace: &Trace) -> Result<(), StoreError> {
    let detail = canonical_json(&trace.detail);
    sqlx::query(INSERT_AUDIT)
        .bind(number)
        .bind(change.at.0)
        .bind(change.actor)
        .bind(trace.action)
        .bind(&detail)
        .execute(&mut **tx)
        .await?;
    let leaf = serde_json::json!({"v": "1", "kind": trace.action, "digest": Digest::of(detail.as_bytes()).to_string()});
    sqlx::query(INSERT_LEAF).bind(number).bind(canonical_json(&leaf).into_bytes()).execute(&mut **tx).await?;
    if !trace.windows.is_empty() {
        let windows = serde_json::to_string(&trace.windows)?;
        sqlx::query(INSERT_OUTBOX).bind(number).bind(windows).execute(&mut **tx).await?;
    }
    Ok(())
}

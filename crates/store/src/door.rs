//! The one door: every change of state is a command, and a command is state, audit entry, ledger leaf and outbox rows
//! in one transaction. There is no other public way to write.

use crate::day::{self, SealedRow};
use crate::fact::{self, ImportOutcome, KnownTexts};
use crate::period::{self, ClosedPeriod, FinalPeriod};
use crate::reference::{self, ReferenceSet};
use crate::sql::{Tx, statements};
use crate::token::{self, SourceToken};
use crate::{Store, StoreError};
use model::canonical::{Digest, canonical_json};
use model::fact::Fact;
use model::time::{Day, Instant, Zone};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Something that changes state.
#[derive(Debug)]
pub enum Command {
    /// Facts came in.
    ImportFacts {
        /// The facts, their persons already pseudonyms.
        facts: Vec<Fact>,
        /// The home's time zone.
        zone: Zone,
    },
    /// A day was sealed.
    SealDay(SealedRow),
    /// A period was closed and its inputs frozen.
    ClosePeriod(ClosedPeriod),
    /// A closed period became final.
    FinalizePeriod(FinalPeriod),
    /// Reference times were computed and frozen for a year.
    FreezeReferences(ReferenceSet),
    /// A source was given a token.
    IssueToken(SourceToken),
    /// A token was revoked.
    RevokeToken {
        /// Its name.
        id: String,
    },
}

/// Who changes state, and when.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// The account, the source, or `cli`.
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

impl Command {
    /// What it is called in the log.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::ImportFacts { .. } => "import",
            Self::SealDay(_) => "seal_day",
            Self::ClosePeriod(_) => "close_period",
            Self::FinalizePeriod(_) => "finalize_period",
            Self::FreezeReferences(_) => "freeze_references",
            Self::IssueToken(_) => "issue_token",
            Self::RevokeToken { .. } => "revoke_token",
        }
    }

    /// About how many rows it writes.
    pub(crate) fn rows(&self) -> usize {
        match self {
            Self::ImportFacts { facts, .. } => facts.len(),
            _ => 1,
        }
    }
}

statements! {
    NEXT_COMMAND = "SELECT COALESCE(MAX(command), 0) + 1 FROM audit";
    LAST_COMMAND = "SELECT COALESCE(MAX(command), 0) FROM audit";
    INSERT_AUDIT = "INSERT INTO audit (command, at, actor, action, detail) VALUES ($1, $2, $3, $4, $5)";
    INSERT_LEAF = "INSERT INTO leaf (command, bytes) VALUES ($1, $2)";
    INSERT_OUTBOX = "INSERT INTO outbox (command, \"window\") SELECT $1, value FROM json_each($2)";
}

impl Store {
    /// Carries a command out, whole or not at all. Whoever stops waiting does not stop the command.
    pub async fn write(&self, change: Change<'_>, command: Command) -> Result<Done, StoreError> {
        self.queue.ask(change, command).await
    }

    /// Like [`Store::write`], for callers who can come back later: refuses at once where too many wait already.
    pub async fn try_write(&self, change: Change<'_>, command: Command) -> Result<Done, StoreError> {
        self.queue.try_ask(change, command).await
    }

    /// The number of the last command that changed something; 0 in a new home. What was computed after it still holds
    /// while it is the last.
    pub async fn last_command(&self) -> Result<i64, StoreError> {
        let found: Option<(i64,)> = self.database.optional(LAST_COMMAND, &[]).await?;
        Ok(found.map_or(0, |(number,)| number))
    }
}

/// What the commands of one transaction share: nobody else writes meanwhile, so it is asked for once.
pub(crate) struct Turn {
    pub(crate) tx: Tx,
    pub(crate) texts: Arc<KnownTexts>,
    next_command: i64,
    /// The number of the next fact, once one came.
    pub(crate) next_fact: Option<i64>,
    /// The days that are sealed or being sealed, once a fact asked.
    pub(crate) closed: Option<Arc<[Day]>>,
}

impl Turn {
    pub(crate) async fn new(mut tx: Tx, texts: Arc<KnownTexts>) -> Result<Self, StoreError> {
        // Nothing is written yet, so what is read here is committed.
        texts.refresh(&mut tx).await?;
        let next_command = tx.number(NEXT_COMMAND, &[]).await?;
        Ok(Self { tx, texts, next_command, next_fact: None, closed: None })
    }
}

/// Carries a command out. Returns what it did, and whether anything was written.
pub(crate) async fn carry_out(
    turn: &mut Turn,
    change: Change<'_>,
    command: &Command,
) -> Result<(Done, bool), StoreError> {
    let number = turn.next_command;
    let tx = &mut turn.tx;
    let (done, trace) = match command {
        Command::ImportFacts { facts, zone } => {
            let (outcome, trace) = fact::import(turn, number, facts, zone).await?;
            (Done::Imported(outcome), trace)
        }
        Command::SealDay(row) => outcome_of(day::seal(tx, number, row).await?),
        Command::ClosePeriod(closed) => outcome_of(period::close(tx, number, closed).await?),
        Command::FinalizePeriod(row) => outcome_of(period::finalize(tx, number, row).await?),
        Command::FreezeReferences(set) => outcome_of(reference::freeze(tx, number, set).await?),
        Command::IssueToken(issued) => outcome_of(token::issue(tx, issued).await?),
        Command::RevokeToken { id } => outcome_of(token::revoke(tx, id, change.at).await?),
    };
    // A command that changed nothing leaves no trace: the same file twice is one file.
    if let Some(trace) = &trace {
        record(&mut turn.tx, number, change, trace).await?;
        turn.next_command += 1;
        if !matches!(command, Command::ImportFacts { .. }) {
            turn.closed = None;
        }
    }
    Ok((done, trace.is_some()))
}

fn outcome_of(trace: Option<Trace>) -> (Done, Option<Trace>) {
    (if trace.is_some() { Done::Changed } else { Done::Nothing }, trace)
}

async fn record(tx: &mut Tx, number: i64, change: Change<'_>, trace: &Trace) -> Result<(), StoreError> {
    let detail = canonical_json(&trace.detail);
    let audit = [number.into(), change.at.0.into(), change.actor.into(), trace.action.into(), (&detail).into()];
    tx.execute(INSERT_AUDIT, &audit).await?;
    let leaf = serde_json::json!({"v": "1", "kind": trace.action, "digest": Digest::of(detail.as_bytes()).to_string()});
    tx.execute(INSERT_LEAF, &[number.into(), canonical_json(&leaf).as_bytes().into()]).await?;
    if !trace.windows.is_empty() {
        let windows = serde_json::to_string(&trace.windows)?;
        tx.execute(INSERT_OUTBOX, &[number.into(), (&windows).into()]).await?;
    }
    Ok(())
}

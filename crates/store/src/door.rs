//! The one door: every change of state is a command, and a command is state, audit entry, ledger leaf and outbox rows
//! in one transaction. There is no other public way to write.

use crate::cold::{self, Backfill, Backfilled, Thawed};
use crate::day::{self, SealedRow};
use crate::fact::{self, ImportOutcome, KnownTexts, Part};
use crate::period::{self, ClosedPeriod, FinalPeriod};
use crate::rating::{self, RatingTaken};
use crate::reference::{self, ReferenceSet};
use crate::sql::{Table, Tx, Type, statements};
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
        /// What these concern of reports in files.
        known: Known,
    },
    /// Ratings came from devices or by tickets.
    TakeRatings {
        /// The ratings.
        facts: Vec<Fact>,
        /// The home's time zone.
        zone: Zone,
        /// What these concern of reports in files.
        known: Known,
    },
    /// Ratings of which no case was known found theirs: their next revisions.
    MatchRatings {
        /// The ratings.
        facts: Vec<Fact>,
        /// The home's time zone.
        zone: Zone,
        /// What these concern of reports in files.
        known: Known,
    },
    /// Reports came in as files.
    Backfill(Backfill),
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

/// What facts concern of reports that lie in files.
#[derive(Debug, Default)]
pub struct Known {
    /// Reports that must become rows first.
    pub thawed: Vec<Thawed>,
    /// How many batches of reports in files were looked through.
    pub batches: i64,
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
    /// What became of ratings, one for each.
    Rated(Vec<RatingTaken>),
    /// The command changed state.
    Changed,
    /// Everything was already as the command wanted it: nothing was written.
    Nothing,
    /// Nothing was written: what the command looked at has changed. Here it is again, to look once more.
    Stale(Box<Command>),
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
            Self::TakeRatings { .. } => "take_ratings",
            Self::MatchRatings { .. } => "match_ratings",
            Self::Backfill(_) => "backfill",
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
            Self::ImportFacts { facts, known, .. }
            | Self::TakeRatings { facts, known, .. }
            | Self::MatchRatings { facts, known, .. } => facts.len() + known.thawed.len(),
            Self::Backfill(new) => new.days.len() + new.texts.len(),
            _ => 1,
        }
    }

    /// What the facts that it brings concern of reports in files, if it brings any.
    pub(crate) fn known(&self) -> Option<&Known> {
        match self {
            Self::ImportFacts { known, .. } | Self::TakeRatings { known, .. } | Self::MatchRatings { known, .. } => {
                Some(known)
            }
            _ => None,
        }
    }

    /// The facts that it brings; none if it is about something else.
    #[must_use]
    pub fn into_facts(self) -> Vec<Fact> {
        match self {
            Self::ImportFacts { facts, .. } | Self::TakeRatings { facts, .. } | Self::MatchRatings { facts, .. } => {
                facts
            }
            _ => Vec::new(),
        }
    }
}

statements! {
    // The number of the next command, and how many batches of reports in files there are.
    BEGIN = "SELECT COALESCE(MAX(command), 0) + 1, (SELECT COUNT(*) FROM cold_batch) FROM audit";
    pub(crate) LAST_COMMAND = "SELECT COALESCE(MAX(command), 0) FROM audit";
}

pub(crate) const AUDIT: Table = Table {
    name: "audit",
    columns: &[
        ("command", Type::Integer),
        ("at", Type::Integer),
        ("actor", Type::Text),
        ("action", Type::Text),
        ("detail", Type::Text),
    ],
};
pub(crate) const LEAF: Table = Table { name: "leaf", columns: &[("command", Type::Integer), ("bytes", Type::Bytes)] };
pub(crate) const OUTBOX: Table =
    Table { name: "outbox", columns: &[("command", Type::Integer), ("\"window\"", Type::Text)] };

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
    /// How many batches of reports in files there are.
    pub(crate) batches: i64,
    /// The number of the next fact, once one came.
    next_fact: Option<i64>,
    /// The days that are sealed or being sealed, once a fact asked.
    closed: Option<Arc<[Day]>>,
    /// What the commands so far leave behind: number, actor, time, trace.
    traces: Vec<(i64, String, Instant, Trace)>,
}

impl Turn {
    pub(crate) async fn new(mut tx: Tx, texts: Arc<KnownTexts>) -> Result<Self, StoreError> {
        // Nothing is written yet, so what is read here is committed.
        texts.refresh(&mut tx).await?;
        let begun: Option<(i64, i64)> = tx.optional(BEGIN, &[]).await?;
        let (next_command, batches) = begun.unwrap_or((1, 0));
        Ok(Self { tx, texts, next_command, batches, next_fact: None, closed: None, traces: Vec::new() })
    }

    /// The number of the next fact.
    pub(crate) async fn next_fact(&mut self) -> Result<i64, StoreError> {
        if let Some(next) = self.next_fact {
            return Ok(next);
        }
        let next = fact::next_id(&mut self.tx).await?;
        self.next_fact = Some(next);
        Ok(next)
    }

    /// So many numbers of facts were taken.
    pub(crate) fn took_facts(&mut self, count: i64) {
        self.next_fact = self.next_fact.map(|next| next.saturating_add(count));
    }

    /// A batch of reports in files came, which take so many numbers.
    pub(crate) fn brought(&mut self, count: i64) {
        self.took_facts(count);
        self.batches += 1;
    }

    /// The days that are sealed or being sealed.
    pub(crate) async fn closed(&mut self) -> Result<Arc<[Day]>, StoreError> {
        if let Some(closed) = &self.closed {
            return Ok(Arc::clone(closed));
        }
        let closed: Arc<[Day]> = day::closed_days(&mut self.tx).await?.into();
        self.closed = Some(Arc::clone(&closed));
        Ok(closed)
    }

    /// The number of a command that changes something.
    pub(crate) fn take_number(&mut self) -> i64 {
        self.next_command += 1;
        self.next_command - 1
    }

    /// Carries the next command out; if it brings facts, it has looked through all batches. `None`: what it looked at has
    /// changed.
    pub(crate) async fn carry_out(
        &mut self,
        change: Change<'_>,
        command: &Command,
    ) -> Result<Option<Done>, StoreError> {
        match command {
            Command::TakeRatings { facts, zone, known } => {
                return rating::take(self, change, facts, known, zone).await.map(Some);
            }
            Command::MatchRatings { facts, zone, known } => {
                return rating::matched(self, change, facts, known, zone).await.map(Some);
            }
            _ => {}
        }
        let (number, tx) = (self.next_command, &mut self.tx);
        let trace = match command {
            // They are imports; those of facts come in runs, by `import`.
            Command::ImportFacts { .. } | Command::TakeRatings { .. } | Command::MatchRatings { .. } => None,
            Command::Backfill(new) => match cold::backfill(self, number, new).await? {
                Backfilled::Stale => return Ok(None),
                Backfilled::Done(trace) => Some(trace),
            },
            Command::SealDay(row) => day::seal(tx, number, row).await?,
            Command::ClosePeriod(closed) => period::close(tx, number, closed).await?,
            Command::FinalizePeriod(row) => period::finalize(tx, number, row).await?,
            Command::FreezeReferences(set) => reference::freeze(tx, number, set).await?,
            Command::IssueToken(issued) => token::issue(tx, issued).await?,
            Command::RevokeToken { id } => token::revoke(tx, id, change.at).await?,
        };
        // A command that changed nothing leaves no trace: the same file twice is one file.
        let Some(trace) = trace else { return Ok(Some(Done::Nothing)) };
        let number = self.take_number();
        self.closed = None;
        self.traces.push((number, change.actor.to_owned(), change.at, trace));
        Ok(Some(Done::Changed))
    }

    /// Carries the next commands out, which all bring facts, in one go.
    pub(crate) async fn import(
        &mut self,
        commands: &[(Change<'_>, Part<'_>)],
        zone: &Zone,
    ) -> Result<Vec<Done>, StoreError> {
        let parts: Vec<Part<'_>> = commands.iter().map(|(_, part)| *part).collect();
        let mut done = Vec::with_capacity(parts.len());
        for ((outcome, trace), (change, _)) in fact::import(self, &parts, zone).await?.into_iter().zip(commands) {
            if let Some((number, trace)) = trace {
                self.traces.push((number, change.actor.to_owned(), change.at, trace));
            }
            done.push(Done::Imported(outcome));
        }
        Ok(done)
    }

    /// Whether anything was written.
    pub(crate) fn wrote(&self) -> bool {
        !self.traces.is_empty()
    }

    /// Writes down what every command leaves behind, and commits.
    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        let details: Vec<String> = self.traces.iter().map(|(.., trace)| canonical_json(&trace.detail)).collect();
        let leaves: Vec<String> =
            self.traces.iter().zip(&details).map(|((.., trace), detail)| leaf(trace, detail)).collect();
        let (mut audit, mut bytes, mut outbox) = (Vec::new(), Vec::new(), Vec::new());
        for (((number, actor, at, trace), detail), leaf) in self.traces.iter().zip(&details).zip(&leaves) {
            audit.push(vec![(*number).into(), at.0.into(), actor.into(), trace.action.into(), detail.into()]);
            bytes.push(vec![(*number).into(), leaf.as_bytes().into()]);
            outbox.extend(trace.windows.iter().map(|window| vec![(*number).into(), window.into()]));
        }
        for (table, rows) in [(&AUDIT, &audit), (&LEAF, &bytes), (&OUTBOX, &outbox)] {
            self.tx.insert(table, rows).await?;
        }
        self.tx.commit().await
    }
}

/// What the ledger will take in of a command.
fn leaf(trace: &Trace, detail: &str) -> String {
    let digest = Digest::of(detail.as_bytes()).to_string();
    canonical_json(&serde_json::json!({"v": "1", "kind": trace.action, "digest": digest}))
}

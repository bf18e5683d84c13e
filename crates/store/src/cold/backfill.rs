//! A backfill counts: its files are written, and from here on they are read.

use super::read::names;
use super::{BATCH, DAY, KIND, SOURCE};
use crate::door::{Trace, Turn};
use crate::fact::FREE_TEXT;
use crate::sql::{Arg, statements};
use crate::{StoreError, day};
use model::canonical::Digest;
use model::fact::Kind;
use model::time::Day;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a backfill brings. Numbers of reports count from 0 within it.
#[derive(Debug)]
pub struct Backfill {
    /// How many numbers its reports take.
    pub facts: i64,
    /// The files of texts and keys, in JSON.
    pub files: String,
    /// Its record files.
    pub days: Vec<BackfilledDay>,
    /// Reports of each kind.
    pub kinds: Vec<KindCount>,
    /// Reports with a row of their own, by day, kind and source.
    pub sources: Vec<SourceCount>,
    /// The first day on which a case stood open overnight.
    pub open_from: Option<Day>,
    /// Free texts, which lie in no file.
    pub texts: Vec<FreeText>,
    /// The windows that it touches.
    pub windows: BTreeSet<String>,
    /// The batches that were there when it looked what is known.
    pub batches: i64,
    /// The last report in rows that it looked at.
    pub seen: i64,
    /// The keys of its records and cases, sorted: none of them may be known.
    pub keys: Arc<[u64]>,
}

/// A record file of a backfill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackfilledDay {
    /// The day.
    pub day: Day,
    /// The stored file, in JSON.
    pub file: String,
    /// The first number in it.
    pub first: i64,
    /// The last number in it.
    pub last: i64,
    /// Whether the day's sealed files have rows of it.
    pub counts: bool,
}

/// How many reports of a kind a backfill brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindCount {
    /// The kind.
    pub kind: Kind,
    /// Reports.
    pub reports: i64,
    /// Of these, the ones that count.
    pub current: i64,
}

/// How many reports have a row of their own on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceCount {
    /// The day.
    pub day: Day,
    /// The kind.
    pub kind: Kind,
    /// The system that reported.
    pub source: String,
    /// How many.
    pub facts: i64,
}

/// A free text of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreeText {
    /// The number of the report.
    pub fact: i64,
    /// The column.
    pub name: &'static str,
    /// What it says.
    pub value: Box<str>,
}

/// What became of a backfill.
pub(crate) enum Backfilled {
    /// Something of it is known by now: it must be made again.
    Stale,
    Done(Trace),
}

statements! {
    // Nothing is ever taken from this table.
    LAST_BATCH = "SELECT COALESCE(MAX(id), 0) FROM cold_batch";
}

/// The digest of everything that a batch refers to.
pub(crate) fn files_digest<'a>(files: &str, days: impl Iterator<Item = (Day, &'a str)>) -> Digest {
    let days: Vec<_> = days.map(|(day, file)| json!([day.to_string(), file])).collect();
    Digest::of_json(&json!([files, days]))
}

/// Records a backfill, unless something that it brings came in otherwise meanwhile.
pub(crate) async fn backfill(turn: &mut Turn, command: i64, new: &Backfill) -> Result<Backfilled, StoreError> {
    if new.batches != turn.batches || knows_any(turn, new).await? {
        return Ok(Backfilled::Stale);
    }
    let (id, first) = (turn.tx.number(LAST_BATCH, &[]).await? + 1, turn.next_fact().await?);
    let open_from = Arg::Integer(new.open_from.map(|day| day.0.into()));
    let batch = vec![id.into(), first.into(), new.facts.into(), open_from, (&new.files).into(), command.into()];
    turn.tx.insert(&BATCH, &[batch]).await?;
    let number = |within: i64| Arg::from(first + within);
    let days = new.days.iter();
    let days: Vec<_> = days
        .map(|day| vec![day.day.0.into(), id.into(), (&day.file).into(), number(day.first), number(day.last)])
        .collect();
    turn.tx.insert(&DAY, &days).await?;
    let sources = new
        .sources
        .iter()
        .map(|of| vec![of.day.0.into(), id.into(), of.kind.name().into(), of.source.as_str().into(), of.facts.into()]);
    turn.tx.insert(&SOURCE, &sources.collect::<Vec<_>>()).await?;
    let kinds = new.kinds.iter();
    let kinds = kinds.map(|of| vec![id.into(), of.kind.name().into(), of.reports.into(), of.current.into()]);
    turn.tx.insert(&KIND, &kinds.collect::<Vec<_>>()).await?;
    let texts = new.texts.iter().map(|text| vec![number(text.fact), text.name.into(), (*text.value).into()]);
    turn.tx.insert(&FREE_TEXT, &texts.collect::<Vec<_>>()).await?;
    let closed: BTreeSet<Day> = turn.closed().await?.iter().copied().collect();
    let changed = new.days.iter().filter(|day| day.counts && closed.contains(&day.day)).map(|day| day.day);
    day::set_dirty(&mut turn.tx, command, &changed.collect()).await?;
    turn.brought(new.facts);
    let digest = files_digest(&new.files, new.days.iter().map(|day| (day.day, day.file.as_str())));
    let reports: i64 = new.kinds.iter().map(|of| of.reports).sum();
    let detail = json!({
        "digest": digest.to_string(),
        "batch": id.to_string(),
        "reports": reports.to_string(),
        "days": new.days.len().to_string(),
    });
    Ok(Backfilled::Done(Trace { action: "backfill", detail, windows: new.windows.clone() }))
}

/// Whether a record or a case of the backfill came into rows since it looked.
async fn knows_any(turn: &mut Turn, new: &Backfill) -> Result<bool, StoreError> {
    let mut known = false;
    let texts = Arc::clone(&turn.texts);
    let has = |key: u64| new.keys.binary_search(&key).is_ok();
    names(&mut turn.tx, new.seen, &mut |row| {
        texts.named(&row, |kind, source, id, case| {
            known |= has(super::record_key(kind, source, id)) || case.is_some_and(|case| has(super::case_key(case)));
        })
    })
    .await?;
    Ok(known)
}

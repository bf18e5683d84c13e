//! Reports come back into rows: what is reported now concerns them, and from here on they are like any other.

use super::read::IN_ROWS;
use crate::StoreError;
use crate::door::Turn;
use crate::fact::{ANCHOR, FACT, NewRow, Numbering, insert_texts};
use crate::sql::{Arg, statements};
use model::fact::{Fact, Kind};
use model::time::Zone;
use std::collections::{BTreeMap, HashSet};

/// A report out of a record file.
#[derive(Clone, Debug)]
pub struct Thawed {
    /// Its number.
    pub id: i64,
    /// What it says, without free text, which lies in the database under its number.
    pub fact: Fact,
    /// Whether it counts.
    pub current: bool,
    /// Its batch.
    pub batch: i64,
    /// The command that brought its batch.
    pub command: i64,
}

statements! {
    LESS_OF_KIND = "UPDATE cold_kind SET reports = reports - $3, current = current - $4 WHERE batch = $1 AND kind = $2";
    LESS_OF_SOURCE =
        "UPDATE cold_source SET facts = facts - $5 WHERE day = $1 AND batch = $2 AND kind = $3 AND source = $4";
}

/// Writes reports as rows, those that are rows already left out. Nothing counts differently for it.
pub(crate) async fn thaw<'a>(
    turn: &mut Turn,
    thawed: impl Iterator<Item = &'a Thawed>,
    zone: &Zone,
) -> Result<(), StoreError> {
    let mut by_id: BTreeMap<i64, &Thawed> = thawed.map(|one| (one.id, one)).collect();
    if by_id.is_empty() {
        return Ok(());
    }
    let ids = serde_json::to_string(&by_id.keys().collect::<Vec<_>>())?;
    let known: Vec<(i64,)> = turn.tx.all(IN_ROWS, &[(&ids).into()]).await?;
    let known: HashSet<i64> = known.into_iter().map(|(id,)| id).collect();
    by_id.retain(|id, _| !known.contains(id));
    let (mut rows, mut anchors) = (Vec::with_capacity(by_id.len()), Vec::new());
    let mut of_kind: BTreeMap<(i64, Kind), (i64, i64)> = BTreeMap::new();
    let mut of_source: BTreeMap<(i32, i64, Kind, &str), i64> = BTreeMap::new();
    let fresh = {
        let texts = turn.texts.read();
        let mut numbering = Numbering::new(&texts);
        for one in by_id.values().copied() {
            let (fact, identity) = (&one.fact, one.fact.identity());
            rows.push((one, NewRow::of(one.id, fact, zone, &mut numbering)));
            let counts = of_kind.entry((one.batch, fact.kind())).or_default();
            *counts = (counts.0 + 1, counts.1 + i64::from(one.current));
            for day in fact.anchor_days(zone).into_iter().filter(|_| one.current) {
                anchors.push(vec![day.0.into(), one.id.into()]);
                *of_source.entry((day.0, one.batch, fact.kind(), identity.source.as_str())).or_default() += 1;
            }
        }
        numbering.into_fresh()
    };
    insert_texts(&mut turn.tx, &fresh).await?;
    turn.texts.add(fresh)?;
    // What is contradicted never lies in files.
    let rows = rows.iter().map(|(one, row)| row.values(0, (one.current, false), Some(one.command)));
    let rows: Vec<Vec<Arg<'_>>> = rows.collect();
    turn.tx.insert(&FACT, &rows).await?;
    turn.tx.insert(&ANCHOR, &anchors).await?;
    for ((batch, kind), (reports, current)) in of_kind {
        let less = [batch.into(), kind.name().into(), reports.into(), current.into()];
        one_row("reports of a kind in files", turn.tx.execute(LESS_OF_KIND, &less).await?)?;
    }
    for ((day, batch, kind, source), facts) in of_source {
        let less = [day.into(), batch.into(), kind.name().into(), source.into(), facts.into()];
        one_row("reports of a day in files", turn.tx.execute(LESS_OF_SOURCE, &less).await?)?;
    }
    Ok(())
}

fn one_row(action: &'static str, found: u64) -> Result<(), StoreError> {
    if found == 1 { Ok(()) } else { Err(StoreError::RowsAffected { action, found, expected: 1 }) }
}

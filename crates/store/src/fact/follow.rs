//! Following what comes in: which reports are new since the last look, and what counts of their groups now.

use super::read::{BY_CASE, BY_OWN_ID, FactRow, Unpacking, columns};
use crate::door::LAST_COMMAND;
use crate::sql::{Tx, statements};
use crate::{Store, StoreError};
use model::fact::{Fact, Kind};
use model::id::Source;
use model::time::Instant;
use std::collections::{BTreeMap, BTreeSet};

/// Reports of one look. They are as many as are made facts of at once.
const REPORTS_AT_ONCE: usize = 5_000;

/// What came in since the last look.
#[derive(Debug)]
pub struct NewReports {
    /// Everything up to this place in the order of arrival was looked at.
    pub last: i64,
    /// There is more behind it.
    pub more: bool,
    /// The reports, whether or not they count.
    pub facts: Vec<Fact>,
}

statements! {
    LAST_FACT = "SELECT COALESCE(MAX(id), 0) FROM fact";
    // 5,001: one more than is taken says that there are more.
    AFTER = columns!("FROM fact AS f WHERE f.id > $1 AND f.id <= $2 AND f.reported_at >= $3 ORDER BY f.id LIMIT 5001");
    COMMAND_AT = "SELECT at FROM audit WHERE command >= $1 ORDER BY command LIMIT 1";
    COMMAND_OF = "SELECT command FROM fact WHERE id >= $1 ORDER BY id LIMIT 1";
    OF_RECORDS = columns!(
        "FROM fact AS f WHERE f.current AND f.source_id IN (SELECT value FROM json_each($1)) \
        AND f.kind = (SELECT id FROM text WHERE text = $2) AND f.source = (SELECT id FROM text WHERE text = $3)"
    );
}

impl Store {
    /// The reports behind a place in the order of arrival which tell of the time from `from` on, as far as their source
    /// says when it reported: what was reported before a time says nothing about it.
    pub async fn reports_after(&self, place: i64, from: Instant) -> Result<NewReports, StoreError> {
        let mut view = self.database.view().await?;
        let last = view.number(LAST_FACT, &[]).await?;
        if last <= place {
            return Ok(NewReports { last: place, more: false, facts: Vec::new() });
        }
        self.texts.refresh(&mut view).await?;
        let mut rows: Vec<FactRow> = view.all(AFTER, &[place.into(), last.into(), from.0.into()]).await?;
        let more = rows.len() > REPORTS_AT_ONCE;
        rows.truncate(REPORTS_AT_ONCE);
        let last = rows.last().filter(|_| more).map_or(last, |row| row.id);
        let texts = self.texts.read();
        let mut unpacking = Unpacking::new(&texts);
        let facts = rows.into_iter().map(|row| unpacking.fact(row)).collect::<Result<_, _>>()?;
        Ok(NewReports { last, more, facts })
    }

    /// A place in the order of arrival before which nothing came in at or after a time, by the clock of those who wrote.
    pub async fn place_before(&self, at: Instant) -> Result<i64, StoreError> {
        let mut view = self.database.view().await?;
        let commands = view.number(LAST_COMMAND, &[]).await?;
        // Commands are numbered without gaps, and their times hardly ever go back.
        let (mut low, mut high) = (0, commands);
        while low < high {
            let middle = low + (high - low) / 2;
            let found: Option<(i64,)> = view.optional(COMMAND_AT, &[(middle + 1).into()]).await?;
            if found.is_some_and(|(time,)| time < at.0) { low = middle + 1 } else { high = middle }
        }
        let (command, facts) = (low, view.number(LAST_FACT, &[]).await?);
        let (mut low, mut high) = (0, facts);
        while low < high {
            let middle = low + (high - low) / 2;
            let found: Option<(i64,)> = view.optional(COMMAND_OF, &[(middle + 1).into()]).await?;
            if found.is_some_and(|(of,)| of <= command) { low = middle + 1 } else { high = middle }
        }
        Ok(low)
    }

    /// The facts that count now of cases (with the ratings and surveys that name them) and of single records, each with
    /// its place in the order of arrival.
    pub async fn counting(
        &self,
        cases: &BTreeSet<&str>,
        records: &BTreeSet<(Kind, &Source, &str)>,
    ) -> Result<Vec<(i64, Fact)>, StoreError> {
        let mut view = self.database.view().await?;
        self.texts.refresh(&mut view).await?;
        let mut rows: Vec<FactRow> = Vec::new();
        if !cases.is_empty() {
            let ids = serde_json::to_string(cases)?;
            let mut ask = vec![(BY_OWN_ID, Kind::Case)];
            ask.extend([Kind::Case, Kind::Rating, Kind::Survey].map(|kind| (BY_CASE, kind)));
            for (by, kind) in ask {
                // None is there already.
                let args = [(&ids).into(), kind.name().into(), "[]".into()];
                rows.extend(view.all::<FactRow>(by, &args).await?);
            }
        }
        rows.extend(of_records(&mut view, records).await?);
        let texts = self.texts.read();
        let mut unpacking = Unpacking::new(&texts);
        rows.into_iter().map(|row| Ok((row.id, unpacking.fact(row)?))).collect()
    }
}

async fn of_records(view: &mut Tx, records: &BTreeSet<(Kind, &Source, &str)>) -> Result<Vec<FactRow>, StoreError> {
    let mut asked: BTreeMap<(Kind, &Source), Vec<&str>> = BTreeMap::new();
    for (kind, source, id) in records {
        asked.entry((*kind, source)).or_default().push(id);
    }
    let mut rows = Vec::new();
    for ((kind, source), ids) in asked {
        let ids = serde_json::to_string(&ids)?;
        rows.extend(
            view.all::<FactRow>(OF_RECORDS, &[(&ids).into(), kind.name().into(), source.as_str().into()]).await?,
        );
    }
    Ok(rows)
}

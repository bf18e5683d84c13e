//! Closed periods and their frozen inputs.

mod finalize;

pub use finalize::FinalPeriod;
#[cfg(test)]
pub(crate) use finalize::STATEMENTS as FINALIZE_STATEMENTS;
pub(crate) use finalize::finalize;

use crate::door::Trace;
use crate::sql::{Tx, statements};
use crate::{Store, StoreError};
use model::canonical::Digest;
use serde_json::json;
use std::collections::BTreeSet;

/// The close of a period under one scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedPeriod {
    /// The period, as people write it.
    pub period: String,
    /// The digest of the scheme.
    pub scheme: Digest,
    /// The frozen inputs: canonical JSON that names every file with its digest.
    pub inputs: String,
}

statements! {
    CURRENT =
        "SELECT revision, inputs FROM period_close WHERE period = $1 AND scheme = $2 ORDER BY revision DESC LIMIT 1";
    INSERT = "INSERT INTO period_close (period, scheme, revision, inputs, command) VALUES ($1, $2, $3, $4, $5)";
    EVERY = "SELECT period, inputs FROM period_close ORDER BY period, scheme, revision";
    LIST = "SELECT DISTINCT period FROM period_close ORDER BY period";
}

pub(crate) async fn close(tx: &mut Tx, command: i64, closed: &ClosedPeriod) -> Result<Option<Trace>, StoreError> {
    let scheme = closed.scheme.to_string();
    let current: Option<(i64, String)> = tx.optional(CURRENT, &[(&closed.period).into(), (&scheme).into()]).await?;
    if current.as_ref().is_some_and(|(_, inputs)| *inputs == closed.inputs) {
        return Ok(None);
    }
    let revision = current.map_or(0, |(revision, _)| revision) + 1;
    let row = [(&closed.period).into(), (&scheme).into(), revision.into(), (&closed.inputs).into(), command.into()];
    tx.execute(INSERT, &row).await?;
    let detail = json!({
        "period": closed.period,
        "scheme": scheme,
        "revision": revision.to_string(),
        "inputs": Digest::of(closed.inputs.as_bytes()).to_string(),
    });
    Ok(Some(Trace { action: "close_period", detail, windows: BTreeSet::new() }))
}

impl Store {
    /// The frozen inputs of a period under a scheme, as last closed, with their revision.
    pub async fn closed_period(&self, period: &str, scheme: Digest) -> Result<Option<(i64, String)>, StoreError> {
        let scheme = scheme.to_string();
        self.database.optional(CURRENT, &[period.into(), (&scheme).into()]).await
    }

    /// Every close of every period: the period, and its frozen inputs.
    pub async fn every_close(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.database.all(EVERY, &[]).await
    }

    /// Every period that was ever closed.
    pub async fn closed_periods(&self) -> Result<Vec<String>, StoreError> {
        let periods: Vec<(String,)> = self.database.all(LIST, &[]).await?;
        Ok(periods.into_iter().map(|(period,)| period).collect())
    }
}

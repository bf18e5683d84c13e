//! Closed periods and their frozen inputs.

mod finalize;

pub use finalize::FinalPeriod;
pub(crate) use finalize::finalize;

use crate::door::{Trace, Tx};
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

const CURRENT: &str =
    "SELECT revision, inputs FROM period_close WHERE period = $1 AND scheme = $2 ORDER BY revision DESC LIMIT 1";
const INSERT: &str = "INSERT INTO period_close (period, scheme, revision, inputs, command) VALUES ($1, $2, $3, $4, $5)";
const EVERY: &str = "SELECT period, inputs FROM period_close ORDER BY period, scheme, revision";
const LIST: &str = "SELECT DISTINCT period FROM period_close ORDER BY period";

pub(crate) async fn close(tx: &mut Tx<'_>, command: i64, closed: &ClosedPeriod) -> Result<Option<Trace>, StoreError> {
    let scheme = closed.scheme.to_string();
    let current: Option<(i64, String)> =
        sqlx::query_as(CURRENT).bind(&closed.period).bind(&scheme).fetch_optional(&mut **tx).await?;
    if current.as_ref().is_some_and(|(_, inputs)| *inputs == closed.inputs) {
        return Ok(None);
    }
    let revision = current.map_or(0, |(revision, _)| revision) + 1;
    sqlx::query(INSERT)
        .bind(&closed.period)
        .bind(&scheme)
        .bind(revision)
        .bind(&closed.inputs)
        .bind(command)
        .execute(&mut **tx)
        .await?;
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
        let query = sqlx::query_as(CURRENT).bind(period).bind(scheme.to_string());
        Ok(query.fetch_optional(&self.readers).await?)
    }

    /// Every close of every period: the period, and its frozen inputs.
    pub async fn every_close(&self) -> Result<Vec<(String, String)>, StoreError> {
        Ok(sqlx::query_as(EVERY).fetch_all(&self.readers).await?)
    }

    /// Every period that was ever closed.
    pub async fn closed_periods(&self) -> Result<Vec<String>, StoreError> {
        Ok(sqlx::query_scalar(LIST).fetch_all(&self.readers).await?)
    }
}

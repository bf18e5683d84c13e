//! Reference times, each set frozen for a year.

use crate::door::Trace;
use crate::sql::{Tx, statements};
use crate::{Store, StoreError};
use model::canonical::Digest;
use model::time::Day;
use serde_json::json;
use std::collections::BTreeSet;

/// A frozen set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceSet {
    /// The first day on which it holds.
    pub from: Day,
    /// The digest of its references.
    pub digest: Digest,
    /// The stored file, in JSON.
    pub file: String,
}

statements! {
    LIST = "SELECT from_day, digest, file FROM reference_set ORDER BY from_day";
    INSERT = "INSERT INTO reference_set (from_day, digest, file, command) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (from_day) DO NOTHING";
}

/// Freezes a set; one that holds from the same day on stays as it is.
pub(crate) async fn freeze(tx: &mut Tx, command: i64, set: &ReferenceSet) -> Result<Option<Trace>, StoreError> {
    let digest = set.digest.to_string();
    let row = [set.from.0.into(), (&digest).into(), (&set.file).into(), command.into()];
    if tx.execute(INSERT, &row).await? == 0 {
        return Ok(None);
    }
    let detail = json!({"from": set.from, "digest": digest});
    Ok(Some(Trace { action: "freeze_references", detail, windows: BTreeSet::new() }))
}

impl Store {
    /// Every frozen set, the oldest first.
    pub async fn reference_sets(&self) -> Result<Vec<ReferenceSet>, StoreError> {
        let rows: Vec<(i32, String, String)> = self.database.all(LIST, &[]).await?;
        let set = |(from, digest, file): (i32, String, String)| {
            let known = Digest::from_hex(&digest);
            let digest = known.ok_or_else(|| StoreError::corrupt("reference_set", from, "digest", digest))?;
            Ok(ReferenceSet { from: Day(from), digest, file })
        };
        rows.into_iter().map(set).collect()
    }
}

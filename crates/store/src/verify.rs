//! Whether the database still says what was written into it.

use crate::cold::files_digest;
use crate::fact::{BETWEEN, FactRow, Unpacking};
use crate::sql::statements;
use crate::{Store, StoreError};
use model::canonical::Digest;
use serde_json::{Value, json};
use std::collections::BTreeMap;

statements! {
    AUDIT = "SELECT a.command, a.action, a.detail, l.bytes FROM audit AS a \
        LEFT JOIN leaf AS l ON l.command = a.command ORDER BY a.command";
    // The reports of a command have ids in one piece.
    REPORTS = "SELECT command, MIN(id), MAX(id) FROM fact GROUP BY command";
    CLOSES = "SELECT period, command, inputs FROM period_close ORDER BY command";
}

impl Store {
    /// What is damaged in the database; nothing if it is sound: what SQLite says of its pages, and every report, leaf
    /// and close against the digest that the audit trail has of it. PostgreSQL checks its pages with tools of its own.
    pub async fn verify(&self) -> Result<Vec<String>, StoreError> {
        let mut found = self.database.integrity().await?;
        let audit: Vec<(i64, String, String, Option<Vec<u8>>)> = self.database.all(AUDIT, &[]).await?;
        let reports: Vec<(i64, i64, i64)> = self.database.all(REPORTS, &[]).await?;
        let reports: BTreeMap<i64, (i64, i64)> = reports.into_iter().map(|(of, low, high)| (of, (low, high))).collect();
        let mut inputs = BTreeMap::new();
        for (command, action, detail, leaf) in &audit {
            let leaf: Option<Value> = leaf.as_deref().and_then(|bytes| serde_json::from_slice(bytes).ok());
            if leaf.is_none_or(|leaf| leaf["digest"] != Digest::of(detail.as_bytes()).to_string()) {
                found.push(format!("command {command}: its leaf is not of what the audit trail says"));
            }
            let detail: Value = serde_json::from_str(detail).unwrap_or_default();
            if action == "import" && !self.is_as_imported(reports.get(command), &detail["digest"]).await? {
                found.push(format!("command {command}: its reports are not the ones that were imported"));
            }
            if action == "backfill" && !self.is_as_backfilled(*command, &detail["digest"]).await? {
                found.push(format!("command {command}: its files are not the ones that were stored"));
            }
            inputs.insert(*command, detail["inputs"].clone());
        }
        let closes: Vec<(String, i64, String)> = self.database.all(CLOSES, &[]).await?;
        for (period, command, text) in closes {
            if inputs.get(&command).is_none_or(|digest| *digest != Digest::of(text.as_bytes()).to_string()) {
                found.push(format!("{period}: its frozen inputs are not those of command {command}"));
            }
        }
        Ok(found)
    }

    /// Whether the files of a batch have the digest that was recorded of them.
    async fn is_as_backfilled(&self, command: i64, digest: &Value) -> Result<bool, StoreError> {
        let Some(batch) = self.cold_batches().await?.into_iter().find(|batch| batch.command == command) else {
            return Ok(false);
        };
        let days = self.cold_files().await?;
        let days = days.iter().filter(|day| day.batch == batch.id).map(|day| (day.day, day.file.as_str()));
        Ok(*digest == files_digest(&batch.files, days).to_string())
    }

    /// Whether the reports with these ids have the digest that was recorded of them.
    async fn is_as_imported(&self, ids: Option<&(i64, i64)>, digest: &Value) -> Result<bool, StoreError> {
        let Some((low, high)) = ids else { return Ok(false) };
        let rows: Vec<FactRow> = self.database.all(BETWEEN, &[(*low).into(), (*high).into()]).await?;
        self.read_texts().await?;
        let texts = self.texts.read();
        let mut unpacking = Unpacking::new(&texts);
        let mut digests = Vec::with_capacity(rows.len());
        for row in rows {
            match unpacking.fact(row) {
                Ok(fact) => digests.push(fact.payload_digest()),
                Err(StoreError::CorruptRow { .. }) => return Ok(false),
                Err(other) => return Err(other),
            }
        }
        digests.sort_unstable();
        Ok(*digest == Digest::of_json(&json!(digests)).to_string())
    }
}

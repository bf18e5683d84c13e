//! Tokens of sources: who may report over HTTP, and what.

use crate::door::Trace;
use crate::sql::{Tx, statements};
use crate::{Store, StoreError};
use model::canonical::Digest;
use model::fact::Kind;
use model::time::Instant;
use serde_json::json;
use sqlx::FromRow;
use std::collections::BTreeSet;

/// A token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceToken {
    /// Its name: not secret, and part of the token's text.
    pub id: String,
    /// The source that reports under it.
    pub source: String,
    /// The SHA-256 of the secret.
    pub secret: Digest,
    /// The kinds of facts that it may report; empty: all.
    pub kinds: BTreeSet<Kind>,
    /// The windows of which it may report; empty: all.
    pub windows: BTreeSet<String>,
    /// What it is for.
    pub note: String,
    /// When it was issued.
    pub issued_at: Instant,
    /// When it was revoked.
    pub revoked_at: Option<Instant>,
    /// When it was last used, to a minute.
    pub last_used_at: Option<Instant>,
}

impl SourceToken {
    /// Whether it may report facts of a kind.
    #[must_use]
    pub fn is_for_kind(&self, kind: Kind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }

    /// Whether it may report of a window.
    #[must_use]
    pub fn is_for_window(&self, window: &str) -> bool {
        self.windows.is_empty() || self.windows.contains(window)
    }
}

#[derive(FromRow)]
struct TokenRow {
    id: String,
    source: String,
    secret: String,
    kinds: String,
    windows: String,
    note: String,
    issued_at: i64,
    revoked_at: Option<i64>,
    last_used_at: Option<i64>,
}

impl TokenRow {
    fn into_token(self) -> Result<SourceToken, StoreError> {
        let bad = |column, problem: String| StoreError::corrupt("source_token", &self.id, column, problem);
        let kinds = serde_json::from_str(&self.kinds).map_err(|error| bad("kinds", error.to_string()))?;
        let windows = serde_json::from_str(&self.windows).map_err(|error| bad("windows", error.to_string()))?;
        let secret = Digest::from_hex(&self.secret).ok_or_else(|| bad("secret", "no digest".to_owned()))?;
        Ok(SourceToken {
            source: self.source,
            secret,
            kinds,
            windows,
            note: self.note,
            issued_at: Instant(self.issued_at),
            revoked_at: self.revoked_at.map(Instant),
            last_used_at: self.last_used_at.map(Instant),
            id: self.id,
        })
    }
}

/// Uses within so many seconds are one.
const USE_SECONDS: i64 = 60;

statements! {
    INSERT = "INSERT INTO source_token (id, source, secret, kinds, windows, note, issued_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    REVOKE = "UPDATE source_token SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
    USED = "UPDATE source_token SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $3)";
    ONE = "SELECT id, source, secret, kinds, windows, note, issued_at, revoked_at, last_used_at FROM source_token \
        WHERE id = $1";
    EVERY = "SELECT id, source, secret, kinds, windows, note, issued_at, revoked_at, last_used_at FROM source_token \
        ORDER BY source, issued_at, id";
}

pub(crate) async fn issue(tx: &mut Tx, token: &SourceToken) -> Result<Option<Trace>, StoreError> {
    let (secret, kinds) = (token.secret.to_string(), serde_json::to_string(&token.kinds)?);
    let windows = serde_json::to_string(&token.windows)?;
    let row = [
        (&token.id).into(),
        (&token.source).into(),
        (&secret).into(),
        (&kinds).into(),
        (&windows).into(),
        (&token.note).into(),
        token.issued_at.0.into(),
    ];
    tx.execute(INSERT, &row).await?;
    let detail = json!({
        "id": token.id, "source": token.source, "kinds": token.kinds, "windows": token.windows, "note": token.note,
    });
    Ok(Some(Trace { action: "issue_token", detail, windows: BTreeSet::new() }))
}

/// Revokes a token; one that is not there or was revoked before stays as it is.
pub(crate) async fn revoke(tx: &mut Tx, id: &str, at: Instant) -> Result<Option<Trace>, StoreError> {
    if tx.execute(REVOKE, &[id.into(), at.0.into()]).await? == 0 {
        return Ok(None);
    }
    Ok(Some(Trace { action: "revoke_token", detail: json!({"id": id}), windows: BTreeSet::new() }))
}

impl Store {
    /// The token with this name, revoked or not.
    pub async fn source_token(&self, id: &str) -> Result<Option<SourceToken>, StoreError> {
        let row: Option<TokenRow> = self.database.optional(ONE, &[id.into()]).await?;
        row.map(TokenRow::into_token).transpose()
    }

    /// Every token that was ever issued, by source.
    pub async fn source_tokens(&self) -> Result<Vec<SourceToken>, StoreError> {
        let rows: Vec<TokenRow> = self.database.all(EVERY, &[]).await?;
        rows.into_iter().map(TokenRow::into_token).collect()
    }

    /// Notes that a token was used, once a minute. It says only who is alive, so it is no command.
    pub async fn token_used(&self, token: &SourceToken, at: Instant) -> Result<(), StoreError> {
        let before = at.0 - USE_SECONDS;
        if token.last_used_at.is_some_and(|last| last.0 >= before) {
            return Ok(());
        }
        self.database.note(USED, &[(&token.id).into(), at.0.into(), before.into()]).await.map(|_| ())
    }
}

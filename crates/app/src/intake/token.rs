//! Tokens: issued once, shown once, kept as a digest.

use crate::AppError;
use crate::home::Home;
use model::canonical::Digest;
use model::fact::Kind;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use store::{Change, Command, Done, SourceToken};

/// How the text of a token begins, so that scanners of repositories and logs know it.
const PREFIX: &str = "heng_";
/// Bytes of a token's name.
const ID_BYTES: usize = 6;

/// What a token shall allow.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// The source that reports under it.
    pub source: String,
    /// The kinds of facts; empty: all.
    pub kinds: BTreeSet<Kind>,
    /// The windows; empty: all.
    pub windows: BTreeSet<String>,
    /// What it is for.
    pub note: String,
}

/// A token that was just issued.
#[derive(Debug)]
pub struct Issued {
    /// Its name.
    pub id: String,
    /// The whole token. It is nowhere else.
    pub token: String,
}

/// Issues a token. `random` comes from the system.
pub async fn issue(home: &Home, scope: Scope, random: &[u8; 38], change: Change<'_>) -> Result<Issued, AppError> {
    let (id, secret) = random.split_at(ID_BYTES);
    let (id, secret) = (hex(id), hex(secret));
    let Scope { source, kinds, windows, note } = scope;
    let token = SourceToken {
        id: id.clone(),
        source,
        secret: Digest::of(secret.as_bytes()),
        kinds,
        windows,
        note,
        issued_at: change.at,
        revoked_at: None,
        last_used_at: None,
    };
    home.store.write(change, Command::IssueToken(token)).await?;
    Ok(Issued { token: format!("{PREFIX}{id}_{secret}"), id })
}

/// Revokes a token. `false`: there is none of this name, or it was revoked before.
pub async fn revoke(home: &Home, id: &str, change: Change<'_>) -> Result<bool, AppError> {
    let done = home.store.write(change, Command::RevokeToken { id: id.to_owned() }).await?;
    Ok(matches!(done, Done::Changed))
}

/// The token with this text, if it is one and in force.
pub async fn token_of(home: &Home, text: &str) -> Result<Option<SourceToken>, AppError> {
    let Some((id, secret)) = text.strip_prefix(PREFIX).and_then(|rest| rest.split_once('_')) else {
        return Ok(None);
    };
    // A name of another length is none of ours, and nothing of any length reaches the database.
    if id.len() != 2 * ID_BYTES || secret.len() > 200 {
        return Ok(None);
    }
    let known = home.store.source_token(id).await?;
    // Digests are compared, not secrets: how long it takes says nothing.
    Ok(known.filter(|token| token.revoked_at.is_none() && token.secret == Digest::of(secret.as_bytes())))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

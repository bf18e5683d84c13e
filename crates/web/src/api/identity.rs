//! Who asks: the source whose token a request carries, or the citizen whose ticket.

use super::Api;
use super::problem::{ApiProblem, Code};
use app::intake::token_of;
use app::rating::{Ticket, ticket_of};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use store::SourceToken;

fn refused() -> ApiProblem {
    ApiProblem::new(Code::Unauthorized, "send `Authorization: Bearer heng_…`; `heng token add` makes one")
}

/// What stands behind `Bearer`.
fn bearer(headers: &HeaderMap) -> Result<&str, ApiProblem> {
    let value = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).ok_or_else(refused)?;
    let (scheme, text) = value.split_once(' ').ok_or_else(refused)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(text.trim()) } else { Err(refused()) }
}

/// The ticket that a request carries, if it carries one and not a token.
pub(super) fn ticket(api: &Api, headers: &HeaderMap) -> Result<Option<Ticket>, ApiProblem> {
    let ticket = ticket_of(&api.home, bearer(headers)?, (api.now)()).transpose();
    ticket.map_err(|error| ApiProblem::new(Code::Unauthorized, error.to_string()))
}

/// The token that a request carries, if it is in force.
pub(super) async fn authorize(api: &Api, headers: &HeaderMap) -> Result<SourceToken, ApiProblem> {
    let token = token_of(&api.home, bearer(headers)?).await.map_err(|error| ApiProblem::unavailable(&error))?;
    let token = token.ok_or_else(refused)?;
    // A failure to note it refuses nobody.
    if let Err(error) = api.home.store.token_used(&token, (api.now)()).await {
        tracing::warn!(token = token.id, %error, "the use of a token could not be noted");
    }
    Ok(token)
}

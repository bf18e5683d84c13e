//! Whether the server is alive, and whether it can do its work.

use super::problem::{ApiProblem, Code};
use super::{Api, Operation, Permission};
use axum::extract::State;
use axum::http::Method;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// A database that takes longer for one number does not do its work.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) fn operations() -> [Operation; 2] {
    let text = |description: &str| json!({"description": description, "content": {"text/plain": {"schema": {"type": "string"}}}});
    let operation = |id: &str, path: &str, summary: &str, handler| Operation {
        id: id.to_owned(),
        method: Method::GET,
        path: path.to_owned(),
        permission: Permission::Anyone,
        described: json!({"summary": summary, "tags": ["server"], "responses": {"200": text(summary)}}),
        handler,
    };
    [
        operation("alive", "/healthz", "The server is alive", get(async || "alive\n")),
        operation("ready", "/readyz", "The database answers", get(ready)),
    ]
}

async fn ready(State(api): State<Arc<Api>>) -> Response {
    match tokio::time::timeout(PATIENCE, api.home.store.last_command()).await {
        Ok(Ok(_)) => "ready\n".into_response(),
        Ok(Err(error)) => ApiProblem::new(Code::Unavailable, error.to_string()).into_response(),
        Err(_) => ApiProblem::new(Code::Unavailable, "the database does not answer").into_response(),
    }
}

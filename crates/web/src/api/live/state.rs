//! `GET /api/v1/live`

use crate::api::Api;
use crate::api::problem::{ApiProblem, Code};
use axum::extract;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Everything that a stream says, at once: for whoever asks from time to time.
pub(super) async fn show(extract::State(api): extract::State<Arc<Api>>) -> Response {
    match api.live.everything().await {
        Some(json) => axum::Json(json).into_response(),
        None => {
            ApiProblem::new(Code::Unavailable, "the open day is not known yet; ask again in a second").into_response()
        }
    }
}

/// The operation object of OpenAPI.
pub(super) fn described() -> Json {
    json!({
        "summary": "The open day as it is now",
        "description": "What `/api/v1/stream` says, for whoever asks from time to time: every window, whether the figures \
            are stale, and provisional scores of windows (null before there is anything to score).",
        "tags": ["live"],
        "responses": {"200": {
            "description": "The state",
            "content": {"application/json": {"schema": {
                "allOf": [{"$ref": "#/components/schemas/LiveDay"}],
                "type": "object",
                "properties": {
                    "stale": {"type": "boolean", "description": "The database did not answer the last time"},
                    "scores": {"type": ["object", "null"], "description": "Provisional scores of windows"},
                },
                "required": ["stale", "scores"],
            }}},
        }},
    })
}

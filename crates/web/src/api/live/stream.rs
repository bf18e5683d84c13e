//! `GET /api/v1/stream`

use super::hub::{Listener, MOST_STREAMS};
use crate::api::Api;
use crate::api::problem::{ApiProblem, Code};
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::stream::unfold;
use serde_json::{Value as Json, json};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;

/// The longest silence: proxies and browsers take a longer one for the end.
const SILENCE: Duration = Duration::from_secs(10);
/// What is said then.
const STILL_HERE: Bytes = Bytes::from_static(b": still here\n\n");
/// When a browser whose stream broke comes back, in milliseconds.
const COME_BACK: Bytes = Bytes::from_static(b"retry: 2000\n\n");

/// Who listens, and what is to be said to them first.
struct Telling {
    api: Arc<Api>,
    listener: Listener,
    first: VecDeque<Bytes>,
    over: watch::Receiver<bool>,
}

pub(super) async fn stream(State(api): State<Arc<Api>>) -> Response {
    let Some(mut listener) = api.live.listen() else {
        let detail = format!("{MOST_STREAMS} streams are open already; ask /api/v1/live from time to time instead");
        return ApiProblem::new(Code::Overloaded, detail).into_response();
    };
    let mut first = VecDeque::from([COME_BACK]);
    first.extend(api.live.begin(&mut listener));
    let over = api.over.clone();
    let told = unfold(Telling { api, listener, first, over }, async |mut telling| {
        let frame = telling.next().await?;
        Some((Ok::<_, Infallible>(frame), telling))
    });
    let mut response = Response::new(Body::from_stream(told));
    for (name, value) in [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-store"),
        // A proxy must not gather what is told.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

impl Telling {
    /// What is said next; nothing once the server ends.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(frame) = self.first.pop_front() {
            return Some(frame);
        }
        let heard = tokio::select! {
            _ = self.over.wait_for(|over| *over) => return None,
            heard = tokio::time::timeout(SILENCE, self.listener.frames.recv()) => heard,
        };
        match heard {
            Ok(Ok(frame)) => Some(frame),
            Ok(Err(RecvError::Closed)) => None,
            // Too slow for single changes: everything anew.
            Ok(Err(RecvError::Lagged(_))) => {
                self.first = self.api.live.begin(&mut self.listener).into();
                Some(self.first.pop_front().unwrap_or(STILL_HERE))
            }
            Err(_) => Some(STILL_HERE),
        }
    }
}

/// The operation object of OpenAPI.
pub(super) fn described() -> Json {
    json!({
        "summary": "The open day as it goes, as server-sent events",
        "description": "First `state` (every window), then at most two `change` a second (the windows of which something \
            else is said), each with the number of the last change of the home as its id; `scores` (provisional scores of \
            windows) at most every half minute; `stale` while the database does not answer. Whoever comes back is told the \
            state anew, whatever their Last-Event-ID.",
        "tags": ["live"],
        "responses": {"200": {
            "description": "Events until one side ends it",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }},
    })
}

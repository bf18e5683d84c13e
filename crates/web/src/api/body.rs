//! Reading what a request brings.

use super::Api;
use super::problem::{ApiProblem, Code};
use super::room::MAX_BODY_BYTES;
use axum::body::{Body, to_bytes};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use tokio::sync::OwnedSemaphorePermit;

/// The whole body, and the room that it takes until it is dropped.
pub(super) async fn whole(
    api: &Api,
    headers: &HeaderMap,
    body: Body,
) -> Result<(OwnedSemaphorePermit, Bytes), ApiProblem> {
    let room = api.room.take(stated_length(headers))?;
    let bytes = to_bytes(body, MAX_BODY_BYTES).await.map_err(|error| unreadable(&error))?;
    Ok((room, bytes))
}

/// A body of JSON: a list, or one item without a list around it.
pub(super) async fn json_items<T: DeserializeOwned>(
    api: &Api,
    headers: &HeaderMap,
    body: Body,
) -> Result<Vec<T>, ApiProblem> {
    if content_type(headers) != "application/json" {
        return Err(ApiProblem::new(Code::UnsupportedType, "send `Content-Type: application/json`"));
    }
    let (_room, bytes) = whole(api, headers, body).await?;
    let not_json = |error: serde_json::Error| ApiProblem::new(Code::NotJson, error.to_string());
    if bytes.trim_ascii_start().first() == Some(&b'[') {
        return serde_json::from_slice(&bytes).map_err(not_json);
    }
    Ok(vec![serde_json::from_slice(&bytes).map_err(not_json)?])
}

/// What a body is said to be, without its parameters.
pub(super) fn content_type(headers: &HeaderMap) -> String {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The length of a body that comes as it is; what is packed may unpack to anything.
fn stated_length(headers: &HeaderMap) -> Option<usize> {
    if headers.contains_key(CONTENT_ENCODING) {
        return None;
    }
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn unreadable(error: &axum::Error) -> ApiProblem {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if error.is::<http_body_util::LengthLimitError>() {
            return ApiProblem::new(Code::TooLarge, format!("a body has at most {MAX_BODY_BYTES} bytes, unpacked"));
        }
        cause = error.source();
    }
    ApiProblem::new(Code::NotJson, format!("the body could not be read to its end: {error}"))
}

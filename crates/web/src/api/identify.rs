//! Every request has a name, its sender's or ours: in the log, and in the answer.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::atomic::{AtomicU64, Ordering};
use tracing::Instrument as _;

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The longest name that is taken over.
const MAX_BYTES: usize = 64;

static NEXT: AtomicU64 = AtomicU64::new(1);

pub(crate) async fn identify(request: Request, next: Next) -> Response {
    let given = request.headers().get(&REQUEST_ID).and_then(|value| value.to_str().ok()).filter(|id| is_plain(id));
    let id =
        given.map_or_else(|| format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)), str::to_owned);
    let span = tracing::info_span!("request", id, method = %request.method(), path = request.uri().path());
    let mut response = next.run(request).instrument(span).await;
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// Whether a name can stand in a log as it is.
fn is_plain(id: &str) -> bool {
    (1..=MAX_BYTES).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_bend_a_log_are_not_taken_over() {
        let check = |id: &str, expect: bool| assert_eq!(is_plain(id), expect, "{id}");
        check("a-1_2.B", true);
        check("", false);
        check("a b", false);
        check("a\u{1b}[31m", false);
        check(&"a".repeat(65), false);
    }
}

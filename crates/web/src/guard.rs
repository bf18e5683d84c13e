//! What holds for every request and every answer.

use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderName, REFERRER_POLICY};
use axum::http::header::{X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// Nothing is fetched from elsewhere, nothing runs, nobody frames the pages.
const HEADERS: [(HeaderName, &str); 4] = [
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
];

/// Refuses names that are not this machine's, and says in every answer what a browser may do with it.
///
/// The site listens on loopback and asks nobody who they are. A page of another site could still reach it through a
/// visitor's browser by a name that resolves to 127.0.0.1; such a request carries that name.
pub(crate) async fn guard(request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    // Who shows a token is no visitor of another site's page: a browser would not know it.
    let by_token = request.headers().contains_key(AUTHORIZATION)
        && ["/api/v1/", "/v1/"].iter().any(|tree| request.uri().path().starts_with(tree));
    let mut response = if by_token || host.is_some_and(is_loopback) {
        next.run(request).await
    } else {
        (StatusCode::MISDIRECTED_REQUEST, "Heng answers on this machine alone: open http://127.0.0.1 with its port\n")
            .into_response()
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    response
}

/// Whether a host header names this machine.
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost") || matches!(name, "127.0.0.1" | "::1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_answered() {
        let check = |host: &str, expect: bool| assert_eq!(is_loopback(host), expect, "{host}");
        check("127.0.0.1:8180", true);
        check("localhost", true);
        check("LOCALHOST:80", true);
        check("[::1]:8180", true);
        check("127.0.0.1.evil.example", false);
        check("hall.gov.local:8180", false);
        check("evil.example", false);
        check("", false);
    }
}

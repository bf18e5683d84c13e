//! What goes wrong, for programs: RFC 9457, with a code that stays.

use app::intake::IntakeError;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use store::StoreError;

/// What can go wrong with a request as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    BadQuery,
    NotFound,
    Unauthorized,
    KindNotAllowed,
    WindowNotAllowed,
    NotJson,
    BadItem,
    UnsupportedType,
    TooLarge,
    TooManyItems,
    MethodNotAllowed,
    Overloaded,
    Unavailable,
    Failed,
}

impl Code {
    /// Every code.
    pub(crate) const ALL: [Self; 14] = [
        Self::NotJson,
        Self::BadItem,
        Self::BadQuery,
        Self::Unauthorized,
        Self::KindNotAllowed,
        Self::WindowNotAllowed,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::TooLarge,
        Self::TooManyItems,
        Self::UnsupportedType,
        Self::Overloaded,
        Self::Failed,
        Self::Unavailable,
    ];

    /// Code, status, and what it means.
    pub(crate) fn parts(self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Self::NotJson => ("not_json", StatusCode::BAD_REQUEST, "The body is no JSON, or is cut off"),
            Self::BadItem => {
                ("bad_item", StatusCode::UNPROCESSABLE_ENTITY, "An item of the body has a field that is none")
            }
            Self::BadQuery => ("bad_query", StatusCode::BAD_REQUEST, "The query cannot be read"),
            Self::NotFound => ("not_found", StatusCode::NOT_FOUND, "There is no such thing"),
            Self::WindowNotAllowed => ("window_not_allowed", StatusCode::FORBIDDEN, "The token is not for this window"),
            Self::Unauthorized => ("unauthorized", StatusCode::UNAUTHORIZED, "No token, or one that is not in force"),
            Self::KindNotAllowed => {
                ("kind_not_allowed", StatusCode::FORBIDDEN, "The token is not for this kind of fact")
            }
            Self::MethodNotAllowed => {
                ("method_not_allowed", StatusCode::METHOD_NOT_ALLOWED, "The address takes another method")
            }
            Self::TooLarge => ("too_large", StatusCode::PAYLOAD_TOO_LARGE, "The body is too large"),
            Self::TooManyItems => ("too_many_items", StatusCode::PAYLOAD_TOO_LARGE, "Too many items at once"),
            Self::UnsupportedType => {
                ("unsupported_type", StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body is neither JSON nor NDJSON")
            }
            Self::Overloaded => {
                ("overloaded", StatusCode::TOO_MANY_REQUESTS, "Too much is on its way; send it again later")
            }
            Self::Unavailable => {
                ("unavailable", StatusCode::SERVICE_UNAVAILABLE, "The database does not answer; send it again later")
            }
            Self::Failed => ("failed", StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong here, not with you"),
        }
    }
}

/// A problem as it is sent.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ApiProblem {
    /// Where the problem is explained.
    #[serde(rename = "type")]
    kind: String,
    /// What went wrong, always the same for a code.
    title: &'static str,
    /// The status of the answer.
    status: u16,
    /// What went wrong this time.
    detail: String,
    /// The code; it stays.
    pub(super) code: &'static str,
}

impl ApiProblem {
    /// A failure of our own. What a database that cannot be reached refuses now, it takes later.
    pub(super) fn unavailable(error: &(dyn std::error::Error + 'static)) -> Self {
        let cause = app::causes(error, ToString::to_string);
        tracing::error!(cause, "the database failed");
        Self::new(Code::Unavailable, "the database does not answer; nothing of this request was taken")
    }

    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        let (name, status, title) = code.parts();
        Self { kind: format!("/api/docs#{name}"), title, status: status.as_u16(), detail: detail.into(), code: name }
    }
}

impl From<IntakeError> for ApiProblem {
    fn from(error: IntakeError) -> Self {
        match error {
            IntakeError::TooMany { .. } => Self::new(Code::TooManyItems, error.to_string()),
            IntakeError::KindNotAllowed { .. } => Self::new(Code::KindNotAllowed, error.to_string()),
            IntakeError::Store(StoreError::Busy) => Self::new(Code::Overloaded, error.to_string()),
            IntakeError::Store(store) => Self::unavailable(&store),
            IntakeError::Known(known) => Self::unavailable(&known),
        }
    }
}

/// Seconds after which somebody who was refused may try again.
const RETRY_SECONDS: HeaderValue = HeaderValue::from_static("1");

impl IntoResponse for ApiProblem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if status.is_server_error() {
            tracing::error!(code = self.code, detail = self.detail, "a request failed");
        }
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, [(CONTENT_TYPE, "application/problem+json")], body).into_response();
        let headers = response.headers_mut();
        match status {
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(RETRY_AFTER, RETRY_SECONDS);
            }
            StatusCode::UNAUTHORIZED => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
        response
    }
}

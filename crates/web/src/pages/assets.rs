//! The style sheet and the icon, each at an address that changes with its content.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use model::canonical::Digest;
use render::html::{CSS, ICON};

const FOREVER: &str = "public, max-age=31536000, immutable";

pub(crate) fn css_path() -> String {
    format!("/assets/{}/heng.css", Digest::of(CSS.as_bytes()).short())
}

pub(crate) fn icon_path() -> String {
    format!("/assets/{}/heng.svg", Digest::of(ICON.as_bytes()).short())
}

pub(crate) async fn css() -> Response {
    ([(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, FOREVER)], CSS).into_response()
}

pub(crate) async fn icon() -> Response {
    ([(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, FOREVER)], ICON).into_response()
}

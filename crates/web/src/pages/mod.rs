//! The pages, one file each.

pub(crate) mod api;
pub(crate) mod assets;
pub(crate) mod download;
pub(crate) mod method;
pub(crate) mod ranking;
pub(crate) mod screen;
pub(crate) mod ui;
pub(crate) mod unit;

use crate::problem::Problem;
use crate::visit::Visit;
use axum::response::Response;
use model::period::Period;

/// Any other address.
pub(crate) async fn missing(visit: Visit) -> Response {
    let path = visit.site.path.clone();
    visit.refuse(&Problem::Missing(path))
}

/// The period that an address names.
fn period_of(text: &str) -> Result<Period, Problem> {
    Period::parse(text).ok_or_else(|| Problem::Missing(format!("{text}: 2026-03, 2026-03-05..2026-03-20")))
}

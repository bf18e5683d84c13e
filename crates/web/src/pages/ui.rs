//! `/ui`: the page of parts.

use crate::visit::Visit;
use axum::response::Response;
use render::html::{Frame, ui};

pub(crate) async fn show(visit: Visit) -> Response {
    let page = ui(visit.lang, &Frame::Site(visit.site.clone()));
    visit.answer(page.map_err(Into::into))
}

//! `/method`: the scheme as a 考核办法.

use crate::problem::Problem;
use crate::views::Views;
use crate::visit::Visit;
use app::AppError;
use axum::extract::State;
use axum::response::Response;
use render::html::Frame;
use std::sync::Arc;

pub(crate) async fn show(State(views): State<Arc<Views>>, visit: Visit) -> Response {
    let page = page(&views, &visit);
    visit.answer(page)
}

fn page(views: &Views, visit: &Visit) -> Result<String, Problem> {
    let scheme = views.home().scheme(None).map_err(AppError::from)?;
    Ok(render::method::html(visit.lang, &Frame::Site(visit.site.clone()), &scheme)?)
}

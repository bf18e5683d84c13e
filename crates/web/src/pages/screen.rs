//! `/screen/{centre}`: the hall screen.

use crate::problem::Problem;
use crate::views::Views;
use crate::visit::Visit;
use app::AppError;
use app::hall::HallNow;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use model::time::Day;
use render::html::{Hall, screen};
use std::sync::Arc;

/// A screen that shows what is going on asks for it again by itself, after so many seconds.
const REFRESH: HeaderName = HeaderName::from_static("refresh");
const AGAIN: HeaderValue = HeaderValue::from_static("15");

/// The screen of the first centre.
pub(crate) async fn first(State(views): State<Arc<Views>>, visit: Visit) -> Response {
    let centre = views.home().register.centres().next().map(|centre| format!("/screen/{}", centre.centre));
    visit.lead(centre.ok_or(Problem::Empty))
}

pub(crate) async fn show(State(views): State<Arc<Views>>, visit: Visit, Path(centre): Path<String>) -> Response {
    let now = views.hall_now(&centre);
    let page = page(&views, &visit, &centre, now.as_ref()).await;
    let live = now.is_some() && page.is_ok();
    let mut response = visit.answer(page);
    if live {
        // Nobody stands at a hall screen to press a key.
        response.headers_mut().insert(REFRESH, AGAIN);
    }
    response
}

async fn page(views: &Views, visit: &Visit, centre: &str, now: Option<&HallNow>) -> Result<String, Problem> {
    let figures = views.hall(centre).await?;
    let figures = figures.as_ref().as_ref().ok_or_else(|| Problem::Missing(centre.to_owned()))?;
    let scheme = views.home().scheme(None).map_err(AppError::from)?;
    let today = views.today();
    let zone = &views.home().zone;
    let hall = Hall { figures, now, zone, scheme: &scheme, today, yesterday: workday_before(views, today) };
    Ok(screen(visit.lang, &visit.site, &hall)?)
}

/// The last workday before a day; a week without one is taken as it is.
fn workday_before(views: &Views, today: Day) -> Day {
    let calendar = &views.home().calendar;
    let workday = (1..=14).map(|back| today.plus(-back)).find(|day| calendar.is_workday(*day));
    workday.unwrap_or(today.plus(-1))
}

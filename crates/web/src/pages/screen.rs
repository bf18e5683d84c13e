//! `/screen/{centre}`: the hall screen.

use crate::problem::Problem;
use crate::views::Views;
use crate::visit::Visit;
use app::AppError;
use axum::extract::{Path, State};
use axum::response::Response;
use model::time::Day;
use render::html::{Hall, screen};
use std::sync::Arc;

/// The screen of the first centre.
pub(crate) async fn first(State(views): State<Arc<Views>>, visit: Visit) -> Response {
    let centre = views.home().register.centres().next().map(|centre| format!("/screen/{}", centre.centre));
    visit.lead(centre.ok_or(Problem::Empty))
}

pub(crate) async fn show(State(views): State<Arc<Views>>, visit: Visit, Path(centre): Path<String>) -> Response {
    let page = page(&views, &visit, &centre).await;
    visit.answer(page)
}

async fn page(views: &Views, visit: &Visit, centre: &str) -> Result<String, Problem> {
    let figures = views.hall(centre).await?;
    let figures = figures.as_ref().as_ref().ok_or_else(|| Problem::Missing(centre.to_owned()))?;
    let scheme = views.home().scheme(None).map_err(AppError::from)?;
    let today = views.today();
    let hall = Hall { figures, scheme: &scheme, today, yesterday: workday_before(views, today) };
    Ok(screen(visit.lang, &visit.site, &hall)?)
}

/// The last workday before a day; a week without one is taken as it is.
fn workday_before(views: &Views, today: Day) -> Day {
    let calendar = &views.home().calendar;
    let workday = (1..=14).map(|back| today.plus(-back)).find(|day| calendar.is_workday(*day));
    workday.unwrap_or(today.plus(-1))
}

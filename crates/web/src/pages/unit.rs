//! `/units/{unit}/{period}`: a scorecard, and the records behind its indicators.

use super::period_of;
use crate::problem::Problem;
use crate::views::Views;
use crate::visit::Visit;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use render::html::{Extras, Frame, Records, records as records_page, scorecard};
use render::oddities::{line, unit as unit_of};
use serde::Deserialize;
use std::sync::Arc;

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    open: Option<String>,
    page: Option<usize>,
}

pub(crate) async fn show(
    State(views): State<Arc<Views>>,
    visit: Visit,
    Path((unit, period)): Path<(String, String)>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let page = card(&views, &visit, (&unit, &period), asked).await;
    visit.answer(page)
}

pub(crate) async fn records(
    State(views): State<Arc<Views>>,
    visit: Visit,
    Path((unit, period, indicator)): Path<(String, String, String)>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let page = listed(&views, &visit, (&unit, &period, &indicator), asked).await;
    visit.answer(page)
}

async fn card(
    views: &Views,
    visit: &Visit,
    (unit, period): (&str, &str),
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<String, Problem> {
    let Query(asked) = asked?;
    let period = period_of(period)?;
    let explained = views.card(unit, period).await?;
    let kind = explained.card().map(|card| card.kind);
    let scores = match kind {
        Some(kind) => Some(views.scores(period, kind).await?),
        None => None,
    };
    let drawn = scores.as_ref().and_then(|scores| scores.uncertainty.as_ref());
    let of_unit = drawn.and_then(|drawn| drawn.units.get(explained.card)?.as_ref());
    let odd = views.odd(period).await?;
    let register = &views.home().register;
    let found = odd.0.iter().filter(|oddity| unit_of(oddity) == unit);
    let extras = Extras {
        places: of_unit.and_then(|of| of.standing.as_ref()?.places),
        odd: found.map(|oddity| line(visit.lang, register, oddity)).collect(),
        all_open: asked.open.as_deref() == Some("all"),
    };
    Ok(scorecard(visit.lang, &Frame::Site(visit.site.clone()), &explained, &extras)?)
}

async fn listed(
    views: &Views,
    visit: &Visit,
    (unit, period, indicator): (&str, &str, &str),
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<String, Problem> {
    let Query(asked) = asked?;
    let period = period_of(period)?;
    let explained = views.card(unit, period).await?;
    let indicators = &explained.scores.scheme.indicators;
    let at = indicators.iter().position(|known| known.id.as_str() == indicator);
    let at = at.ok_or_else(|| Problem::Missing(indicator.to_owned()))?;
    let of = Records { explained: &explained, indicator: at, page: asked.page.unwrap_or(1).clamp(1, 1_000_000) };
    Ok(records_page(visit.lang, &Frame::Site(visit.site.clone()), of)?)
}

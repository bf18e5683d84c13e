//! `/ranking`: the ranking of one type of window.

use super::period_of;
use crate::problem::Problem;
use crate::views::Views;
use crate::visit::Visit;
use app::period::Cards;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use model::period::Period;
use model::scheme::UnitKind;
use render::html::{Ranking, ranking};
use serde::Deserialize;
use std::sync::Arc;

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    period: Option<String>,
    #[serde(rename = "type")]
    window_type: Option<String>,
    unit: Option<String>,
}

/// Where the site starts.
pub(crate) async fn first(visit: Visit) -> Response {
    visit.lead(Ok("/ranking".to_owned()))
}

pub(crate) async fn show(
    State(views): State<Arc<Views>>,
    visit: Visit,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let page = page(&views, &visit, asked).await;
    visit.answer(page)
}

/// Computes what the first visitor will ask for.
pub(crate) async fn warm(views: Arc<Views>) {
    let Ok(periods) = views.periods().await else { return };
    for period in periods.iter().take(2) {
        if let Err(problem) = views.scores(*period, UnitKind::Window).await {
            tracing::debug!(%period, %problem, "nothing to warm");
        }
    }
    if let Some(period) = periods.first() {
        let _ = views.odd(*period).await;
        let _ = views.left_out(*period).await;
        // The first card opens every file of the period; those after it find them in memory.
        if let Ok(scores) = views.scores(*period, UnitKind::Window).await
            && let Cards::First(cards) = &scores.cards
            && let Some(card) = cards.first()
        {
            let _ = views.card(&card.unit, *period).await;
        }
    }
}

async fn page(views: &Views, visit: &Visit, asked: Result<Query<Asked>, QueryRejection>) -> Result<String, Problem> {
    let Query(asked) = asked?;
    let periods = views.periods().await?;
    let period = match &asked.period {
        Some(text) => period_of(text)?,
        None => *periods.first().ok_or(Problem::Empty)?,
    };
    if !views.can_be_shown(period)? {
        let (first, last) = (periods.last(), periods.first());
        let [first, last] = [first, last].map(|known| known.map(ToString::to_string).unwrap_or_default());
        return Err(Problem::Missing(format!("{period}: {first} … {last}")));
    }
    let kind = match asked.unit.as_deref() {
        None | Some("window") => UnitKind::Window,
        Some("staff") => UnitKind::Staff,
        Some(other) => return Err(Problem::Missing(format!("unit={other}: window, staff"))),
    };
    let scores = views.scores(period, kind).await?;
    let before = match before(&periods, period) {
        Some(before) => views.scores(before, kind).await.ok(),
        None => None,
    };
    let window_type = match asked.window_type {
        Some(window_type) => window_type,
        None => first_type(&scores.scheme),
    };
    if scores.scheme.profile(&window_type).is_none() {
        return Err(Problem::Missing(format!("type={window_type}")));
    }
    let (odd, left_out) = (views.odd(period).await?, views.left_out(period).await?);
    let view = Ranking {
        kind,
        window_type: &window_type,
        scores: &scores,
        before: before.as_deref(),
        left_out: &left_out,
        odd: (&odd.0, odd.1),
        register: &views.home().register,
        periods: &periods,
    };
    Ok(ranking(visit.lang, &visit.site, &view)?)
}

/// The period before, among those that can be shown.
fn before(periods: &[Period], period: Period) -> Option<Period> {
    let at = periods.iter().position(|known| *known == period)?;
    periods.get(at + 1).copied()
}

/// The first type of the scheme that windows are of: `default` stands for what no other profile covers.
fn first_type(scheme: &model::scheme::Scheme) -> String {
    let named = scheme.profiles.iter().find(|profile| profile.id.as_str() != "default");
    named.or(scheme.profiles.first()).map(|profile| profile.id.to_string()).unwrap_or_default()
}

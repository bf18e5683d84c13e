//! `/scores/{period}/{file}`: the scores of a period as a file.

use super::period_of;
use crate::problem::Problem;
use crate::views::Views;
use crate::visit::Visit;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use model::scheme::UnitKind;
use render::{csv, xlsx};
use std::sync::Arc;

pub(crate) async fn show(
    State(views): State<Arc<Views>>,
    visit: Visit,
    Path((period, file)): Path<(String, String)>,
) -> Response {
    match content(&views, &visit, &period, &file).await {
        Ok((kind, bytes)) => {
            let name = format!("attachment; filename=\"heng-{period}-{file}\"");
            ([(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, name)], bytes).into_response()
        }
        Err(problem) => visit.refuse(&problem),
    }
}

async fn content(views: &Views, visit: &Visit, period: &str, file: &str) -> Result<(&'static str, Vec<u8>), Problem> {
    let period = period_of(period)?;
    let missing = || Problem::Missing(file.to_owned());
    let (unit, ending) = file.split_once('.').ok_or_else(missing)?;
    let kind = match unit {
        "window" => UnitKind::Window,
        "staff" => UnitKind::Staff,
        _ => return Err(missing()),
    };
    let known = ["csv", "xlsx", "json"].contains(&ending);
    if !known {
        return Err(missing());
    }
    let scores = views.scores(period, kind).await?;
    Ok(match ending {
        "csv" => ("text/csv; charset=utf-8", csv::units(&scores).into_bytes()),
        "xlsx" => {
            ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx::workbook(visit.lang, &scores)?)
        }
        _ => ("application/json", scores.to_json().to_string().into_bytes()),
    })
}

//! What windows did, asked for day by day: the interface that the article describes, so that a client of it works here
//! unchanged.

use super::identity::authorize;
use super::problem::{ApiProblem, Code};
use super::{Api, Operation, Permission};
use app::stats::{WindowStats, day_stats};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use model::time::Day;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The figures that can be asked for, and what they mean.
const METRICS: [(&str, &str); 5] = [
    (
        "avg_process_time",
        "seconds from acceptance to finish, in office time without documented pauses, rounded half up",
    ),
    ("completed_count", "cases finished"),
    ("overdue_count", "cases that missed their deadline this day"),
    ("avg_waiting_time", "seconds from ticket to call, rounded half up"),
    ("called_count", "tickets called"),
];

pub(super) fn operation() -> Operation {
    let parameter = |name: &str, description: String, schema: Json| json!({"name": name, "in": "query", "required": name != "metrics", "description": description, "schema": schema});
    let names: Vec<&str> = METRICS.iter().map(|(name, _)| *name).collect();
    let meanings: Vec<String> = METRICS.iter().map(|(name, meaning)| format!("{name}: {meaning}")).collect();
    let figures: Map<String, Json> = METRICS
        .iter()
        .map(|(name, meaning)| ((*name).to_owned(), json!({"type": ["integer", "null"], "description": meaning})))
        .chain([
            ("window_id".to_owned(), json!({"type": "string"})),
            ("date".to_owned(), json!({"type": "string", "format": "date"})),
        ])
        .collect();
    Operation {
        id: "window_stats".to_owned(),
        method: Method::GET,
        path: "/v1/windows/stats".to_owned(),
        permission: Permission::Source,
        described: json!({
            "summary": "What a window did on a day",
            "description": "From the reports that are there now, sealed or not; a day that is not sealed may still change.",
            "tags": ["stats"],
            "parameters": [
                parameter("window_id", "the window".to_owned(), json!({"type": "string", "minLength": 1})),
                parameter("date", "the day, of this century".to_owned(), json!({"type": "string", "format": "date", "pattern": "^20[0-9]{2}-"})),
                parameter(
                    "metrics",
                    format!("which figures, once for each [default: all]. {}", meanings.join("; ")),
                    json!({"type": "array", "items": {"type": "string", "enum": names}}),
                ),
            ],
            "responses": {"200": {
                "description": "The figures that were asked for",
                "content": {"application/json": {"schema": {
                    "type": "object", "properties": figures, "required": ["window_id", "date"],
                }}},
            }},
        }),
        handler: get(show),
    }
}

async fn show(State(api): State<Arc<Api>>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    match answer(&api, query.as_deref().unwrap_or_default(), &headers).await {
        Ok(json) => axum::Json(json).into_response(),
        Err(problem) => problem.into_response(),
    }
}

/// What is asked for.
struct Asked {
    window: String,
    day: Day,
    metrics: BTreeSet<&'static str>,
}

impl Asked {
    /// Keys may come more than once, as `metrics=a&metrics=b`, or with commas between.
    fn parse(query: &str) -> Result<Self, ApiProblem> {
        let bad = |detail: String| ApiProblem::new(Code::BadQuery, detail);
        let (mut window, mut day, mut metrics) = (None, None, BTreeSet::new());
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*key {
                "window_id" if !value.is_empty() => window = Some(value.into_owned()),
                "date" => {
                    day = Some(Day::parse(&value).ok_or_else(|| bad("`date` must be like 2026-03-05".to_owned()))?);
                }
                "metrics" => {
                    for name in value.split(',') {
                        let known = METRICS.iter().find(|(known, _)| *known == name);
                        let shown: String = name.chars().take(40).collect();
                        metrics.insert(known.ok_or_else(|| bad(format!("there is no metric `{shown}`")))?.0);
                    }
                }
                _ => {}
            }
        }
        if metrics.is_empty() {
            metrics.extend(METRICS.map(|(name, _)| name));
        }
        let window = window.ok_or_else(|| bad("`window_id` is missing".to_owned()))?;
        Ok(Self { window, day: day.ok_or_else(|| bad("`date` is missing".to_owned()))?, metrics })
    }
}

async fn answer(api: &Api, query: &str, headers: &HeaderMap) -> Result<Json, ApiProblem> {
    let token = authorize(api, headers).await?;
    let asked = Asked::parse(query)?;
    if !token.is_for_window(&asked.window) {
        return Err(ApiProblem::new(Code::WindowNotAllowed, "the token is not for this window"));
    }
    let command = api.home.store.last_command().await.map_err(|error| ApiProblem::unavailable(&error))?;
    let now = (api.now)();
    // Deadlines pass while nothing is written.
    let minute = if asked.day < api.home.zone.day_of(now) { 0 } else { now.0 / 60 };
    let make = async || day_stats(&api.home, asked.day, now).await;
    let day =
        api.stats.get(&(asked.day, minute), command, make).await.map_err(|error| ApiProblem::unavailable(&error))?;
    let known = api.home.register.window_on(&asked.window, asked.day).is_some();
    let stats = match day.get(&asked.window) {
        Some(stats) => *stats,
        None if known => WindowStats::default(),
        None => return Err(ApiProblem::new(Code::NotFound, "there is no such window on that day")),
    };
    let mut json = json!({"window_id": asked.window, "date": asked.day.to_string()});
    for name in asked.metrics {
        json[name] = stats.figure(name).flatten().into();
    }
    Ok(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_read_as_clients_write_them() {
        let check = |query: &str, expect: &[&str]| {
            let asked = Asked::parse(query).unwrap_or_else(|problem| panic!("{query}: {problem:?}"));
            assert_eq!((asked.window.as_str(), asked.day.to_string().as_str()), ("W 1", "2026-03-05"));
            assert_eq!(asked.metrics.into_iter().collect::<Vec<_>>(), expect, "{query}");
        };
        let rest = "window_id=W+1&date=2026-03-05";
        check(&format!("{rest}&metrics=overdue_count&metrics=completed_count"), &["completed_count", "overdue_count"]);
        check(&format!("metrics=completed_count,called_count&{rest}"), &["called_count", "completed_count"]);
        check(
            &format!("{rest}&other=1"),
            &["avg_process_time", "avg_waiting_time", "called_count", "completed_count", "overdue_count"],
        );
        for wrong in [
            "",
            "window_id=W1",
            "window_id=&date=2026-03-05",
            "window_id=W1&date=today",
            &format!("{rest}&metrics=mood"),
        ] {
            assert_eq!(Asked::parse(wrong).err().expect(wrong).code, "bad_query", "{wrong}");
        }
    }
}

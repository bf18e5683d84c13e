//! `POST /api/v1/ratings`

use crate::api::fact_schema::or_nothing;
use crate::api::identity::{authorize, ticket};
use crate::api::problem::{ApiProblem, Code};
use crate::api::{Api, body};
use app::rating::{MAX_RATINGS, Rated, RatedItem, rate_by_ticket, rate_on_device};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use store::Change;

/// What became of ratings.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RatingsAnswer {
    /// Ratings that came.
    received: usize,
    /// What became of each, in their order.
    items: Vec<RatingAnswer>,
}

/// What became of a rating.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RatingAnswer {
    /// Its place, from 0.
    index: usize,
    /// Its id.
    id: Option<String>,
    /// 201 taken, 202 it waits for its case, 200 there already, 409 already rated, 422 refused.
    status: u16,
    /// `taken`, `waits`, `same`, `already_rated` or `refused`.
    result: &'static str,
    /// Whether it is on disk.
    kept: bool,
    /// Why it was refused, for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    /// Why it was refused, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

pub(super) async fn rate(State(api): State<Arc<Api>>, request: Request) -> Response {
    match answer(&api, request).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn answer(api: &Api, request: Request) -> Result<Response, ApiProblem> {
    let (parts, body) = request.into_parts();
    let rated = if let Some(ticket) = ticket(api, &parts.headers)? {
        let items: Vec<Json> = body::json_items(api, &parts.headers, body).await?;
        let [item] = &items[..] else {
            return Err(ApiProblem::new(Code::TooManyItems, "a ticket is for one rating"));
        };
        let change = Change { actor: "ticket", at: (api.now)() };
        vec![rate_by_ticket(&api.home, &ticket, item, change).await?]
    } else {
        let token = authorize(api, &parts.headers).await?;
        let items: Vec<Json> = body::json_items(api, &parts.headers, body).await?;
        let change = Change { actor: &token.source, at: (api.now)() };
        rate_on_device(&api.home, &token, &items, change, api.live.follower()).await?
    };
    let items: Vec<RatingAnswer> = rated.into_iter().enumerate().map(|(index, item)| answer_of(index, item)).collect();
    for item in &items {
        api.metrics.reported("rating", item.result, 1);
    }
    let refused = items.iter().filter(|item| item.status >= 400).count();
    let status = match &items[..] {
        [one] if refused == 1 => StatusCode::from_u16(one.status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY),
        _ if refused == 0 => StatusCode::OK,
        all if all.iter().all(|item| item.status == 422) => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::MULTI_STATUS,
    };
    Ok((status, axum::Json(RatingsAnswer { received: items.len(), items })).into_response())
}

fn answer_of(index: usize, RatedItem { id, rated }: RatedItem) -> RatingAnswer {
    let (status, result, kept) = match &rated {
        Rated::Taken => (StatusCode::CREATED, "taken", true),
        Rated::Waits => (StatusCode::ACCEPTED, "waits", true),
        Rated::Same => (StatusCode::OK, "same", true),
        Rated::AlreadyRated { kept } => (StatusCode::CONFLICT, "already_rated", *kept),
        Rated::Refused(_) => (StatusCode::UNPROCESSABLE_ENTITY, "refused", false),
    };
    let problem = match rated {
        Rated::Refused(problem) => Some(problem),
        _ => None,
    };
    let code = problem.as_ref().map(|problem| problem.code.name());
    let detail = problem.map(|problem| problem.detail);
    RatingAnswer { index, id, status: status.as_u16(), result, kept, code, detail }
}

/// The operation object of OpenAPI.
pub(super) fn described() -> Json {
    let answer = |description: &str| {
        json!({
            "description": description,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RatingsAnswer"}}},
        })
    };
    let code = |meaning: &str| json!({"type": ["string", "integer"], "minLength": 1, "maxLength": 200, "description": meaning});
    let text = |meaning: &str| or_nothing(&code(meaning));
    let time = or_nothing(&json!({
        "oneOf": [{"type": "integer", "minimum": 946_684_800}, {"type": "string", "format": "date-time"}],
        "description": "when it was given [default: now]; a device that was offline says its own time",
    }));
    let rating = json!({
        "type": "object",
        "properties": {
            "id": code("the rating's own id, such as a UUID: by it a repetition is known"),
            "window": text("the window [default: the token's, if it is for one]"),
            "case_id": text("the case, where the device knows it; else it is matched by window and time"),
            "staff": text("the work number, where the device knows it"),
            "rated_at": time,
            "level": {"type": "integer", "minimum": 1, "maximum": 5, "description": "1 = worst … scale = best"},
            "scale": {"type": "integer", "enum": [4, 5], "description": "how many levels are offered"},
            "channel": text("the way it came [default: kiosk]"),
            "rater": text("a phone number or another text that names one citizen; kept as a pseudonym"),
            "comment": or_nothing(&json!({"type": "string", "maxLength": 20_000, "description": "what the citizen wrote"})),
        },
        "required": ["id", "level", "scale"],
        "additionalProperties": false,
    });
    json!({
        "summary": "Give ratings",
        "description": "By the token of a device: one rating or a list, each with an id of its own; what is sent again is \
            the same rating. One that names no case is matched to the case at its window whose end is nearest, at once or \
            when more is known; until then it waits and does not count. By the ticket of a case: one object with level, \
            scale and comment; a case is rated once. Of several ratings of a case the one that was given first counts.",
        "tags": ["ratings"],
        "requestBody": {
            "required": true,
            "content": {"application/json": {"schema": {
                "oneOf": [{"type": "array", "items": rating, "maxItems": MAX_RATINGS}, rating],
            }}},
        },
        "responses": {
            "200": answer("Every rating is on disk"),
            "207": answer("Some were rated already or were refused; `items` says which"),
            "409": answer("The one rating's case was rated before"),
            "422": answer("Every rating was refused; `items` says why"),
        },
    })
}

//! `POST /api/v1/ratings/tickets`

use crate::api::identity::authorize;
use crate::api::problem::{ApiProblem, Code};
use crate::api::{Api, body};
use app::rating::{MAX_TICKETS, TicketError, Ticketed, issue_tickets};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Tickets, one for each case, in their order.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TicketsAnswer {
    /// The tickets.
    tickets: Vec<TicketAnswer>,
}

/// The ticket of a case.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TicketAnswer {
    /// The case.
    case_id: String,
    /// The ticket: what its QR code holds, and the bearer of the rating.
    ticket: String,
    /// Until when it is good, in seconds since 1970.
    good_until: i64,
}

pub(super) async fn issue(State(api): State<Arc<Api>>, request: Request) -> Response {
    match answer(&api, request).await {
        Ok(answer) => axum::Json(answer).into_response(),
        Err(problem) => problem.into_response(),
    }
}

async fn answer(api: &Api, request: Request) -> Result<TicketsAnswer, ApiProblem> {
    let (parts, body) = request.into_parts();
    let token = authorize(api, &parts.headers).await?;
    let cases: Vec<Ticketed> = body::json_items(api, &parts.headers, body).await?;
    let issued = issue_tickets(&api.home, &token, &cases, (api.now)()).map_err(|error| {
        let code = match error {
            TicketError::TooMany { .. } => Code::TooManyItems,
            TicketError::KindNotAllowed => Code::KindNotAllowed,
            TicketError::WindowNotAllowed { .. } => Code::WindowNotAllowed,
            TicketError::BadName { .. } => Code::BadItem,
            TicketError::Unknown | TicketError::Over { .. } => Code::Unauthorized,
        };
        ApiProblem::new(code, error.to_string())
    })?;
    let ticket = |(text, of): (String, app::rating::Ticket)| TicketAnswer {
        case_id: of.case_id,
        ticket: text,
        good_until: of.until,
    };
    Ok(TicketsAnswer { tickets: issued.into_iter().map(ticket).collect() })
}

/// The operation object of OpenAPI.
pub(super) fn described() -> Json {
    let text = json!({"type": "string", "minLength": 1, "maxLength": 200});
    let staff = json!({"anyOf": [text, {"type": "null"}]});
    let case = json!({
        "type": "object",
        "properties": {"case_id": text, "window": text, "staff": staff},
        "required": ["case_id", "window"],
        "additionalProperties": false,
    });
    json!({
        "summary": "Issue tickets for ratings",
        "description": "A ticket is printed as a QR code for the citizen, and is good for one rating of its case within a week. \
            It is signed and not kept: issuing it again changes nothing.",
        "tags": ["ratings"],
        "requestBody": {
            "required": true,
            "content": {"application/json": {"schema": {
                "oneOf": [{"type": "array", "items": case, "maxItems": MAX_TICKETS}, case],
            }}},
        },
        "responses": {
            "200": {
                "description": "The tickets",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/TicketsAnswer"}}},
            },
            "422": {
                "description": "A name is empty, too long, or has control characters",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ApiProblem"}}},
            },
        },
    })
}

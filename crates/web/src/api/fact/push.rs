//! `POST /api/v1/facts/{kind}`

use crate::api::identity::authorize;
use crate::api::problem::{ApiProblem, Code};
use crate::api::room::MAX_BODY_BYTES;
use crate::api::{Api, body};
use app::intake::{ItemResult, MAX_ITEMS, Pushed, push as push_facts};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use model::fact::Kind;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use store::{Change, Taken};

/// What became of a push.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PushAnswer {
    /// Items that came.
    received: usize,
    /// Reports that were not there.
    new: usize,
    /// Reports that were there already, payload and all.
    same: usize,
    /// Reports that contradict one with the same id and revision; both are kept for a person to decide.
    conflicts: usize,
    /// Items that were refused.
    refused: usize,
    /// What became of each item, in their order; with `Prefer: return=minimal` only of contradictions and refusals.
    items: Vec<ItemAnswer>,
}

/// What became of an item.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ItemAnswer {
    /// Its place, from 0.
    index: usize,
    /// The record's own id.
    id: Option<String>,
    /// Its revision.
    revision: u32,
    /// 201 new, 200 there already, 409 contradicts, 422 refused.
    status: u16,
    /// `new`, `same`, `conflict` or `refused`.
    result: &'static str,
    /// Why it was refused, for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    /// Why it was refused, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

pub(super) async fn push(kind: Kind, State(api): State<Arc<Api>>, request: Request) -> Response {
    match answer(&api, kind, request).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn answer(api: &Api, kind: Kind, request: Request) -> Result<Response, ApiProblem> {
    let (parts, body) = request.into_parts();
    let token = authorize(api, &parts.headers).await?;
    let form = Form::of(&parts.headers)?;
    let (_room, bytes) = body::whole(api, &parts.headers, body).await?;
    let items = form.items(&bytes)?;
    drop(bytes);
    let change = Change { actor: &token.source, at: (api.now)() };
    let pushed = push_facts(&api.home, &token, kind, &items, change).await?;
    let minimal = parts.headers.get_all("prefer").iter().any(|value| value.as_bytes() == b"return=minimal");
    let answer = answer_of(&pushed, minimal);
    for (result, count) in
        [("new", answer.new), ("same", answer.same), ("conflict", answer.conflicts), ("refused", answer.refused)]
    {
        api.metrics.reported(kind.name(), result, count);
    }
    let status = match answer.conflicts + answer.refused {
        0 => StatusCode::OK,
        _ if answer.refused == answer.received => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::MULTI_STATUS,
    };
    Ok((status, axum::Json(answer)).into_response())
}

/// How items are written.
enum Form {
    /// A list, or one object.
    Json,
    /// An object a line.
    Lines,
}

impl Form {
    fn of(headers: &HeaderMap) -> Result<Self, ApiProblem> {
        match body::content_type(headers).as_str() {
            "application/json" => Ok(Self::Json),
            "application/x-ndjson" | "application/jsonl" => Ok(Self::Lines),
            _ => Err(ApiProblem::new(
                Code::UnsupportedType,
                "send `Content-Type: application/json` (a list) or `application/x-ndjson` (an object a line)",
            )),
        }
    }

    fn items(&self, bytes: &[u8]) -> Result<Vec<Json>, ApiProblem> {
        let not_json =
            |place: String, error: &serde_json::Error| ApiProblem::new(Code::NotJson, format!("{place}{error}"));
        match self {
            Self::Json => match serde_json::from_slice(bytes).map_err(|error| not_json(String::new(), &error))? {
                Json::Array(items) => Ok(items),
                item => Ok(vec![item]),
            },
            Self::Lines => {
                let lines = bytes.split(|byte| *byte == b'\n').enumerate();
                let filled = lines.filter(|(_, line)| !line.trim_ascii().is_empty());
                let item = |(at, line): (usize, &[u8])| {
                    serde_json::from_slice(line).map_err(|error| not_json(format!("line {}: ", at + 1), &error))
                };
                // One more than is taken says that there are too many; the rest need not be read.
                filled.take(MAX_ITEMS + 1).map(item).collect()
            }
        }
    }
}

fn answer_of(pushed: &Pushed, minimal: bool) -> PushAnswer {
    let mut answer =
        PushAnswer { received: pushed.results.len(), new: 0, same: 0, conflicts: 0, refused: 0, items: Vec::new() };
    for (index, (id, revision, result)) in pushed.results.iter().enumerate() {
        let (count, status, name) = match result {
            ItemResult::Taken(Taken::New) => (&mut answer.new, StatusCode::CREATED, "new"),
            ItemResult::Taken(Taken::Same) => (&mut answer.same, StatusCode::OK, "same"),
            ItemResult::Taken(Taken::Conflict) => (&mut answer.conflicts, StatusCode::CONFLICT, "conflict"),
            ItemResult::Refused(_) => (&mut answer.refused, StatusCode::UNPROCESSABLE_ENTITY, "refused"),
        };
        *count += 1;
        if minimal && status.is_success() {
            continue;
        }
        let problem = match result {
            ItemResult::Refused(problem) => Some(problem),
            ItemResult::Taken(_) => None,
        };
        answer.items.push(ItemAnswer {
            index,
            id: id.clone(),
            revision: *revision,
            status: status.as_u16(),
            result: name,
            code: problem.map(|problem| problem.code.name()),
            detail: problem.map(|problem| problem.detail.clone()),
        });
    }
    answer
}

/// The operation object of OpenAPI.
pub(super) fn described(kind: Kind) -> Json {
    let fact = json!({"$ref": format!("#/components/schemas/{kind}")});
    let answer = |description: &str| {
        json!({
            "description": description,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PushAnswer"}}},
        })
    };
    json!({
        "summary": format!("Report facts of kind {kind}"),
        "description": "The good items are taken, and are on disk when the answer comes; the bad ones come back with \
            their reasons. The same item twice is one. The same id and revision with another content is kept for a \
            person to decide, and counts in neither version until then.",
        "tags": ["facts"],
        "parameters": [{
            "name": "Prefer", "in": "header", "required": false,
            "description": "`return=minimal` leaves out of the answer what was taken without ado.",
            "schema": {"type": "string"},
        }],
        "requestBody": {
            "required": true,
            "description": format!(
                "At most {MAX_ITEMS} items and {MAX_BODY_BYTES} bytes; gzip and zstd by Content-Encoding."
            ),
            "content": {
                "application/json": {"schema": {"oneOf": [{"type": "array", "items": fact, "maxItems": MAX_ITEMS}, fact]}},
                "application/x-ndjson": {"schema": {"type": "string", "description": "An object a line"}},
            },
        },
        "responses": {
            "200": answer("Every item was taken or was there already"),
            "207": answer("Some items contradict others or were refused; `items` says which"),
            "422": answer("Every item was refused; `items` says why"),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_lists_objects_or_lines() {
        let check = |form: Form, body: &str, expect: usize| {
            assert_eq!(form.items(body.as_bytes()).expect(body).len(), expect, "{body}");
        };
        check(Form::Json, "[]", 0);
        check(Form::Json, "[{},{}]", 2);
        check(Form::Json, " {} ", 1);
        check(Form::Json, "7", 1);
        check(Form::Lines, "{}\n\r\n{}", 2);
        check(Form::Lines, "", 0);
        check(Form::Lines, &"{}\n".repeat(MAX_ITEMS + 9), MAX_ITEMS + 1);
        let refused = Form::Lines.items(b"{}\n{").expect_err("cut off");
        assert_eq!(refused.code, "not_json");
        assert!(serde_json::to_string(&refused).expect("JSON").contains("line 2: "));
        assert!(Form::Json.items(&[b'['; 1 << 12]).is_err());
    }
}

//! `/openapi.json`: OpenAPI 3.1, written from the table of operations and the columns of facts.

use super::fact_schema::of_kind;
use super::problem::{ApiProblem, Code};
use super::{Operation, Permission, operations};
use axum::http::Method;
use axum::response::IntoResponse as _;
use axum::routing::get;
use model::fact::Kind;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value as Json, json};

pub(super) fn operation() -> Operation {
    Operation {
        id: "openapi".to_owned(),
        method: Method::GET,
        path: "/openapi.json".to_owned(),
        permission: Permission::Anyone,
        described: json!({
            "summary": "This document",
            "tags": ["server"],
            "responses": {"200": {
                "description": "OpenAPI 3.1",
                "content": {"application/json": {"schema": {"type": "object"}}},
            }},
        }),
        handler: get(async || axum::Json(document()).into_response()),
    }
}

/// The whole document.
pub(crate) fn document() -> Json {
    let mut paths: Map<String, Json> = Map::new();
    for operation in operations() {
        let path = paths.entry(operation.path.clone()).or_insert_with(|| json!({}));
        let method = operation.method.as_str().to_ascii_lowercase();
        path[method] = described(operation);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "衡 Heng",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Fair assessment of government service windows: what sources report.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [
            {"name": "facts", "description": "What happened, as a source reports it"},
            {"name": "ratings", "description": "What citizens say, on a device or by the ticket of their case"},
            {"name": "stats", "description": "What windows did"},
            {"name": "live", "description": "The open day as it goes; everything in it is provisional"},
            {"name": "server", "description": "The server itself"},
        ],
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "securitySchemes": {
                "source": {
                    "type": "http", "scheme": "bearer", "description": "A token of a source: `heng token add`",
                },
                "ticket": {
                    "type": "http", "scheme": "bearer", "description": "The ticket of a case, from its QR code",
                },
            },
        },
    })
}

/// What every operation of a permission says, too.
fn described(operation: Operation) -> Json {
    let mut described = operation.described;
    described["operationId"] = operation.id.into();
    let codes: &[Code] = match operation.permission {
        Permission::Anyone => &[Code::Unavailable],
        Permission::Source if operation.method == Method::GET => &[
            Code::BadQuery,
            Code::Unauthorized,
            Code::WindowNotAllowed,
            Code::NotFound,
            Code::Failed,
            Code::Unavailable,
        ],
        Permission::Source | Permission::Rater => &[
            Code::NotJson,
            Code::Unauthorized,
            Code::KindNotAllowed,
            Code::TooLarge,
            Code::UnsupportedType,
            Code::Overloaded,
            Code::Failed,
            Code::Unavailable,
        ],
    };
    described["security"] = match operation.permission {
        Permission::Anyone => json!([]),
        Permission::Source => json!([{"source": []}]),
        Permission::Rater => json!([{"source": []}, {"ticket": []}]),
    };
    for code in codes {
        let (_, status, title) = code.parts();
        described["responses"][status.as_str()] = json!({
            "description": title,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ApiProblem"}}},
        });
    }
    described
}

fn schemas() -> Json {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut generator = settings.into_generator();
    generator.subschema_for::<super::fact::PushAnswer>();
    generator.subschema_for::<super::rating::RatingsAnswer>();
    generator.subschema_for::<super::rating::TicketsAnswer>();
    generator.subschema_for::<super::live::LiveDay<'_>>();
    generator.subschema_for::<ApiProblem>();
    let mut schemas = generator.take_definitions(true);
    for kind in Kind::ALL {
        schemas.insert(kind.name().to_owned(), of_kind(kind));
    }
    Json::Object(schemas)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_what_it_was() {
        insta::assert_snapshot!(serde_json::to_string_pretty(&document()).expect("JSON"));
    }
}

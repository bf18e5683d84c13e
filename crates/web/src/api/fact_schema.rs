//! The JSON Schema of a kind of fact, from its columns.

use model::fact::{Column, Kind, Type};
use serde_json::{Map, Value as Json, json};

pub(super) fn of_kind(kind: Kind) -> Json {
    let mut properties: Map<String, Json> = Map::new();
    properties.insert("id".to_owned(), with_meaning(code(), "the record's own id at the source"));
    let revision = json!({"type": "integer", "minimum": 0, "maximum": u32::MAX});
    properties.insert("revision".to_owned(), with_meaning(revision, "0 for the first report; the highest one counts"));
    properties.insert("void".to_owned(), with_meaning(json!({"type": "boolean"}), "this revision retracts the record"));
    let when = "when the source reported it [default: the time of the event]";
    properties.insert("reported_at".to_owned(), with_meaning(instant(), when));
    let mut required = vec!["id"];
    for column in kind.columns() {
        properties.insert(column.name.to_owned(), of_column(column));
        required.extend(column.required.then_some(column.name));
    }
    let dated: Vec<Json> = kind.time_columns().iter().map(|name| json!({"required": [name]})).collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "anyOf": dated,
        "additionalProperties": false,
    })
}

fn of_column(column: &Column) -> Json {
    let schema = match column.ty {
        Type::Code | Type::Person => code(),
        Type::Text => json!({"type": "string", "maxLength": 20_000}),
        Type::Integer => json!({"type": "integer", "minimum": -i32::MAX, "maximum": i32::MAX}),
        Type::Flag => json!({"type": "boolean"}),
        Type::Instant => instant(),
        Type::Day => json!({"type": "string", "format": "date"}),
        Type::Pauses => parts(&json!({"from": instant(), "to": instant(), "document": code()}), &["from"]),
        Type::Stages => {
            let limit = json!({"type": "integer", "minimum": 0, "maximum": i32::MAX});
            let stage = json!({
                "staff": code(), "window": code(), "from": instant(), "to": instant(), "limit_seconds": limit,
            });
            parts(&stage, &["staff", "from"])
        }
    };
    let unit = if column.unit.is_empty() { String::new() } else { format!(" ({})", column.unit) };
    with_meaning(schema, &format!("{}{unit}", column.meaning))
}

fn with_meaning(mut schema: Json, meaning: &str) -> Json {
    schema["description"] = meaning.into();
    schema
}

fn code() -> Json {
    json!({"type": ["string", "integer"], "minLength": 1, "maxLength": 200})
}

fn instant() -> Json {
    json!({
        "oneOf": [
            {"type": "integer", "description": "seconds since 1970"},
            {"type": "string", "format": "date-time", "description": "ISO 8601; local without a zone"},
        ],
    })
}

fn parts(properties: &Json, required: &[&str]) -> Json {
    let part = json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false});
    json!({"type": "array", "maxItems": 200, "items": part})
}

//! The JSON Schema of a kind of fact, from its columns.

use model::fact::{Column, Kind, Type};
use model::time::Instant;
use serde_json::{Map, Value as Json, json};

pub(super) fn of_kind(kind: Kind) -> Json {
    let mut properties: Map<String, Json> = Map::new();
    properties.insert("id".to_owned(), with_meaning(code(), "the record's own id at the source"));
    let revision = json!({"type": "integer", "minimum": 0, "maximum": u32::MAX});
    properties.insert(
        "revision".to_owned(),
        with_meaning(or_nothing(&revision), "0 for the first report; the highest one counts"),
    );
    properties.insert(
        "void".to_owned(),
        with_meaning(or_nothing(&json!({"type": "boolean"})), "this revision retracts the record"),
    );
    let when = "when the source reported it [default: the time of the event]";
    properties.insert("reported_at".to_owned(), with_meaning(or_nothing(&instant()), when));
    let mut required = vec!["id"];
    for column in kind.columns() {
        let schema = of_column(column);
        properties.insert(column.name.to_owned(), if column.required { schema } else { or_nothing(&schema) });
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
        Type::Pauses => {
            let part = json!({"from": instant(), "to": or_nothing(&instant()), "document": or_nothing(&code())});
            parts(&part, &["from"])
        }
        Type::Stages => {
            let limit = json!({"type": "integer", "minimum": 0, "maximum": i32::MAX});
            let stage = json!({
                "staff": code(), "window": or_nothing(&code()), "from": instant(), "to": or_nothing(&instant()),
                "limit_seconds": or_nothing(&limit),
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

/// A field that may be left empty: by leaving it out, by null, or by an empty text.
pub(super) fn or_nothing(schema: &Json) -> Json {
    let mut one = schema.clone();
    let described = one.as_object_mut().and_then(|one| one.remove("description"));
    let mut either = json!({"anyOf": [one, {"type": "null"}, {"type": "string", "maxLength": 0}]});
    if let Some(described) = described {
        either["description"] = described;
    }
    either
}

fn instant() -> Json {
    json!({
        "oneOf": [
            {"type": "integer", "minimum": Instant::FIRST.0, "maximum": Instant::END.0 - 1, "description": "seconds since 1970"},
            {"type": "string", "format": "date-time", "description": "ISO 8601; local without a zone"},
        ],
    })
}

fn parts(properties: &Json, required: &[&str]) -> Json {
    let part = json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false});
    json!({"type": "array", "maxItems": 200, "items": part})
}

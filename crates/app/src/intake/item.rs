//! One item of a push: a JSON object becomes a fact, or comes back with a reason.

use crate::home::PseudonymKey;
use crate::import::{check_not_ahead, day_of_text, instant_of_text, pseudonym};
use model::fact::{Column, Fact, FactError, Identity, Kind, Type, Value};
use model::id::Source;
use model::time::{Day, Instant, Zone};
use serde_json::Value as Json;
use store::SourceToken;

/// Why an item is refused, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemCode {
    /// It is not a JSON object.
    NotAnObject,
    /// It has no id of its own, or one that is none.
    BadId,
    /// It has a field that the kind does not have.
    UnknownField,
    /// A value has another type, or is outside its range.
    BadValue,
    /// A required field is missing.
    Missing,
    /// Nothing says when it happened.
    Undated,
    /// It is dated more than a day ahead.
    Ahead,
    /// The token is not for this window.
    WindowNotAllowed,
}

impl ProblemCode {
    /// Every code.
    pub const ALL: [Self; 8] = [
        Self::NotAnObject,
        Self::BadId,
        Self::UnknownField,
        Self::BadValue,
        Self::Missing,
        Self::Undated,
        Self::Ahead,
        Self::WindowNotAllowed,
    ];

    /// What it means.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::NotAnObject => "an item must be a JSON object",
            Self::BadId => "no id of its own, or one that is empty, too long, or has control characters",
            Self::UnknownField => "a field that the kind does not have",
            Self::BadValue => "a value of another type, or outside its range",
            Self::Missing => "a required field is missing",
            Self::Undated => "nothing says when it happened",
            Self::Ahead => "dated more than a day ahead of today",
            Self::WindowNotAllowed => "the token is not for this window",
        }
    }

    /// The stable code.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NotAnObject => "not_an_object",
            Self::BadId => "bad_id",
            Self::UnknownField => "unknown_field",
            Self::BadValue => "bad_value",
            Self::Missing => "missing_field",
            Self::Undated => "undated",
            Self::Ahead => "dated_ahead",
            Self::WindowNotAllowed => "window_not_allowed",
        }
    }
}

/// Why an item is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemProblem {
    /// For programs.
    pub code: ProblemCode,
    /// For people: the field, what was found and what is expected.
    pub detail: String,
}

impl From<FactError> for ItemProblem {
    fn from(error: FactError) -> Self {
        let code = match error {
            FactError::UnknownColumn { .. } => ProblemCode::UnknownField,
            FactError::Missing { .. } => ProblemCode::Missing,
            FactError::Undated { .. } => ProblemCode::Undated,
            FactError::BadValue { .. } => ProblemCode::BadValue,
            FactError::BadId { .. } => ProblemCode::BadId,
        };
        Self { code, detail: error.to_string() }
    }
}

pub(crate) fn problem(code: ProblemCode, detail: impl Into<String>) -> ItemProblem {
    ItemProblem { code, detail: detail.into() }
}

/// The id that an item gives itself, as far as one can be read, cut to what fits into an answer.
pub(crate) fn id_of(item: &Json) -> Option<String> {
    item.get("id").and_then(Json::as_str).map(|id| id.chars().take(200).collect())
}

/// What items are read with.
pub(crate) struct Reading<'a> {
    pub(crate) kind: Kind,
    pub(crate) token: &'a SourceToken,
    /// The home's zone: times without one are of it.
    pub(crate) zone: &'a Zone,
    pub(crate) key: &'a PseudonymKey,
    pub(crate) today: Day,
}

impl Reading<'_> {
    /// The fact that an item reports. The fields `id`, `revision`, `void` and `reported_at` say which record it is; every
    /// other one is a column of the kind.
    pub(crate) fn fact(&self, item: &Json) -> Result<Fact, ItemProblem> {
        let Json::Object(fields) = item else {
            return Err(problem(ProblemCode::NotAnObject, "an item must be a JSON object"));
        };
        let (mut id, mut revision, mut void, mut reported_at) = (None, 0, false, None);
        let mut values = Vec::with_capacity(fields.len());
        for (name, json) in fields.iter().filter(|(_, json)| !json.is_null()) {
            match name.as_str() {
                "id" => id = code(json),
                "revision" => {
                    revision = json
                        .as_u64()
                        .and_then(|number| u32::try_from(number).ok())
                        .ok_or_else(|| bad("revision", json, "a whole number from 0 to 4,294,967,295"))?;
                }
                "void" => void = json.as_bool().ok_or_else(|| bad("void", json, "true or false"))?,
                "reported_at" => {
                    reported_at = Some(self.instant(json).ok_or_else(|| bad("reported_at", json, INSTANT))?);
                }
                name => {
                    let column = self.kind.column(name).ok_or_else(|| {
                        let name: String = name.chars().take(60).collect();
                        problem(ProblemCode::UnknownField, format!("a {} has no field `{name}`", self.kind))
                    })?;
                    values.extend(self.value(column, json)?.map(|value| (column.name, value)));
                }
            }
        }
        let id = id.ok_or_else(|| problem(ProblemCode::BadId, "`id` is missing: the record's own id at the source"))?;
        let identity = Identity { source: Source::new(&self.token.source), source_id: id, revision };
        let fact = Fact::new(self.kind, identity, void, reported_at, values)?;
        check_not_ahead(&fact, self.zone, self.today).map_err(|detail| problem(ProblemCode::Ahead, detail))?;
        self.check_window(&fact)?;
        Ok(fact)
    }

    fn check_window(&self, fact: &Fact) -> Result<(), ItemProblem> {
        let window = self.kind.column("window").and_then(|_| fact.code("window"));
        // One that is for some windows only is not for a fact that names none.
        if self.token.windows.is_empty() || window.is_some_and(|window| self.token.is_for_window(window)) {
            return Ok(());
        }
        let detail = match window {
            Some(window) => format!("the token is not for window `{window}`"),
            None => "the token is for some windows only: say `window`".to_owned(),
        };
        Err(problem(ProblemCode::WindowNotAllowed, detail))
    }

    /// The value of a field. An empty text leaves it empty.
    fn value(&self, column: &'static Column, json: &Json) -> Result<Option<Value>, ItemProblem> {
        if json.as_str().is_some_and(|text| text.trim().is_empty()) {
            return Ok(None);
        }
        let value = match column.ty {
            Type::Code => code(json).map(|code| Value::Code(code.into())),
            Type::Text => json.as_str().map(|text| Value::Text(text.into())),
            Type::Person => code(json)
                .filter(|person| person.len() <= MAX_PERSON_BYTES)
                .map(|person| Value::Person(pseudonym(self.key, &person))),
            Type::Integer => json.as_i64().map(Value::Integer),
            Type::Flag => json.as_bool().map(Value::Flag),
            Type::Instant => self.instant(json).map(Value::Instant),
            Type::Day => json.as_str().and_then(|text| day_of_text(text, self.zone)).map(Value::Day),
            Type::Pauses | Type::Stages => {
                return Ok(Some(Value::from_json(column, &self.with_seconds(json))?));
            }
        };
        match value {
            Some(value) => Ok(Some(value)),
            None => Err(bad(column.name, json, expected(column.ty))),
        }
    }

    /// Seconds since 1970, or ISO 8601, with a zone or local.
    fn instant(&self, json: &Json) -> Option<Instant> {
        match json {
            Json::Number(number) => number.as_i64().map(Instant),
            Json::String(text) => instant_of_text(text.trim(), self.zone),
            _ => None,
        }
    }

    /// A list of parts with their times as seconds.
    fn with_seconds(&self, list: &Json) -> Json {
        let mut list = list.clone();
        for part in list.as_array_mut().into_iter().flatten() {
            for name in ["from", "to"] {
                if let Some(time) = part.get_mut(name)
                    && let Some(instant) = time.as_str().and_then(|_| self.instant(time))
                {
                    *time = instant.0.into();
                }
            }
        }
        list
    }
}

/// What names a citizen is a number or a name, not a text.
const MAX_PERSON_BYTES: usize = 200;

const INSTANT: &str = "seconds since 1970, or a time like 2026-03-05T09:00:00+08:00";

fn expected(ty: Type) -> &'static str {
    match ty {
        Type::Code => "a text of 1 to 200 bytes",
        Type::Person => "a text of 1 to 200 bytes that names one citizen",
        Type::Text => "a text of at most 20,000 bytes",
        Type::Integer => "a whole number",
        Type::Flag => "true or false",
        Type::Instant => INSTANT,
        Type::Day => "a date like 2026-03-05",
        Type::Pauses | Type::Stages => "a list",
    }
}

fn bad(field: &str, json: &Json, expected: &str) -> ItemProblem {
    let found: String = json.to_string().chars().take(60).collect();
    problem(ProblemCode::BadValue, format!("`{field}` is {found}, but must be {expected}"))
}

/// A code: many systems write numbers for theirs.
fn code(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.trim().to_owned()),
        Json::Number(number) if number.is_i64() || number.is_u64() => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::canonical::Digest;
    use serde_json::json;
    use std::collections::BTreeSet;

    fn read(kind: Kind, windows: &[&str], item: &Json) -> Result<Fact, ItemProblem> {
        let token = SourceToken {
            id: "t".to_owned(),
            source: "hall".to_owned(),
            secret: Digest::of(b""),
            kinds: BTreeSet::new(),
            windows: windows.iter().map(|window| (*window).to_owned()).collect(),
            note: String::new(),
            issued_at: Instant(0),
            revoked_at: None,
            last_used_at: None,
        };
        let zone = Zone::named("Asia/Shanghai").expect("bundled");
        let today = Day::parse("2026-03-05").expect("a date");
        Reading { kind, token: &token, zone: &zone, key: &PseudonymKey([1; 32]), today }.fact(item)
    }

    #[test]
    fn an_item_becomes_a_fact() {
        let item = json!({
            "id": 17, "revision": 2, "reported_at": "2026-03-05T10:00:00", "window": "W1", "staff": 110_023,
            "accepted_at": 1_772_672_400, "finished_at": "2026-03-05T09:30:00+08:00", "client": " 13800000000 ",
            "asked": true, "channel": "", "item": null, "supplement_notices": 1,
            "pauses": [{"from": "2026-03-05T09:10:00", "to": 1_772_673_060, "document": "补正"}],
        });
        let fact = read(Kind::Case, &["W1", "W2"], &item).expect("a fact");
        let identity = fact.identity();
        assert_eq!((identity.source.as_str(), identity.source_id.as_str(), identity.revision), ("hall", "17", 2));
        assert_eq!(fact.reported_at(), Instant(1_772_676_000));
        assert_eq!(fact.instant("finished_at"), Some(Instant(1_772_674_200)));
        assert_eq!(fact.code("staff"), Some("110023"));
        assert_eq!(fact.value("client"), Some(&Value::Person(4_697_340_315_918_528_872)));
        assert_eq!(
            (fact.code("channel"), fact.code("item"), fact.integer("supplement_notices")),
            (None, None, Some(1))
        );
        let Some(Value::Pauses(pauses)) = fact.value("pauses") else { panic!("pauses") };
        assert_eq!((pauses[0].from, pauses[0].to), (Instant(1_772_673_000), Some(Instant(1_772_673_060))));
    }

    #[test]
    fn an_item_that_is_none_comes_back_with_its_reason() {
        let good = json!({"id": "a", "window": "W1", "finished_at": "2026-03-05T09:30:00"});
        let check = |change: Json, code: ProblemCode, part: &str| {
            let mut item = good.clone();
            for (name, value) in change.as_object().expect("an object") {
                item[name] = value.clone();
            }
            let problem = read(Kind::Case, &["W1"], &item).expect_err(part);
            assert!(problem.code == code && problem.detail.contains(part), "{part}: {problem:?}");
        };
        assert!(read(Kind::Case, &["W1"], &good).is_ok());
        check(json!({"id": null}), ProblemCode::BadId, "`id` is missing");
        check(json!({"id": "a\nb"}), ProblemCode::BadId, "source_id");
        check(json!({"id": [1]}), ProblemCode::BadId, "`id` is missing");
        check(json!({"mood": 1}), ProblemCode::UnknownField, "`mood`");
        check(json!({"revision": -1}), ProblemCode::BadValue, "`revision`");
        check(json!({"void": "yes"}), ProblemCode::BadValue, "`void`");
        check(json!({"asked": 3}), ProblemCode::BadValue, "`asked`");
        check(json!({"client": "1".repeat(201)}), ProblemCode::BadValue, "one citizen");
        check(json!({"window": true}), ProblemCode::BadValue, "`window`");
        check(json!({"supplement_notices": 1.5}), ProblemCode::BadValue, "whole number");
        check(json!({"supplement_notices": 1_i64 << 40}), ProblemCode::BadValue, "2,147,483,647");
        check(json!({"accepted_at": "昨天"}), ProblemCode::BadValue, "2026-03-05T09:00:00+08:00");
        check(json!({"accepted_at": "2026-03-07T00:00:00"}), ProblemCode::Ahead, "ahead of today");
        check(json!({"finished_at": null}), ProblemCode::Undated, "at least one of these times");
        check(json!({"pauses": [{"from": "x"}]}), ProblemCode::BadValue, "`pauses`");
        check(json!({"window": "W2"}), ProblemCode::WindowNotAllowed, "`W2`");
        check(json!({"window": null}), ProblemCode::WindowNotAllowed, "say `window`");
        assert_eq!(read(Kind::Case, &[], &json!([1])).expect_err("a list").code, ProblemCode::NotAnObject);
        let rating = json!({"id": "r", "rated_at": 1_772_672_400, "scale": 4});
        assert_eq!(read(Kind::Rating, &[], &rating).expect_err("no level").code, ProblemCode::Missing);
    }
}

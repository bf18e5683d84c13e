//! The values that columns of facts hold.

use super::{Column, FactError, Type};
use crate::id::MAX_ID_BYTES;
use crate::time::{Day, Instant};
use serde::{Deserialize, Serialize, Serializer};
use std::sync::Arc;

/// The largest magnitude of a whole number in a fact: facts are sealed as 32-bit columns.
pub(super) const MAX_INTEGER: i64 = i32::MAX as i64;
/// The longest free text of a fact, in bytes.
pub(super) const MAX_TEXT_BYTES: usize = 20_000;
/// The most pauses or stages of one case.
pub(super) const MAX_PARTS: usize = 200;

/// A span during which a case waited for something outside the office (补正, 公示, 专家评审 …).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    /// When it began.
    pub from: Instant,
    /// When it ended; an open pause lasts as long as the case.
    pub to: Option<Instant>,
    /// The document that orders it; a pause without one is flagged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
}

/// A span during which one holder worked on a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// The member of staff who held the case.
    pub staff: String,
    /// The window, where it was another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<String>,
    /// When it began.
    pub from: Instant,
    /// When it ended.
    pub to: Option<Instant>,
    /// The limit of the stage, in office-time seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_seconds: Option<i64>,
}

/// A value of a fact's column.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A code out of some system's list. The same few come again and again, so facts share them.
    Code(Arc<str>),
    /// Free text, which may name people and can be erased.
    Text(Box<str>),
    /// A keyed pseudonym of a citizen.
    Person(i64),
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    Flag(bool),
    /// A point in time.
    Instant(Instant),
    /// A local date.
    Day(Day),
    /// Documented pauses.
    Pauses(Box<[Pause]>),
    /// Stages with their holders.
    Stages(Box<[Stage]>),
}

impl Value {
    /// Checks type and range against the column.
    pub(super) fn check(&self, column: &'static Column) -> Result<(), FactError> {
        let ok = match (column.ty, self) {
            (Type::Code, Self::Code(code)) => code_ok(code),
            // PostgreSQL keeps no text with a zero in it.
            (Type::Text, Self::Text(text)) => text.len() <= MAX_TEXT_BYTES && !text.contains('\0'),
            (Type::Person, Self::Person(_)) | (Type::Flag, Self::Flag(_)) | (Type::Day, Self::Day(_)) => true,
            (Type::Integer, Self::Integer(number)) => number.abs() <= MAX_INTEGER,
            (Type::Instant, Self::Instant(instant)) => instant.in_range(),
            (Type::Pauses, Self::Pauses(pauses)) => {
                pauses.len() <= MAX_PARTS
                    && pauses.iter().all(|pause| {
                        span_ok(pause.from, pause.to)
                            && pause.document.as_deref().is_none_or(|document| document.len() <= MAX_ID_BYTES)
                    })
            }
            (Type::Stages, Self::Stages(stages)) => {
                stages.len() <= MAX_PARTS
                    && stages.iter().all(|stage| {
                        span_ok(stage.from, stage.to)
                            && code_ok(&stage.staff)
                            && stage.window.as_deref().is_none_or(code_ok)
                            && stage.limit_seconds.is_none_or(|limit| (0..=MAX_INTEGER).contains(&limit))
                    })
            }
            _ => false,
        };
        if ok {
            return Ok(());
        }
        let found: String = format!("{self:?}").chars().take(80).collect();
        Err(FactError::BadValue { column: column.name, found, expected: column.ty.expected() })
    }

    /// The value as JSON, with the keys of lists sorted.
    pub(super) fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Code(text) => (**text).into(),
            Self::Text(text) => (**text).into(),
            Self::Person(number) | Self::Integer(number) => (*number).into(),
            Self::Flag(flag) => (*flag).into(),
            Self::Instant(instant) => instant.0.into(),
            Self::Day(day) => day.to_string().into(),
            Self::Pauses(pauses) => serde_json::to_value(pauses).unwrap_or_default(),
            Self::Stages(stages) => serde_json::to_value(stages).unwrap_or_default(),
        }
    }

    /// The value of a column from the JSON that a payload holds; also how nested columns are read from
    /// reports.
    pub fn from_json(column: &'static Column, json: &serde_json::Value) -> Result<Self, FactError> {
        let read = || match column.ty {
            Type::Code => Some(Self::Code(json.as_str()?.into())),
            Type::Text => Some(Self::Text(json.as_str()?.into())),
            Type::Person => Some(Self::Person(json.as_i64()?)),
            Type::Integer => Some(Self::Integer(json.as_i64()?)),
            Type::Flag => Some(Self::Flag(json.as_bool()?)),
            Type::Instant => Some(Self::Instant(Instant(json.as_i64()?))),
            Type::Day => Some(Self::Day(Day::parse(json.as_str()?)?)),
            Type::Pauses => Some(Self::Pauses(serde_json::from_value(json.clone()).ok()?)),
            Type::Stages => Some(Self::Stages(serde_json::from_value(json.clone()).ok()?)),
        };
        read().ok_or_else(|| FactError::BadValue {
            column: column.name,
            found: json.to_string().chars().take(80).collect(),
            expected: column.ty.expected(),
        })
    }
}

impl Serialize for Value {
    /// As `to_json`, without making a tree of it where there is none.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Code(text) => serializer.serialize_str(text),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Person(number) | Self::Integer(number) => serializer.serialize_i64(*number),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Instant(instant) => instant.serialize(serializer),
            Self::Day(day) => day.serialize(serializer),
            Self::Pauses(_) | Self::Stages(_) => self.to_json().serialize(serializer),
        }
    }
}

/// Whether a text has a control character.
pub(super) fn has_control(text: &str) -> bool {
    // Nearly all are ASCII.
    if text.is_ascii() { text.bytes().any(|byte| byte.is_ascii_control()) } else { text.chars().any(char::is_control) }
}

fn code_ok(code: &str) -> bool {
    !code.is_empty() && code.len() <= MAX_ID_BYTES && !has_control(code)
}

fn span_ok(from: Instant, to: Option<Instant>) -> bool {
    from.in_range() && to.is_none_or(|to| to.in_range() && from <= to)
}

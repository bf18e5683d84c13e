//! Facts: what happened, as a source reported it. Nothing here is ever updated or deleted.

mod case;
mod complaint;
mod day;
mod kind;
mod matching;
mod rating;
mod row;
#[cfg(test)]
mod row_tests;
mod span;
mod table;
mod value;
mod values;

pub use day::{DayFacts, day_rows};
pub use kind::{Class, Column, Kind, Type};
pub use matching::{Matched, case_at};
pub use row::{Cell, Code, Codes, Row, RowContext};
pub use span::OpenSpan;
pub use table::{Physical, SealedColumn, Table};
pub use value::{Pause, Stage, Value};

use crate::canonical::Digest;
use crate::id::{MAX_ID_BYTES, Source};
use crate::time::{Day, Instant, Zone};
use serde::ser::{Serialize, Serializer};
use values::Values;

/// Who a fact is, in the eyes of its source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// The system that reports.
    pub source: Source,
    /// The record's own id in that system.
    pub source_id: String,
    /// 0 for the first report; the highest one counts.
    pub revision: u32,
}

/// One report of something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    kind: Kind,
    identity: Identity,
    void: bool,
    reported_at: Instant,
    values: Values,
}

/// Why a report is not a fact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FactError {
    /// A column that the kind does not have.
    #[error("a {kind} has no column `{column}`")]
    UnknownColumn {
        /// The kind of fact.
        kind: Kind,
        /// The name that was given.
        column: String,
    },
    /// A column that every fact of the kind must have is empty.
    #[error("`{column}` is missing: every {kind} needs it")]
    Missing {
        /// The kind of fact.
        kind: Kind,
        /// The empty column.
        column: &'static str,
    },
    /// None of the columns that would date the fact is filled.
    #[error("a {kind} needs at least one of these times: {columns}")]
    Undated {
        /// The kind of fact.
        kind: Kind,
        /// The columns, separated by commas.
        columns: String,
    },
    /// A value of another type, or outside its range.
    #[error("`{column}` is {found}, but must be {expected}")]
    BadValue {
        /// The column.
        column: &'static str,
        /// What was found, shortened.
        found: String,
        /// What is asked for.
        expected: &'static str,
    },
    /// The record's own id is empty, too long, or holds control characters.
    #[error("`{name}` must have 1 to {MAX_ID_BYTES} bytes and no control characters")]
    BadId {
        /// `source` or `source_id`.
        name: &'static str,
    },
}

impl Fact {
    /// A fact, after every check that needs nothing but the report itself.
    ///
    /// A missing `reported_at` is taken as the time of the event: arrival is the source's own word, never the
    /// time of import, so that the order of imports cannot matter.
    pub fn new(
        kind: Kind,
        identity: Identity,
        void: bool,
        reported_at: Option<Instant>,
        values: Vec<(&str, Value)>,
    ) -> Result<Self, FactError> {
        let column = |(name, value): (&str, Value)| match kind.column(name) {
            Some(column) => Ok((column, value)),
            None => Err(FactError::UnknownColumn { kind, column: name.chars().take(60).collect() }),
        };
        let values = values.into_iter().map(column).collect::<Result<_, _>>()?;
        Self::of_columns(kind, identity, void, reported_at, values)
    }

    /// [`Fact::new`] of columns that the kind has.
    pub fn of_columns(
        kind: Kind,
        identity: Identity,
        void: bool,
        reported_at: Option<Instant>,
        values: Vec<(&'static Column, Value)>,
    ) -> Result<Self, FactError> {
        check_id("source", identity.source.as_str())?;
        check_id("source_id", &identity.source_id)?;
        for (column, value) in &values {
            value.check(column)?;
        }
        let checked = Values::new(values);
        for column in kind.columns() {
            if column.required && !checked.contains_key(column.name) {
                return Err(FactError::Missing { kind, column: column.name });
            }
        }
        let mut fact = Self { kind, identity, void, reported_at: Instant(0), values: checked };
        let event =
            fact.event_at().ok_or_else(|| FactError::Undated { kind, columns: kind.time_columns().join(", ") })?;
        fact.reported_at = reported_at.unwrap_or(event);
        fact.check_together()?;
        Ok(fact)
    }

    /// Checks that look at two columns at once.
    fn check_together(&self) -> Result<(), FactError> {
        let bad =
            |column, found: i64, expected| Err(FactError::BadValue { column, found: found.to_string(), expected });
        if let (Some(level), Some(scale)) = (self.integer("level"), self.integer("scale"))
            && self.kind == Kind::Rating
        {
            if !(4..=5).contains(&scale) {
                return bad("scale", scale, "4 or 5");
            }
            if !(1..=scale).contains(&level) {
                return bad("level", level, "between 1 (worst) and the scale (best)");
            }
        }
        for (part, whole) in self.kind.parts() {
            if let (Some(some), Some(all)) = (self.integer(part), self.integer(whole))
                && !(0..=all).contains(&some)
            {
                return bad(part, some, "between 0 and the number it is part of");
            }
        }
        if self.kind == Kind::Statistic
            && let Some(scale) = self.integer("scale")
            && scale < 1
        {
            return bad("scale", scale, "at least 1");
        }
        Ok(())
    }

    /// The kind of fact.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Source, id and revision.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Whether this revision retracts the fact.
    #[must_use]
    pub fn is_void(&self) -> bool {
        self.void
    }

    /// When the source says it reported.
    #[must_use]
    pub fn reported_at(&self) -> Instant {
        self.reported_at
    }

    /// The value of a column.
    #[must_use]
    pub fn value(&self, column: &str) -> Option<&Value> {
        debug_assert!(self.kind.column(column).is_some() || column == "level" || column == "scale");
        self.values.get(column)
    }

    /// Every filled column with its value, by name.
    pub fn values(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.values.iter()
    }

    /// Every filled column with its value, by name, with what is known of the column.
    pub fn columns(&self) -> impl Iterator<Item = (&'static Column, &Value)> {
        self.values.columns()
    }

    /// The code in a column.
    #[must_use]
    pub fn code(&self, column: &str) -> Option<&str> {
        match self.values.get(column) {
            Some(Value::Code(code)) => Some(code),
            _ => None,
        }
    }

    /// The whole number in a column.
    #[must_use]
    pub fn integer(&self, column: &str) -> Option<i64> {
        match self.values.get(column) {
            Some(Value::Integer(number)) => Some(*number),
            _ => None,
        }
    }

    /// The yes or no in a column.
    #[must_use]
    pub fn flag(&self, column: &str) -> Option<bool> {
        match self.values.get(column) {
            Some(Value::Flag(flag)) => Some(*flag),
            _ => None,
        }
    }

    /// The instant in a column.
    #[must_use]
    pub fn instant(&self, column: &str) -> Option<Instant> {
        match self.values.get(column) {
            Some(Value::Instant(instant)) => Some(*instant),
            _ => None,
        }
    }

    /// The first filled of the columns that date this kind of fact.
    #[must_use]
    pub fn event_at(&self) -> Option<Instant> {
        self.kind.time_columns().iter().find_map(|column| match self.values.get(column) {
            Some(Value::Instant(instant)) => Some(*instant),
            // A date has no hour; its UTC midnight serves only as the default time of the report.
            Some(Value::Day(day)) => Some(Instant(i64::from(day.0) * crate::time::DAY_SECONDS)),
            _ => None,
        })
    }

    /// The id by which a rating or a survey finds its case: `case_id`, which for a case defaults to its own id.
    #[must_use]
    pub fn case_id(&self) -> Option<&str> {
        match self.kind {
            Kind::Case => Some(self.code("case_id").unwrap_or(&self.identity.source_id)),
            Kind::Rating | Kind::Survey => self.code("case_id"),
            _ => None,
        }
    }

    /// The last local day that any time of the fact names.
    #[must_use]
    pub fn latest_day(&self, zone: &Zone) -> Option<Day> {
        let planned = ["due_at"];
        let days =
            self.values.iter().filter(|(name, _)| !planned.contains(name)).filter_map(|(_, value)| match value {
                Value::Instant(instant) => Some(zone.day_of(*instant)),
                Value::Day(day) => Some(*day),
                _ => None,
            });
        days.max()
    }

    /// The values as JSON, without free text (which is kept apart, so that it can be erased).
    #[must_use]
    pub fn payload(&self) -> serde_json::Value {
        self.json(|column| column.class != Class::FreeText)
    }

    /// The digest by which two reports of one revision are told apart. It leaves persons and free text out, so
    /// that it says nothing about them and outlives their erasure.
    #[must_use]
    pub fn payload_digest(&self) -> Digest {
        let mut text = Vec::with_capacity(512);
        // Text and numbers of our own always become JSON.
        let _ = serde_json::to_writer(&mut text, &Told(self));
        Digest::of(&text)
    }

    fn json(&self, keep: impl Fn(&Column) -> bool) -> serde_json::Value {
        let kept = self.values.columns().filter(|(column, _)| keep(column));
        serde_json::Value::Object(kept.map(|(column, value)| (column.name.to_owned(), value.to_json())).collect())
    }

    /// The fact that [`Fact::payload`] came from.
    pub fn from_payload(
        kind: Kind,
        identity: Identity,
        void: bool,
        reported_at: Instant,
        payload: &serde_json::Value,
    ) -> Result<Self, FactError> {
        let mut values = Vec::new();
        for (name, json) in payload.as_object().into_iter().flatten() {
            let column = kind.column(name).ok_or_else(|| FactError::UnknownColumn { kind, column: name.clone() })?;
            values.push((column.name, Value::from_json(column, json)?));
        }
        Self::new(kind, identity, void, Some(reported_at), values)
    }
}

/// What a fact says about no person, in the canonical JSON that its digest is of: the plain columns, `reported_at` and
/// `void`, sorted by name.
struct Told<'a>(&'a Fact);

impl Serialize for Told<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fact = self.0;
        let (reported_at, void) = (Value::Instant(fact.reported_at), Value::Flag(fact.void));
        let plain = fact.values.columns().filter(|(column, _)| column.class == Class::Plain);
        let mut told: Vec<(&str, &Value)> = plain.map(|(column, value)| (column.name, value)).collect();
        told.extend([("reported_at", &reported_at), ("void", &void)]);
        told.sort_unstable_by_key(|(name, _)| *name);
        serializer.collect_map(told)
    }
}

fn check_id(name: &'static str, text: &str) -> Result<(), FactError> {
    if text.is_empty() || text.len() > MAX_ID_BYTES || value::has_control(text) {
        return Err(FactError::BadId { name });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity() -> Identity {
        Identity { source: Source::new("kiosk"), source_id: "r1".to_owned(), revision: 0 }
    }

    fn rating(values: Vec<(&str, Value)>) -> Result<Fact, FactError> {
        let mut all = vec![("rated_at", Value::Instant(Instant(1_772_700_000)))];
        all.extend(values);
        Fact::new(Kind::Rating, identity(), false, None, all)
    }

    #[test]
    fn a_report_that_makes_no_sense_is_refused_with_its_column() {
        let check = |values: Vec<(&str, Value)>, expect: &str| {
            let error = rating(values).expect_err(expect).to_string();
            assert!(error.contains(expect), "{error}");
        };
        check(vec![], "`level` is missing");
        check(vec![("level", Value::Integer(6)), ("scale", Value::Integer(5))], "`level` is 6");
        check(vec![("level", Value::Integer(1)), ("scale", Value::Integer(3))], "`scale` is 3");
        check(vec![("level", Value::Flag(true)), ("scale", Value::Integer(5))], "`level` is");
        check(vec![("mood", Value::Integer(1))], "no column `mood`");
        check(vec![("rated_at", Value::Instant(Instant(0)))], "`rated_at` is");
    }

    #[test]
    fn the_digest_of_a_report_says_nothing_about_the_person() {
        let base = vec![("level", Value::Integer(5)), ("scale", Value::Integer(5))];
        let with = |more: Vec<(&'static str, Value)>| {
            let mut values = base.clone();
            values.extend(more);
            rating(values).expect("valid")
        };
        let plain = with(vec![]);
        let named = with(vec![("rater", Value::Person(7)), ("comment", Value::Text("快".into()))]);
        assert_eq!(plain.payload_digest(), named.payload_digest());
        assert!(!named.payload().to_string().contains('快'));
        let low = rating(vec![("level", Value::Integer(1)), ("scale", Value::Integer(5))]).expect("valid");
        assert_ne!(plain.payload_digest(), low.payload_digest());
    }

    #[test]
    fn the_digest_is_of_canonical_json() {
        let at = |seconds: i64| Instant(1_772_700_000 + seconds);
        let stage =
            Stage { staff: "A".to_owned(), window: None, from: at(0), to: Some(at(9)), limit_seconds: Some(60) };
        let pause = Pause { from: at(1), to: None, document: Some("补正\"1\"".to_owned()) };
        let values = vec![
            ("window", Value::Code("W1".into())),
            ("client", Value::Person(7)),
            ("accepted_at", Value::Instant(at(0))),
            ("asked", Value::Flag(true)),
            ("supplement_notices", Value::Integer(2)),
            ("pauses", Value::Pauses([pause].into())),
            ("stages", Value::Stages([stage].into())),
        ];
        let fact = Fact::new(Kind::Case, identity(), false, Some(at(5)), values).expect("valid");
        let text = r#"{"accepted_at":1772700000,"asked":true,"pauses":[{"document":"补正\"1\"","from":1772700001,"to":null}],"reported_at":1772700005,"stages":[{"from":1772700000,"limit_seconds":60,"staff":"A","to":1772700009}],"supplement_notices":2,"void":false,"window":"W1"}"#;
        let json: serde_json::Value = serde_json::from_str(text).expect("JSON");
        assert_eq!(crate::canonical::canonical_json(&json), text);
        assert_eq!(fact.payload_digest(), Digest::of(text.as_bytes()));
        let day = vec![
            ("day", Value::Day(Day(20_517))),
            ("metric", Value::Code("m".into())),
            ("value", Value::Integer(-1)),
            ("scale", Value::Integer(1)),
        ];
        let fact = Fact::new(Kind::Statistic, identity(), true, Some(at(5)), day).expect("valid");
        let text = r#"{"day":"2026-03-05","metric":"m","reported_at":1772700005,"scale":1,"value":-1,"void":true}"#;
        assert_eq!(fact.payload_digest(), Digest::of(text.as_bytes()));
    }

    #[test]
    fn a_fact_comes_back_from_its_payload() {
        let fact = rating(vec![
            ("level", Value::Integer(4)),
            ("scale", Value::Integer(4)),
            ("rater", Value::Person(42)),
            ("window", Value::Code("W1".into())),
        ])
        .expect("valid");
        let again = Fact::from_payload(Kind::Rating, identity(), false, fact.reported_at(), &fact.payload());
        assert_eq!(again, Ok(fact));
    }
}

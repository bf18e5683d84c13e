//! A report of something that happened: what becomes a fact once the model has checked it.

use model::fact::{Fact, FactError, Identity, Kind, Value};
use model::id::Source;
use model::time::{Day, Instant};

/// A report as a source would make it. Persons are numbers that stand for a telephone number ([`telephone`]).
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The kind of fact.
    pub kind: Kind,
    /// The record's own id in its source.
    pub source_id: String,
    /// When the source reported, where that was not at once.
    pub reported_at: Option<Instant>,
    /// The filled columns.
    pub values: Vec<(&'static str, Value)>,
}

/// The system that reports facts of a kind in the city.
#[must_use]
pub fn source_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Case => "hall",
        Kind::Rating => "ratings",
        Kind::Complaint => "12345",
        Kind::Inspection => "inspection",
        Kind::Survey => "callback",
        Kind::Exam => "training",
        Kind::Activity => "service",
        Kind::Violation => "discipline",
        Kind::Operation => "audit",
        Kind::Statistic => "devices",
    }
}

/// The telephone number of a citizen.
#[must_use]
pub fn telephone(citizen: i64) -> String {
    format!("1{:010}", 3_000_000_000 + citizen.rem_euclid(7_000_000_000))
}

impl Report {
    pub(crate) fn new(kind: Kind, source_id: String) -> Self {
        Self { kind, source_id, reported_at: None, values: Vec::with_capacity(16) }
    }

    pub(crate) fn code(&mut self, column: &'static str, code: impl AsRef<str>) {
        self.values.push((column, Value::Code(code.as_ref().into())));
    }

    pub(crate) fn maybe_code(&mut self, column: &'static str, code: Option<&str>) {
        if let Some(code) = code {
            self.code(column, code);
        }
    }

    pub(crate) fn number(&mut self, column: &'static str, number: i64) {
        self.values.push((column, Value::Integer(number)));
    }

    pub(crate) fn at(&mut self, column: &'static str, at: Instant) {
        self.values.push((column, Value::Instant(at)));
    }

    pub(crate) fn on(&mut self, column: &'static str, day: Day) {
        self.values.push((column, Value::Day(day)));
    }

    pub(crate) fn person(&mut self, column: &'static str, citizen: i64) {
        self.values.push((column, Value::Person(citizen)));
    }

    pub(crate) fn text(&mut self, column: &'static str, text: &str) {
        self.values.push((column, Value::Text(text.into())));
    }

    pub(crate) fn flag(&mut self, column: &'static str, flag: bool) {
        self.values.push((column, Value::Flag(flag)));
    }

    /// The fact, checked by the model. Its pseudonyms are the bare numbers of citizens.
    pub fn fact(self) -> Result<Fact, FactError> {
        let identity = Identity { source: Source::new(source_of(self.kind)), source_id: self.source_id, revision: 0 };
        Fact::new(self.kind, identity, false, self.reported_at, self.values)
    }
}

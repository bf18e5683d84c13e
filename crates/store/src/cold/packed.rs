//! Facts as bytes whose texts are numbered by the batch they came in, not by the database.

use crate::StoreError;
use crate::fact::{Number, Shape, Texts, pack};
use model::fact::{Fact, Identity, Kind};
use model::id::Source;
use model::time::Instant;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, PoisonError};

/// The texts of a batch in the making, numbered by several threads at once.
#[derive(Debug, Default)]
pub struct SharedTexts(Mutex<Texts>);

impl SharedTexts {
    fn number(&self, text: &str) -> i64 {
        // A panic leaves whole texts behind.
        let mut texts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        texts.number(text).unwrap_or_else(|| texts.push(text.into()))
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        usize::try_from(self.0.lock().unwrap_or_else(PoisonError::into_inner).last()).unwrap_or(usize::MAX)
    }

    /// The texts as they were numbered, the first with number 1.
    #[must_use]
    pub fn into_batch(self) -> BatchTexts {
        BatchTexts(self.0.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A packed fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    /// The number of its source.
    pub source: i64,
    /// The number of its shape.
    pub shape: i64,
    /// Its values, without free text.
    pub payload: Vec<u8>,
}

/// Packs facts on one thread.
#[derive(Debug)]
pub struct Packer<'a> {
    shared: &'a SharedTexts,
    known: HashMap<Box<str>, i64>,
}

impl<'a> Packer<'a> {
    /// Packs with texts that other threads number, too.
    #[must_use]
    pub fn new(shared: &'a SharedTexts) -> Self {
        Self { shared, known: HashMap::new() }
    }

    /// Packs a fact.
    pub fn pack(&mut self, fact: &Fact) -> Packed {
        let source = self.number(fact.identity().source.as_str());
        let (shape, payload) = pack(fact, self);
        Packed { source, shape, payload }
    }
}

impl Number for Packer<'_> {
    fn number(&mut self, text: &str) -> i64 {
        if let Some(number) = self.known.get(text) {
            return *number;
        }
        let number = self.shared.number(text);
        self.known.insert(text.into(), number);
        number
    }
}

/// The texts of a batch.
#[derive(Debug, Default)]
pub struct BatchTexts(Texts);

impl BatchTexts {
    /// Texts in the order of their numbers, from 1 on.
    pub fn of(texts: Vec<String>) -> Result<Self, StoreError> {
        let mut numbered = Texts::default();
        numbered.extend((1..).zip(texts).collect())?;
        Ok(Self(numbered))
    }

    /// The text of a number.
    #[must_use]
    pub fn text(&self, number: i64) -> Option<&str> {
        self.0.text(number).map(AsRef::as_ref)
    }

    /// The texts in the order of their numbers.
    #[must_use]
    pub fn list(&self) -> Vec<&str> {
        (1..=self.0.last()).filter_map(|number| self.text(number)).collect()
    }
}

/// A report as a record file has it.
#[derive(Clone, Copy, Debug)]
pub struct PackedReport<'a> {
    /// Its kind, source and shape by numbers of the reader's own: the same texts have the same numbers.
    pub head: (i32, i32, i32),
    /// The kind.
    pub kind: &'a str,
    /// The system that reported.
    pub source: &'a str,
    /// The shape of the payload.
    pub shape: &'a str,
    /// The record's own id.
    pub source_id: &'a str,
    /// Its revision.
    pub revision: u32,
    /// Whether it retracts the record.
    pub void: bool,
    /// When it was reported.
    pub reported_at: Instant,
    /// The values.
    pub payload: &'a [u8],
}

/// What many reports share.
#[derive(Debug)]
struct Head {
    kind: Kind,
    source: Source,
    shape: Shape,
}

/// Makes facts of the reports of one file; what they share is read once.
#[derive(Debug)]
pub struct Reading<'a> {
    texts: &'a BatchTexts,
    heads: HashMap<(i32, i32, i32), Head>,
}

impl<'a> Reading<'a> {
    /// Reads with the texts of the file's batch.
    #[must_use]
    pub fn new(texts: &'a BatchTexts) -> Self {
        Self { texts, heads: HashMap::new() }
    }

    /// The fact that was packed, or why it is none.
    pub fn fact(&mut self, report: &PackedReport<'_>) -> Result<Fact, String> {
        let Head { kind, source, shape } = match self.heads.entry(report.head) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(head_of(report)?),
        };
        let source_id = report.source_id.to_owned();
        let identity = Identity { source: source.clone(), source_id, revision: report.revision };
        let fact = shape.unpack(*kind, identity, report.void, report.reported_at, report.payload, &self.texts.0);
        fact.map_err(|error| format!("report `{}`: {error}", report.source_id))
    }
}

fn head_of(report: &PackedReport<'_>) -> Result<Head, String> {
    let kind = Kind::parse(report.kind).ok_or_else(|| format!("there is no kind `{}`", report.kind))?;
    let shape = Shape::parse(kind, report.shape).map_err(|error| error.to_string())?;
    Ok(Head { kind, source: Source::new(report.source), shape })
}

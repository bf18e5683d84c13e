//! A report as a row, whichever way it comes.

use super::pack::pack;
use super::texts::{Number as _, Numbering};
use crate::sql::{Arg, Table, Type};
use model::fact::{Fact, Kind, OpenSpan};
use model::time::{Day, Zone};

pub(crate) const FACT: Table = Table {
    name: "fact",
    columns: &[
        ("id", Type::Integer),
        ("kind", Type::Integer),
        ("source", Type::Integer),
        ("source_id", Type::Text),
        ("revision", Type::Integer),
        ("version", Type::Integer),
        ("void", Type::Flag),
        ("reported_at", Type::Integer),
        ("shape", Type::Integer),
        ("payload", Type::Bytes),
        ("case_id", Type::Text),
        ("open_from", Type::Integer),
        ("open_until", Type::Integer),
        ("current", Type::Flag),
        ("conflict", Type::Flag),
        ("command", Type::Integer),
    ],
};

/// A report to insert.
pub(crate) struct NewRow<'a> {
    id: i64,
    fact: &'a Fact,
    kind: i64,
    source: i64,
    shape: i64,
    payload: Vec<u8>,
    /// The first day on which it is open, and the first on which it is not.
    open: Option<(Day, Day)>,
}

impl<'a> NewRow<'a> {
    pub(crate) fn of(id: i64, fact: &'a Fact, zone: &Zone, numbering: &mut Numbering<'_>) -> Self {
        let kind = numbering.number(fact.kind().name());
        let source = numbering.number(fact.identity().source.as_str());
        let (shape, payload) = pack(fact, numbering);
        let open = fact.open_span(zone).map(OpenSpan::bounds);
        Self { id, fact, kind, source, shape, payload, open }
    }

    /// In the order of the columns of [`FACT`]. `version`: how many reports of the same revision came before. `current` and
    /// `conflict`: whether it counts, and whether it is contradicted. `command`: the one that brings it.
    pub(crate) fn values(
        &self,
        version: usize,
        (current, conflict): (bool, bool),
        command: Option<i64>,
    ) -> Vec<Arg<'_>> {
        let (fact, identity) = (self.fact, self.fact.identity());
        vec![
            self.id.into(),
            self.kind.into(),
            self.source.into(),
            identity.source_id.as_str().into(),
            identity.revision.into(),
            i64::try_from(version).unwrap_or(i64::MAX).into(),
            fact.is_void().into(),
            fact.reported_at().0.into(),
            self.shape.into(),
            self.payload.as_slice().into(),
            named_case(fact).into(),
            self.open.map(|(from, _)| from.0).into(),
            self.open.map(|(_, until)| until.0).into(),
            current.into(),
            conflict.into(),
            Arg::Integer(command),
        ]
    }
}

/// The case that a fact names; a case that goes by its own id names none.
fn named_case(fact: &Fact) -> Option<&str> {
    if fact.kind() == Kind::Case { fact.code("case_id") } else { fact.case_id() }
}

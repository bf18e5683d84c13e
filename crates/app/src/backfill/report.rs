//! A report on its way through a backfill, as a row of bytes.

use super::spill::{Rest, put_bytes};
use model::fact::{Fact, Kind, OpenSpan, Value};
use model::time::Zone;
use store::{Packed, case_key, record_key, report_key};

/// A report that was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Report<'a> {
    /// The key of its case, or where it is and names none, of its record: what has one key comes together.
    pub(super) key: u64,
    /// The key of its record.
    pub(super) record: u64,
    /// The key of what it says.
    pub(super) says: u64,
    /// Its place among all reports of all files.
    pub(super) number: u64,
    /// The days on which it has a row, at most three, and those at whose end it is open.
    pub(super) days: Days,
    /// The number of its source among the texts.
    pub(super) source: u32,
    /// The number of its shape among the texts.
    pub(super) shape: u32,
    pub(super) kind: Kind,
    pub(super) source_id: &'a str,
    /// The case that it is or names.
    pub(super) case: Option<&'a str>,
    pub(super) revision: u32,
    pub(super) void: bool,
    pub(super) reported_at: i64,
    pub(super) payload: &'a [u8],
    /// Free texts, as rows.
    pub(super) texts: &'a [u8],
}

/// The days that a report concerns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Days {
    count: u8,
    anchors: [i32; 3],
    /// From the first day to before the last, which is `i32::MAX` while it is open.
    pub(super) open: Option<(i32, i32)>,
    /// The day of the event, whether or not it counts anywhere.
    pub(super) event: i32,
}

impl Days {
    fn of(fact: &Fact, zone: &Zone) -> Self {
        let mut days = Self { event: zone.day_of(fact.event_at().unwrap_or(fact.reported_at())).0, ..Self::default() };
        // A fact has at most three: finish, call, deadline.
        for (place, day) in days.anchors.iter_mut().zip(fact.anchor_days(zone)) {
            *place = day.0;
            days.count += 1;
        }
        days.open = fact.open_span(zone).map(OpenSpan::bounds).map(|(from, until)| (from.0, until.0));
        days
    }

    /// The first and the last of all these days, as far as they are over.
    pub(super) fn span(self) -> (i32, i32) {
        let open = self.open.into_iter().flat_map(|(from, until)| [from, if until == i32::MAX { from } else { until }]);
        let days = self.anchors().iter().copied().chain(open);
        days.fold((self.event, self.event), |(first, last), day| (first.min(day), last.max(day)))
    }

    /// The days on which it has a row of its own.
    pub(super) fn anchors(&self) -> &[i32] {
        &self.anchors[..usize::from(self.count)]
    }

    /// Whether the report is in the open book of a day.
    pub(super) fn is_open(&self, day: i32) -> bool {
        self.open.is_some_and(|(from, until)| (from..until).contains(&day))
    }
}

/// The keys of a report: of what it comes together with, and of its record.
pub(super) fn keys_of(fact: &Fact) -> (u64, u64) {
    let identity = fact.identity();
    let record = record_key(fact.kind(), identity.source.as_str(), &identity.source_id);
    (fact.case_id().map_or(record, case_key), record)
}

/// Writes a report as a row. Returns the days that it concerns.
pub(super) fn put_report(
    row: &mut Vec<u8>,
    fact: &Fact,
    (key, record): (u64, u64),
    number: u64,
    packed: &Packed,
    zone: &Zone,
) -> Days {
    let identity = fact.identity();
    let says = report_key(identity.revision, fact.payload_digest());
    let days = Days::of(fact, zone);
    for word in [key, record, says, number] {
        row.extend(word.to_le_bytes());
    }
    row.push(days.count);
    row.extend(days.anchors().iter().flat_map(|day| day.to_le_bytes()));
    let (from, until) = days.open.unwrap_or_default();
    for word in [from, until, days.event] {
        row.extend(word.to_le_bytes());
    }
    for text in [packed.source, packed.shape] {
        row.extend(u32::try_from(text).unwrap_or(0).to_le_bytes());
    }
    row.push(fact.kind() as u8);
    put_bytes(row, identity.source_id.as_bytes());
    row.push(u8::from(fact.case_id().is_some()));
    if let Some(case) = fact.case_id() {
        put_bytes(row, case.as_bytes());
    }
    row.extend(identity.revision.to_le_bytes());
    row.push(u8::from(fact.is_void()));
    row.extend(fact.reported_at().0.to_le_bytes());
    put_bytes(row, &packed.payload);
    let mut texts = Vec::new();
    for (name, value) in fact.values() {
        if let Value::Text(text) = value {
            put_bytes(&mut texts, name.as_bytes());
            put_bytes(&mut texts, text.as_bytes());
        }
    }
    put_bytes(row, &texts);
    days
}

impl<'a> Report<'a> {
    /// The next report of many.
    pub(super) fn read(rest: &mut Rest<'a>) -> Option<Self> {
        let (key, record, says, number) = (rest.u64()?, rest.u64()?, rest.u64()?, rest.u64()?);
        let mut days = Days { count: rest.u8()?, ..Days::default() };
        for day in days.anchors.get_mut(..usize::from(days.count))? {
            *day = rest.i32()?;
        }
        let (from, until) = (rest.i32()?, rest.i32()?);
        days.open = (from < until).then_some((from, until));
        days.event = rest.i32()?;
        Some(Self {
            key,
            record,
            says,
            number,
            days,
            source: rest.u32()?,
            shape: rest.u32()?,
            kind: *Kind::ALL.get(usize::from(rest.u8()?))?,
            source_id: rest.text()?,
            case: if rest.u8()? == 1 { Some(rest.text()?) } else { None },
            revision: rest.u32()?,
            void: rest.u8()? == 1,
            reported_at: rest.i64()?,
            payload: rest.bytes()?,
            texts: rest.bytes()?,
        })
    }

    /// What tells records apart.
    pub(super) fn name(&self) -> (Kind, u32, &'a str) {
        (self.kind, self.source, self.source_id)
    }

    /// Its free texts, by column.
    pub(super) fn free_texts(&self) -> impl Iterator<Item = (&'static str, &'a str)> {
        let (kind, mut rest) = (self.kind, Rest(self.texts));
        std::iter::from_fn(move || {
            let (name, text) = (rest.text()?, rest.text()?);
            Some((kind.column(name)?.name, text))
        })
    }
}

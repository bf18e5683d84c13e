//! Which reports count, which stay together, and on which days they are needed.

use super::BackfillError;
use super::report::Report;
use super::spill::{Rest, Spill, SpillWriter, put_bytes};
use model::fact::{Fact, Kind, Value};
use model::time::Instant;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use store::{BatchTexts, PackedReport, Reading};

/// A case that was open longer goes the ordinary way: it would have a copy in the record file of each of its days.
const MOST_DAYS_OPEN: i32 = 366;
/// More reports of one case go the ordinary way: every day that one of them touches would have a copy of all.
const MOST_TOGETHER: usize = 200;

/// Flags of a row of a day.
pub(super) const COUNTS: u8 = 1;
pub(super) const WHOLE: u8 = 2;
pub(super) const CURRENT: u8 = 4;
pub(super) const VOID: u8 = 8;

/// Where rows go.
#[derive(Debug)]
pub(super) struct Places<'a> {
    /// Rows of days; a part has some days that follow each other.
    pub(super) days: &'a Spill,
    /// The first day of all, and how many days a part has.
    pub(super) calendar: (i32, i32),
    /// Rows of key files.
    pub(super) keys: &'a Spill,
    /// Reports that go the ordinary way.
    pub(super) ordinary: &'a Spill,
}

/// What is known beside the reports.
#[derive(Debug)]
pub(super) struct Known {
    /// Keys of records and cases that the home has already, sorted.
    pub(super) keys: Vec<u64>,
    /// Keys of what a record that names several cases ties together.
    pub(super) tied: HashSet<u64>,
    /// The day that is still open: whoever follows it follows rows.
    pub(super) today: i32,
}

impl Known {
    fn has(&self, key: u64) -> bool {
        self.keys.binary_search(&key).is_ok()
    }
}

/// What became of a part.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// Numbers that its reports take.
    pub(super) reports: u32,
    /// Reports that are there twice.
    pub(super) same: u64,
    /// Reports and those of them that count, by kind.
    pub(super) kinds: BTreeMap<Kind, (i64, i64)>,
    /// Reports with a row of their own, by day, kind and source.
    pub(super) sources: BTreeMap<(i32, Kind, u32), i64>,
    pub(super) open_from: Option<i32>,
    /// Free texts by the number of their report.
    pub(super) texts: Vec<(u32, &'static str, Box<str>)>,
}

/// Settles a part of what was read.
pub(super) fn settle(
    part: usize,
    reports: &Spill,
    known: &Known,
    places: &Places<'_>,
) -> Result<Settled, BackfillError> {
    let bytes = reports.read(part)?;
    let (mut rest, mut all) = (Rest(&bytes), Vec::new());
    while !rest.is_empty() {
        all.push(Report::read(&mut rest).ok_or(BackfillError::Spill)?);
    }
    all.sort_unstable_by_key(|report| (report.key, report.number));
    let mut settling = Settling {
        part: u32::try_from(part).unwrap_or(u32::MAX),
        known,
        calendar: places.calendar,
        days: SpillWriter::new(places.days),
        keys: SpillWriter::new(places.keys),
        ordinary: SpillWriter::new(places.ordinary),
        done: Settled::default(),
    };
    for together in all.chunk_by(|one, next| one.key == next.key) {
        settling.group(together)?;
    }
    settling.days.finish()?;
    settling.keys.finish()?;
    settling.ordinary.finish()?;
    Ok(settling.done)
}

/// A report that is kept, and whether it counts.
struct Kept<'a> {
    report: &'a Report<'a>,
    current: bool,
}

struct Settling<'a> {
    part: u32,
    known: &'a Known,
    calendar: (i32, i32),
    days: SpillWriter<'a>,
    keys: SpillWriter<'a>,
    ordinary: SpillWriter<'a>,
    done: Settled,
}

impl Settling<'_> {
    /// Reports with one key, in the order in which they were read.
    fn group(&mut self, together: &[Report<'_>]) -> Result<(), BackfillError> {
        let Some(kept) = self.settled(together) else {
            return together
                .iter()
                .try_for_each(|report| self.ordinary.put(self.part as usize, |row| put_again(row, report)));
        };
        self.done.same += (together.len() - kept.len()) as u64;
        let first = self.done.reports;
        for (id, Kept { report, current }) in (first..).zip(&kept) {
            let counts = self.done.kinds.entry(report.kind).or_default();
            *counts = (counts.0 + 1, counts.1 + i64::from(*current));
            if *current {
                for day in report.days.anchors() {
                    *self.done.sources.entry((*day, report.kind, report.source)).or_default() += 1;
                }
                if let Some((from, _)) = report.days.open {
                    self.done.open_from = Some(self.done.open_from.map_or(from, |known| known.min(from)));
                }
            }
            self.done.texts.extend(report.free_texts().map(|(name, text)| (id, name, text.into())));
        }
        self.done.reports += u32::try_from(kept.len()).unwrap_or(u32::MAX);
        let home = self.rows(first, &kept)?;
        let entry = |row: &mut Vec<u8>, part: u32, key: u64, says: u64| {
            row.extend(key.to_le_bytes());
            row.extend(says.to_le_bytes());
            row.extend(part.to_le_bytes());
            row.extend(first.to_le_bytes());
            row.extend(home.to_le_bytes());
        };
        let part = self.part;
        for Kept { report, .. } in &kept {
            self.keys.put(self.keys.part_of(report.record), |row| entry(row, part, report.record, report.says))?;
        }
        // What is together by a case has the key of the case.
        let cases = kept.iter().filter(|kept| kept.report.case.is_some()).map(|kept| kept.report.key);
        for case in cases.take(1) {
            self.keys.put(self.keys.part_of(case), |row| entry(row, part, case, 0))?;
        }
        Ok(())
    }

    /// The reports of a group that are kept; `None` if it must go the ordinary way: because the home knows something of it,
    /// or because the database is the place of what is not over, what a person must decide, and what is too much.
    fn settled<'a>(&self, together: &'a [Report<'a>]) -> Option<Vec<Kept<'a>>> {
        let known = |report: &Report<'_>| self.known.has(report.record) || self.known.has(report.key);
        if together.len() > MOST_TOGETHER || self.known.tied.contains(&together[0].key) || together.iter().any(known) {
            return None;
        }
        let open = |report: &Report<'_>| report.days.anchors().iter().any(|day| *day >= self.known.today);
        if together.iter().any(open) {
            return None;
        }
        let mut by_record: Vec<&Report<'_>> = together.iter().collect();
        by_record.sort_by_key(|report| (report.name(), report.revision, report.number));
        let mut kept: Vec<Kept<'_>> = Vec::with_capacity(by_record.len());
        for record in by_record.chunk_by(|one, next| one.name() == next.name()) {
            for revision in record.chunk_by(|one, next| one.revision == next.revision) {
                if revision.iter().any(|report| report.says != revision[0].says) {
                    return None;
                }
                kept.push(Kept { report: revision[0], current: false });
            }
            // The highest revision counts, unless it retracts the record.
            if let Some(last) = kept.last_mut() {
                last.current = !last.report.void;
            }
        }
        let long = |kept: &Kept<'_>| {
            let open = kept.report.days.open.filter(|_| kept.current);
            open.is_some_and(|(from, until)| until.saturating_sub(from) > MOST_DAYS_OPEN)
        };
        (!kept.iter().any(long)).then_some(kept)
    }

    /// Writes the rows of a group into every day that needs them, all of them into the first. Returns that day.
    fn rows(&mut self, first: u32, kept: &[Kept<'_>]) -> Result<i32, BackfillError> {
        let current = || kept.iter().filter(|kept| kept.current).map(|kept| &kept.report.days);
        let mut days: BTreeSet<i32> = BTreeSet::new();
        for of in current() {
            days.extend(of.anchors());
            days.extend(of.open.into_iter().flat_map(|(from, until)| from..until));
        }
        let home = days.first().copied().unwrap_or(kept[0].report.days.event);
        if days.is_empty() {
            self.day(home, first, kept, &vec![false; kept.len()], true)?;
        }
        for day in days {
            let counts = needed(kept, day);
            self.day(day, first, kept, &counts, day == home)?;
        }
        Ok(home)
    }

    fn day(
        &mut self,
        day: i32,
        first: u32,
        kept: &[Kept<'_>],
        counts: &[bool],
        whole: bool,
    ) -> Result<(), BackfillError> {
        let part = usize::try_from((day - self.calendar.0) / self.calendar.1).unwrap_or(0);
        for ((id, Kept { report, current }), counts) in (first..).zip(kept).zip(counts) {
            if !(*counts || whole) {
                continue;
            }
            let flag = |set: bool, flag: u8| if set { flag } else { 0 };
            let flags = flag(*counts, COUNTS) | flag(whole, WHOLE) | flag(*current, CURRENT) | flag(report.void, VOID);
            let of_part = self.part;
            self.days.put(part, |row| {
                row.extend(day.to_le_bytes());
                for word in [of_part, id, first, report.source, report.shape, report.revision] {
                    row.extend(word.to_le_bytes());
                }
                row.extend([flags, report.kind as u8]);
                row.extend(report.reported_at.to_le_bytes());
                put_bytes(row, report.source_id.as_bytes());
                put_bytes(row, report.payload);
            })?;
        }
        Ok(())
    }
}

/// Which reports of a group the files of a day are made of: what `Store::day_parts` finds of rows, to the report.
fn needed(kept: &[Kept<'_>], day: i32) -> Vec<bool> {
    let anchored = |kept: &Kept<'_>| kept.current && kept.report.days.anchors().contains(&day);
    let mut needed: Vec<bool> =
        kept.iter().map(|kept| anchored(kept) || (kept.current && kept.report.days.is_open(day))).collect();
    if kept.len() == 1 {
        return needed;
    }
    // The cases of the day's ratings and surveys, whatever day they lie on.
    let names = |kept: &Kept<'_>| matches!(kept.report.kind, Kind::Rating | Kind::Survey) && anchored(kept);
    let named: Vec<&str> = kept.iter().filter(|kept| names(kept)).filter_map(|kept| kept.report.case).collect();
    let is = |kept: &Kept<'_>, kind: Kind| kept.current && kept.report.kind == kind;
    let of = |kept: &Kept<'_>, cases: &[&str]| kept.report.case.is_some_and(|case| cases.contains(&case));
    for (needed, kept) in needed.iter_mut().zip(kept) {
        *needed |= is(kept, Kind::Case) && of(kept, &named);
    }
    // All ratings of these cases: the first one counts, on whatever day it was given.
    let cases = kept.iter().zip(&needed).filter(|(kept, needed)| **needed && is(kept, Kind::Case));
    let cases: Vec<&str> = cases.filter_map(|(kept, _)| kept.report.case).collect();
    for (needed, kept) in needed.iter_mut().zip(kept) {
        *needed |= is(kept, Kind::Rating) && of(kept, &cases);
    }
    needed
}

/// Writes a report that goes the ordinary way.
fn put_again(row: &mut Vec<u8>, report: &Report<'_>) {
    row.extend([report.kind as u8, u8::from(report.void)]);
    for word in [report.source, report.shape, report.revision] {
        row.extend(word.to_le_bytes());
    }
    row.extend(report.reported_at.to_le_bytes());
    put_bytes(row, report.source_id.as_bytes());
    put_bytes(row, report.payload);
    put_bytes(row, report.texts);
}

/// The fact of the next report that goes the ordinary way, as it was read.
pub(super) fn read_again<'a>(rest: &mut Rest<'a>, texts: &'a BatchTexts, reading: &mut Reading<'_>) -> Option<Fact> {
    let (kind, void) = (*Kind::ALL.get(usize::from(rest.u8()?))?, rest.u8()? == 1);
    let (source, shape, revision) = (rest.u32()?, rest.u32()?, rest.u32()?);
    let (reported_at, source_id, payload, free) = (Instant(rest.i64()?), rest.text()?, rest.bytes()?, rest.bytes()?);
    let number = |number: u32| i32::try_from(number).ok();
    let report = PackedReport {
        head: (i32::from(kind as u8), number(source)?, number(shape)?),
        kind: kind.name(),
        source: texts.text(source.into())?,
        shape: texts.text(shape.into())?,
        source_id,
        revision,
        void,
        reported_at,
        payload,
    };
    let fact = reading.fact(&report).ok()?;
    let mut free = Rest(free);
    if free.is_empty() {
        return Some(fact);
    }
    let mut values: Vec<(&str, Value)> = fact.values().map(|(name, value)| (name, value.clone())).collect();
    while !free.is_empty() {
        values.push((free.text()?, Value::Text(free.text()?.into())));
    }
    Fact::new(kind, fact.identity().clone(), void, Some(reported_at), values).ok()
}

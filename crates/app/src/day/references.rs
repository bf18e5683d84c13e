//! Reference times of a year: computed once from the twelve months before it, then frozen.

use super::{manifest_of, open_days, rows_of};
use crate::AppError;
use crate::home::Home;
use lake::Stored;
use lake::kernel::{Query, Selection};
use model::canonical::Digest;
use model::fact::Table;
use model::period::{BasePeriod, Period};
use model::reference::{ReferenceCounts, References};
use model::rule::{parse_predicate, parse_sum};
use model::time::Day;
use store::{Change, Command, ReferenceSet};
use tokio::runtime::Handle;

/// A set is made of so many months and holds for as many.
const MONTHS: u8 = 12;

/// The references of a span of days around the one that was asked about; none before there are any.
#[derive(Debug)]
pub(super) struct ReferenceYear {
    /// The first day.
    from: Day,
    /// The first day of the next span.
    until: Day,
    pub(super) digest: Option<Digest>,
    pub(super) references: References,
}

impl ReferenceYear {
    pub(super) fn holds_on(&self, day: Day) -> bool {
        self.from <= day && day < self.until
    }
}

/// The first day of the month so many months after that of a day.
fn months_after(day: Day, months: i16) -> Option<Day> {
    Some(Period::containing(day, BasePeriod::Month).before(-months)?.days().0)
}

/// The digest of the references that hold on a day.
pub(super) fn digest_on(sets: &[ReferenceSet], day: Day) -> Option<Digest> {
    sets.iter().find(|set| holds_within(set.from, day, day)).map(|set| set.digest)
}

/// Whether references that hold from a day on hold on some day of a span.
pub(crate) fn holds_within(from: Day, first: Day, last: Day) -> bool {
    from <= last && months_after(from, MONTHS.into()).is_some_and(|until| first < until)
}

/// The references of the year that a day lies in. They are computed and frozen when the first day of the year is
/// closed, if the twelve months before it are sealed; until then the limits stand in. Call it outside the runtime.
pub(super) fn references_for(
    home: &Home,
    day: Day,
    change: Change<'_>,
    runtime: &Handle,
) -> Result<ReferenceYear, AppError> {
    let sets = runtime.block_on(home.store.reference_sets())?;
    let (from, until) = year_of(home, &sets, day, runtime)?;
    let none = ReferenceYear { from: from.unwrap_or(day), until, digest: None, references: References::default() };
    let Some(from) = from else { return Ok(none) };
    let set = match sets.into_iter().find(|set| set.from == from) {
        Some(set) => set,
        None => match freeze(home, from, change, runtime)? {
            Some(set) => set,
            None => return Ok(none),
        },
    };
    let references = runtime.block_on(read(home, &set))?;
    Ok(ReferenceYear { from, until, digest: Some(set.digest), references })
}

async fn read(home: &Home, set: &ReferenceSet) -> Result<References, AppError> {
    let unreadable =
        |problem: String| AppError::Unreadable { what: format!("the references from {}", set.from), problem };
    let stored: Stored = serde_json::from_str(&set.file).map_err(|error| unreadable(error.to_string()))?;
    let bytes = home.files.get(&stored).await?;
    serde_json::from_slice(&bytes).map_err(|error| unreadable(error.to_string()))
}

/// The references that hold on a day, as far as they are frozen: nothing is computed for a day that is still open.
pub(crate) async fn references_on(home: &Home, day: Day) -> Result<References, AppError> {
    let sets = home.store.reference_sets().await?;
    match sets.iter().find(|set| holds_within(set.from, day, day)) {
        Some(set) => read(home, set).await,
        None => Ok(References::default()),
    }
}

/// The first day of the reference year that a day lies in, if there is one yet, and the first day of the next. Years run
/// from the first set that was frozen, or from twelve months after the first month that is sealed as a whole, the day
/// itself being sealed now.
fn year_of(home: &Home, sets: &[ReferenceSet], day: Day, runtime: &Handle) -> Result<(Option<Day>, Day), AppError> {
    let first = if let Some(set) = sets.first() {
        Some(set.from)
    } else {
        let sealed = runtime.block_on(home.store.first_sealed_day())?.map_or(day, |sealed| sealed.min(day));
        let month = months_after(sealed, 0).filter(|month| *month == sealed).or_else(|| months_after(sealed, 1));
        month.and_then(|whole| months_after(whole, MONTHS.into()))
    };
    let mut from = None;
    let mut next = first;
    while let Some(year) = next.filter(|year| *year <= day) {
        from = Some(year);
        next = months_after(year, MONTHS.into());
    }
    Ok((from, next.unwrap_or(Day(i32::MAX))))
}

/// Computes the references that hold from a day on; `None` while a day of the twelve months before is not sealed.
fn freeze(home: &Home, from: Day, change: Change<'_>, runtime: &Handle) -> Result<Option<ReferenceSet>, AppError> {
    let last = from.plus(-1);
    let Some(first) = months_after(from, -i16::from(MONTHS)) else { return Ok(None) };
    if runtime.block_on(open_days(home, last))?.iter().any(|open| open.day >= first) {
        return Ok(None);
    }
    let references = count(home, first, last, runtime)?;
    let bytes = serde_json::to_vec(&references).unwrap_or_default();
    let stored = runtime.block_on(home.files.put("references", &from.to_string(), "json", bytes))?;
    let set = ReferenceSet { from, digest: references.digest(), file: serde_json::json!(stored).to_string() };
    runtime.block_on(home.store.write(change, Command::FreezeReferences(set.clone())))?;
    Ok(Some(set))
}

fn count(home: &Home, first: Day, last: Day, runtime: &Handle) -> Result<References, AppError> {
    let rule = |problem| AppError::Unreadable { what: "the query for references".to_owned(), problem };
    let wanted = parse_predicate("on_finish AND handling_seconds IS NOT NULL", Table::Case)
        .map_err(|error| rule(error.to_string()))?;
    let numbers = [parse_sum("handling_seconds", Table::Case).map_err(|error| rule(error.to_string()))?];
    let texts = &["item", "channel", "category"];
    let query = Query { table: Table::Case, wanted: Some(&wanted), texts, numbers: &numbers, tests: &[], marks: &[] };
    let selection = Selection::new(query);
    let mut counts = ReferenceCounts::default();
    for day in runtime.block_on(home.store.sealed_days(first, last))? {
        for row in rows_of(home, &manifest_of(&day)?, &selection, runtime)? {
            if let ([item, channel, category], [Some(seconds)]) = (&row.texts[..], &row.numbers[..]) {
                counts.add(item, channel, category, *seconds);
            }
        }
    }
    Ok(counts.finish())
}

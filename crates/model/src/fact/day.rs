//! All rows of a sealed day, from the facts that touch it.

use super::row::staff_of;
use super::{Fact, Kind, Row, RowContext, Table, case_row, open_case_row, rating_row, sparse_row};
use crate::time::Day;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// The current facts that a day's files are made of.
///
/// It may hold more than the day needs; what does not belong to it makes no row.
#[derive(Clone, Debug, Default)]
pub struct DayFacts {
    /// Cases with an event on the day or open at its end, and the cases of the ratings below.
    pub cases: Vec<Fact>,
    /// Ratings given on the day, and every rating of the cases finished on it.
    pub ratings: Vec<Fact>,
    /// Facts of every other kind that the day belongs to.
    pub others: Vec<Fact>,
}

/// The rows of every table, sorted: the same facts give the same rows in whatever order they came.
#[must_use]
pub fn day_rows(facts: &DayFacts, ctx: &RowContext<'_>) -> BTreeMap<Table, Vec<Row>> {
    let mut rows: BTreeMap<Table, Vec<Row>> = BTreeMap::new();
    let ratings = Ratings::of(facts, ctx);
    for case in &facts.cases {
        let rating = ratings.joined_to(case);
        rows.entry(Table::Case).or_default().extend(case_row(case, rating, ctx));
        rows.entry(Table::CaseDay).or_default().extend(open_case_row(case, ctx));
    }
    for (rating, case, counted) in &ratings.alone {
        rows.entry(Table::Case).or_default().push(rating_row(rating, *case, *counted, ctx));
    }
    for fact in &facts.others {
        if fact.anchor_days(ctx.zone).contains(&ctx.day) {
            rows.entry(Table::of(fact.kind())).or_default().push(sparse_row(fact, ctx));
        }
    }
    rows.retain(|_, rows| !rows.is_empty());
    for (table, rows) in &mut rows {
        sort_rows(*table, rows);
    }
    rows
}

/// Sorts by window, staff, then (for cases) by time of acceptance, then by identity.
fn sort_rows(table: Table, rows: &mut [Row]) {
    let time = table.column("accepted_at").map(|(index, _)| index);
    rows.sort_unstable_by(|a, b| {
        let by = |index: usize| a.cells[index].cmp(&b.cells[index]);
        by(0).then_with(|| by(1)).then_with(|| time.map_or(Ordering::Equal, by)).then_with(|| a.cmp(b))
    });
}

/// Which rating goes with which case.
struct Ratings<'a> {
    /// By case id: the rating that stands on the case's own row.
    joined: BTreeMap<&'a str, &'a Fact>,
    /// Ratings with a row of their own on this day, their case, and whether they count.
    alone: Vec<(&'a Fact, Option<&'a Fact>, bool)>,
}

impl<'a> Ratings<'a> {
    fn of(facts: &'a DayFacts, ctx: &RowContext<'_>) -> Self {
        let mut finished: BTreeMap<&str, (Day, &'a Fact)> = BTreeMap::new();
        let mut cases: Vec<&'a Fact> = facts.cases.iter().collect();
        cases.sort_by(|a, b| a.identity().cmp(b.identity()));
        for case in cases {
            if let (Some(id), Some(at)) = (case.case_id(), case.instant("finished_at")) {
                finished.entry(id).or_insert((ctx.zone.day_of(at), case));
            }
        }
        let mut ratings: Vec<&Fact> = facts.ratings.iter().collect();
        // One rating counts per case: the first that was given.
        ratings.sort_by_key(|rating| (rating.instant("rated_at"), rating.identity()));
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut result = Self { joined: BTreeMap::new(), alone: Vec::new() };
        for rating in ratings {
            debug_assert_eq!(rating.kind(), Kind::Rating);
            let case = rating.case_id().and_then(|id| Some((id, finished.get(id)?)));
            let own_day = || rating.anchor_days(ctx.zone).first().copied();
            let day = case.map_or_else(own_day, |(_, (day, _))| Some(*day));
            let first = rating.case_id().is_none_or(|id| seen.insert(id));
            if day != Some(ctx.day) {
                continue;
            }
            match case {
                Some((id, (_, case))) if first && names_the_finisher(rating, case, ctx) => {
                    result.joined.insert(id, rating);
                }
                _ => result.alone.push((rating, case.map(|(_, (_, case))| *case), first)),
            }
        }
        result
    }

    fn joined_to(&self, case: &Fact) -> Option<&'a Fact> {
        self.joined.get(case.case_id()?).copied()
    }
}

/// A rating stands on its case's row unless it names another work number, or names none and by the posts register
/// another person alone sat there: then it counts for that person, on a row of its own (SCORING §2).
fn names_the_finisher(rating: &Fact, case: &Fact, ctx: &RowContext<'_>) -> bool {
    let window = rating.code("window").or_else(|| case.code("window"));
    let staff = staff_of(rating, window, ctx);
    staff.is_empty() || case.code("staff") == Some(&staff)
}

#[cfg(test)]
mod tests {
    use super::super::{Cell, Identity, Value};
    use super::*;
    use crate::calendar::{Calendar, OfficeClock};
    use crate::id::Source;
    use crate::register::Register;
    use crate::time::{Instant, Zone};

    fn fact(
        kind: Kind,
        id: &str,
        codes: &[(&'static str, &str)],
        times: &[(&'static str, i64)],
        more: Vec<(&'static str, Value)>,
    ) -> Fact {
        let identity = Identity { source: Source::new("s"), source_id: id.to_owned(), revision: 0 };
        let start = i64::from(Day::parse("2026-03-05").expect("date").0) * 86_400;
        let mut values: Vec<_> = codes.iter().map(|(name, code)| (*name, Value::Code((*code).to_owned()))).collect();
        values.extend(times.iter().map(|(name, hour)| (*name, Value::Instant(Instant(start + hour * 3600)))));
        values.extend(more);
        Fact::new(kind, identity, false, None, values).expect("valid")
    }

    fn rating(id: &str, case: &str, staff: Option<&str>, hour: i64, level: i64) -> Fact {
        let mut codes = vec![("case_id", case)];
        codes.extend(staff.map(|staff| ("staff", staff)));
        let level = vec![("level", Value::Integer(level)), ("scale", Value::Integer(5))];
        fact(Kind::Rating, id, &codes, &[("rated_at", hour)], level)
    }

    fn case(id: &str, finished: Option<i64>) -> Fact {
        let mut times = vec![("accepted_at", 9)];
        times.extend(finished.map(|hour| ("finished_at", hour)));
        fact(Kind::Case, id, &[("window", "W"), ("staff", "A")], &times, vec![])
    }

    /// Rows of the case table as (staff, `source_id`, `rating_id`, counted) on a day so many days after 5 March.
    fn ratings_on(facts: &DayFacts, later: i32) -> Vec<(String, String, String, bool)> {
        let zone = Zone::utc();
        let clock = OfficeClock::new(&Calendar::shipped(&[]).expect("valid"), &zone);
        let day = Day::parse("2026-03-05").expect("date").plus(later);
        let ctx = RowContext { day, zone: &zone, register: &Register::default(), clock: &clock };
        let rows = day_rows(facts, &ctx);
        let cell = |row: &Row, name| match &row.cells[Table::Case.column(name).expect("column").0] {
            Cell::Code(code) => code.to_string(),
            other => format!("{other:?}"),
        };
        let show = |row: &Row| {
            let counted = cell(row, "on_rating").contains("true");
            (cell(row, "staff"), cell(row, "source_id"), cell(row, "rating_id"), counted)
        };
        rows.get(&Table::Case).into_iter().flatten().map(show).collect()
    }

    fn expect(rows: &[(&str, &str, &str, bool)]) -> Vec<(String, String, String, bool)> {
        rows.iter().map(|(a, b, c, d)| ((*a).into(), (*b).into(), (*c).into(), *d)).collect()
    }

    #[test]
    fn the_first_rating_stands_on_its_case_and_the_second_beside_it() {
        let facts = DayFacts {
            cases: vec![case("1", Some(10))],
            ratings: vec![rating("late", "1", None, 12, 1), rating("first", "1", None, 11, 5)],
            others: vec![],
        };
        let rows = ratings_on(&facts, 0);
        assert_eq!(rows, expect(&[("", "late", "late", false), ("A", "1", "first", true)]));
    }

    #[test]
    fn a_rating_of_the_next_day_is_filed_with_its_case() {
        let facts =
            DayFacts { cases: vec![case("1", Some(10))], ratings: vec![rating("r", "1", None, 30, 5)], others: vec![] };
        assert_eq!(ratings_on(&facts, 0), expect(&[("A", "1", "r", true)]));
        assert_eq!(ratings_on(&facts, 1), expect(&[]));
    }

    #[test]
    fn a_rating_without_a_finished_case_is_filed_under_its_own_day() {
        let facts =
            DayFacts { cases: vec![case("1", None)], ratings: vec![rating("r", "1", None, 11, 5)], others: vec![] };
        assert_eq!(ratings_on(&facts, 0), expect(&[("", "r", "r", true)]));
    }

    #[test]
    fn a_rating_that_names_another_person_counts_for_that_person() {
        let facts = DayFacts {
            cases: vec![case("1", Some(10))],
            ratings: vec![rating("r", "1", Some("B"), 11, 1)],
            others: vec![],
        };
        assert_eq!(ratings_on(&facts, 0), expect(&[("A", "1", "", false), ("B", "r", "r", true)]));
    }
}

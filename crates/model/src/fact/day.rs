//! All rows of a sealed day, from the facts that touch it.

use super::case::{case_rows, open_case_row};
use super::rating::{Filed, is_silent};
use super::row::sparse_row;
use super::{Fact, Kind, Row, RowContext, Table};
use std::collections::{BTreeMap, HashMap, HashSet};

/// The current facts that a day's files are made of.
///
/// It may hold more than the day needs; what does not belong to it makes no row.
#[derive(Clone, Debug, Default)]
pub struct DayFacts {
    /// Cases with an event on the day or open at its end, and the cases that ratings and surveys below name.
    pub cases: Vec<Fact>,
    /// Ratings given or arriving on the day, and every rating of the cases above.
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
        let (rating, silent) = (ratings.joined_to(case), ratings.leave_silent(case, ctx));
        rows.entry(Table::Case).or_default().extend(case_rows(case, rating, silent, ctx));
        rows.entry(Table::CaseDay).or_default().extend(open_case_row(case, ctx));
    }
    for filed in &ratings.alone {
        rows.entry(Table::Case).or_default().push(filed.row(ctx));
    }
    let finishing = finishing(facts, ctx);
    for fact in facts.others.iter().filter(|fact| is_filed_today(fact, ctx)) {
        let of_silent = ratings.case_of(fact).is_some_and(|case| ratings.leave_silent(case, ctx));
        rows.entry(Table::of(fact.kind())).or_default().push(sparse_row(fact, of_silent, &finishing, ctx));
    }
    rows.retain(|_, rows| !rows.is_empty());
    for (table, rows) in &mut rows {
        sort_rows(*table, rows);
    }
    rows
}

/// The windows in which a case was finished on the day: what is reported of them as a figure is counted from these, too.
fn finishing<'a>(facts: &'a DayFacts, ctx: &RowContext<'_>) -> HashSet<&'a str> {
    let today = |case: &&Fact| case.case_days(ctx.zone).finish == Some(ctx.day);
    facts.cases.iter().filter(today).filter_map(|case| case.code("window")).collect()
}

/// Whether a fact other than a case or a rating has its row on the day.
fn is_filed_today(fact: &Fact, ctx: &RowContext<'_>) -> bool {
    match fact.kind() {
        Kind::Complaint => fact.complaint_day(ctx) == Some(ctx.day),
        _ => fact.anchor_days(ctx.zone).contains(&ctx.day),
    }
}

/// Sorts by window, staff, then (for cases) by time of acceptance, then by identity.
fn sort_rows(table: Table, rows: &mut Vec<Row>) {
    let time = table.column("accepted_at").map(|(index, _)| index);
    // The keys lie side by side: a big day's rows are all over the memory.
    let key = |row: &Row| (row.cells[0].clone(), row.cells[1].clone(), time.map(|time| row.cells[time].clone()));
    let mut keyed: Vec<_> = std::mem::take(rows).into_iter().map(|row| (key(&row), row)).collect();
    keyed.sort_unstable_by(|(a, a_row), (b, b_row)| a.cmp(b).then_with(|| a_row.cmp(b_row)));
    rows.extend(keyed.into_iter().map(|(_, row)| row));
}

/// Which rating goes with which case. Nothing here is gone through in order, only asked for.
struct Ratings<'a> {
    /// Finished cases, by their id.
    finished: HashMap<&'a str, &'a Fact>,
    /// Every rating of a case, by its id.
    of_case: HashMap<&'a str, Vec<&'a Fact>>,
    /// By case id: the rating that stands on the case's own row.
    joined: HashMap<&'a str, &'a Fact>,
    /// Ratings with a row of their own on this day.
    alone: Vec<Filed<'a>>,
}

impl<'a> Ratings<'a> {
    fn of(facts: &'a DayFacts, ctx: &RowContext<'_>) -> Self {
        let mut all =
            Self { finished: HashMap::new(), of_case: HashMap::new(), joined: HashMap::new(), alone: Vec::new() };
        for case in facts.cases.iter().filter(|case| case.instant("finished_at").is_some()) {
            if let Some(id) = case.case_id() {
                // Of several with one number, the first by identity: hardly ever are there several.
                let first = all.finished.entry(id).or_insert(case);
                if case.identity() < first.identity() {
                    *first = case;
                }
            }
        }
        let mut ratings: Vec<&Fact> = facts.ratings.iter().collect();
        ratings.sort_by_key(|rating| (rating.instant("rated_at"), rating.identity()));
        for rating in ratings {
            debug_assert_eq!(rating.kind(), Kind::Rating);
            all.file(rating, ctx);
        }
        all
    }

    /// Files a rating; they come in the order in which they were given.
    fn file(&mut self, rating: &'a Fact, ctx: &RowContext<'_>) {
        let id = rating.case_id();
        let case = id.and_then(|id| self.finished.get(id).copied());
        // One rating counts per case: the first that was given. Of which case one is that was given on a device must be known.
        let counted = rating.flag("unmatched") != Some(true) && id.is_none_or(|id| !self.of_case.contains_key(id));
        if let Some(id) = id {
            self.of_case.entry(id).or_default().push(rating);
        }
        let filed = Filed { rating, case, counted };
        if filed.day(ctx) != Some(ctx.day) {
            return;
        }
        match id.filter(|_| filed.stands_on_its_case(ctx)) {
            Some(id) => _ = self.joined.insert(id, rating),
            None => self.alone.push(filed),
        }
    }

    fn joined_to(&self, case: &Fact) -> Option<&'a Fact> {
        self.joined.get(case.case_id()?).copied()
    }

    fn leave_silent(&self, case: &Fact, ctx: &RowContext<'_>) -> bool {
        let ratings = case.case_id().and_then(|id| self.of_case.get(id));
        is_silent(case, ratings.into_iter().flatten().copied(), ctx)
    }

    /// The finished case that a fact names.
    fn case_of(&self, fact: &Fact) -> Option<&'a Fact> {
        self.finished.get(fact.case_id()?).copied()
    }
}

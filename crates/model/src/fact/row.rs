//! From facts to the rows of a sealed day.
//!
//! A row is a function of the facts as they were known at the day's end, the register and the calendar: no rule of
//! a scheme enters, so that new rules never rewrite a facts file.

use super::table::{COMMON, place_in};
use super::{Fact, Kind, SealedColumn, Table, Value};
use crate::calendar::{OfficeClock, cut_off};
use crate::finals::Finals;
use crate::period::{BasePeriod, Period};
use crate::reference::References;
use crate::register::Register;
use crate::time::{Day, Instant, Zone};
use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::HashSet;
use std::sync::Arc;

/// The place of a column that every table has, found while the program is built.
macro_rules! common {
    ($name:literal) => {
        const { place_in(COMMON, $name) }
    };
}

/// The place of a column of the table of cases.
macro_rules! of_case {
    ($name:literal) => {
        const { $crate::fact::table::COMMON.len() + $crate::fact::table::place_in($crate::fact::table::CASE, $name) }
    };
}
pub(super) use of_case;

/// The place of a column of the open book.
macro_rules! of_case_day {
    ($name:literal) => {
        const { $crate::fact::table::COMMON.len() + $crate::fact::table::place_in($crate::fact::table::CASE_DAY, $name) }
    };
}
pub(super) use of_case_day;

/// One value of a sealed row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cell {
    /// Nothing known.
    Null,
    /// A whole number, an instant in seconds, or a pseudonym.
    Integer(i64),
    /// Yes or no.
    Flag(bool),
    /// A code.
    Code(Code),
}

/// A code, shared by the rows that have it. One word of memory, since a day of a province has a hundred thousand rows, and
/// nothing but that word where the code is empty, as most are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code(Option<Arc<Text>>);

impl Ord for Code {
    fn cmp(&self, other: &Self) -> Ordering {
        // Rows of one day share their codes. Nothing comes before everything else, like the empty text that it stands for.
        if self.is_shared_with(other) { Ordering::Equal } else { self.0.cmp(&other.0) }
    }
}

impl std::hash::Hash for Code {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        // Codes are looked for by their texts.
        str::hash(self, state);
    }
}

impl PartialOrd for Code {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Text(Box<str>);

impl Code {
    /// Whether both are one text in memory. Two that are not may still be equal.
    #[must_use]
    pub fn is_shared_with(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        }
    }
}

impl From<&str> for Code {
    fn from(text: &str) -> Self {
        Self((!text.is_empty()).then(|| Arc::new(Text(text.into()))))
    }
}

impl std::ops::Deref for Code {
    type Target = str;

    fn deref(&self) -> &str {
        self.0.as_ref().map_or("", |text| &text.0)
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self)
    }
}

impl std::borrow::Borrow<str> for Code {
    fn borrow(&self) -> &str {
        self
    }
}

/// A row of a sealed table: one cell per column of [`Table::columns`], in that order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// The cells.
    pub cells: Vec<Cell>,
}

/// What rows are made with beside the facts.
#[derive(Clone, Copy, Debug)]
pub struct RowContext<'a> {
    /// The day that is sealed.
    pub day: Day,
    /// The home's time zone.
    pub zone: &'a Zone,
    /// Windows, posts and items.
    pub register: &'a Register,
    /// Workdays and office hours.
    pub clock: &'a OfficeClock,
    /// How long cases usually take.
    pub references: &'a References,
    /// Which periods are final.
    pub finals: &'a Finals,
    /// The codes of the day's rows.
    pub codes: &'a Codes,
}

/// What rows share: a day names the same windows, people and items again and again, and asks for the cut-off of the same
/// few months.
#[derive(Debug, Default)]
pub struct Codes {
    codes: RefCell<HashSet<Code>>,
    /// First day, last day, cut-off.
    months: RefCell<Vec<(Day, Day, Day)>>,
}

impl Codes {
    /// The cut-off of the month of a day.
    pub(super) fn cut_off(&self, day: Day, clock: &OfficeClock) -> Day {
        let mut known = self.months.borrow_mut();
        if let Some((.., cut_off)) = known.iter().find(|(first, last, _)| *first <= day && day <= *last) {
            return *cut_off;
        }
        let month = Period::containing(day, BasePeriod::Month);
        let ((first, last), cut_off) = (month.days(), cut_off(month, clock));
        known.push((first, last, cut_off));
        cut_off
    }

    fn get(&self, code: &str) -> Code {
        // Most codes of a rating, and many of a case, are not there.
        if code.is_empty() {
            return Code(None);
        }
        let mut known = self.codes.borrow_mut();
        if let Some(known) = known.get(code) {
            return known.clone();
        }
        let new = Code::from(code);
        known.insert(new.clone());
        new
    }
}

/// Fills a row by column name, so that code and table cannot drift apart: an unknown name is a bug that the tests
/// of this module hit at once.
#[derive(Clone)]
pub(super) struct RowBuilder<'a> {
    table: Table,
    codes: &'a Codes,
    cells: Vec<Cell>,
}

impl<'a> RowBuilder<'a> {
    pub(super) fn new(
        table: Table,
        ctx: &RowContext<'a>,
        fact: &Fact,
        window: &str,
        staff: &str,
        at: Option<Instant>,
    ) -> Self {
        let cells = table.columns().map(|column| match (column.nullable, column.physical) {
            (true, _) => Cell::Null,
            (false, super::Physical::Flag) => Cell::Flag(false),
            (false, _) => Cell::Code(Code(None)),
        });
        let cells = cells.collect();
        let mut row = Self { table, codes: ctx.codes, cells };
        row.code_at(common!("window"), window);
        row.code_at(common!("staff"), staff);
        row.code_at(common!("source"), fact.identity().source.as_str());
        row.id_at(common!("source_id"), &fact.identity().source_id);
        if let Some(entry) = ctx.register.window_on(window, ctx.day) {
            row.code_at(common!("centre"), entry.centre.as_str());
            row.code_at(common!("window_type"), entry.window_type.as_str());
        }
        row.flag_at(common!("is_workday"), ctx.clock.is_workday(ctx.day));
        if let Some(at) = at {
            row.integer_at(common!("minute_of_day"), Some(ctx.zone.local(at).1 / 60));
            row.flag_at(common!("in_hours"), ctx.clock.is_open(at));
        }
        row
    }

    pub(super) fn set(&mut self, name: &str, cell: Cell) {
        if let Some((index, _)) = self.table.column(name) {
            self.cells[index] = cell;
        } else {
            debug_assert!(false, "{} has no column {name}", self.table);
        }
    }

    pub(super) fn code(&mut self, name: &str, code: &str) {
        let Some((index, column)) = self.table.column(name) else {
            debug_assert!(false, "{} has no column {name}", self.table);
            return;
        };
        self.cells[index] = self.code_cell(column, code);
    }

    fn code_cell(&self, column: &SealedColumn, code: &str) -> Cell {
        // Ids hardly ever come twice.
        let shared = column.physical == super::Physical::Code;
        Cell::Code(if shared { self.codes.get(code) } else { Code::from(code) })
    }

    /// Sets the cell at a place that was found while the program was built.
    pub(super) fn set_at(&mut self, place: usize, cell: Cell) {
        self.cells[place] = cell;
    }

    /// Sets a code that comes again and again.
    pub(super) fn code_at(&mut self, place: usize, code: &str) {
        self.cells[place] = Cell::Code(self.codes.get(code));
    }

    /// Sets a code that differs from row to row.
    pub(super) fn id_at(&mut self, place: usize, id: &str) {
        self.cells[place] = Cell::Code(Code::from(id));
    }

    pub(super) fn flag_at(&mut self, place: usize, flag: bool) {
        self.cells[place] = Cell::Flag(flag);
    }

    /// Like [`RowBuilder::integer`].
    pub(super) fn integer_at(&mut self, place: usize, number: Option<i64>) {
        self.cells[place] = bounded(number);
    }

    pub(super) fn flag(&mut self, name: &str, flag: bool) {
        self.set(name, Cell::Flag(flag));
    }

    /// Sets a number; one outside 32 bits is kept at the bound, which no honest duration reaches.
    pub(super) fn integer(&mut self, name: &str, number: Option<i64>) {
        self.set(name, bounded(number));
    }

    /// Copies every column of the fact that the table also has.
    pub(super) fn copy(&mut self, fact: &Fact) {
        for (name, value) in fact.values() {
            let Some((index, column)) = self.table.column(name) else { continue };
            if matches!(name, "window" | "staff") {
                continue;
            }
            self.cells[index] = match value {
                Value::Code(code) => self.code_cell(column, code),
                Value::Flag(flag) => Cell::Flag(*flag),
                Value::Integer(number) | Value::Person(number) => Cell::Integer(*number),
                Value::Instant(instant) => Cell::Integer(instant.0),
                Value::Text(_) | Value::Day(_) | Value::Pauses(_) | Value::Stages(_) => continue,
            };
        }
    }

    pub(super) fn build(self) -> Row {
        Row { cells: self.cells }
    }
}

fn bounded(number: Option<i64>) -> Cell {
    let bounded = number.map(|number| number.clamp(-super::value::MAX_INTEGER, super::value::MAX_INTEGER));
    bounded.map_or(Cell::Null, Cell::Integer)
}

/// The work number on the fact, else who sat at the window by the posts register, if only one did.
pub(super) fn staff_of(fact: &Fact, window: Option<&str>, ctx: &RowContext<'_>) -> String {
    if let Some(staff) = fact.code("staff") {
        return staff.to_owned();
    }
    let sole = window.and_then(|window| ctx.register.sole_staff_at(window, ctx.day));
    sole.map(ToString::to_string).unwrap_or_default()
}

/// The row of a fact of any kind but cases and ratings. `of_silent` says whether a survey asks about a silent case,
/// `finishing` are the windows with a case that was finished on the day.
pub(super) fn sparse_row(fact: &Fact, of_silent: bool, finishing: &HashSet<&str>, ctx: &RowContext<'_>) -> Row {
    let table = Table::of(fact.kind());
    // A complaint follows who was there when it happened, whichever day it is filed under.
    let happened = if fact.kind() == Kind::Complaint { fact.complained_of(ctx.zone) } else { None };
    let then = &RowContext { day: happened.unwrap_or(ctx.day), ..*ctx };
    let staff = match fact.kind() {
        Kind::Statistic => fact.code("staff").unwrap_or("").to_owned(),
        // Only what a person caused reaches the person (SCORING §2); the window carries the rest.
        Kind::Complaint if fact.code("cause") != Some("person") => String::new(),
        _ => staff_of(fact, fact.code("window"), then),
    };
    // A person's examination counts for the window where the person is mainly posted.
    let window = match fact.code("window") {
        Some(window) => window.to_owned(),
        None => {
            then.register.main_window_of(&staff, then.day).map(std::string::ToString::to_string).unwrap_or_default()
        }
    };
    let at = fact.kind().time_columns().first().and_then(|column| fact.instant(column));
    let mut row = RowBuilder::new(table, ctx, fact, &window, &staff, at);
    row.copy(fact);
    if matches!(fact.kind(), Kind::Complaint | Kind::Violation) && fact.code("incident").is_none() {
        row.code("incident", &format!("{}/{}", fact.identity().source, fact.identity().source_id));
    }
    if fact.kind() == Kind::Survey {
        row.flag("of_silent", of_silent);
    }
    if fact.kind() == Kind::Statistic {
        row.integer("product", statistic_product(fact));
        row.flag("has_cases", finishing.contains(window.as_str()));
    }
    row.build()
}

/// A daily average with its count, as the total it stands for: value · n ÷ scale, rounded half up (SCORING §1).
fn statistic_product(fact: &Fact) -> Option<i64> {
    let (value, scale, n) = (fact.integer("value")?, fact.integer("scale")?, fact.integer("n")?);
    let twice = i128::from(value) * i128::from(n) * 2 + i128::from(scale);
    i64::try_from(twice.div_euclid(2 * i128::from(scale))).ok()
}

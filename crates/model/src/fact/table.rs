//! The tables of a sealed day and their columns: what files hold and rules may name.

use super::Kind;
use crate::names::ByName;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::LazyLock;

/// How a sealed column is stored and compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Physical {
    /// A dictionary-encoded code; rules compare it with `=`, `<>` and `IN` only.
    Code,
    /// A code that differs from row to row (a case number); compared like a code, stored as plain text.
    Id,
    /// A 32-bit whole number.
    Integer,
    /// Yes or no.
    Flag,
    /// Seconds since 1970, stored as a timestamp.
    Instant,
    /// A 64-bit pseudonym; rules cannot name it.
    Pseudonym,
}

/// A column of a sealed table.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct SealedColumn {
    /// The name, in files and rules.
    pub name: &'static str,
    /// How it is stored.
    pub physical: Physical,
    /// Whether it can be empty. A code that cannot be empty is the empty text where nothing is known.
    pub nullable: bool,
    /// What it means.
    pub meaning: &'static str,
}

/// A table of a sealed day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// Cases with their rating; ratings that found no case have a row of their own.
    Case,
    /// The open book: cases open at the end of the day.
    CaseDay,
    /// Complaints.
    Complaint,
    /// Inspections.
    Inspection,
    /// Surveys and revisits.
    Survey,
    /// Examinations.
    Exam,
    /// Activities.
    Activity,
    /// Entries of the negative list.
    Violation,
    /// Operations in business systems.
    Operation,
    /// Figures reported already aggregated.
    Statistic,
}

/// Positions and columns by their names.
type Places = ByName<(usize, &'static SealedColumn)>;

impl Table {
    /// Every table, in the order of the variants.
    pub const ALL: [Self; 10] = [
        Self::Case,
        Self::CaseDay,
        Self::Complaint,
        Self::Inspection,
        Self::Survey,
        Self::Exam,
        Self::Activity,
        Self::Violation,
        Self::Operation,
        Self::Statistic,
    ];

    /// The table that facts of a kind are sealed into.
    #[must_use]
    pub fn of(kind: Kind) -> Self {
        match kind {
            Kind::Case | Kind::Rating => Self::Case,
            Kind::Complaint => Self::Complaint,
            Kind::Inspection => Self::Inspection,
            Kind::Survey => Self::Survey,
            Kind::Exam => Self::Exam,
            Kind::Activity => Self::Activity,
            Kind::Violation => Self::Violation,
            Kind::Operation => Self::Operation,
            Kind::Statistic => Self::Statistic,
        }
    }

    /// The name, in file names and schemes.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::CaseDay => "case_day",
            Self::Complaint => "complaint",
            Self::Inspection => "inspection",
            Self::Survey => "survey",
            Self::Exam => "exam",
            Self::Activity => "activity",
            Self::Violation => "violation",
            Self::Operation => "operation",
            Self::Statistic => "statistic",
        }
    }

    /// The table with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }

    /// The columns that every table begins with, then those of its own.
    pub fn columns(self) -> impl Iterator<Item = &'static SealedColumn> {
        COMMON.iter().chain(self.own_columns())
    }

    /// The position and the column with this name.
    #[must_use]
    pub fn column(self, name: &str) -> Option<(usize, &'static SealedColumn)> {
        // Asked for every cell of every row.
        static PLACES: LazyLock<Vec<Places>> = LazyLock::new(|| Table::ALL.map(Table::places).into());
        PLACES.get(self as usize)?.get(name).copied()
    }

    fn places(self) -> Places {
        self.columns().enumerate().map(|(at, column)| (column.name, (at, column))).collect()
    }

    fn own_columns(self) -> &'static [SealedColumn] {
        match self {
            Self::Case => CASE,
            Self::CaseDay => CASE_DAY,
            Self::Complaint => COMPLAINT,
            Self::Inspection => INSPECTION,
            Self::Survey => SURVEY,
            Self::Exam => EXAM,
            Self::Activity => ACTIVITY,
            Self::Violation => VIOLATION,
            Self::Operation => OPERATION,
            Self::Statistic => STATISTIC,
        }
    }
}

/// The place of a name among columns. It is asked for while the program is built; a name that is not there ends the build.
pub(super) const fn place_in(columns: &[SealedColumn], name: &str) -> usize {
    let mut place = 0;
    while place < columns.len() {
        if same(columns[place].name.as_bytes(), name.as_bytes()) {
            return place;
        }
        place += 1;
    }
    panic!("the table has no such column")
}

const fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

const fn sealed(name: &'static str, physical: Physical, meaning: &'static str) -> SealedColumn {
    SealedColumn { name, physical, nullable: true, meaning }
}

const fn full(name: &'static str, physical: Physical, meaning: &'static str) -> SealedColumn {
    SealedColumn { name, physical, nullable: false, meaning }
}

const fn code(name: &'static str, meaning: &'static str) -> SealedColumn {
    full(name, Physical::Code, meaning)
}

const fn id(name: &'static str, meaning: &'static str) -> SealedColumn {
    full(name, Physical::Id, meaning)
}

const fn flag(name: &'static str, meaning: &'static str) -> SealedColumn {
    full(name, Physical::Flag, meaning)
}

const fn integer(name: &'static str, meaning: &'static str) -> SealedColumn {
    sealed(name, Physical::Integer, meaning)
}

const fn instant(name: &'static str, meaning: &'static str) -> SealedColumn {
    sealed(name, Physical::Instant, meaning)
}

pub(super) const COMMON: &[SealedColumn] = &[
    code("window", "the window the row counts for"),
    code("staff", "the member of staff the row counts for"),
    code("source", "the system that reported"),
    id("source_id", "the record's own id in that system"),
    code("centre", "the window's centre on that day"),
    code("window_type", "the window's type on that day"),
    integer("minute_of_day", "local minute of the event, 0 … 1439"),
    flag("is_workday", "a workday by the calendar"),
    flag("in_hours", "the event lies in office hours of a workday"),
];

const CASE_ID: SealedColumn = id("case_id", "the case");

pub(super) const CASE: &[SealedColumn] = &[
    flag("on_finish", "the case was finished this day"),
    flag("on_call", "its ticket was called (or given up) this day"),
    flag("on_due", "lateness is decided this day"),
    flag("on_rating", "its rating is counted with this row"),
    flag("on_notice", "finished this day with a notice of what is missing; the row is that of who accepted it"),
    flag("on_stage", "finished this day; the row is that of the holder of some of its stages"),
    CASE_ID,
    code("item", "the service item"),
    code("category", "the item's category"),
    code("channel", "the way it came in"),
    code("seat", "the seat or terminal"),
    code("accepted_by", "who accepted it"),
    id("joint_id", "the joint case it belongs to"),
    code("outcome", "how it ended"),
    sealed("client", Physical::Pseudonym, "the citizen"),
    instant("ticketed_at", "a queue ticket was drawn"),
    instant("called_at", "the ticket was called"),
    instant("abandoned_at", "the ticket was given up"),
    instant("accepted_at", "accepted"),
    instant("finished_at", "finished"),
    instant("due_at", "the deadline"),
    flag("finished", "finished by the end of this day"),
    flag("overdue", "not finished by the deadline"),
    integer("waiting_seconds", "from ticket to call, by the clock"),
    integer("elapsed_seconds", "from accepted to finished, by the clock"),
    integer("handling_seconds", "from accepted to finished in office time, without documented pauses"),
    integer("paused_seconds", "documented pauses, in office time"),
    integer("late_seconds", "from the deadline to the finish, by the clock; negative when early"),
    flag("undocumented_pause", "a pause without a document: it does not stop the clock"),
    integer(
        "report_delay_seconds",
        "from the finish of the case to its report; of a rating alone, from it to its report",
    ),
    integer("promised_seconds", "the promised limit, else the legal one, in office time"),
    integer("reference_seconds", "how long such a case usually takes in office time; until that is known, the limit"),
    code("reference_basis", "what the reference is: item, category, promised or legal"),
    integer("handling_permille", "1000 · handling ÷ reference, rounded half up, at most 3000"),
    integer("handling_permille_squared", "its square, for the spread of the mean"),
    integer("handovers", "of the row's stages, those with a limit that were handed on"),
    integer("handovers_in_limit", "of these, within the limit of the stage"),
    integer("stage_seconds", "office time of the stages that have a limit, without documented pauses"),
    integer("stage_limit_seconds", "the limits of these stages"),
    integer("stage_minutes_squared", "`stage_seconds` in minutes, rounded half up and at most 46,340, squared"),
    integer("stage_minutes_times_limit", "the same minutes times those of the limits"),
    integer("stage_limit_minutes_squared", "the minutes of the limits, squared"),
    integer("supplement_notices", "notices of what is missing"),
    flag("green_entitled", "entitled to the green channel"),
    flag("green_used", "served through it"),
    flag("transferred", "handed over to another department"),
    flag("asked", "asked for a rating"),
    flag("silent", "finished this day, asked, and no rating of it arrived before the month's cut-off"),
    flag("extended_service", "rostered extended hours"),
    code("rating_source", "the system that reported the rating"),
    id("rating_id", "the rating's own id"),
    instant("rated_at", "when the rating was given"),
    integer("rating_level", "1 = worst … rating_scale = best"),
    integer("rating_scale", "4 or 5"),
    flag("rating_satisfied", "one of the two best levels"),
    flag("rating_negative", "差评: the worst of four, one of the two worst of five"),
    flag("rating_set_aside", "a bad rating whose confirmed cause is not the person: it counts for the window alone"),
    code("rating_cause", "the cause of a bad rating: person, policy, system or facility"),
    integer("rating_delay_seconds", "from the call (else the acceptance) to the rating"),
    integer("rating_report_delay_seconds", "from the rating to its report"),
    code("rating_channel", "the way the rating came in"),
    code("device", "the device of the rating"),
    sealed("rater", Physical::Pseudonym, "who rated"),
];

pub(super) const CASE_DAY: &[SealedColumn] = &[
    CASE_ID,
    code("item", "the service item"),
    code("channel", "the way it came in"),
    instant("accepted_at", "accepted"),
    instant("due_at", "the deadline"),
    flag("overdue", "past its deadline at the end of the day"),
    integer("open_square_step", "what this workday adds to the square of the case's open workdays of the month"),
    integer("overdue_square_step", "the same of its overdue workdays"),
    integer("overdue_open_step", "the same of the product of the two"),
];

const COMPLAINT: &[SealedColumn] = &[
    CASE_ID,
    instant("occurred_at", "when it happened"),
    code("channel", "12345, letter, visit …"),
    code("category", "what it is about"),
    code("verdict", "founded, unfounded or pending"),
    code("cause", "person, policy, system or facility"),
    code("confirmed_by", "the second person who confirmed the cause"),
    id("incident", "what happened; the report itself if nothing else is named"),
    sealed("complainant", Physical::Pseudonym, "who complained"),
];

const INSPECTION: &[SealedColumn] = &[
    instant("visited_at", "when the inspector was there"),
    code("topic", "what was inspected"),
    id("visit", "the visit"),
    code("inspector", "who inspected"),
    integer("checked", "items checked"),
    integer("passed", "items passed"),
];

const SURVEY: &[SealedColumn] = &[
    CASE_ID,
    code("mode", "survey or revisit"),
    integer("answered", "answers"),
    integer("satisfied", "satisfied answers"),
    flag("of_silent", "asks about a case that was asked for a rating and never rated in its month"),
    sealed("respondent", Physical::Pseudonym, "who answered"),
];

const EXAM: &[SealedColumn] = &[
    code("subject", "the subject"),
    integer("due", "papers due"),
    integer("passed", "papers passed"),
    integer("asked", "questions asked"),
    integer("correct", "questions right"),
];

const ACTIVITY: &[SealedColumn] = &[
    CASE_ID,
    instant("started_at", "when it began"),
    instant("ended_at", "when it ended"),
    code("type", "the type of activity"),
    integer("requested", "asked for or listed"),
    integer("done", "done"),
    integer("seat_days", "seat-days compared to"),
];

const VIOLATION: &[SealedColumn] = &[
    instant("occurred_at", "when it happened"),
    code("type", "the entry of the negative list"),
    code("severity", "how bad it was"),
    code("verdict", "founded, unfounded or pending"),
    code("confirmed_by", "the second person who confirmed it"),
    id("incident", "what happened; the report itself if nothing else is named"),
];

const OPERATION: &[SealedColumn] = &[
    CASE_ID,
    instant("occurred_at", "when the operation was made"),
    code("action", "what was done"),
    code("field", "the field that was touched"),
    code("system", "the business system"),
];

const STATISTIC: &[SealedColumn] = &[
    code("metric", "what the figure measures"),
    integer("value", "the figure, times `scale`"),
    integer("scale", "how many units of `value` make one"),
    integer("n", "how many records the figure rests on"),
    integer("product", "a daily average times its count, rounded half up to a whole number"),
    flag("has_cases", "the window has a case that was finished on that day"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_and_columns_are_told_apart_by_name() {
        for table in Table::ALL {
            assert_eq!(Table::parse(table.name()), Some(table));
            let mut names: Vec<_> = table.columns().map(|column| column.name).collect();
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count, "{table}");
        }
    }
}

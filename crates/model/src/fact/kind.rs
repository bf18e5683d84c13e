//! The kinds of fact and their columns: the one place that says what a source may report.

use crate::names::ByName;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::LazyLock;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// A code out of some system's list, 1 to 200 bytes.
    Code,
    /// Free text up to 20,000 bytes.
    Text,
    /// A citizen: replaced by a keyed pseudonym at the door.
    Person,
    /// A whole number, at most 2³¹ − 1 in magnitude.
    Integer,
    /// Yes or no.
    Flag,
    /// A point in time of this century, floored to a second.
    Instant,
    /// A local date of this century.
    Day,
    /// A list of documented pauses.
    Pauses,
    /// A list of stages with their holders.
    Stages,
}

impl Type {
    pub(super) fn expected(self) -> &'static str {
        match self {
            Self::Code => "a code of 1 to 200 bytes without control characters",
            Self::Text => "a text of at most 20,000 bytes",
            Self::Person => "a person",
            Self::Integer => "a whole number of at most 2,147,483,647 in magnitude",
            Self::Flag => "yes or no",
            Self::Instant => "a time between 2000 and 2099",
            Self::Day => "a date between 2000 and 2099",
            Self::Pauses => "a list of at most 200 pauses, each {from, to, document} with from <= to",
            Self::Stages => "a list of at most 200 stages, each {staff, from, to, limit_seconds} with from <= to",
        }
    }

    /// The name in the column table of the documentation.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Text => "text",
            Self::Person => "person",
            Self::Integer => "integer",
            Self::Flag => "flag",
            Self::Instant => "instant",
            Self::Day => "day",
            Self::Pauses => "pauses",
            Self::Stages => "stages",
        }
    }
}

/// How far a column concerns a citizen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Not about a citizen. Sealed.
    Plain,
    /// A citizen's pseudonym. Sealed, never shown, not part of the payload digest.
    Pseudonym,
    /// Free text that may name people. Never sealed, erasable, not part of the payload digest.
    FreeText,
}

/// A column of a kind of fact.
#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    /// The name, the same in mappings, files, rules and documentation.
    pub name: &'static str,
    /// What it holds.
    pub ty: Type,
    /// Whether every fact of the kind must have it.
    pub required: bool,
    /// The unit of a number, empty otherwise.
    pub unit: &'static str,
    /// Class of personal data.
    pub class: Class,
    /// What it means.
    pub meaning: &'static str,
}

/// The kinds of fact that a source can report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 办件
    Case,
    /// 评价
    Rating,
    /// 投诉 / 12345
    Complaint,
    /// 暗访 / 督查
    Inspection,
    /// 满意度调查, 回访
    Survey,
    /// 考试
    Exam,
    /// 活动: 帮办, 延时, 上门, 培训, 联办 …
    Activity,
    /// 负面清单事件
    Violation,
    /// 业务系统操作
    Operation,
    /// 直报指标
    Statistic,
}

impl Kind {
    /// Every kind, in the order of the variants.
    pub const ALL: [Self; 10] = [
        Self::Case,
        Self::Rating,
        Self::Complaint,
        Self::Inspection,
        Self::Survey,
        Self::Exam,
        Self::Activity,
        Self::Violation,
        Self::Operation,
        Self::Statistic,
    ];

    /// The name in files, rules and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Rating => "rating",
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

    /// The kind with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The columns, in the order of the documentation.
    #[must_use]
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::Case => CASE,
            Self::Rating => RATING,
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

    /// The column with this name.
    #[must_use]
    pub fn column(self, name: &str) -> Option<&'static Column> {
        // Asked for every value of every fact.
        static COLUMNS: LazyLock<Vec<ByName<&Column>>> = LazyLock::new(|| {
            let by_name = |kind: Kind| kind.columns().iter().map(|column| (column.name, column)).collect();
            Kind::ALL.into_iter().map(by_name).collect()
        });
        COLUMNS.get(self as usize)?.get(name).copied()
    }

    /// The columns that date a fact, the most telling first; one of them must be filled.
    #[must_use]
    pub fn time_columns(self) -> &'static [&'static str] {
        match self {
            Self::Case => &["finished_at", "accepted_at", "called_at", "ticketed_at"],
            Self::Rating => &["rated_at"],
            Self::Inspection => &["visited_at"],
            Self::Survey => &["answered_on"],
            Self::Exam => &["held_on"],
            Self::Activity => &["started_at"],
            Self::Complaint | Self::Violation | Self::Operation => &["occurred_at"],
            Self::Statistic => &["day"],
        }
    }

    /// Pairs of columns of which the first counts a part of the second.
    pub(super) fn parts(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Inspection => &[("passed", "checked")],
            Self::Survey => &[("satisfied", "answered")],
            Self::Exam => &[("passed", "due"), ("correct", "asked")],
            _ => &[],
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

const fn column(name: &'static str, ty: Type, meaning: &'static str) -> Column {
    let class = match ty {
        Type::Person => Class::Pseudonym,
        Type::Text => Class::FreeText,
        _ => Class::Plain,
    };
    Column { name, ty, required: false, unit: "", class, meaning }
}

const fn required(mut column: Column) -> Column {
    column.required = true;
    column
}

const fn count(name: &'static str, meaning: &'static str) -> Column {
    let mut column = column(name, Type::Integer, meaning);
    column.unit = "count";
    column
}

const fn seconds(name: &'static str, meaning: &'static str) -> Column {
    let mut column = column(name, Type::Integer, meaning);
    column.unit = "seconds";
    column
}

const WINDOW: Column = column("window", Type::Code, "the window");
const STAFF: Column = column("staff", Type::Code, "the member of staff, by work number (工号)");
const CASE_ID: Column = column("case_id", Type::Code, "the case (办件编号)");
const INCIDENT: Column = column("incident", Type::Code, "what happened, where several reports tell of one thing");

const CASE: &[Column] = &[
    column("case_id", Type::Code, "the number by which others name the case (办件编号); the record's own id if empty"),
    WINDOW,
    column("staff", Type::Code, "who finished it; while it is open, who holds it"),
    column("accepted_by", Type::Code, "who accepted it"),
    column("item", Type::Code, "the service item (事项)"),
    column("channel", Type::Code, "the way it came in: window, online, self, phone …"),
    column("seat", Type::Code, "the seat or terminal"),
    column("client", Type::Person, "the citizen"),
    column("ticketed_at", Type::Instant, "a queue ticket was drawn"),
    column("called_at", Type::Instant, "the ticket was called"),
    column("abandoned_at", Type::Instant, "the ticket was given up"),
    column("accepted_at", Type::Instant, "the case was accepted (受理)"),
    column("finished_at", Type::Instant, "the case was finished (办结)"),
    column("due_at", Type::Instant, "the deadline"),
    seconds("promised_seconds", "the promised limit in office time, where the item register does not say it"),
    seconds("legal_seconds", "the legal limit in office time, where the item register does not say it"),
    column("pauses", Type::Pauses, "documented pauses"),
    column("stages", Type::Stages, "stages with their holders"),
    count("supplement_notices", "notices to the citizen of what is missing (补正告知)"),
    column("joint_id", Type::Code, "the joint case (联办件) it belongs to"),
    column("green_entitled", Type::Flag, "entitled to the green channel"),
    column("green_used", Type::Flag, "served through the green channel"),
    column("transferred", Type::Flag, "handed over to another department"),
    column("asked", Type::Flag, "the citizen was asked for a rating"),
    column("extended_service", Type::Flag, "served in rostered extended hours (延时服务)"),
    column("outcome", Type::Code, "how it ended: granted, refused, withdrawn …"),
];

const RATING: &[Column] = &[
    CASE_ID,
    WINDOW,
    column("staff", Type::Code, "the work number that the rating names"),
    required(column("rated_at", Type::Instant, "when it was given")),
    required(column("level", Type::Integer, "1 = worst … `scale` = best")),
    required(column("scale", Type::Integer, "how many levels the device offers: 4 or 5")),
    column("channel", Type::Code, "kiosk, sms, web, phone …"),
    column("device", Type::Code, "the device"),
    column("rater", Type::Person, "who rated"),
    column("cause", Type::Code, "of a bad rating: person, policy, system or facility"),
    column("confirmed_by", Type::Code, "the second person who confirmed the cause"),
    column("unmatched", Type::Flag, "given on a device, and no case was found for it: kept, and never counted"),
    column("comment", Type::Text, "what the rater wrote"),
];

const COMPLAINT: &[Column] = &[
    WINDOW,
    STAFF,
    CASE_ID,
    required(column("occurred_at", Type::Instant, "when what is complained of happened")),
    column("received_at", Type::Instant, "when it was received"),
    column("channel", Type::Code, "12345, letter, visit …"),
    column("category", Type::Code, "what it is about"),
    column("verdict", Type::Code, "founded, unfounded or pending"),
    column("verdict_at", Type::Instant, "when the verdict was given"),
    column("cause", Type::Code, "person, policy, system or facility"),
    column("confirmed_by", Type::Code, "the second person who confirmed the cause"),
    INCIDENT,
    column("complainant", Type::Person, "who complained"),
    column("text", Type::Text, "the complaint"),
];

const INSPECTION: &[Column] = &[
    WINDOW,
    STAFF,
    required(column("visited_at", Type::Instant, "when the inspector was there")),
    required(column("topic", Type::Code, "what was inspected: conduct, notice, files, answers …")),
    column("visit", Type::Code, "the visit that several inspections belong to"),
    column("inspector", Type::Code, "who inspected"),
    required(count("checked", "items checked")),
    required(count("passed", "items passed")),
    column("note", Type::Text, "what the inspector wrote"),
];

const SURVEY: &[Column] = &[
    WINDOW,
    STAFF,
    CASE_ID,
    required(column("answered_on", Type::Day, "the day of the answer, or of publication")),
    required(column("mode", Type::Code, "survey or revisit (回访)")),
    required(count("answered", "answers")),
    required(count("satisfied", "satisfied answers")),
    column("respondent", Type::Person, "who answered"),
    column("note", Type::Text, "what the respondent said"),
];

const EXAM: &[Column] = &[
    WINDOW,
    required(column("staff", Type::Code, "who was examined")),
    required(column("held_on", Type::Day, "the day of the examination")),
    required(column("subject", Type::Code, "the subject: business, policy …")),
    count("due", "papers due to be sat; unexcused absence counts as failed"),
    count("passed", "papers passed"),
    count("asked", "questions asked"),
    count("correct", "questions answered correctly"),
];

const ACTIVITY: &[Column] = &[
    WINDOW,
    STAFF,
    CASE_ID,
    required(column("started_at", Type::Instant, "when it began")),
    column("ended_at", Type::Instant, "when it ended"),
    required(column(
        "type",
        Type::Code,
        "assist (帮办), extended (延时), visit (上门), training, joint (联办), legacy …",
    )),
    count("requested", "how many were asked for or listed"),
    count("done", "how many were done"),
    count("seat_days", "the seat-days to which the activity is compared"),
];

const VIOLATION: &[Column] = &[
    WINDOW,
    STAFF,
    required(column("occurred_at", Type::Instant, "when it happened")),
    required(column("type", Type::Code, "the entry of the negative list: fraud, conflict …")),
    column("severity", Type::Code, "quarrel, public_insult, refusal_with_insult, physical …"),
    column("verdict", Type::Code, "founded, unfounded or pending"),
    column("confirmed_by", Type::Code, "the second person who confirmed it"),
    INCIDENT,
    column("note", Type::Text, "the findings"),
];

const OPERATION: &[Column] = &[
    WINDOW,
    STAFF,
    CASE_ID,
    required(column("occurred_at", Type::Instant, "when the operation was made")),
    required(column("action", Type::Code, "edited, deleted, finish_rewritten …")),
    column("field", Type::Code, "the field that was touched"),
    column("system", Type::Code, "the business system"),
];

const STATISTIC: &[Column] = &[
    WINDOW,
    STAFF,
    required(column("day", Type::Day, "the day, or the day under which a longer span is filed")),
    required(column("metric", Type::Code, "what the figure measures")),
    required(column("value", Type::Integer, "the figure, times `scale`")),
    required(count("scale", "how many units of `value` make one: 1000000 for a figure of six decimals")),
    count("n", "how many records the figure rests on"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_columns_are_told_apart_by_name() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.name()), Some(kind));
            let mut names: Vec<_> = kind.columns().iter().map(|column| column.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), kind.columns().len(), "{kind}");
            for name in kind.time_columns() {
                assert!(kind.column(name).is_some(), "{kind} {name}");
            }
        }
        assert_eq!(Kind::parse("cases"), None);
    }
}

//! The days that a fact belongs to, and what was known of it by a day's end.

use super::{Fact, Kind, Stage, Value};
use crate::time::{Day, Instant, Zone};
use std::borrow::Cow;

/// The days at whose end a case is open: from the day it was accepted to the day before it was finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenSpan {
    /// The first day.
    pub from: Day,
    /// The day on which it is no longer open; `None` while it is.
    pub until: Option<Day>,
}

impl OpenSpan {
    /// Whether the case is open at the end of a day.
    #[must_use]
    pub fn contains(self, day: Day) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }

    /// The first day, and the day on which it is no longer open: after every other day while it is.
    #[must_use]
    pub fn bounds(self) -> (Day, Day) {
        (self.from, self.until.unwrap_or(Day(i32::MAX)))
    }
}

/// The days that the events of a case belong to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CaseDays {
    /// Handling, quality and the rating: the day it was finished.
    pub(super) finish: Option<Day>,
    /// Ticket, call and waiting: the day of the call, or of the ticket if it was given up.
    pub(super) call: Option<Day>,
    /// Lateness: the day of the finish or of the deadline, whichever is first.
    pub(super) due: Option<Day>,
}

impl CaseDays {
    /// Of every event.
    pub(super) fn all(self) -> [Option<Day>; 3] {
        [self.finish, self.call, self.due]
    }
}

impl Fact {
    pub(super) fn case_days(&self, zone: &Zone) -> CaseDays {
        let day = |column| self.instant(column).map(|instant| zone.day_of(instant));
        let called = if self.instant("abandoned_at").is_some() { day("ticketed_at") } else { day("called_at") };
        let due = self.instant("due_at").map(|due| match self.instant("finished_at") {
            Some(finished) => zone.day_of(finished.min(due)),
            None => zone.day_of(due),
        });
        CaseDays { finish: day("finished_at"), call: called, due }
    }

    /// The days in whose sealed file the fact has a row of its own, in order, each once.
    #[must_use]
    pub fn anchor_days(&self, zone: &Zone) -> Vec<Day> {
        let mut days = if self.kind() == Kind::Case {
            self.case_days(zone).all().into_iter().flatten().collect()
        } else if self.kind() == Kind::Rating {
            // It is filed with its case, under its own day, or where it came late under the day it arrived.
            let given = self.instant("rated_at").map(|at| zone.day_of(at));
            given.into_iter().chain([zone.day_of(self.reported_at())]).collect()
        } else if self.kind() == Kind::Complaint {
            // Under the day of what is complained of, or where its month is final under that of the verdict.
            self.complained_of(zone).into_iter().chain(self.verdict_day(zone)).collect()
        } else {
            let column = self.kind().time_columns().first();
            let day = column.and_then(|column| match self.value(column)? {
                Value::Instant(instant) => Some(zone.day_of(*instant)),
                Value::Day(day) => Some(*day),
                _ => None,
            });
            Vec::from_iter(day)
        };
        days.sort_unstable();
        days.dedup();
        days
    }

    /// The span over which a case stands in the open book.
    #[must_use]
    pub fn open_span(&self, zone: &Zone) -> Option<OpenSpan> {
        if self.kind() != Kind::Case {
            return None;
        }
        let from = zone.day_of(self.instant("accepted_at")?);
        let until = self.instant("finished_at").map(|finished| zone.day_of(finished));
        until.is_none_or(|until| from < until).then_some(OpenSpan { from, until })
    }

    /// The fact as it was known at the end of a day: times after it are left out, and with the finish everything
    /// that it brings.
    ///
    /// A sealed day must not change because something happened later; what a day's file says is a function of
    /// this view alone.
    #[must_use]
    pub fn as_of(&self, day: Day, zone: &Zone) -> Self {
        let mut fact = self.clone();
        let later = |value: &Value| matches!(value, Value::Instant(instant) if zone.day_of(*instant) > day);
        // A deadline is planned; a ticket given up after midnight still belongs to its own day.
        fact.values.retain(|name, value| matches!(name, "due_at" | "abandoned_at") || !later(value));
        let finish_hidden = self.instant("finished_at").is_some() && fact.instant("finished_at").is_none();
        if finish_hidden || (self.kind() == Kind::Case && self.instant("finished_at").is_none()) {
            for column in ["outcome", "pauses", "asked", "supplement_notices", "green_used"] {
                fact.values.remove(column);
            }
        }
        if let Some(Value::Stages(stages)) = fact.values.get_mut("stages") {
            let begun = std::mem::take(stages).into_iter().filter(|stage| zone.day_of(stage.from) <= day);
            *stages = begun.map(|stage| Stage { to: stage.to.filter(|to| zone.day_of(*to) <= day), ..stage }).collect();
        }
        fact
    }

    /// [`Fact::as_of`] without a copy where there is nothing to leave out: most facts are asked about on the day on
    /// which all of them is known.
    #[must_use]
    pub fn known_on(&self, day: Day, zone: &Zone) -> Cow<'_, Self> {
        let known = |at: &Instant| zone.day_of(*at) <= day;
        let whole = |value: &Value| match value {
            Value::Instant(at) => known(at),
            Value::Stages(stages) => stages.iter().all(|stage| known(&stage.from) && stage.to.iter().all(known)),
            _ => true,
        };
        let is_open = self.kind() == Kind::Case && self.instant("finished_at").is_none();
        let planned = |name: &str| matches!(name, "due_at" | "abandoned_at");
        if !is_open && self.values.iter().all(|(name, value)| planned(name) || whole(value)) {
            return Cow::Borrowed(self);
        }
        Cow::Owned(self.as_of(day, zone))
    }

    /// The closed days whose sealed rows change when this fact is replaced by `new` (or retracted).
    #[must_use]
    pub fn changed_days(old: Option<&Self>, new: Option<&Self>, zone: &Zone, closed: &[Day]) -> Vec<Day> {
        let own = |fact: Option<&Self>, day: Day| {
            fact.filter(|fact| fact.anchor_days(zone).contains(&day)).map(|fact| fact.as_of(day, zone).values)
        };
        let book = |fact: Option<&Self>, day: Day| {
            let fact = fact.filter(|fact| fact.open_span(zone).is_some_and(|span| span.contains(day)))?;
            let columns = ["window", "staff", "item", "channel", "accepted_at", "due_at", "stages"];
            let then = fact.as_of(day, zone);
            Some(columns.map(|column| then.value(column).cloned()))
        };
        let mut days: Vec<Day> = Vec::new();
        for fact in [old, new].into_iter().flatten() {
            days.extend(fact.anchor_days(zone).into_iter().filter(|day| closed.binary_search(day).is_ok()));
            if let Some(span) = fact.open_span(zone) {
                let start = closed.partition_point(|day| *day < span.from);
                days.extend(closed[start..].iter().take_while(|day| span.contains(**day)));
            }
        }
        days.sort_unstable();
        days.dedup();
        days.retain(|day| own(old, *day) != own(new, *day) || book(old, *day) != book(new, *day));
        days
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Identity, Kind};
    use super::*;
    use crate::id::Source;

    const HOUR: i64 = 3_600;

    fn day(text: &str) -> Day {
        Day::parse(text).expect(text)
    }

    /// A case whose times are given as (column, date, hour in UTC).
    fn case(times: &[(&'static str, &str, i64)]) -> Fact {
        let identity = Identity { source: Source::new("s"), source_id: "1".to_owned(), revision: 0 };
        let at = |date: &str, hour| Value::Instant(Instant(i64::from(day(date).0) * 86_400 + hour * HOUR));
        let values = times.iter().map(|(column, date, hour)| (*column, at(date, *hour))).collect();
        Fact::new(Kind::Case, identity, false, None, values).expect("valid")
    }

    #[test]
    fn s1_each_event_of_a_case_belongs_to_its_own_day() {
        let check = |times: &[(&'static str, &str, i64)], expect: &[&str]| {
            let days: Vec<_> = case(times).anchor_days(&Zone::utc()).iter().map(Day::to_string).collect();
            assert_eq!(days, expect, "{times:?}");
        };
        let called = ("called_at", "2026-03-02", 9);
        let finished = ("finished_at", "2026-03-04", 9);
        check(&[called, finished], &["2026-03-02", "2026-03-04"]);
        check(&[called, finished, ("due_at", "2026-03-03", 9)], &["2026-03-02", "2026-03-03", "2026-03-04"]);
        check(&[called, finished, ("due_at", "2026-03-09", 9)], &["2026-03-02", "2026-03-04"]);
        check(&[("accepted_at", "2026-03-02", 9), ("due_at", "2026-03-09", 9)], &["2026-03-09"]);
        let gave_up = [("ticketed_at", "2026-03-01", 9), ("abandoned_at", "2026-03-02", 9)];
        check(&gave_up, &["2026-03-01"]);
    }

    #[test]
    fn what_is_known_on_a_day_is_the_same_with_and_without_a_copy() {
        let zone = Zone::utc();
        let (called, accepted) = (("called_at", "2026-03-02", 9), ("accepted_at", "2026-03-02", 10));
        let (finished, due) = (("finished_at", "2026-03-04", 9), ("due_at", "2026-03-06", 9));
        for times in [&[called, accepted][..], &[called, accepted, due], &[called, accepted, finished, due]] {
            let case = case(times);
            for date in ["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04", "2026-03-07"] {
                assert_eq!(*case.known_on(day(date), &zone), case.as_of(day(date), &zone), "{times:?} {date}");
            }
        }
        let whole = case(&[called, accepted, finished, due]);
        assert!(matches!(whole.known_on(day("2026-03-04"), &zone), Cow::Borrowed(_)));
    }

    #[test]
    fn s1_a_finish_changes_no_day_before_it() {
        let zone = Zone::utc();
        let accepted = ("accepted_at", "2026-03-02", 10);
        let called = ("called_at", "2026-03-02", 9);
        let open = case(&[called, accepted]);
        let done = case(&[called, accepted, ("finished_at", "2026-03-04", 9)]);
        let closed: Vec<_> = ["2026-03-02", "2026-03-03"].map(day).into();
        assert_eq!(Fact::changed_days(Some(&open), Some(&done), &zone, &closed), []);
        let late = [day("2026-03-02"), day("2026-03-03"), day("2026-03-04"), day("2026-03-05")];
        let changed = Fact::changed_days(Some(&open), Some(&done), &zone, &late);
        assert_eq!(changed, [day("2026-03-04"), day("2026-03-05")]);
        assert_eq!(Fact::changed_days(Some(&done), None, &zone, &closed), closed);
    }
}

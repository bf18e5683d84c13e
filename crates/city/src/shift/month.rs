//! What is planned for a month or once a quarter: inspections, examinations, surveys, rosters, lists.

use super::Shift;
use crate::clock::{CLOSE, Half, OPEN, REOPEN, instant, month_number};
use crate::desk::Role;
use crate::item::Type;
use crate::random::{Random, Stream};
use crate::report::Report;
use model::fact::Kind;
use model::time::Day;

/// Examinations are held on this workday of the first month of a quarter.
const EXAM_WORKDAY: usize = 9;
/// Questions of an examination of policies.
const QUESTIONS: i64 = 20;
/// Inspectors of the city.
const INSPECTORS: i64 = 6;

/// The days of a window's month.
pub(super) struct MonthPlan {
    /// A mystery shopper looks at conduct, and at what else the type is inspected for: on a morning and on an afternoon,
    /// so that everybody at the counter is seen.
    inspected: [Day; 2],
    /// Evenings of rostered extended service.
    pub(super) extended: Vec<Day>,
    last: Day,
    exam: Option<Day>,
    /// The last month of a quarter.
    quarter_ends: bool,
}

impl Shift<'_> {
    pub(super) fn month_plan(&self) -> MonthPlan {
        let days = self.city.clock.month(self.day);
        let number = month_number(self.day);
        let mut random = Random::new(self.city.seed, Stream::Month { desk: self.at }, number);
        let sessions = if self.desk.ty == Type::Approval { self.desk.number % 2 } else { self.desk.number % 4 };
        MonthPlan {
            inspected: [*random.pick(days), *random.pick(days)],
            extended: (0..sessions).map(|_| *random.pick(days)).collect(),
            last: days[days.len() - 1],
            exam: days.get(EXAM_WORKDAY).copied().filter(|_| number % 3 == 0),
            quarter_ends: number % 3 == 2,
        }
    }

    /// What the plan has for the day.
    pub(super) fn planned(&mut self, month: &MonthPlan) {
        if self.desk.ty != Type::SelfService {
            self.device_online();
            if month.extended.contains(&self.day) {
                self.extended_session();
            }
            if month.last == self.day {
                self.month_end(month.quarter_ends);
            }
        }
        for (half, day) in [Half::Morning, Half::Afternoon].into_iter().zip(month.inspected) {
            if day == self.day {
                self.inspections(half);
            }
        }
        if month.exam == Some(self.day) {
            self.exams();
        }
    }

    fn sparse_id(&self, what: &str) -> String {
        format!("{what}-{}-{}", self.day, self.desk.id)
    }

    /// Minutes for which the rating device was on.
    fn device_online(&mut self) {
        let minutes = if self.random.permille(15) { self.random.below(200) } else { self.random.between(380, 480) };
        let (day, id) = (self.day, self.sparse_id("K"));
        let report = self.report(Kind::Statistic, id, None);
        report.on("day", day);
        report.code("metric", "kiosk_online_minutes");
        report.number("value", minutes);
        report.number("scale", 1);
    }

    fn activity(&mut self, ty: &'static str, person: Option<usize>, hours: (i64, i64), counts: &[(&'static str, i64)]) {
        let (day, who) = (self.day, person.map_or("", |person| self.staff_id(person)));
        let id = format!("{}-{who}", self.sparse_id(ty));
        let report = self.report(Kind::Activity, id, person);
        report.at("started_at", instant(day, hours.0));
        report.at("ended_at", instant(day, hours.1));
        report.code("type", ty);
        for (column, count) in counts {
            report.number(column, *count);
        }
    }

    fn extended_session(&mut self) {
        let Some(server) = self.desk.at_counter(&self.city.plan.people, self.day, Half::Afternoon) else { return };
        self.activity("extended", Some(server), (CLOSE, CLOSE + 5_400), &[("done", 1)]);
    }

    /// Of so many things checked, how many are in order at this window, with this many permille going wrong as usual.
    fn passed(&mut self, checked: i64, wrong: i64) -> i64 {
        let wrong = (wrong * self.displeasure(None) / 1_000).min(900);
        (0..checked).filter(|_| !self.random.permille(wrong)).count().try_into().unwrap_or(0)
    }

    fn inspections(&mut self, half: Half) {
        let opening = if half == Half::Morning { OPEN } else { REOPEN };
        let at = instant(self.day, opening + self.random.below(9_000));
        let server = self.desk.at_counter(&self.city.plan.people, self.day, half);
        let inspector = format!("督查员{}", self.random.between(1, INSPECTORS));
        let topics: &[(&str, i64, i64)] = match self.desk.ty {
            Type::Simple => &[("conduct", 14, 70), ("notice", 10, 80)],
            Type::Consulting => &[("conduct", 14, 70), ("notice", 10, 80), ("answers", 12, 90)],
            Type::Approval => &[("conduct", 12, 60), ("files", 15, 55)],
            Type::General | Type::SelfService => &[("conduct", 14, 70)],
        };
        for (topic, checked, wrong) in topics {
            let passed = self.passed(*checked, *wrong);
            let visit = self.sparse_id(if half == Half::Morning { "visit-am" } else { "visit-pm" });
            let report = self.report(Kind::Inspection, format!("{visit}-{topic}"), server);
            report.at("visited_at", at);
            report.code("topic", *topic);
            report.code("visit", visit);
            report.code("inspector", inspector.clone());
            report.number("checked", *checked);
            report.number("passed", passed);
        }
    }

    fn month_end(&mut self, quarter_ends: bool) {
        let days = i64::try_from(self.city.clock.month(self.day).len()).unwrap_or(0);
        for seat in &self.desk.seats {
            let seat_days = match seat.role {
                Role::Morning => days.div_euclid(2) + days % 2,
                Role::Afternoon => days.div_euclid(2),
                Role::Back | Role::Decision => continue,
            };
            self.activity("seat", Some(seat.holder(self.day)), (OPEN, CLOSE), &[("seat_days", seat_days)]);
        }
        self.activity("training", None, (CLOSE, CLOSE + 3_600), &[("done", 1)]);
        if self.desk.ty == Type::General {
            for (ty, most, wrong) in [("visit", 6, 90), ("legacy", 5, 220)] {
                let requested = self.random.between(2, most);
                let done = self.passed(requested, wrong);
                self.activity(ty, None, (OPEN, CLOSE), &[("requested", requested), ("done", done)]);
            }
        }
        if quarter_ends {
            let answered = self.random.between(30, 60);
            let satisfied = self.passed(answered, 92);
            let (day, id) = (self.day, self.sparse_id("survey"));
            let report = self.report(Kind::Survey, id, None);
            report.on("answered_on", day);
            report.code("mode", "survey");
            report.number("answered", answered);
            report.number("satisfied", satisfied);
        }
    }

    fn exams(&mut self) {
        for seat in &self.desk.seats {
            let person = &self.city.plan.people[seat.holder(self.day)];
            let wrong = person.displeasure / 9;
            let passed = !self.random.permille(wrong * 3 / 5);
            let correct = (0..QUESTIONS).filter(|_| !self.random.permille(wrong)).count();
            let (staff, day) = (person.id.as_str(), self.day);
            for subject in ["business", "policy"] {
                // Whose window that is, the register knows.
                let mut report = Report::new(Kind::Exam, format!("{subject}-{day}-{staff}"));
                report.code("staff", staff);
                report.on("held_on", day);
                report.code("subject", subject);
                report.number("due", 1);
                if subject == "business" {
                    report.number("passed", i64::from(passed));
                } else {
                    report.number("passed", i64::from(correct >= 14));
                    report.number("asked", QUESTIONS);
                    report.number("correct", i64::try_from(correct).unwrap_or(0));
                }
                self.reports.push(report);
            }
        }
    }
}

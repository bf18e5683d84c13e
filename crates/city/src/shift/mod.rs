//! Everything that begins at one window on one day: a function of seed, window and day alone.

mod case;
mod complaint;
mod counter;
mod month;
mod office;
mod rating;
mod terminal;

use crate::City;
use crate::desk::Desk;
use crate::item::Type;
use crate::random::{Random, Stream};
use crate::report::Report;
use crate::story::Story;
use case::Case;
use model::fact::Kind;
use model::time::{Day, Instant};

/// A window's day in the making.
pub(crate) struct Shift<'a> {
    city: &'a City,
    desk: &'a Desk,
    /// The position of the window.
    at: usize,
    day: Day,
    random: Random,
    reports: Vec<Report>,
    /// Cases so far.
    cases: u32,
}

impl<'a> Shift<'a> {
    pub(crate) fn new(city: &'a City, at: usize, day: Day) -> Self {
        let random = Random::new(city.seed, Stream::Desk { desk: at }, day.0);
        Self { city, desk: &city.plan.desks[at], at, day, random, reports: Vec::new(), cases: 0 }
    }

    /// What is reported of it, now or later.
    pub(crate) fn reports(mut self) -> Vec<Report> {
        if self.desk.ty == Type::SelfService {
            self.terminals();
        }
        if self.city.clock.workday(self.day).is_some() {
            let month = self.month_plan();
            if self.desk.ty != Type::SelfService {
                let served = self.counter(month.extended.contains(&self.day));
                self.behind_the_counter(served);
                self.evening();
            }
            self.planned(&month);
        }
        self.reports
    }

    /// A number for a new case: the day, the window, and how many cases it had.
    fn next_case_id(&mut self) -> String {
        self.cases += 1;
        let date = self.day.date();
        let (year, month, day) = (date.year() % 100, date.month(), date.day());
        format!("{year:02}{month:02}{day:02}{:04}{:03}", self.desk.number, self.cases)
    }

    /// A citizen. One in fifty comes as an agent of others, again and again.
    fn citizen(&mut self) -> i64 {
        let agents = i64::try_from(self.city.plan.desks.len() / 4).unwrap_or(0);
        // Half the citizens come a second time in half a year.
        if self.random.permille(20) {
            self.random.below(agents)
        } else {
            agents + self.random.below(self.city.citizens)
        }
    }

    /// Whether something at an instant is still within what the city tells.
    fn is_told(&self, at: Instant) -> bool {
        at < self.city.last_report
    }

    /// How displeased citizens are here today with what a person does, in permille of the usual.
    fn displeasure(&self, person: Option<usize>) -> i64 {
        let person = person.map_or(1_000, |at| self.city.plan.people[at].displeasure);
        let story = match self.desk.story {
            Some(Story::Praise) => 4_000,
            Some(Story::Decline) if self.city.declines(self.day) => 3_000,
            _ => 1_000,
        };
        self.desk.displeasure * person / 1_000 * story / 1_000
    }

    /// A new report about the window, and about a person if one is named.
    fn report(&mut self, kind: Kind, source_id: String, person: Option<usize>) -> &mut Report {
        let mut report = Report::new(kind, source_id);
        report.code("window", &self.desk.id);
        report.maybe_code("staff", person.map(|person| self.staff_id(person)));
        self.reports.push(report);
        let last = self.reports.len() - 1;
        &mut self.reports[last]
    }

    fn staff_id(&self, person: usize) -> &'a str {
        &self.city.plan.people[person].id
    }
}

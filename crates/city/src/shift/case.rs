//! A case, from the ticket to the finish, and how it is reported.

use crate::City;
use crate::item::{self, ITEMS};
use crate::report::Report;
use model::fact::{Kind, Pause, Stage, Value};
use model::time::Instant;

/// A case in the making.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) id: String,
    /// The position of the window.
    pub(super) desk: usize,
    pub(super) item: usize,
    pub(super) channel: &'static str,
    pub(super) client: i64,
    pub(super) accepted: Instant,
    /// Who holds it, and finishes it in the end.
    pub(super) staff: Option<usize>,
    pub(super) accepted_by: Option<usize>,
    pub(super) ticketed: Option<Instant>,
    pub(super) called: Option<Instant>,
    pub(super) finished: Option<Instant>,
    pub(super) due: Option<Instant>,
    pub(super) pause: Option<Pause>,
    pub(super) stages: Vec<Stage>,
    pub(super) supplement_notices: i64,
    pub(super) joint: Option<String>,
    pub(super) green: Option<bool>,
    pub(super) seat: Option<String>,
    pub(super) transferred: bool,
    pub(super) asked: bool,
    pub(super) extended: bool,
    pub(super) outcome: &'static str,
    /// When it was reported, if that was long after the finish.
    pub(super) reported_at: Option<Instant>,
}

impl Case {
    /// A case that was just accepted, with its deadline.
    pub(super) fn accepted(city: &City, id: String, desk: usize, item: usize, client: i64, accepted: Instant) -> Self {
        Self {
            id,
            desk,
            item,
            channel: "window",
            client,
            accepted,
            staff: None,
            accepted_by: None,
            ticketed: None,
            called: None,
            finished: None,
            due: Some(city.clock.after(accepted, ITEMS[item].legal())),
            pause: None,
            stages: Vec::new(),
            supplement_notices: 0,
            joint: None,
            green: None,
            seat: None,
            transferred: false,
            asked: false,
            extended: false,
            outcome: "granted",
            reported_at: None,
        }
    }

    /// Waiting for its call, in seconds.
    pub(super) fn waited(&self) -> i64 {
        self.called.zip(self.ticketed).map_or(0, |(called, ticketed)| called.0 - ticketed.0)
    }

    /// How the hall's system reports it. What is only known at the finish is left out of an open case.
    pub(super) fn report(&self, city: &City) -> Report {
        let mut report = Report::new(Kind::Case, self.id.clone());
        report.code("window", &city.plan.desks[self.desk].id);
        let person = |at: usize| city.plan.people[at].id.as_str();
        report.maybe_code("staff", self.staff.map(person));
        report.maybe_code("accepted_by", self.accepted_by.map(person));
        report.code("item", item::code(self.item));
        report.code("channel", self.channel);
        report.maybe_code("seat", self.seat.as_deref());
        report.person("client", self.client);
        let times = [
            ("ticketed_at", self.ticketed),
            ("called_at", self.called),
            ("accepted_at", Some(self.accepted)),
            ("finished_at", self.finished),
            ("due_at", self.due),
        ];
        for (column, at) in times {
            if let Some(at) = at {
                report.at(column, at);
            }
        }
        report.maybe_code("joint_id", self.joint.as_deref());
        if self.green.is_some() {
            report.flag("green_entitled", true);
        }
        for (column, flag) in [("transferred", self.transferred), ("extended_service", self.extended)] {
            if flag {
                report.flag(column, true);
            }
        }
        if self.finished.is_some() {
            self.report_finish(&mut report);
        }
        report
    }

    fn report_finish(&self, report: &mut Report) {
        if let Some(pause) = &self.pause {
            report.values.push(("pauses", Value::Pauses([pause.clone()].into())));
        }
        if !self.stages.is_empty() {
            report.values.push(("stages", Value::Stages(self.stages.clone().into())));
        }
        if self.supplement_notices > 0 {
            report.number("supplement_notices", self.supplement_notices);
        }
        if self.green == Some(true) {
            report.flag("green_used", true);
        }
        report.flag("asked", self.asked);
        report.code("outcome", self.outcome);
        report.reported_at = self.reported_at;
    }
}

//! Cases of the counter, and what comes over the net and the telephone.

use super::{Case, Shift};
use crate::clock::{self, Half, OPEN, instant};
use crate::item::Type;
use crate::queue::{self, End, Visit};
use crate::story::Story;
use model::fact::Kind;
use model::time::Instant;

/// Of a thousand citizens, how many may use the green channel.
const ENTITLED: i64 = 45;
/// Of a thousand cases, how many are reported days later.
const LATE_UPLOAD: i64 = 4;
/// Cases that somebody entered in the story of an evening.
const EVENING_CASES: i64 = 36;

impl Shift<'_> {
    /// The visits of the day. Returns how many were served.
    pub(super) fn counter(&mut self, extended: bool) -> i64 {
        let visits = queue::visits(self.city, self.desk, self.day, extended, &mut self.random);
        let mut served = 0;
        for visit in visits {
            match visit.end {
                End::GaveUp(at) => self.gave_up(&visit, at),
                End::Served { server, called, accepted, left } => {
                    let mut case = self.accept(visit.item, server, accepted);
                    (case.ticketed, case.called) = (Some(visit.ticketed), Some(called));
                    case.extended = visit.extended;
                    self.handle(case, server, left, served == 0);
                    served += 1;
                }
            }
        }
        served
    }

    /// Somebody left before the call.
    fn gave_up(&mut self, visit: &Visit, at: Instant) {
        let (id, client) = (self.next_case_id(), self.citizen());
        let report = self.report(Kind::Case, id.clone(), None);
        report.code("channel", "window");
        report.person("client", client);
        report.at("ticketed_at", visit.ticketed);
        report.at("abandoned_at", at);
        let displeasure = 2 * self.displeasure(None);
        self.complain(None, &id, at, client, displeasure);
    }

    /// A case accepted by somebody, with what is known of it then.
    fn accept(&mut self, item: usize, who: usize, at: Instant) -> Case {
        let (id, client) = (self.next_case_id(), self.citizen());
        let mut case = Case::accepted(self.city, id, self.at, item, client, at);
        (case.staff, case.accepted_by) = (Some(who), Some(who));
        if self.random.permille(ENTITLED) {
            // Here nearly everybody is told of it, there half of them.
            let told = 480 + i64::try_from(self.desk.number * 7 % 10).unwrap_or(0) * 50;
            case.green = Some(self.random.permille(told));
        }
        if self.random.permille(60) {
            case.outcome = if self.random.permille(600) { "refused" } else { "withdrawn" };
        }
        case
    }

    /// What follows once the citizen has left the counter, or the papers have come in.
    fn handle(&mut self, mut case: Case, server: usize, left: Instant, first: bool) {
        case.asked = self.random.permille(960);
        match self.desk.ty {
            Type::Approval if self.random.permille(650) => self.approve(&mut case, server, left),
            Type::Simple | Type::General if self.random.permille(50) => self.refer(&mut case, server, left),
            Type::General if self.random.permille(95) => {
                self.supplement(&mut case);
                case.finished = Some(left);
            }
            _ => case.finished = Some(left),
        }
        if let Some(finished) = case.finished.filter(|_| self.random.permille(LATE_UPLOAD)) {
            let later = Instant(finished.0 + self.random.between(26, 80) * 3_600);
            case.reported_at = Some(later).filter(|at| self.is_told(*at));
        }
        self.finish(&case, Some(server), left, first);
    }

    /// Reports a case, and what is said about it. `left` is when the citizen was done with the office for the day.
    pub(super) fn finish(&mut self, case: &Case, server: Option<usize>, left: Instant, first: bool) {
        self.reports.push(case.report(self.city));
        self.follow_up(case);
        // Whoever waited long is not content.
        let waiting = 1_000 + (case.waited() - 900).max(0) / 4;
        let displeasure = self.displeasure(server) * waiting / 1_000;
        self.rate(case, server, left, displeasure, first);
        self.complain(server, &case.id, left, case.client, displeasure);
        self.revisit(case, server, displeasure);
    }

    /// Cases that come over the net or the telephone, as a share of those at the counter.
    pub(super) fn behind_the_counter(&mut self, served: i64) {
        let count = queue::people(served * self.desk.ty.online_permille(), &mut self.random);
        let channel = if self.desk.ty == Type::Consulting { "phone" } else { "online" };
        for _ in 0..count {
            let Some(who) = self.desk.behind_counter(&self.city.plan.people, self.day) else { return };
            let item = self.desk.items[self.random.weighted(self.desk.items.iter().map(|(_, weight)| *weight))].0;
            let second = queue::ticket(&mut self.random).max(OPEN);
            let accepted = instant(self.day, second);
            let mut case = self.accept(item, who, accepted);
            case.channel = channel;
            let taken = self.work_seconds(crate::item::ITEMS[item].counter, who);
            let (done, finisher) = self.finishes(self.city.clock.after(accepted, taken.max(60)));
            if self.is_within(done) {
                case.staff = Some(finisher);
                self.handle(case, finisher, done, false);
            } else {
                self.reports.push(case.report(self.city));
            }
        }
    }

    /// Whether something at an instant still belongs to the days of the city.
    pub(super) fn is_within(&self, at: Instant) -> bool {
        clock::local(at).0 <= self.city.clock.last
    }

    /// The story of an evening: hours after closing, cases are entered, finished and rated by the minute.
    pub(super) fn evening(&mut self) {
        let people = &self.city.plan.people;
        let behind = self.desk.behind_counter(people, self.day);
        let Some(server) = behind.or_else(|| self.desk.at_counter(people, self.day, Half::Afternoon)) else { return };
        if self.desk.story != Some(Story::Evening { day: self.day }) {
            return;
        }
        let mut second = (19 * 60 + self.random.between(30, 75)) * 60;
        for _ in 0..EVENING_CASES {
            let item = self.desk.items[self.random.index(self.desk.items.len())].0;
            let mut case = self.accept(item, server, instant(self.day, second));
            let left = instant(self.day, second + self.random.between(25, 55));
            (case.ticketed, case.called) = (Some(case.accepted), Some(case.accepted));
            (case.finished, case.asked) = (Some(left), true);
            self.reports.push(case.report(self.city));
            let rated = Instant(left.0 + self.random.between(2, 6));
            self.rating(&case, rated, 5, "kiosk", None);
            second += 62 + self.random.below(15);
        }
    }
}

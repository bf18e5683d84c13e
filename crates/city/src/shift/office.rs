//! What happens behind the counter: approvals, referrals, supplements, joint cases, edits.

use super::{Case, Shift};
use crate::clock::{LUNCH, REOPEN, WORKDAY, instant, local};
use crate::item::{ITEMS, Type};
use crate::shape;
use crate::story::Story;
use model::fact::{Kind, Pause, Stage};
use model::time::Instant;

/// The limit of a stage at a counter, in office seconds.
const COUNTER_LIMIT: i64 = 2_700;
/// The limit of a stage at another department.
const REFERRAL_LIMIT: i64 = 5_400;
/// Of the time of an approval, how much the review takes, in permille; the decision takes the rest.
const REVIEW_SHARE: i64 = 700;

impl Shift<'_> {
    /// Office seconds that a person takes for what is planned to take so long.
    pub(super) fn work_seconds(&mut self, planned: i64, person: usize) -> i64 {
        shape::duration(&mut self.random, planned) * self.city.pace(self.desk, person, self.day) / 1_000
    }

    /// An approval: reviewed, decided, perhaps paused for papers, perhaps joined by other windows.
    pub(super) fn approve(&mut self, case: &mut Case, server: usize, left: Instant) {
        let promised = ITEMS[case.item].promised;
        let decides = self.desk.seats.iter().find(|seat| seat.role == crate::desk::Role::Decision);
        let pace_of = decides.map_or(server, |seat| seat.holder(self.day));
        let work = self.work_seconds(promised, pace_of).max(600);
        if self.random.permille(200) {
            self.supplement(case);
        }
        let paused = if case.supplement_notices > 0 { self.random.between(WORKDAY / 2, WORKDAY * 4) } else { 0 };
        let clock = &self.city.clock;
        let review_ends = clock.after(left, work * REVIEW_SHARE / 1_000 + paused);
        let (finished, finisher) = self.finishes(clock.after(left, work + paused));
        if paused > 0 {
            let from = clock.after(left, work / 10);
            // One in thirty forgets the document: the clock runs on.
            let document = (!self.random.permille(33)).then(|| format!("补正-{}", case.id));
            if document.is_some() {
                case.due = Some(clock.after(case.accepted, ITEMS[case.item].legal() + paused));
            }
            case.pause = Some(Pause { from, to: Some(clock.after(from, paused)), document });
        }
        let reviewer = self.desk.behind_counter(&self.city.plan.people, local(review_ends).0).unwrap_or(finisher);
        if !self.is_within(finished) {
            case.staff = Some(reviewer);
            return;
        }
        let (review, decision) = (ITEMS[case.item].legal() * 7 / 10 + paused, ITEMS[case.item].legal() * 3 / 10);
        case.stages = vec![
            self.stage(server, (case.accepted, left), COUNTER_LIMIT),
            self.stage(reviewer, (left, review_ends), review),
            self.stage(finisher, (review_ends, finished), decision),
        ];
        (case.finished, case.staff) = (Some(finished), Some(finisher));
        self.rewrite(case, finisher);
        if self.random.permille(150) {
            self.join(case, left, finished);
        }
    }

    /// When somebody is there to finish what could be finished at an instant, and who.
    pub(super) fn finishes(&self, at: Instant) -> (Instant, usize) {
        let mut at = at;
        loop {
            if let Some(person) = self.desk.finisher(&self.city.plan.people, at) {
                return (at, person);
            }
            let (day, second) = local(at);
            at = if second < LUNCH {
                instant(day, REOPEN + 300)
            } else {
                self.city.clock.after(instant(day, 86_000), 900)
            };
        }
    }

    fn stage(&self, person: usize, (from, to): (Instant, Instant), limit: i64) -> Stage {
        Stage { staff: self.staff_id(person).to_owned(), window: None, from, to: Some(to), limit_seconds: Some(limit) }
    }

    /// A case that another department of the centre must look at before it is finished.
    pub(super) fn refer(&mut self, case: &mut Case, server: usize, left: Instant) {
        let partner = self.city.partner(self.at, &mut self.random);
        let planned = self.random.between(900, 4_500);
        let away = shape::duration(&mut self.random, planned).max(120);
        let back = self.city.clock.after(left, away);
        let other = &self.city.plan.desks[partner];
        let Some(holder) = other.finisher(&self.city.plan.people, back) else {
            case.finished = Some(left);
            return;
        };
        let closing = self.random.between(120, 900);
        let (finished, finisher) = self.finishes(self.city.clock.after(back, closing));
        case.transferred = true;
        // What the other department needs is not held against the window's deadline.
        case.due = case.due.map(|due| self.city.clock.after(due, REFERRAL_LIMIT + COUNTER_LIMIT));
        if !self.is_within(finished) {
            return;
        }
        let away = self.stage(holder, (left, back), REFERRAL_LIMIT);
        case.stages = vec![
            self.stage(server, (case.accepted, left), COUNTER_LIMIT),
            Stage { window: Some(other.id.clone()), ..away },
            self.stage(finisher, (back, finished), COUNTER_LIMIT),
        ];
        (case.finished, case.staff) = (Some(finished), Some(finisher));
    }

    /// Papers are missing: told at once, or bit by bit.
    pub(super) fn supplement(&mut self, case: &mut Case) {
        let again = 60 + self.desk.displeasure / 14;
        case.supplement_notices = if self.random.permille(again) { self.random.between(2, 3) } else { 1 };
    }

    /// The story of the rewritten finish times.
    fn rewrite(&mut self, case: &mut Case, finisher: usize) {
        let (Some(finished), Some(due)) = (case.finished, case.due) else { return };
        let rewrites = self.desk.story == Some(Story::Rewrites { person: finisher });
        if !rewrites || finished <= due || !self.random.permille(850) {
            return;
        }
        let written = Instant(due.0 - self.random.between(60, 3_000));
        let Some(last) = case.stages.last_mut().filter(|last| last.from < written) else { return };
        last.to = Some(written);
        case.finished = Some(written);
        let at = Instant(finished.0 + self.random.between(30, 900));
        self.operation(&case.id, finisher, at, "finish_rewritten", "finished_at");
    }

    fn operation(&mut self, case: &str, person: usize, at: Instant, action: &str, field: &str) {
        let report = self.report(Kind::Operation, format!("{case}-{action}"), Some(person));
        report.code("case_id", case);
        report.at("occurred_at", at);
        report.code("action", action);
        report.code("field", field);
        report.code("system", "hall");
    }

    /// Small corrections, and help given with a case.
    pub(super) fn follow_up(&mut self, case: &Case) {
        let Some(person) = case.accepted_by else { return };
        if self.random.permille(8) {
            let at = Instant(case.accepted.0 + self.random.between(20, 300));
            let field = *self.random.pick(&["client", "item", "outcome"]);
            self.operation(&case.id, person, at, "edited", field);
        }
        let assists = 2 + i64::try_from(self.desk.number % 9).unwrap_or(0);
        if self.random.permille(assists) {
            let minutes = self.random.between(10, 50);
            let report = self.report(Kind::Activity, format!("{}-assist", case.id), Some(person));
            report.code("case_id", &case.id);
            report.at("started_at", case.accepted);
            report.at("ended_at", Instant(case.accepted.0 + minutes * 60));
            report.code("type", "assist");
            report.number("done", 1);
        }
    }

    /// A joint case (联办件): other windows of the centre have their own part of it.
    fn join(&mut self, case: &mut Case, from: Instant, to: Instant) {
        let joint = format!("J{}", case.id);
        case.joint = Some(joint.clone());
        for part in 1..=self.random.between(1, 2) {
            let at = self.city.partner(self.at, &mut self.random);
            let desk = &self.city.plan.desks[at];
            let items: Vec<usize> = desk.items.iter().map(|(item, _)| *item).collect();
            let item = *self.random.pick(&items);
            // Half a day for a window that is not one of approvals.
            let limit = if desk.ty == Type::Approval { ITEMS[item].promised } else { WORKDAY / 2 };
            let taken = (shape::duration(&mut self.random, limit * 3 / 4)).max(300);
            let done = self.city.clock.after(from, taken).min(to);
            let id = format!("{}-{part}", case.id);
            let mut leg = Case::accepted(self.city, id, at, item, case.client, from);
            let Some(person) = desk.behind_counter(&self.city.plan.people, local(done).0) else { continue };
            (leg.channel, leg.joint) = ("joint", Some(joint.clone()));
            (leg.staff, leg.accepted_by) = (Some(person), Some(person));
            leg.due = Some(self.city.clock.after(from, limit));
            leg.finished = Some(done);
            leg.stages = vec![self.stage(person, (from, done), limit)];
            self.reports.push(leg.report(self.city));
        }
    }
}

//! Ratings and revisits: who says something, when, on what, and how content.

use super::{Case, Shift};
use crate::clock::{CLOSE, Half, LUNCH, half_of, instant};
use crate::shape;
use crate::story::Story;
use model::fact::Kind;
use model::time::Instant;

/// Of a thousand ratings of cases of the counter, how many come over the net.
const WEB: i64 = 150;
/// Of a thousand ratings over the net, how many come after a week or more.
const LATE: i64 = 60;
/// Of ten thousand workdays and windows, how many cases are called back.
const REVISITS_PER_DAY: i64 = 18_000;
/// Of a thousand who are called back, how many answer.
const ANSWERS: i64 = 850;
/// When the ratings of the story of praise come, so long after the end of each half.
const BURST_AFTER: i64 = 20 * 60;

const PRAISE: &[&str] = &["很快,谢谢", "工作人员很耐心", "一次办好", "服务热情"];
const BLAME: &[&str] = &["等太久了", "让我跑了三趟", "说不清楚要什么材料", "态度不好"];

impl Shift<'_> {
    /// What the citizen says about a case, if anything.
    pub(super) fn rate(&mut self, case: &Case, server: Option<usize>, left: Instant, displeasure: i64, first: bool) {
        let rates = match &self.desk.story {
            Some(Story::ThreeRatings { days }) => first && days.contains(&self.day),
            _ => case.asked && self.random.permille(self.desk.participation),
        };
        if !rates {
            return;
        }
        if self.desk.story == Some(Story::Praise) && case.called.is_some() {
            return self.praise(case);
        }
        let level = shape::level(&mut self.random, displeasure);
        let online = matches!(case.channel, "online" | "phone");
        if online || (!first && self.random.permille(WEB)) {
            let wait = if self.random.permille(LATE) {
                self.random.between(7 * 24, 40 * 24)
            } else {
                self.random.between(1, 60)
            };
            let done = case.finished.unwrap_or(left);
            let at = Instant(done.0 + wait * 3_600 + self.random.below(3_600));
            return self.rating(case, at, level, "web", None);
        }
        let at = Instant(left.0 + self.random.between(3, 70));
        // The older devices do not know who sits there.
        let named = server.filter(|_| self.desk.scale == 5);
        self.rating(case, at, level, "kiosk", named);
    }

    /// Somebody presses the best button for the citizens: at once, or for a whole half of the day in one go.
    fn praise(&mut self, case: &Case) {
        let level = if self.random.permille(975) { 5 } else { 4 };
        let at = match case.called {
            Some(called) if self.random.permille(350) => Instant(called.0 + self.random.between(2, 4)),
            _ => {
                let end = if half_of(case.accepted) == Half::Morning { LUNCH } else { CLOSE + 3_600 };
                let place = i64::from(self.cases % 60) * 4 + self.random.below(3);
                instant(self.day, end + BURST_AFTER + place)
            }
        };
        self.rating(case, at, level, "kiosk", None);
    }

    /// A rating, given on a scale of five; a device of four levels has none between the best two and the worst.
    pub(super) fn rating(&mut self, case: &Case, at: Instant, level: i64, channel: &str, named: Option<usize>) {
        if !self.is_told(at) {
            return;
        }
        let scale = if channel == "kiosk" { self.desk.scale } else { 5 };
        let comment = self.random.permille(40).then(|| *self.random.pick(if level >= 4 { PRAISE } else { BLAME }));
        let number = self.desk.number;
        let report = self.report(Kind::Rating, format!("R{}", case.id), named);
        report.code("case_id", &case.id);
        report.at("rated_at", at);
        report.number("level", if scale == 5 { level } else { (level - 1).max(1) });
        report.number("scale", scale);
        report.code("channel", channel);
        if channel == "kiosk" {
            report.code("device", format!("K{number:03}"));
        }
        report.person("rater", case.client);
        if let Some(comment) = comment {
            report.text("comment", comment);
        }
    }

    /// A call to a citizen some days later, whether rated or not (回访).
    pub(super) fn revisit(&mut self, case: &Case, server: Option<usize>, displeasure: i64) {
        let chance = REVISITS_PER_DAY * 100 / self.desk.arrivals.max(4);
        if case.finished.is_none() || !self.random.per_million(chance) || !self.random.permille(ANSWERS) {
            return;
        }
        let on = self.day.plus(i32::try_from(self.random.between(3, 9)).unwrap_or(3));
        let satisfied = shape::level(&mut self.random, displeasure) >= 4;
        if !self.is_told(instant(on, 0)) {
            return;
        }
        let report = self.report(Kind::Survey, format!("V{}", case.id), server);
        report.code("case_id", &case.id);
        report.on("answered_on", on);
        report.code("mode", "revisit");
        report.number("answered", 1);
        report.number("satisfied", i64::from(satisfied));
        report.person("respondent", case.client);
    }
}

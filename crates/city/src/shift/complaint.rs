//! Complaints, their verdicts, and what becomes of the worst.

use super::Shift;
use crate::clock::WORKDAY;
use crate::story::Story;
use model::fact::Kind;
use model::time::Instant;

/// Complaints per million cases that displease as usual.
const USUAL: i64 = 450;
/// Where somebody rates for the citizens, they turn to the hotline.
const PRAISE_FACTOR: i64 = 4;
/// Complaints per million cases on the days on which they come together.
const CLUSTER: i64 = 75_000;
/// Of a thousand complaints, how many are founded, in general and when they come together.
const FOUNDED: (i64, i64) = (450, 800);
/// Of a thousand founded complaints about conduct, how many were a conflict.
const CONFLICTS: i64 = 80;

/// What a complaint can be about, its cause, its share in percent, what people write.
const SUBJECTS: [(&str, &str, i64, &str); 5] = [
    ("服务态度", "person", 34, "工作人员说话不耐烦,问了两句就不理人。"),
    ("办理时长", "person", 18, "材料齐全,却被拖了很久。"),
    ("政策规定", "policy", 24, "同样的材料别的地方不要求,这里一定要。"),
    ("系统故障", "system", 14, "系统死机,白跑一趟。"),
    ("场所设施", "facility", 10, "叫号机坏了,没有座位。"),
];

/// How bad a conflict was, with its share in percent.
const SEVERITIES: [(&str, i64); 4] =
    [("quarrel", 72), ("public_insult", 20), ("refusal_with_insult", 7), ("physical", 1)];

/// A complaint in the making.
struct Complaint {
    id: String,
    incident: Option<String>,
    staff: Option<usize>,
    occurred: Instant,
    subject: usize,
    verdict: Option<(&'static str, Instant)>,
    citizen: i64,
}

impl Shift<'_> {
    /// Whether somebody complains of a case, and what comes of it. `displeasure` is in permille of the usual.
    pub(super) fn complain(&mut self, server: Option<usize>, case: &str, at: Instant, citizen: i64, displeasure: i64) {
        let (mut chance, mut founded) = (USUAL * displeasure / 1_000, FOUNDED.0);
        match self.desk.story {
            Some(Story::Praise) => chance *= PRAISE_FACTOR,
            Some(Story::Complaints { first, last }) if (first..=last).contains(&self.day) => {
                (chance, founded) = (CLUSTER, FOUNDED.1);
            }
            _ => {}
        }
        if !self.random.per_million(chance) {
            return;
        }
        let subject = self.random.weighted(SUBJECTS.iter().map(|(_, _, share, _)| *share));
        let received = Instant(at.0 + self.random.between(1, 90) * 3_600);
        let decided = self.city.clock.after(received, self.random.between(2, 12) * WORKDAY);
        let verdict = if self.random.permille(founded) { "founded" } else { "unfounded" };
        let complaint = Complaint {
            id: format!("T{case}"),
            incident: None,
            staff: server.filter(|_| self.random.permille(700)),
            occurred: at,
            subject,
            verdict: Some((verdict, decided)).filter(|(_, decided)| self.is_told(*decided)),
            citizen,
        };
        if !self.is_told(received) {
            return;
        }
        // Now and then two people report the same thing, or one of them twice.
        let twice = self.random.permille(80);
        let incident = format!("E{case}");
        let complaint = Complaint { incident: twice.then(|| incident.clone()), ..complaint };
        self.report_complaint(&complaint, case, "12345", received);
        if twice {
            let again = Complaint { id: format!("T{case}-2"), citizen: self.citizen(), ..complaint };
            self.report_complaint(&again, case, "letter", received);
        }
        if verdict == "founded" && SUBJECTS[subject].0 == "服务态度" && self.random.permille(CONFLICTS) {
            self.conflict(&incident, server, at);
        }
    }

    fn report_complaint(&mut self, complaint: &Complaint, case: &str, channel: &str, received: Instant) {
        let (category, cause, _, text) = SUBJECTS[complaint.subject];
        let confirmed = self.random.permille(960);
        let report = self.report(Kind::Complaint, complaint.id.clone(), complaint.staff);
        report.code("case_id", case);
        report.at("occurred_at", complaint.occurred);
        report.at("received_at", received);
        report.code("channel", channel);
        report.code("category", category);
        report.code("verdict", complaint.verdict.map_or("pending", |(verdict, _)| verdict));
        if let Some((verdict, at)) = complaint.verdict {
            report.at("verdict_at", at);
            if verdict == "founded" {
                report.code("cause", cause);
                if confirmed {
                    report.code("confirmed_by", "督查科");
                }
            }
        }
        report.maybe_code("incident", complaint.incident.as_deref());
        report.person("complainant", complaint.citizen);
        report.text("text", text);
    }

    /// A conflict that the negative list knows, from the same incident.
    fn conflict(&mut self, incident: &str, server: Option<usize>, at: Instant) {
        let severity = SEVERITIES[self.random.weighted(SEVERITIES.iter().map(|(_, share)| *share))].0;
        let report = self.report(Kind::Violation, format!("N{incident}"), server);
        report.at("occurred_at", at);
        report.code("type", "conflict");
        report.code("severity", severity);
        report.code("verdict", "founded");
        report.code("confirmed_by", "效能办");
        report.code("incident", incident);
    }
}

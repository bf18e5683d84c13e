//! Participation and silence beside a satisfaction figure, and why silence counts or not.

use super::curve::decimal;
use crate::Lang;
use app::period::PeriodState;
use model::exact::{Ratio, Rounding};
use model::scheme::{Scheme, SilencePolicy};
use model::score::{RatingLine, Scorecard};
use model::silence::{Check, Share, Verdict, Verdicts};
use std::fmt::Write as _;

/// What stands beside the figure in one line.
pub(crate) fn beside(lang: Lang, line: &RatingLine) -> String {
    let (satisfied, rated) = line.rated_only;
    let mut out = format!(
        "{} {} · {} {} · {} {}",
        lang.pick("参与率", "participation"),
        part((line.answered, line.asked)),
        lang.pick("仅按评价", "ratings alone"),
        part((satisfied, rated)),
        lang.pick("沉默", "silent"),
        line.silent,
    );
    let _ = write!(out, " ({} {})", lang.pick("计为满意", "counted as satisfied"), line.admitted);
    if line.set_aside > 0 {
        let _ = write!(out, " · {} {}", lang.pick("非个人原因剔出", "set aside, not the person"), line.set_aside);
    }
    out
}

/// The verdict on every window whose counts are on the card.
pub(crate) fn verdicts(lang: Lang, scheme: &Scheme, state: PeriodState, all: &Verdicts, card: &Scorecard) -> String {
    let mut out = String::new();
    let on_evidence = matches!(scheme.ratings.as_ref().map(|r| &r.silence), Some(SilencePolicy::OnEvidence(_)));
    let rated = card.parts.iter().filter(|part| part.lines.iter().any(|line| line.ratings.is_some()));
    if !on_evidence || rated.clone().next().is_none() {
        return out;
    }
    let _ = writeln!(out, "\n{}", lang.pick("沉默是否计为满意", "Whether silence counts as satisfied"));
    if state == PeriodState::Open {
        let _ =
            writeln!(out, "  {}", lang.pick("关账时才裁定,现在不计", "decided at the close; not counted until then"));
        return out;
    }
    for window in rated.flat_map(|part| &part.takes) {
        if let Some(verdict) = all.get(window.as_str()) {
            out.push_str(&verdict_text(lang, window, verdict));
        }
    }
    out
}

fn verdict_text(lang: Lang, window: &str, verdict: &Verdict) -> String {
    let mut out = String::new();
    let says = if verdict.admits() { lang.pick("计入", "counts") } else { lang.pick("不计入", "does not count") };
    let _ = writeln!(out, "  {window}: {says}");
    let mut line = |name: &str, mark: &str, counts: String| {
        let _ = writeln!(out, "    {mark} {name}: {counts}");
    };
    let against = lang.pick("对", "against");
    line(
        lang.pick("沉默件回访满意", "silent cases visited again, satisfied"),
        mark(&verdict.revisits),
        part(*verdict.revisits.counts()),
    );
    let (rated, surveyed) = verdict.gap.counts();
    line(
        lang.pick("评价与调查之差", "ratings against surveys"),
        mark(&verdict.gap),
        format!("{} {against} {}", part(*rated), part(*surveyed)),
    );
    let (own, others) = verdict.complaints.counts();
    line(
        lang.pick("有效投诉,本窗口对同类其余", "founded complaints, here against the other peers"),
        mark(&verdict.complaints),
        format!("{}/{} {against} {}/{}", own.0, own.1, others.0, others.1),
    );
    let (asked, needed) = verdict.participation.counts();
    line(
        lang.pick("参与率", "participation"),
        mark(&verdict.participation),
        format!("{} ≥ {}", part(*asked), percent(needed)),
    );
    out
}

fn mark<T>(check: &Check<T>) -> &'static str {
    match check {
        Check::Passed(_) => "✓",
        Check::Failed(_) => "✗",
        Check::Missing(_) => "–",
    }
}

fn part((some, all): Share) -> String {
    match Ratio::new(some.into(), all.into()) {
        Some(share) => format!("{some}/{all} = {}", percent(&share)),
        None => format!("{some}/{all}"),
    }
}

fn percent(share: &Ratio) -> String {
    let hundred = share.mul(&Ratio::whole(100));
    let shown = Ratio::parse(&hundred.to_decimal(1, Rounding::HalfUp));
    format!("{}%", shown.as_ref().map_or_else(|| decimal(&hundred), decimal))
}

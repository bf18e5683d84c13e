//! From nothing to the score, step by step: what the waterfall draws and its table says.

use crate::Lang;
use crate::card::short;
use model::exact::{Ratio, Rounding};
use model::scheme::Scheme;
use model::score::{Line, Scorecard, Scored};

/// A step. The bar runs from `left` over `width`, of 100.
pub(super) struct Step {
    pub(super) label: String,
    /// `layer`, `group`, `loss` or `total`: how the step looks.
    pub(super) look: &'static str,
    /// What it adds or takes, with its sign; nothing for a total.
    pub(super) change: String,
    /// The sum so far.
    pub(super) sum: String,
    pub(super) left: String,
    pub(super) width: String,
}

/// Layers with their groups, then the team share and deductions, then the score.
pub(super) fn steps(lang: Lang, scheme: &Scheme, card: &Scorecard, scored: &Scored) -> Vec<Step> {
    let mut list = Vec::new();
    let mut sum = Ratio::ZERO;
    for (at, layer) in scheme.layers.iter().enumerate() {
        let group_of = |line: &Line| scheme.indicators[line.indicator].group;
        let Some(earned) = earned(card, |line| scheme.groups[group_of(line)].layer == at) else { continue };
        list.push(change(lang.name(&layer.name), "layer", &sum, &sum.add(&earned)));
        for (index, group) in scheme.groups.iter().enumerate().filter(|(_, group)| group.layer == at) {
            let Some(earned) = self::earned(card, |line| group_of(line) == index) else { continue };
            let next = sum.add(&earned);
            list.push(change(lang.name(&group.name), "group", &sum, &next));
            sum = next;
        }
    }
    let team = scored.team.as_ref().map_or_else(String::new, |team| {
        let (own, points) = (short(&scored.own), short(&team.points));
        format!(" = {} × {own} + {} × T({points})", Ratio::ONE.sub(&team.share), team.share)
    });
    let after = [
        (format!("{}{team}", lang.pick("窗口满意度部分 S1", "Team share S1")), &scored.s1),
        (lang.pick("按比例扣减 S2", "Deductions by share S2").to_owned(), &scored.s2),
        (lang.pick("按分扣减 S3", "Deductions by points S3").to_owned(), &scored.s3),
    ];
    if after.iter().any(|(_, station)| **station != scored.own) {
        list.push(total(lang.pick("自身得分", "Own score"), &scored.own));
    }
    let mut before = &scored.own;
    for (label, station) in after {
        if station != before {
            list.push(change(&label, if station < before { "loss" } else { "group" }, before, station));
        }
        before = station;
    }
    list.push(total(lang.pick("得分", "Score"), &scored.s3));
    list
}

/// What lines add to the own score, merged over windows by half-days; nothing if there are no such lines.
fn earned(card: &Scorecard, wanted: impl Fn(&Line) -> bool) -> Option<Ratio> {
    if !card.parts.iter().flat_map(|part| &part.lines).any(&wanted) {
        return None;
    }
    let half_days = |days: i64| Ratio::whole(days.into());
    let all: Ratio = card.parts.iter().map(|part| half_days(part.half_days)).sum();
    let parts = card.parts.iter().map(|part| {
        let lines = part.lines.iter().filter(|line| wanted(line));
        lines.map(Line::contribution).sum::<Ratio>().mul(&half_days(part.half_days))
    });
    parts.sum::<Ratio>().div(&all)
}

fn change(label: &str, look: &'static str, from: &Ratio, to: &Ratio) -> Step {
    let (low, high, sign) = if to < from { (to, from, "−") } else { (from, to, "+") };
    let size = high.sub(low);
    let change = if size.is_zero() { "–".to_owned() } else { format!("{sign}{}", short(&size)) };
    Step { change, ..bar(label, look, low, &size, to) }
}

fn total(label: &str, sum: &Ratio) -> Step {
    bar(label, "total", &Ratio::ZERO, sum, sum)
}

fn bar(label: &str, look: &'static str, left: &Ratio, width: &Ratio, sum: &Ratio) -> Step {
    let place = |ratio: &Ratio| ratio.to_decimal(3, Rounding::HalfUp);
    let change = String::new();
    Step { label: label.to_owned(), look, change, sum: short(sum), left: place(left), width: place(width) }
}

//! A scorecard on a terminal: read from the top, every number is followed by where it came from.

use super::curve::{decimal, weakest, worked};
use super::ranking::{heading, reason_text, type_name};
use super::silence;
use super::table::{Shown, aligned, listed};
use super::uncertainty;
use crate::Lang;
use app::explain::{Explained, FactLine, LeftOut};
use model::exact::{Ratio, Rounding};
use model::scheme::{Curve, Direction, NegativeEffect, Scheme};
use model::score::{Line, Part, Scorecard, Scored, State, Status};
use std::fmt::Write as _;

/// Facts shown before `--all` is asked for.
const FEW: usize = 10;

/// The whole card.
#[must_use]
pub fn text(lang: Lang, explained: &Explained) -> String {
    let scores = &explained.scores;
    let Some(card) = explained.card() else { return String::new() };
    let mut out = heading(lang, scores);
    let name = if card.name == card.unit { String::new() } else { format!(" {}", card.name) };
    let _ = writeln!(out, "{}{name} · {}\n", card.unit, type_name(lang, scores, card));
    match &card.status {
        Status::Scored(scored) => out.push_str(&headline(lang, card, scored)),
        Status::NotScored(reasons) => {
            let _ = writeln!(out, "{}", lang.pick("不予评分,原因:", "Not scored, because:"));
            for reason in reasons {
                let _ = writeln!(out, "  · {}", reason_text(lang, scores, reason));
            }
        }
    }
    for part in &card.parts {
        out.push_str(&part_text(lang, &scores.scheme, card, part));
    }
    if let Some(gathered) = &scores.gathered {
        out.push_str(&silence::verdicts(lang, &scores.scheme, scores.state, &gathered.silence, card));
    }
    if let Status::Scored(scored) = &card.status {
        out.push_str(&stations(lang, &scores.scheme, card, scored));
    }
    if let Some(drawn) = &explained.uncertainty {
        out.push_str(&uncertainty::explained(lang, &scores.scheme, drawn));
    }
    let _ = writeln!(
        out,
        "\n{}",
        lang.pick(
            "v 是指标的值,方括号里是指标的 id;右边依次是得分(0…100)× 权重 = 贡献。各行为便于阅读取两位小数,合计按精确值。\n\
             每个指标背后的记录:heng explain <单位> <周期> --indicator <指标 id>(加 --all 看全部)",
            "v is the indicator's value, [id] its id; then points (0…100) × weight = contribution. Lines are rounded for \
             reading, sums are exact.\n\
             The records behind an indicator: heng explain UNIT PERIOD --indicator ID (--all for every one)"
        )
    );
    out
}

fn headline(lang: Lang, card: &Scorecard, scored: &Scored) -> String {
    let score = scored.score();
    let mut out = match (&card.rank, lang) {
        (Some(rank), Lang::Zh) => format!("得分 {score},第 {} 名(同类 {} 个)", rank.place, rank.of),
        (Some(rank), Lang::En) => format!("Score {score}, place {} of {} of its type", rank.place, rank.of),
        (None, _) => format!("{} {score}, {}", lang.pick("得分", "Score"), lang.pick("不排名", "not ranked")),
    };
    if scored.vetoed {
        out.push_str(lang.pick(";一票否决,本期不合格", "; vetoed: the period is failed"));
    }
    out + "\n"
}

fn part_text(lang: Lang, scheme: &Scheme, card: &Scorecard, part: &Part) -> String {
    let mut out = String::new();
    if card.parts.len() > 1 {
        let _ = writeln!(
            out,
            "\n{} {} · {} {}",
            lang.pick("窗口", "Window"),
            part.window,
            part.half_days,
            lang.pick("个半日", "half-days")
        );
    }
    for (at, layer) in scheme.layers.iter().enumerate() {
        let in_layer = |line: &&Line| scheme.groups[scheme.indicators[line.indicator].group].layer == at;
        let lines: Vec<&Line> = part.lines.iter().filter(in_layer).collect();
        if lines.is_empty() {
            continue;
        }
        let _ = writeln!(
            out,
            "\n{} {} ({} {})",
            lang.pick("层", "Layer"),
            lang.name(&layer.name),
            lang.pick("权重", "weight"),
            layer.weight
        );
        out.push_str(&groups_text(lang, scheme, &lines));
    }
    out
}

fn groups_text(lang: Lang, scheme: &Scheme, all: &[&Line]) -> String {
    let mut out = String::new();
    for (at, group) in scheme.groups.iter().enumerate() {
        let lines: Vec<&&Line> = all.iter().filter(|line| scheme.indicators[line.indicator].group == at).collect();
        if lines.is_empty() {
            continue;
        }
        let sum = |pick: fn(&Line) -> Ratio| lines.iter().map(|line| pick(line)).sum::<Ratio>();
        let (nominal, effective, got) =
            (sum(|l| l.nominal.clone()), sum(|l| l.effective.clone()), sum(Line::contribution));
        let moved = if nominal == effective {
            short(&nominal)
        } else {
            format!("{} → {}", short(&nominal), short(&effective))
        };
        let _ = writeln!(
            out,
            "  {} · {} {moved} · {} {}",
            lang.name(&group.name),
            lang.pick("权重", "weight"),
            lang.pick("得", "earns"),
            short(&got)
        );
        let rows: Vec<Vec<String>> = lines.iter().map(|line| line_cells(lang, scheme, line)).collect();
        for (row, line) in aligned(&rows, &[2, 4]).lines().zip(&lines) {
            let _ = writeln!(out, "    {row}");
            if line.state == State::Value {
                let _ = writeln!(out, "        {}", how(lang, scheme, line, all));
            }
            if let Some(ratings) = &line.ratings {
                let _ = writeln!(out, "        {}", silence::beside(lang, ratings));
            }
        }
    }
    out
}

/// Two decimals for people; the exact number is in the JSON.
pub(crate) fn short(ratio: &Ratio) -> String {
    ratio.to_decimal(2, Rounding::HalfUp)
}

fn line_cells(lang: Lang, scheme: &Scheme, line: &Line) -> Vec<String> {
    let indicator = &scheme.indicators[line.indicator];
    let name = format!("{} [{}]", lang.name(&indicator.name), indicator.id);
    if !line.state.counts() {
        return vec![name, format!("{} ({})", state_text(lang, line), short(&line.nominal))];
    }
    let points = short(&Ratio::nano(line.points));
    vec![
        name,
        line.value.as_ref().map_or(String::new(), |value| format!("v = {}", decimal(value))),
        points,
        if line.nominal == line.effective {
            format!("× {}% =", short(&line.effective))
        } else {
            format!("× {} → {}% =", short(&line.nominal), short(&line.effective))
        },
        short(&line.contribution()),
        if line.state == State::OwnAct { state_text(lang, line) } else { String::new() },
    ]
}

pub(crate) fn state_text(lang: Lang, line: &Line) -> String {
    match line.state {
        State::Value => String::new(),
        State::NotApplicable => lang.pick("不适用,权重转移", "not applicable, its weight moves").to_owned(),
        State::NoData => lang.pick("无数据,权重转移", "no data, its weight moves").to_owned(),
        State::Suppressed => {
            format!("{} (n = {})", lang.pick("样本不足,权重转移", "too few records, its weight moves"), line.n)
        }
        State::GroupTooSmall => {
            lang.pick("组内有数据的指标不足,权重转移", "too few indicators in the group, its weight moves").to_owned()
        }
        State::OwnAct => lang.pick("因本单位自身行为缺数据,计 0 分", "no data by its own act: 0 points").to_owned(),
    }
}

/// From counts to points, in one line that a pocket calculator can follow.
pub(crate) fn how(lang: Lang, scheme: &Scheme, line: &Line, all: &[&Line]) -> String {
    let indicator = &scheme.indicators[line.indicator];
    let mut out = String::new();
    let Some(value) = line.value.as_ref().filter(|_| indicator.ratio.is_some()) else {
        let named = |of: usize| {
            let line = all.iter().find(|line| line.indicator == of && line.state == State::Value)?;
            Some((scheme.indicators[of].id.as_str(), line.value.as_ref()?))
        };
        return match &indicator.curve {
            Curve::Consistency { levels, of } => weakest(lang, line.points, *levels, of, named),
            _ => None,
        }
        .unwrap_or_else(|| indicator.curve.formula());
    };
    let factor = if indicator.factor == Ratio::ONE { String::new() } else { format!(" × {}", indicator.factor) };
    let (x, n) = (line.numerator, line.denominator);
    match line.shrunk.as_ref() {
        None => {
            let _ = write!(out, "v = {x} ÷ {n}{factor}");
        }
        Some((p0, m)) => {
            let p0 = decimal(p0);
            let _ = write!(out, "v = ({x} + {m} × {p0}) ÷ ({n} + {m}){factor}");
        }
    }
    if indicator.n.is_some() {
        let _ = write!(out, ", n = {}", line.n);
    }
    if indicator.direction == Some(Direction::Lower) {
        let _ = write!(out, " · {}", lang.pick("越低越好", "lower is better"));
    }
    let _ = write!(out, " · {}", worked(lang, &indicator.curve, value, line.baseline.as_deref()));
    out
}

/// From the sum of contributions to the score.
fn stations(lang: Lang, scheme: &Scheme, card: &Scorecard, scored: &Scored) -> String {
    let mut out = String::from("\n");
    let _ = writeln!(out, "{}: Σ = {}", lang.pick("自身得分", "Own score"), short(&scored.own));
    if card.parts.len() > 1 {
        let parts: Vec<_> =
            card.parts.iter().map(|part| format!("{} × {}", short(&part.own), part.half_days)).collect();
        let _ = writeln!(out, "  {}: ({}) ÷ Σ", lang.pick("按半日加权", "weighted by half-days"), parts.join(" + "));
    }
    if let Some(team) = &scored.team {
        let own = Ratio::ONE.sub(&team.share);
        let _ = writeln!(
            out,
            "S1 = {own} × {} + {} × T({}) = {}",
            short(&scored.own),
            team.share,
            short(&team.points),
            short(&scored.s1)
        );
        for part in &team.parts {
            let points = part.points.as_ref().map_or_else(|| "–".to_owned(), short);
            let note = if part.stand_in() {
                lang.pick("(以同类型同中心代替)", " (its type and centre stand in)")
            } else {
                ""
            };
            let _ = writeln!(
                out,
                "  T: {} {points} × {} {}{note}",
                part.window,
                part.half_days,
                lang.pick("半日", "half-days")
            );
        }
    }
    for deduction in &scored.deductions {
        let entry = &scheme.negatives[deduction.negative];
        let effect = effect_text(lang, &entry.effect);
        let records: Vec<_> = deduction.records.iter().map(|(source, id)| format!("{source}/{id}")).collect();
        let _ =
            writeln!(out, "  − {} ({effect}): {} [{}]", lang.name(&entry.name), deduction.incident, records.join(", "));
    }
    if !scored.deductions.is_empty() {
        let _ = writeln!(out, "S2 = {}, S3 = {}", short(&scored.s2), short(&scored.s3));
    }
    let _ = writeln!(
        out,
        "{} = {} ({})",
        lang.pick("得分", "Score"),
        scored.score(),
        scored.s3.to_decimal(9, Rounding::HalfEven)
    );
    out
}

/// What an entry of the negative list takes.
pub(crate) fn effect_text(lang: Lang, effect: &NegativeEffect) -> String {
    match effect {
        NegativeEffect::Share { each, .. } => format!("S1 × {each}"),
        NegativeEffect::Points(points) => format!("−{points}"),
        NegativeEffect::Cap(most) => format!("{} {most}", lang.pick("至多", "at most")),
        NegativeEffect::Veto => lang.pick("一票否决", "veto").to_owned(),
    }
}

/// The facts behind one indicator.
#[must_use]
pub fn facts(lang: Lang, explained: &Explained, indicator: usize, all: bool) -> String {
    let entry = &explained.scores.scheme.indicators[indicator];
    let mut out = format!("{} [{}]\n", lang.name(&entry.name), entry.id);
    let Some(of) = explained.facts.iter().find(|of| of.indicator == indicator) else {
        out.push_str(lang.pick("没有记录\n", "no records\n"));
        return out;
    };
    let (inside, outside): (Vec<&FactLine>, Vec<&FactLine>) = of.facts.iter().partition(|fact| fact.left_out.is_none());
    let numerator: i64 = inside.iter().map(|fact| fact.numerator).sum();
    let denominator: i64 = inside.iter().map(|fact| fact.denominator).sum();
    let _ = writeln!(out, "{} {}: {numerator} ÷ {denominator}", lang.pick("计入", "counted"), inside.len());
    out.push_str(&fact_rows(lang, &inside, all));
    if !outside.is_empty() {
        let _ = writeln!(out, "{} {}", lang.pick("未计入", "left out"), outside.len());
        out.push_str(&fact_rows(lang, &outside, all));
    }
    out
}

/// Why a record does not count.
pub(crate) fn left_out_text(lang: Lang, why: &LeftOut) -> String {
    match why {
        LeftOut::Rule(id, reason) => format!("{} [{id}]", lang.name(reason)),
        LeftOut::Ruling(reason) => format!("{}: {reason}", lang.pick("裁定", "ruling")),
        LeftOut::Superseded => lang.pick("被较晚的数据取代", "a later figure stands instead").to_owned(),
        LeftOut::Silence => lang.pick("沉默,不计入", "silent, not counted").to_owned(),
    }
}

fn fact_rows(lang: Lang, facts: &[&FactLine], all: bool) -> String {
    let row = |fact: &&FactLine| {
        let why = match (&fact.left_out, fact.silent) {
            (Some(why), _) => left_out_text(lang, why),
            (None, true) => lang.pick("沉默,计为满意", "silent, counted as satisfied").to_owned(),
            (None, false) => String::new(),
        };
        let id = format!("{}/{}", fact.source, fact.source_id);
        vec![format!("  {}", fact.day), id, fact.numerator.to_string(), fact.denominator.to_string(), why]
    };
    listed(lang, facts, if all { Shown::All } else { Shown::First(FEW) }, &[2, 3], row)
}

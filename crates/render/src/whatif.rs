//! A candidate scheme against the one in force, on a terminal.

use super::ranking::grade_name;
use super::table::{Shown, listed};
use crate::Lang;
use app::period::PeriodState;
use app::whatif::{Compared, Move, Standing, WhatIf};
use model::outcome::Grade;
use model::scheme::Scheme;
use model::score::MOST_HUNDREDTHS;
use std::fmt::Write as _;

/// Units shown before `--all` is asked for.
const FEW: usize = 15;

/// The whole answer.
#[must_use]
pub fn text(lang: Lang, answer: &WhatIf, all: bool) -> String {
    let name = |scheme: &Scheme| format!("{} ({} {})", lang.name(&scheme.name), scheme.id, scheme.version);
    let mut out = format!(
        "{}: {}\n{}: {}\n",
        lang.pick("现行方案", "in force"),
        name(&answer.current),
        lang.pick("候选方案", "candidate"),
        name(&answer.candidate)
    );
    for compared in &answer.periods {
        out.push_str(&period_text(lang, compared, all));
    }
    out.push_str(&flips_text(lang, answer, all));
    out
}

fn period_text(lang: Lang, compared: &Compared, all: bool) -> String {
    let moved = compared.units.iter().filter(|unit| unit.change_hundredths().is_some_and(|change| change != 0)).count();
    let turned = compared.units.iter().filter(|unit| unit.turns()).count();
    let state = match compared.state {
        PeriodState::Closed => "",
        PeriodState::Open => lang.pick(" · 未关账", " · open"),
    };
    let mut out = match lang {
        Lang::Zh => format!(
            "\n周期 {}{state} · {} 个单位,{moved} 个分数变动,{turned} 个等次变动\n",
            compared.period,
            compared.units.len()
        ),
        Lang::En => format!(
            "\nPeriod {}{state} · {} units: {moved} scores move, {turned} grades turn\n",
            compared.period,
            compared.units.len()
        ),
    };
    // Whose grade turns comes first, then who moves most.
    let mut units: Vec<&Move> = compared.units.iter().collect();
    units.sort_by_key(|unit| !unit.turns());
    if !all {
        units.retain(|unit| unit.turns() || unit.change_hundredths() != Some(0));
    }
    if units.is_empty() {
        out.push_str(lang.pick("  没有变化\n", "  nothing changes\n"));
        return out;
    }
    let shown = if all { Shown::All } else { Shown::First(FEW.max(turned)) };
    out.push_str(&listed(lang, &units, shown, &[2, 3, 4], |unit| cells(lang, unit)));
    out
}

fn cells(lang: Lang, unit: &Move) -> Vec<String> {
    let arrow = |before: String, after: String| if before == after { after } else { format!("{before} → {after}") };
    let both = |of: fn(&Standing) -> String| arrow(of(&unit.before), of(&unit.after));
    let name = if unit.name == unit.unit { String::new() } else { unit.name.clone() };
    vec![
        format!("  {}", unit.unit),
        name,
        both(|standing| standing.score.map_or("–".to_owned(), |score| decimal(score.into()))),
        unit.change_hundredths().map_or(String::new(), |change| signed(change.into())),
        both(|standing| standing.place.map_or("–".to_owned(), |place| place.to_string())),
        arrow(grade(lang, unit.before.grade), grade(lang, unit.after.grade)),
        if unit.within_noise == Some(true) {
            lang.pick("噪声以内", "within noise").to_owned()
        } else {
            String::new()
        },
    ]
}

fn flips_text(lang: Lang, answer: &WhatIf, all: bool) -> String {
    let Some(last) = answer.periods.last().filter(|_| !answer.flips.is_empty()) else { return String::new() };
    let mut out = match lang {
        Lang::Zh => format!("\n候选方案下 {} 的等次离翻转多远(只改一项权重,同层其余按比例让出)\n", last.period),
        Lang::En => format!(
            "\nHow far grades of {} are from turning under the candidate (one weight changed, the rest of its layer in proportion)\n",
            last.period
        ),
    };
    let mut flips: Vec<_> = answer.flips.iter().collect();
    flips.sort_by_key(|(unit, flip)| (flip.change_hundredths.abs(), unit.clone()));
    let row = |(unit, flip): &&(String, model::score::Flip)| {
        let indicator = &answer.candidate.indicators[flip.indicator];
        vec![
            format!("  {unit}"),
            format!("{} [{}]", lang.name(&indicator.name), indicator.id),
            flip.weight.to_plain(),
            signed(flip.change_hundredths),
            format!("{} → {}", grade(lang, Some(flip.from)), grade(lang, Some(flip.to))),
        ]
    };
    let shown = if all { Shown::All } else { Shown::First(FEW) };
    out.push_str(&listed(lang, &flips, shown, &[2, 3], row));
    let _ = match lang {
        Lang::Zh => writeln!(out, "  未列出的窗口:{} 分以内任何一项权重都不改变其等次", decimal(MOST_HUNDREDTHS)),
        Lang::En => writeln!(
            out,
            "  windows not listed: no single weight within {} points turns them",
            decimal(MOST_HUNDREDTHS)
        ),
    };
    out
}

fn grade(lang: Lang, grade: Option<Grade>) -> String {
    grade.map_or(lang.pick("不予评分", "not scored"), |grade| grade_name(lang, grade)).to_owned()
}

fn decimal(hundredths: i64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn signed(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "−" } else { "+" };
    format!("{sign}{}", decimal(hundredths.abs()))
}

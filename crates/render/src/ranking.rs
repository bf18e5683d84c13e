//! The ranking on a terminal.

use super::table::aligned;
use super::uncertainty;
use crate::Lang;
use app::period::{Cards, PeriodScores, PeriodState};
use model::outcome::Grade;
use model::period::Period;
use model::scheme::{Scheme, UnitKind};
use model::score::{LongerCard, NotScored, Scorecard, Status};
use std::fmt::Write as _;

/// The ranking of a period.
#[must_use]
pub fn table(lang: Lang, scores: &PeriodScores) -> String {
    let mut text = heading(lang, scores);
    match &scores.cards {
        Cards::First(cards) => text.push_str(&first_hand(lang, scores, cards)),
        Cards::Longer(cards) => text.push_str(&longer(lang, cards)),
    }
    let digest = scores.digest();
    let _ = writeln!(text, "digest {digest}");
    text
}

/// Scheme, period and how far it can be relied on.
#[must_use]
pub fn heading(lang: Lang, scores: &PeriodScores) -> String {
    format!("{} · {}\n", title(lang, &scores.scheme, scores.period), state_text(lang, scores.state))
}

/// How far scores can be relied on.
pub(crate) fn state_text(lang: Lang, state: PeriodState) -> &'static str {
    match state {
        PeriodState::Closed => lang.pick("已关账", "closed"),
        PeriodState::Open => lang.pick("未关账,分数为暂计", "open: these scores are provisional"),
    }
}

/// The scheme and the period that a page is about.
#[must_use]
pub fn title(lang: Lang, scheme: &Scheme, period: Period) -> String {
    let (of, in_period) = (lang.pick("方案", "scheme"), lang.pick("周期", "period"));
    format!("{} ({of} {} {}) · {in_period} {period}", lang.name(&scheme.name), scheme.id, scheme.version)
}

fn first_hand(lang: Lang, scores: &PeriodScores, cards: &[Scorecard]) -> String {
    if cards.is_empty() {
        return lang
            .pick(
                "登记里没有这个周期的单位;先 heng import window --map <映射> <文件>\n",
                "nobody is registered in this period; first heng import window --map FILE PATH\n",
            )
            .to_owned();
    }
    let unit = match cards.first().map(|card| card.kind) {
        Some(UnitKind::Staff) => lang.pick("工号", "staff"),
        _ => lang.pick("窗口", "window"),
    };
    let mut rows = vec![vec![
        lang.pick("名次", "rank").to_owned(),
        unit.to_owned(),
        lang.pick("名称", "name").to_owned(),
        lang.pick("同类", "peers").to_owned(),
        lang.pick("得分", "score").to_owned(),
        "n".to_owned(),
        String::new(),
    ]];
    // Where nothing is left to chance there is no interval to show.
    let drawn = scores.uncertainty.as_ref().filter(|drawn| drawn.draws > 1);
    if drawn.is_some() {
        rows[0].splice(5..5, uncertainty::headings(lang));
    }
    let mut sorted: Vec<(usize, &Scorecard)> = cards.iter().enumerate().collect();
    sorted.sort_by_key(|(_, card)| {
        let rank = card.rank.as_ref().map(|rank| (rank.scope.clone(), rank.place));
        (rank.is_none(), rank, card.unit.clone())
    });
    for (at, card) in sorted {
        let name = if card.name == card.unit { String::new() } else { card.name.clone() };
        rows.push(vec![
            card.rank.as_ref().map_or("–".to_owned(), |rank| rank.place.to_string()),
            card.unit.clone(),
            name,
            pool_name(lang, scores, card),
            card.scored().map_or("–".to_owned(), model::score::Scored::score),
            if card.n() > 0 { card.n().to_string() } else { "–".to_owned() },
            remarks(lang, scores, card),
        ]);
        if let (Some(drawn), Some(row)) = (drawn, rows.last_mut()) {
            row.splice(5..5, uncertainty::cells(drawn, at));
        }
    }
    match drawn {
        Some(drawn) => aligned(&rows, &[0, 4, 5, 6, 8]) + &uncertainty::footnote(lang, drawn),
        None => aligned(&rows, &[0, 4, 5]),
    }
}

/// The name of the type of window a unit is scored by.
#[must_use]
pub fn type_name(lang: Lang, scores: &PeriodScores, card: &Scorecard) -> String {
    let Some(window_type) = card.window_type() else { return String::new() };
    let profile = scores.scheme.profile(window_type.as_str());
    profile.map_or_else(|| window_type.to_string(), |profile| lang.name(&profile.name).to_owned())
}

/// With whom a unit is compared: its type, and its centre where that stands alone.
fn pool_name(lang: Lang, scores: &PeriodScores, card: &Scorecard) -> String {
    let name = type_name(lang, scores, card);
    match card.pool.as_ref().and_then(|pool| pool.centre.as_ref()) {
        Some(centre) => format!("{name} @{centre}"),
        None => name,
    }
}

pub(crate) fn remarks(lang: Lang, scores: &PeriodScores, card: &Scorecard) -> String {
    match &card.status {
        Status::NotScored(reasons) => {
            let reasons: Vec<_> = reasons.iter().map(|reason| reason_text(lang, scores, reason)).collect();
            format!("{}: {}", lang.pick("不予评分", "not scored"), reasons.join("; "))
        }
        Status::Scored(scored) if scored.vetoed => lang.pick("一票否决:不合格", "vetoed: failed").to_owned(),
        Status::Scored(scored) if !scored.broken_bounds.is_empty() => {
            format!(
                "{}: {}",
                lang.pick("不排名,权重越界", "not ranked, bounds broken"),
                scored.broken_bounds.join(", ")
            )
        }
        Status::Scored(_) => match card.grade {
            Some(grade @ (Grade::Excellent | Grade::Failed)) => grade_name(lang, grade).to_owned(),
            _ => String::new(),
        },
    }
}

/// A grade in words.
#[must_use]
pub fn grade_name(lang: Lang, grade: Grade) -> &'static str {
    match grade {
        Grade::Excellent => lang.pick("优秀", "excellent"),
        Grade::Qualified => lang.pick("合格", "qualified"),
        Grade::Failed => lang.pick("不合格", "failed"),
    }
}

/// Why a unit is not scored, in words.
#[must_use]
pub fn reason_text(lang: Lang, scores: &PeriodScores, reason: &NotScored) -> String {
    match reason {
        NotScored::NoProfile(ty) => format!("{} `{ty}`", lang.pick("方案没有该窗口类型", "the scheme has no type")),
        NotScored::TooLittleWeight { present, needed } => {
            format!("{} {present} < {needed}", lang.pick("有数据的权重", "weight with data"))
        }
        NotScored::TooFewGroups { present, needed } => {
            format!("{} {present} < {needed}", lang.pick("有数据的指标组", "groups with data"))
        }
        NotScored::NoneOfGroups(groups) => {
            let names: Vec<_> = groups.iter().map(|group| lang.name(&scores.scheme.groups[*group].name)).collect();
            format!("{} {}", lang.pick("缺少数据:", "no data in"), names.join(" / "))
        }
        NotScored::NoPost => lang.pick("多处有记录而无岗位登记", "facts at several windows but no post").to_owned(),
        NotScored::NotThere => lang.pick("本期无记录、无岗位", "no facts and no post").to_owned(),
        NotScored::TooFewPeriods { present, needed } => {
            format!("{} {present} < {needed}", lang.pick("有分数的周期", "periods with a score"))
        }
    }
}

fn longer(lang: Lang, cards: &[LongerCard]) -> String {
    let mut rows = vec![vec![
        lang.pick("单位", "unit").to_owned(),
        lang.pick("名称", "name").to_owned(),
        lang.pick("均分", "mean").to_owned(),
        lang.pick("各期", "periods").to_owned(),
    ]];
    let mut sorted: Vec<&LongerCard> = cards.iter().collect();
    sorted.sort_by(|a, b| b.mean.as_ref().ok().cmp(&a.mean.as_ref().ok()).then_with(|| a.unit.cmp(&b.unit)));
    for card in sorted {
        let period = |(period, score): &(Period, model::exact::Ratio)| {
            format!("{period}: {}", score.to_decimal(2, model::exact::Rounding::HalfUp))
        };
        let name = if card.name == card.unit { String::new() } else { card.name.clone() };
        let score = card.score().unwrap_or_else(|| "–".to_owned());
        rows.push(vec![card.unit.clone(), name, score, card.periods.iter().map(period).collect::<Vec<_>>().join("  ")]);
    }
    aligned(&rows, &[2])
}

//! From points to a score, and what follows.

use super::block::Block;
use super::units;
use crate::Lang;
use crate::card::effect_text;
use model::exact::Ratio;
use model::scheme::{LongerPeriods, NegativeEffect, Scheme};

/// Own score, team share, deductions, rounding.
pub(super) fn score(lang: Lang, scheme: &Scheme) -> Vec<Block> {
    let mut points = Vec::new();
    let scored = &scheme.scored;
    let any: Vec<&str> = scored.any_of.iter().map(|group| lang.name(&scheme.groups[*group].name)).collect();
    let any = any.join(lang.pick("或", " or "));
    points.push(match lang {
        Lang::Zh => format!(
            "有数据的名义权重至少 {}、有数据的组至少 {} 个{}才计分,否则“不予评分”。",
            scored.min_weight,
            scored.min_groups,
            if any.is_empty() { String::new() } else { format!("、{any}有数据,") }
        ),
        Lang::En => format!(
            "A unit is scored with data for a nominal weight of at least {}, for at least {} groups{}; else it is not scored.",
            scored.min_weight,
            scored.min_groups,
            if any.is_empty() { String::new() } else { format!(", and for {any}") }
        ),
    });
    points.push(
        lang.pick("自身得分 = Σ 得分 × 有效权重 ÷ 100。", "Own score = Σ points × effective weight ÷ 100.").to_owned(),
    );
    if let Some(team) = &scheme.team {
        let (own, share) = (Ratio::ONE.sub(&team.share), &team.share);
        let (group, most) = (lang.name(&scheme.groups[team.group].name), percent(&team.own_ratings_at_most));
        points.push(match lang {
            Lang::Zh => format!("个人:S1 = {own} × 自身得分 + {share} × T。T 是其岗位所在各窗口“{group}”组的得分,按在岗半日加权;该窗口没有得分,或其评价的 {most} 以上由本人取得时,改用同类型同中心合计的得分;都没有则 S1 = 自身得分。窗口:S1 = 自身得分。"),
            Lang::En => format!("People: S1 = {own} × own + {share} × T. T is the points of the group “{group}” of the windows they were posted to, by on-post half-days; where a window has none, or the person received {most} or more of its ratings, those of the same type and centre together; where these have none either, S1 = own. Windows: S1 = own."),
        });
        points.push(lang.pick("一人多窗口:在岗满 3 日的窗口分别计分,按半日合并;更短的并入主要窗口。", "A person at several windows is scored at each with at least 3 on-post days, merged by half-days; shorter stints go to the main window.").to_owned());
    }
    points.push(
        lang.pick(
            "S2 = S1 × (1 − 各有效投诉扣减比例之和)。S3 = S2 − 负面清单扣分,限于 0 至 100。",
            "S2 = S1 × (1 − Σ shares of the negative list). S3 = S2 − its points, within 0 and 100.",
        )
        .to_owned(),
    );
    points.push(
        lang.pick(
            "得分 = S3,只舍入一次,两位小数,四舍五入。",
            "The score is S3, rounded once, half up, to two decimals.",
        )
        .to_owned(),
    );
    points.push(match scheme.longer_periods {
        LongerPeriods::MeanOfPeriods => lang.pick("季、半年、年:未舍入的各期 S3 的平均,至少三分之二的期有分;一票否决的期至多按 59.99 计。", "Quarters, halves and years are the mean of unrounded S3, with at least two thirds of the periods there; a vetoed period counts at most 59.99."),
        LongerPeriods::Pooled => lang.pick("更长的周期从其全部日期直接计分。", "Longer periods are scored at first hand from all of their days."),
    }.to_owned());
    vec![Block::Heading(lang.pick("从得分到总分", "From points to the score").to_owned()), Block::List(points)]
}

/// The negative list.
pub(super) fn negatives(lang: Lang, scheme: &Scheme) -> Vec<Block> {
    if scheme.negatives.is_empty() {
        return Vec::new();
    }
    let rows = scheme.negatives.iter().map(|entry| {
        [
            format!("{} [{}]", lang.name(&entry.name), entry.id),
            format!("{}: `{}`", entry.table.name(), entry.condition),
            effect(lang, &entry.effect),
            units(lang, &entry.units).to_owned(),
        ]
    });
    vec![
        Block::Heading(lang.pick("负面清单", "Negative list").to_owned()),
        Block::Text(
            lang.pick(
                "从重到轻排列;同一事件只用最重的一条;人员与窗口各扣一次。",
                "The heaviest first; one incident uses only its heaviest entry; person and window each deduct once.",
            )
            .to_owned(),
        ),
        Block::table(
            [
                lang.pick("条目", "entry"),
                lang.pick("条件", "condition"),
                lang.pick("效果", "effect"),
                lang.pick("对象", "for"),
            ],
            rows,
        ),
    ]
}

fn effect(lang: Lang, effect: &NegativeEffect) -> String {
    let text = effect_text(lang, effect);
    match (effect, lang) {
        (NegativeEffect::Share { at_most, .. }, Lang::Zh) => format!("{text},每件,至多 {at_most} 件"),
        (NegativeEffect::Share { at_most, .. }, Lang::En) => format!("{text} each, at most {at_most}"),
        (NegativeEffect::Points(_), Lang::Zh) => format!("{text},每件"),
        (NegativeEffect::Points(_), Lang::En) => format!("{text} each"),
        _ => text,
    }
}

/// Peers, places, grades, seats.
pub(super) fn ranks(lang: Lang, scheme: &Scheme) -> Vec<Block> {
    let least = scheme.peers_at_least;
    let mut points = vec![match lang {
        Lang::Zh => format!(
            "同类:期初第一日同一窗口类型之内,单位满 {least} 个的中心自成一组,其余合为一组;不足 {least} 个的组,名次不产生结果。"
        ),
        Lang::En => format!(
            "Peers, as of the first day: within one type of window, a centre with {least} units stands alone, the others form one pool; ranks in a pool below {least} lead to nothing."
        ),
    }];
    points.push(
        lang.pick(
            "名次按两位小数的得分,并列同名次(1、1、3);一票否决排在最后。",
            "Places go by the score with two decimals, ties share one (1, 1, 3); vetoed units come last.",
        )
        .to_owned(),
    );
    if let Some(quota) = &scheme.quota {
        let (top, most, bottom, help) =
            (percent(&quota.top), percent(&quota.top_at_most), percent(&quota.bottom), percent(&quota.help));
        let (from, cut, loop_) = (quota.bottom_from, percent(&quota.cut_membership), percent(&quota.help_membership));
        points.push(match lang {
            Lang::Zh => format!("席位:参加排名与一票否决的共 N 个时,优秀 ⌊N × {top}⌋,不合格 ⌊N × {bottom}⌋(N 不足 {from} 时为 0),帮扶 ⌊N × {help}⌋。优秀边缘并列的,合计不超过 ⌊N × {most}⌋ 则全部计入,否则全不计入;不合格边缘并列的全不计入。"),
            Lang::En => format!("Seats, of N ranked and vetoed: ⌊N × {top}⌋ at the top, ⌊N × {bottom}⌋ at the bottom (none below {from}), ⌊N × {help}⌋ in the help loop. A tie at the edge of the top enters whole while at most ⌊N × {most}⌋ are inside, else not at all; at the bottom not at all."),
        });
        points.push(
            lang.pick(
                "等次:得到优秀席位为优秀;得到不合格席位或一票否决为不合格;其余为合格。",
                "Grades: a seat at the top is 优秀, one at the bottom or a veto 不合格, everything else 合格.",
            )
            .to_owned(),
        );
        points.push(if quota.waive_membership {
            lang.pick("**本方案仅按名次,不看把握度,须在签字处注明。**", "**This scheme goes by rank alone, however unsure; that stands beside the signature.**").to_owned()
        } else {
            match lang {
                Lang::Zh => format!("把握度:得分的 1,000 次抽样中落在席位内的比例。扣减待遇须 ≥ {cut};列入帮扶须连续两期合计 ≥ {loop_};优秀按名次,不足 50% 的注明。改进期内暂缓扣减。"),
                Lang::En => format!("Membership is the share of 1,000 draws of the scores in which a unit has the seat. A cut asks for {cut}, the help loop for {loop_} over two periods; the top goes by rank and names those below 50 %. An improvement period suspends a cut."),
            }
        });
    }
    vec![Block::Heading(lang.pick("名次与等次", "Places and grades").to_owned()), Block::List(points)]
}

/// How anyone checks it.
pub(super) fn checking(lang: Lang, scheme: &Scheme) -> Vec<Block> {
    let text = match lang {
        Lang::Zh => format!(
            "`heng explain <单位> <周期>` 列出每一分的来历,直到记录;`heng score <周期> --json` 给出全部计数、输入的摘要和得分的摘要。用本办法与这些计数即可重算;方案原文的摘要是 `{}`。",
            scheme.digest()
        ),
        Lang::En => format!(
            "`heng explain UNIT PERIOD` says where every point came from, down to the records; `heng score PERIOD --json` has every count, the digests of the inputs and of the scores. With this text and these counts anyone can compute a score again; the scheme's digest is `{}`.",
            scheme.digest()
        ),
    };
    vec![Block::Heading(lang.pick("怎么核对", "Checking").to_owned()), Block::Text(text)]
}

fn percent(share: &Ratio) -> String {
    format!("{}%", share.mul(&Ratio::whole(100)))
}

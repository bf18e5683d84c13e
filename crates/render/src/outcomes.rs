//! Seats and who takes them, on a terminal: what the rules lead to, for people to decide.

use crate::Lang;
use app::period::Outcomes;
use model::exact::{Ratio, Rounding};
use model::outcome::{Cut, CutReason, CutVerdict, Help, HelpVerdict, Membership, PoolOutcome, Top};
use model::period::Period;
use model::scheme::Scheme;
use std::fmt::Write as _;

/// The outcomes of every pool.
#[must_use]
pub fn text(lang: Lang, scheme: &Scheme, outcomes: &Outcomes) -> String {
    let mut out = String::new();
    if let Some(until) = outcomes.trial_until {
        let _ = match lang {
            Lang::Zh => writeln!(out, "\n试运行至 {until}:以下只是试算,一概不执行"),
            Lang::En => writeln!(out, "\nTrial run until {until}: this is computed, and nothing of it comes to pass"),
        };
    }
    for (pool, outcome) in &outcomes.pools {
        let profile = scheme.profile(pool.window_type.as_str());
        let name = profile.map_or(pool.window_type.as_str(), |profile| lang.name(&profile.name));
        let centre = pool.centre.as_ref().map_or(String::new(), |centre| format!(" · {centre}"));
        let _ = write!(out, "\n{name}{centre} · ");
        match outcome {
            PoolOutcome::TooSmall { size, needed } => {
                let _ = match lang {
                    Lang::Zh => writeln!(out, "同类仅 {size} 个,不足 {needed} 个,名次不产生结果"),
                    Lang::En => writeln!(out, "{size} of a kind, fewer than {needed}: ranks lead to nothing"),
                };
            }
            PoolOutcome::Decided { seats, waived, top, cuts, help } => {
                let _ = match lang {
                    Lang::Zh => writeln!(
                        out,
                        "{} 个:优秀 {} 席,不合格 {} 席,帮扶 {} 席",
                        seats.of, seats.top, seats.bottom, seats.help
                    ),
                    Lang::En => writeln!(
                        out,
                        "{} units: {} seats at the top, {} seats at the bottom, {} in the help loop",
                        seats.of, seats.top, seats.bottom, seats.help
                    ),
                };
                out.extend(top.iter().map(|top| top_line(lang, top)));
                out.extend(cuts.iter().map(|cut| cut_line(lang, scheme, cut)));
                out.extend(help.iter().map(|help| help_line(lang, scheme, outcomes.before, help)));
                if *waived {
                    let _ = writeln!(
                        out,
                        "  {}",
                        lang.pick(
                            "本方案不看把握度,仅按名次(waive_membership),须在签字处注明",
                            "this scheme goes by rank alone (waive_membership), which stands beside the signature"
                        )
                    );
                }
            }
        }
    }
    out
}

fn top_line(lang: Lang, top: &Top) -> String {
    let doubt = if top.unsure { lang.pick(",把握不足一半", ", in less than half of the draws") } else { "" };
    line(lang.pick("优秀", "top"), &top.unit, &format!("{}{doubt}", sure(lang, top.membership)))
}

fn cut_line(lang: Lang, scheme: &Scheme, cut: &Cut) -> String {
    let reason = match cut.reason {
        CutReason::Veto => lang.pick("一票否决", "veto").to_owned(),
        CutReason::Quota(membership) => sure(lang, membership),
    };
    let needed = scheme.quota.as_ref().map_or(String::new(), |quota| percent(&quota.cut_membership));
    let verdict = match (cut.verdict, lang) {
        (CutVerdict::Due, _) => lang.pick("扣减", "cut").to_owned(),
        (CutVerdict::NotSure, Lang::Zh) => format!("低于 {needed},不扣减"),
        (CutVerdict::NotSure, Lang::En) => format!("below {needed}: no cut"),
        (CutVerdict::Suspended(until), Lang::Zh) => format!("应扣减,改进期至 {until},暂缓"),
        (CutVerdict::Suspended(until), Lang::En) => format!("a cut, suspended: improvement period until {until}"),
    };
    line(lang.pick("不合格", "bottom"), &cut.unit, &format!("{reason},{verdict}"))
}

fn help_line(lang: Lang, scheme: &Scheme, before: Option<Period>, help: &Help) -> String {
    let pooled = help.pooled.map_or(String::new(), |pooled| match (before, lang) {
        (Some(before), Lang::Zh) => format!("{}(与 {before} 合计),", sure(lang, pooled)),
        (Some(before), Lang::En) => format!("{} (with {before}), ", sure(lang, pooled)),
        (None, _) => String::new(),
    });
    let needed = scheme.quota.as_ref().map_or(String::new(), |quota| percent(&quota.help_membership));
    let verdict = match (help.verdict, lang) {
        (HelpVerdict::Offered, _) => lang.pick("结对帮扶", "help is offered").to_owned(),
        (HelpVerdict::NotSure, Lang::Zh) => format!("未达 {needed},暂不列入"),
        (HelpVerdict::NotSure, Lang::En) => format!("less than {needed}: not yet"),
        (HelpVerdict::FirstMonth, _) => {
            lang.pick("上期无数据,暂不列入", "nothing known of the month before: not yet").to_owned()
        }
    };
    line(lang.pick("帮扶", "help"), &help.unit, &format!("{pooled}{verdict}"))
}

fn line(list: &str, unit: &str, what: &str) -> String {
    format!("  {list}  {unit}  {what}\n")
}

fn sure(lang: Lang, membership: Membership) -> String {
    let share = percent(&membership.share());
    match lang {
        Lang::Zh => format!("把握 {share}"),
        Lang::En => format!("in {share} of the draws"),
    }
}

fn percent(share: &Ratio) -> String {
    let percent = share.mul(&Ratio::whole(100)).to_decimal(1, Rounding::HalfUp);
    format!("{}%", percent.strip_suffix(".0").unwrap_or(&percent))
}

//! What is odd, on a terminal: for somebody to look at, never a verdict.

use crate::Lang;
use insight::odd::{Counts, Oddity};
use model::register::Register;
use std::fmt::Write as _;

/// The window or the person that a finding is about.
#[must_use]
pub fn unit(oddity: &Oddity) -> &str {
    match oddity {
        Oddity::Praise { window, .. }
        | Oddity::Decline { window, .. }
        | Oddity::HardCases { window, .. }
        | Oddity::HardlyRated { window, .. }
        | Oddity::OffHours { window, .. }
        | Oddity::Complaints { window, .. } => window.as_str(),
        Oddity::Rewrites { staff, .. } => staff.as_str(),
    }
}

/// What kind of finding it is, in a word or two.
#[must_use]
pub fn kind(lang: Lang, oddity: &Oddity) -> &'static str {
    match oddity {
        Oddity::Praise { .. } => lang.pick("疑似代评", "praise?"),
        Oddity::Decline { .. } => lang.pick("下滑", "downhill"),
        Oddity::HardCases { .. } => lang.pick("难件", "hard cases"),
        Oddity::HardlyRated { .. } => lang.pick("几乎无评价", "hardly rated"),
        Oddity::OffHours { .. } => lang.pick("非工作时间", "off hours"),
        Oddity::Complaints { .. } => lang.pick("投诉集中", "complaints"),
        Oddity::Rewrites { .. } => lang.pick("改写时间", "rewrites"),
    }
}

/// One line per finding; names come from the register.
#[must_use]
pub fn text(lang: Lang, register: &Register, found: &[Oddity]) -> String {
    if found.is_empty() {
        return format!("  {}\n", lang.pick("没有发现异常", "nothing odd was found"));
    }
    let mut out = String::new();
    for oddity in found {
        let _ = writeln!(out, "  · {}", line(lang, register, oddity));
    }
    out
}

/// One finding in words.
#[must_use]
pub fn line(lang: Lang, register: &Register, oddity: &Oddity) -> String {
    match oddity {
        Oddity::Praise { window, of } => {
            let at = name(register, window.as_str());
            let (quick, pressed) = (percent(of.at_once, of.rated), percent(of.satisfied, of.rated));
            let later = percent(of.revisited_satisfied, of.revisited);
            match lang {
                Lang::Zh => format!(
                    "{at}:疑似代评。叫号后 5 秒内的评价占 {quick};评价满意 {pressed},回访满意 {later}({} 人)",
                    of.revisited
                ),
                Lang::En => format!(
                    "{at}: ratings that citizens may not have given. {quick} within 5 seconds of the call; {pressed} satisfied, but {later} of {} who were called back",
                    of.revisited
                ),
            }
        }
        Oddity::Decline { window, from, before, since } => {
            let at = name(register, window.as_str());
            let month = &from.to_string()[..7];
            let (b, s) = (percent(before.satisfied, before.rated), percent(since.satisfied, since.rated));
            let (slow, slower) = (times(before), times(since));
            match lang {
                Lang::Zh => format!("{at}:{month} 起下滑。满意 {b} → {s};办理时长(对参照){slow} → {slower}"),
                Lang::En => format!(
                    "{at}: downhill since {month}. Satisfied {b} → {s}; time against the reference {slow} → {slower}"
                ),
            }
        }
        Oddity::HardCases { window, of, peers_seconds } => {
            let at = name(register, window.as_str());
            let (minutes, peers) = (of.handling_seconds / of.timed.max(1) / 60, peers_seconds / 60);
            let against = times(of);
            match lang {
                Lang::Zh => {
                    format!("{at}:看似慢,其实是难件。每件 {minutes} 分钟,同类 {peers} 分钟;对参照时间为 {against}")
                }
                Lang::En => format!(
                    "{at}: looks slow and is not. {minutes} minutes a case, its peers {peers}; against the reference {against}"
                ),
            }
        }
        Oddity::HardlyRated { window, of } => {
            let at = name(register, window.as_str());
            match lang {
                Lang::Zh => format!("{at}:几乎无人评价。邀请 {} 次,评价 {} 条:设备是否完好?", of.asked, of.rated),
                Lang::En => {
                    format!("{at}: hardly rated. {} asked, {} ratings: is the device alive?", of.asked, of.rated)
                }
            }
        }
        Oddity::OffHours { window, day, cases } => {
            let at = name(register, window.as_str());
            match lang {
                Lang::Zh => format!("{at}:{day} 非工作时间集中办结 {cases} 件"),
                Lang::En => format!("{at}: {cases} cases finished outside office hours on {day}"),
            }
        }
        Oddity::Complaints { window, first, last, cases, all } => {
            let at = name(register, window.as_str());
            match lang {
                Lang::Zh => format!("{at}:{first} 至 {last} 有效投诉集中,{cases} 件(全期 {all} 件)"),
                Lang::En => format!("{at}: {cases} founded complaints from {first} to {last} ({all} in all)"),
            }
        }
        Oddity::Rewrites { staff, of } => {
            let who = register.person(staff.as_str()).map_or("", |person| person.name.as_str());
            match lang {
                Lang::Zh => format!("{staff} {who}:改写办结时间 {} 次(办结 {} 件)", of.rewritten, of.finished),
                Lang::En => {
                    format!("{staff} {who}: {} finish times rewritten ({} cases finished)", of.rewritten, of.finished)
                }
            }
        }
    }
}

fn name(register: &Register, window: &str) -> String {
    let entry = register.window(window).filter(|entry| entry.name != window);
    entry.map_or_else(|| window.to_owned(), |entry| format!("{window} {}", entry.name))
}

fn percent(x: i64, n: i64) -> String {
    if n == 0 {
        return "–".to_owned();
    }
    // Rounded half up to a tenth of a percent.
    let tenths = (2_000 * x + n) / (2 * n);
    format!("{}.{}%", tenths / 10, tenths % 10)
}

/// Σ permille of the reference over cases, as a factor.
fn times(of: &Counts) -> String {
    if of.timed == 0 {
        return "–".to_owned();
    }
    let hundredths = (2 * of.handling_permille + 10 * of.timed) / (20 * of.timed);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

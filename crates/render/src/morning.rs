//! What wants a look on a morning, on a terminal.

use crate::Lang;
use app::collect::Difference;
use app::home::Home;
use app::status::Morning;
use std::fmt::Write as _;

/// Lines of each list that are shown.
const SHOWN: usize = 10;

/// The page of a morning.
#[must_use]
pub fn text(lang: Lang, home: &Home, of: &Morning) -> String {
    let (day, yesterday) = (of.day, of.yesterday);
    let mut out = match lang {
        Lang::Zh => format!("\n{day} 早上\n"),
        Lang::En => format!("\nThe morning of {day}\n"),
    };
    let missing: Vec<String> =
        of.missing.iter().map(|of| format!("{} · {} (≤ {})", of.source, of.kind, of.last)).collect();
    list(
        lang,
        &mut out,
        &format!("{} ({yesterday})", lang.pick("昨日没有数据的来源", "sources without data of yesterday")),
        &missing,
    );
    let name = |window: &str| home.register.window(window).map_or(String::new(), |entry| format!(" {}", entry.name));
    let asked = lang.pick("次邀请", "asked");
    let unrated: Vec<String> =
        of.unrated.iter().map(|(window, times)| format!("{window}{} ({times} {asked})", name(window))).collect();
    list(lang, &mut out, lang.pick("近 7 天没有一条评价的窗口", "windows without a rating in 7 days"), &unrated);
    let due: Vec<String> = of
        .due
        .iter()
        .map(|due| format!("{} {} {} {}", home.zone.show(due.due), due.window, due.staff, due.case))
        .collect();
    list(lang, &mut out, lang.pick("今日到期未办结", "unfinished and due today"), &due);
    let unknown: Vec<String> = of.unknown_items.iter().map(|(item, cases)| format!("{item} × {cases}")).collect();
    list(lang, &mut out, lang.pick("登记中没有的事项编码", "item codes that the register does not have"), &unknown);
    if let Some(differences) = &of.differences {
        let heading = lang.pick("上报数与办件不符", "reported figures that differ from the cases");
        let lines: Vec<String> = differences.iter().map(|of| difference(lang, of)).collect();
        list(lang, &mut out, &format!("{heading} ({yesterday})"), &lines);
    }
    out
}

/// A figure, what is reported and what the cases say.
#[must_use]
pub fn difference(lang: Lang, of: &Difference) -> String {
    let counted = of.counted.map_or_else(|| "–".to_owned(), |counted| counted.to_string());
    let (window, metric, source, reported) = (&of.window, &of.metric, &of.source, of.reported);
    match lang {
        Lang::Zh => format!("{window} {metric}:{source} 上报 {reported},按办件为 {counted}"),
        Lang::En => format!("{window} {metric}: {source} says {reported}, the cases say {counted}"),
    }
}

fn list(lang: Lang, out: &mut String, heading: &str, lines: &[String]) {
    if lines.is_empty() {
        let _ = writeln!(out, "  {heading}: {}", lang.pick("无", "none"));
        return;
    }
    let _ = writeln!(out, "  {heading}: {}", lines.len());
    for line in lines.iter().take(SHOWN) {
        let _ = writeln!(out, "    · {line}");
    }
    if lines.len() > SHOWN {
        let _ = writeln!(out, "    … {}", lang.pick("其余略", "and more"));
    }
}

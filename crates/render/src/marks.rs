//! What cleaning rules mark, on a terminal.

use super::ranking::title;
use super::table::{Shown, aligned, listed};
use crate::Lang;
use app::marks::{MarkedRecord, Marks};
use model::scheme::MarkEffect;

/// Records shown before `--all` is asked for.
const FEW: usize = 20;
/// Windows named beside a rule.
const WINDOWS: usize = 3;

/// The rules with their counts, or the records of the one rule asked for.
#[must_use]
pub fn text(lang: Lang, marks: &Marks, one: bool, all: bool) -> String {
    let scheme = &marks.scheme;
    let (days, rows) = (lang.pick("已封存天数", "sealed days"), lang.pick("行数", "rows"));
    let title = title(lang, scheme, marks.period);
    let mut out = format!("{title} · {days} {} · {rows} {}\n", marks.days, marks.rows);
    if marks.days == 0 {
        out.push_str(lang.pick(
            "这个周期没有封存的日子;先 heng close --through <日期>\n",
            "no day of this period is sealed; first heng close --through DAY\n",
        ));
    } else if scheme.marks.is_empty() {
        out.push_str(lang.pick("方案没有清洗规则\n", "the scheme has no cleaning rules\n"));
    } else if one {
        out.push_str(&records(lang, marks, all));
    } else {
        out.push_str(&rules(lang, marks));
    }
    out
}

fn rules(lang: Lang, marks: &Marks) -> String {
    let mut rows = vec![
        [("规则", "rule"), ("效果", "effect"), ("记录", "records"), ("最多的窗口", "most at"), ("理由", "reason")]
            .map(|(zh, en)| lang.pick(zh, en).to_owned())
            .to_vec(),
    ];
    for (index, mark) in marks.scheme.marks.iter().enumerate() {
        let effect = match mark.effect {
            MarkEffect::Exclude => lang.pick("排除", "left out"),
            MarkEffect::Flag => lang.pick("提示", "flagged"),
        };
        let mut windows: Vec<(&String, &u64)> = marks.by_window[index].iter().collect();
        windows.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        let most: Vec<String> =
            windows.iter().take(WINDOWS).map(|(window, count)| format!("{window} {count}")).collect();
        rows.push(vec![
            mark.id.clone(),
            effect.to_owned(),
            marks.count(index).to_string(),
            most.join(", "),
            lang.name(&mark.reason).to_owned(),
        ]);
    }
    let mut out = aligned(&rows, &[2]);
    out.push_str(lang.pick(
        "\n逐条查看:heng marks <周期> --mark <规则 id>;试用另一方案的规则:--scheme <文件>(不写入任何东西)\n",
        "\nThe records of a rule: heng marks PERIOD --mark ID. Another scheme's rules: --scheme FILE (nothing is written)\n",
    ));
    out
}

fn records(lang: Lang, marks: &Marks, all: bool) -> String {
    let found = &marks.records;
    if found.is_empty() {
        return lang.pick("没有记录被标记\n", "no record is marked\n").to_owned();
    }
    let row = |record: &MarkedRecord| {
        let id = format!("{}/{}", record.source, record.source_id);
        vec![record.day.to_string(), record.window.clone(), record.staff.clone(), id]
    };
    let mark = &marks.scheme.marks[found[0].mark];
    let mut out = format!("{} [{}]: {}\n", lang.name(&mark.reason), mark.id, found.len());
    out.push_str(&listed(lang, found, if all { Shown::All } else { Shown::First(FEW) }, &[], row));
    out
}

//! How sure a score is, on a terminal.

use crate::Lang;
use insight::uncertainty::{Contributor, Explained, ScoreInterval, Source, Uncertainty};
use model::exact::{Ratio, Rounding};
use model::scheme::Scheme;
use model::score::{Hundredths, TeamSource};
use std::fmt::Write as _;

/// Parts of a score that are named as what makes its interval wide.
const NAMED: usize = 5;

/// The headings of the columns that the ranking gains.
pub(crate) fn headings(lang: Lang) -> [String; 3] {
    ["95%", lang.pick("名次区间", "places"), ""].map(str::to_owned)
}

/// What stands in these columns for a card, by its position; the last says that the next one in the ranking cannot be
/// told apart.
pub(crate) fn cells(drawn: &Uncertainty, at: usize) -> [String; 3] {
    let Some(unit) = drawn.units.get(at).and_then(Option::as_ref) else { return [const { String::new() }; 3] };
    let standing = unit.standing.as_ref();
    let places = standing.and_then(|standing| standing.places);
    let same = standing.and_then(|standing| standing.next.as_ref()).is_some_and(|next| !next.is_distinguishable());
    [
        interval_text(unit.interval),
        places.map_or(String::new(), |places| format!("{}–{}", places.best, places.worst)),
        if same { "≈".to_owned() } else { String::new() },
    ]
}

/// What the columns mean, and the digest of the draws.
pub(crate) fn footnote(lang: Lang, drawn: &Uncertainty) -> String {
    let meaning = lang.pick(
        "95%:若同样的工作再来一遍,得分与名次会落入的范围(仅反映偶然性)。≈:与下一名的差距不能与偶然区分。",
        "95%: where score and place would fall if the same work were done again (chance alone). ≈: the next one cannot \
         be told apart.",
    );
    format!("{meaning}\nuncertainty digest {}\n", drawn.digest())
}

/// The interval of one card, and what makes it wide.
pub(crate) fn explained(lang: Lang, scheme: &Scheme, explained: &Explained) -> String {
    if explained.contributors.is_empty() {
        return String::new();
    }
    let mut out = format!(
        "\n{} {} ({} {})\n",
        lang.pick("95% 区间", "95 % interval"),
        interval_text(explained.interval),
        lang.pick("中位", "median"),
        points(explained.median)
    );
    let _ = writeln!(out, "{}", lang.pick("区间主要来自:", "It is as wide as it is because of:"));
    for line in because(lang, scheme, explained) {
        let _ = writeln!(out, "  · {line}");
    }
    out
}

/// What makes an interval wide, the widest first.
pub(crate) fn because(lang: Lang, scheme: &Scheme, explained: &Explained) -> Vec<String> {
    let windows = explained.contributors.iter().filter_map(window_of).collect::<std::collections::BTreeSet<_>>();
    let line = |part: &Contributor| {
        let at = window_of(part).filter(|_| windows.len() > 1).map_or(String::new(), |window| format!(" · {window}"));
        format!(
            "{}{at}: ±{:.2} {}, {:.0}%",
            name(lang, scheme, &part.source),
            part.deviation,
            lang.pick("分(标准差)", "points (standard deviation)"),
            100.0 * part.share
        )
    };
    explained.contributors.iter().take(NAMED).map(line).collect()
}

/// Where an interval and its score lie on a scale from 0 to 100: the left end, the width, the score.
pub(crate) fn on_scale(interval: ScoreInterval, score: Hundredths) -> [String; 3] {
    let place = |hundredths: Hundredths| Ratio::new(hundredths.into(), 100).unwrap_or(Ratio::ZERO);
    let width = interval.upper.saturating_sub(interval.lower);
    [interval.lower, width, score].map(|at| place(at).to_decimal(2, Rounding::HalfUp))
}

fn window_of(part: &Contributor) -> Option<&str> {
    match &part.source {
        Source::Indicator(window, _) => Some(window.as_str()),
        Source::Team(_) => None,
    }
}

fn name(lang: Lang, scheme: &Scheme, source: &Source) -> String {
    match source {
        Source::Indicator(_, indicator) => {
            let indicator = &scheme.indicators[*indicator];
            format!("{} [{}]", lang.name(&indicator.name), indicator.id)
        }
        Source::Team(TeamSource::Window(window)) => format!("T · {window}"),
        Source::Team(TeamSource::StandIn(window_type, centre)) => format!("T · {window_type}@{centre}"),
    }
}

/// An interval in points.
pub(crate) fn interval_text(interval: ScoreInterval) -> String {
    format!("{}–{}", points(interval.lower), points(interval.upper))
}

fn points(hundredths: Hundredths) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

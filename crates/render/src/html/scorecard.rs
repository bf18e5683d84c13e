//! A scorecard: the score, how sure it is, and where every point came from.

use super::Frame;
use super::frame::segment;
use super::ratings::{Shown, blocks, shown};
use super::steps::{Step, steps};
use crate::card::{effect_text, how, left_out_text, short, state_text};
use crate::curve::decimal;
use crate::ranking::{self, grade_name, reason_text, title, type_name};
use crate::uncertainty::{because, interval_text, on_scale};
use crate::{Lang, RenderError, silence};
use app::explain::{Explained, IndicatorFacts};
use app::period::{PeriodScores, PeriodState};
use askama::Template;
use insight::uncertainty::PlaceInterval;
use model::exact::{Ratio, Rounding};
use model::outcome::Grade;
use model::scheme::UnitKind;
use model::score::{ALGORITHM, Line, Part, Scorecard, Status};
use std::collections::BTreeMap;

/// What stands on a card beside what explains the score.
#[derive(Clone, Debug, Default)]
pub struct Extras {
    /// The middle 95 % of its places.
    pub places: Option<PlaceInterval>,
    /// What is odd about the unit, in words.
    pub odd: Vec<String>,
    /// Whether every line is open.
    pub all_open: bool,
}

/// What the template shows. Every text is escaped by the template.
#[derive(Template)]
#[template(path = "scorecard.html")]
struct Page<'a> {
    lang: Lang,
    frame: &'a Frame,
    title: String,
    period: String,
    ranking_href: Option<String>,
    toggle_href: Option<String>,
    all_open: bool,
    unit: String,
    name: String,
    window_type: String,
    state: &'static str,
    provisional: bool,
    /// How they look, and what they say.
    chips: Vec<(&'static str, String)>,
    sure: Option<Sure>,
    odd: &'a [String],
    score: Option<String>,
    exact: String,
    rank: Option<String>,
    remarks: Vec<String>,
    steps: Vec<Step>,
    parts: Vec<PartView>,
    deductions: Vec<DeductionView>,
    digests: Vec<(String, String)>,
}

/// How sure the score is.
struct Sure {
    interval: String,
    left: String,
    width: String,
    dot: String,
    places: Option<String>,
    because: Vec<String>,
}

/// The indicators at one window.
struct PartView {
    /// The window and its half-days, where a person has several.
    heading: Option<String>,
    /// The level of the groups' headings: below the window's, or in its place.
    level: u8,
    groups: Vec<GroupView>,
}

struct GroupView {
    name: String,
    weight: String,
    earned: String,
    lines: Vec<LineView>,
}

struct LineView {
    anchor: String,
    name: String,
    id: String,
    /// Why there are no points, or whose act it was.
    note: String,
    formula: String,
    beside: Option<String>,
    numerator: String,
    denominator: String,
    n: String,
    shrunk: String,
    value: String,
    points: String,
    weight: String,
    contribution: String,
    left_out: Vec<String>,
    /// Ratings, as far as they may be shown.
    blocks: Vec<String>,
    /// Where the records are listed.
    records_href: Option<String>,
}

struct DeductionView {
    name: String,
    effect: String,
    incident: String,
    records: usize,
}

/// The page of an explained card.
pub fn scorecard(lang: Lang, frame: &Frame, explained: &Explained, extras: &Extras) -> Result<String, RenderError> {
    let scores = &explained.scores;
    let card = explained.card().ok_or(RenderError::NoCard)?;
    let scored = card.scored();
    let path = format!("/units/{}/{}", segment(&card.unit), scores.period);
    let all_open = extras.all_open || frame.is_file();
    let page = Page {
        lang,
        frame,
        title: title(lang, &scores.scheme, scores.period),
        period: scores.period.to_string(),
        ranking_href: ranking_href(frame, scores, card),
        toggle_href: frame.link(&if all_open { path.clone() } else { format!("{path}?open=all") }),
        all_open,
        unit: card.unit.clone(),
        name: if card.name == card.unit { String::new() } else { card.name.clone() },
        window_type: type_name(lang, scores, card),
        state: ranking::state_text(lang, scores.state),
        provisional: scores.state == PeriodState::Open,
        chips: chips(lang, card),
        sure: sure(lang, explained, card, extras),
        odd: &extras.odd,
        score: scored.map(model::score::Scored::score),
        exact: scored.map(|scored| scored.s3.to_decimal(9, Rounding::HalfEven)).unwrap_or_default(),
        rank: rank_text(lang, scores, card),
        remarks: remarks(lang, scores, card),
        steps: scored.map(|scored| steps(lang, &scores.scheme, card, scored)).unwrap_or_default(),
        parts: card.parts.iter().map(|part| part_view(lang, frame, explained, card, part)).collect(),
        deductions: deductions(lang, scores, card),
        digests: digests(lang, scores),
    };
    Ok(page.render()?)
}

/// The ranking that the card stands in.
fn ranking_href(frame: &Frame, scores: &PeriodScores, card: &Scorecard) -> Option<String> {
    let window_type = card.window_type().map(|of| segment(of.as_str())).unwrap_or_default();
    let unit = match card.kind {
        UnitKind::Window => "window",
        UnitKind::Staff => "staff",
    };
    frame.link(&format!("/ranking?period={}&type={window_type}&unit={unit}", scores.period))
}

fn chips(lang: Lang, card: &Scorecard) -> Vec<(&'static str, String)> {
    let look = |grade| match grade {
        Grade::Excellent => "good",
        Grade::Qualified => "",
        Grade::Failed => "bad",
    };
    card.grade.map(|grade| (look(grade), grade_name(lang, grade).to_owned())).into_iter().collect()
}

/// Nothing where nothing is left to chance.
fn sure(lang: Lang, explained: &Explained, card: &Scorecard, extras: &Extras) -> Option<Sure> {
    let drawn = explained.uncertainty.as_ref().filter(|drawn| !drawn.contributors.is_empty())?;
    let [left, width, dot] = on_scale(drawn.interval, card.scored()?.hundredths());
    let places = extras.places.map(|places| match lang {
        Lang::Zh => format!("第 {} 至 {} 名", places.best, places.worst),
        Lang::En => format!("{} to {}", places.best, places.worst),
    });
    let because = because(lang, &explained.scores.scheme, drawn);
    Some(Sure { interval: interval_text(drawn.interval), left, width, dot, places, because })
}

fn rank_text(lang: Lang, scores: &PeriodScores, card: &Scorecard) -> Option<String> {
    let rank = card.rank.as_ref()?;
    let profile = scores.scheme.profile(rank.scope.window_type.as_str());
    let scope = profile.map_or(rank.scope.window_type.as_str(), |profile| lang.name(&profile.name));
    Some(match lang {
        Lang::Zh => format!("第 {} 名,{scope}类共 {} 个", rank.place, rank.of),
        Lang::En => format!("Place {} of {}, type {scope}", rank.place, rank.of),
    })
}

fn remarks(lang: Lang, scores: &PeriodScores, card: &Scorecard) -> Vec<String> {
    match &card.status {
        Status::NotScored(reasons) => reasons.iter().map(|reason| reason_text(lang, scores, reason)).collect(),
        Status::Scored(scored) => {
            let veto =
                scored.vetoed.then(|| lang.pick("一票否决,本期不合格", "Vetoed: the period is failed").to_owned());
            let bounds = scored.broken_bounds.iter().map(|bound| {
                format!("{}: {bound}", lang.pick("权重转移后越界,不排名", "Not ranked: moved weights break a bound"))
            });
            veto.into_iter().chain(bounds).collect()
        }
    }
}

fn part_view(lang: Lang, frame: &Frame, explained: &Explained, card: &Scorecard, part: &Part) -> PartView {
    let scheme = &explained.scores.scheme;
    let all: Vec<&Line> = part.lines.iter().collect();
    let groups = scheme.groups.iter().enumerate().filter_map(|(at, group)| {
        let lines: Vec<&Line> =
            all.iter().copied().filter(|line| scheme.indicators[line.indicator].group == at).collect();
        let sum = |pick: fn(&Line) -> Ratio| lines.iter().map(|line| pick(line)).sum::<Ratio>();
        (!lines.is_empty()).then(|| GroupView {
            name: format!("{} · {}", lang.name(&scheme.layers[group.layer].name), lang.name(&group.name)),
            weight: moved(&sum(|line| line.nominal.clone()), &sum(|line| line.effective.clone())),
            earned: short(&sum(Line::contribution)),
            lines: lines.iter().map(|line| line_view(lang, frame, explained, part, line)).collect(),
        })
    });
    let heading = (card.parts.len() > 1).then(|| {
        format!(
            "{} {} · {} {}",
            lang.pick("窗口", "Window"),
            part.window,
            part.half_days,
            lang.pick("个半日", "half-days")
        )
    });
    PartView { level: if heading.is_some() { 4 } else { 3 }, heading, groups: groups.collect() }
}

fn line_view(lang: Lang, frame: &Frame, explained: &Explained, part: &Part, line: &Line) -> LineView {
    let scheme = &explained.scores.scheme;
    let indicator = &scheme.indicators[line.indicator];
    let all: Vec<&Line> = part.lines.iter().collect();
    let counts = line.state.counts();
    let counted = |count: i64| if indicator.ratio.is_some() { count.to_string() } else { "–".to_owned() };
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
    let facts = explained.facts.iter().find(|of| of.indicator == line.indicator);
    let in_blocks = shown(scheme, line.indicator) == Shown::Blocks;
    LineView {
        anchor: format!("{}-{}", segment(part.window.as_str()), indicator.id),
        name: lang.name(&indicator.name).to_owned(),
        id: indicator.id.to_string(),
        note: state_text(lang, line),
        formula: if line.state == model::score::State::Value { how(lang, scheme, line, &all) } else { String::new() },
        beside: line.ratings.as_deref().map(|ratings| silence::beside(lang, ratings)),
        numerator: counted(line.numerator),
        denominator: counted(line.denominator),
        n: or_dash(indicator.n.map(|_| line.n.to_string())),
        shrunk: match &line.shrunk {
            Some((p0, m)) => format!("{} m = {m}, p₀ = {}", lang.pick("收缩", "shrinkage"), decimal(p0)),
            None => lang.pick("无收缩", "no shrinkage").to_owned(),
        },
        value: or_dash(line.value.as_ref().map(decimal)),
        points: or_dash(counts.then(|| short(&Ratio::nano(line.points)))),
        weight: moved(&line.nominal, &line.effective),
        contribution: or_dash(counts.then(|| short(&line.contribution()))),
        left_out: facts.map_or_else(Vec::new, |of| left_out(lang, of)),
        blocks: facts.filter(|_| in_blocks).map_or_else(Vec::new, |of| blocks(lang, &of.facts)),
        records_href: facts.and_then(|_| records_href(frame, explained, line)),
    }
}

fn records_href(frame: &Frame, explained: &Explained, line: &Line) -> Option<String> {
    let unit = segment(&explained.card()?.unit);
    let indicator = segment(explained.scores.scheme.indicators[line.indicator].id.as_str());
    frame.link(&format!("/units/{unit}/{}/{indicator}", explained.scores.period))
}

/// A weight, and what became of it.
fn moved(nominal: &Ratio, effective: &Ratio) -> String {
    if nominal == effective { short(nominal) } else { format!("{} → {}", short(nominal), short(effective)) }
}

/// How many records do not count, by reason.
fn left_out(lang: Lang, of: &IndicatorFacts) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for why in of.facts.iter().filter_map(|fact| fact.left_out.as_ref()) {
        *counts.entry(left_out_text(lang, why)).or_default() += 1;
    }
    counts.into_iter().map(|(why, count)| format!("{count} × {why}")).collect()
}

fn deductions(lang: Lang, scores: &PeriodScores, card: &Scorecard) -> Vec<DeductionView> {
    let taken = card.scored().map(|scored| scored.deductions.as_slice()).unwrap_or_default();
    let view = |deduction: &model::score::Deduction| {
        let entry = &scores.scheme.negatives[deduction.negative];
        DeductionView {
            name: lang.name(&entry.name).to_owned(),
            effect: effect_text(lang, &entry.effect),
            incident: deduction.incident.clone(),
            records: deduction.records.len(),
        }
    };
    taken.iter().map(view).collect()
}

/// What the score was made of, so that others can make it again.
fn digests(lang: Lang, scores: &PeriodScores) -> Vec<(String, String)> {
    let mut list = vec![
        (lang.pick("全部单位得分", "scores of all units").to_owned(), scores.digest().to_string()),
        (lang.pick("方案", "scheme").to_owned(), scores.scheme.digest().to_string()),
        (lang.pick("算法", "algorithm").to_owned(), ALGORITHM.to_owned()),
    ];
    // Frozen inputs are digests, or files with one; an open period has none.
    let inputs = scores.inputs.as_ref().and_then(serde_json::Value::as_object);
    for (name, input) in inputs.into_iter().flatten() {
        let digest = input.as_str().or_else(|| input["sha256"].as_str());
        if let Some(digest) = digest.filter(|digest| digest.len() == 64 && name != "scheme") {
            list.push((input_name(lang, name).to_owned(), digest.to_owned()));
        }
    }
    list
}

/// What a frozen input is called.
fn input_name(lang: Lang, name: &str) -> &str {
    match name {
        "silence" => lang.pick("沉默裁定", "verdicts on silence"),
        "calendar" => lang.pick("工作日历", "calendar"),
        "incidents" => lang.pick("负面清单事件", "incidents"),
        "priors" => lang.pick("同类参考值", "peers' values"),
        "register" => lang.pick("登记", "register"),
        "rulings" => lang.pick("裁定", "rulings"),
        "tally" => lang.pick("计数", "tally"),
        "texts" => lang.pick("冻结的文本", "frozen texts"),
        other => other,
    }
}

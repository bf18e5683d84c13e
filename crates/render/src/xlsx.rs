//! Scores as a workbook: the ranking, layers and groups, indicators, and what the columns mean.
//!
//! Every text is written as a text cell, so that no name of a window can be a formula. The same scores give the same
//! bytes.

use super::ranking::{reason_text, state_text, title, type_name};
use crate::Lang;
use crate::RenderError;
use app::period::{Cards, PeriodScores};
use model::exact::{Ratio, Rounding};
use model::scheme::UnitKind;
use model::score::{ALGORITHM, Line, LongerCard, Part, Scorecard, Status};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet};

/// The most rows of a sheet below its header.
const MAX_ROWS: usize = 1_048_575;
/// A4.
const PAPER: u8 = 9;

/// A cell.
enum Cell {
    Empty,
    Text(String),
    /// A whole number or one of two decimals, as text on its way into the file.
    Number(String),
}

impl Cell {
    fn text(text: &str) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(text.to_owned()) }
    }

    /// Two decimals, half up, as the score itself is rounded.
    fn two(ratio: &Ratio) -> Self {
        Self::Number(ratio.to_decimal(2, Rounding::HalfUp))
    }

    /// Nine decimals, which a number cell could not hold.
    fn nine(ratio: &Ratio) -> Self {
        Self::Text(ratio.to_decimal(9, Rounding::HalfEven))
    }

    /// A whole number, unless it has more digits than a number cell holds.
    fn count(count: impl ToString + Copy) -> Self {
        let digits = count.to_string();
        if digits.len() > 15 { Self::Text(digits) } else { Self::Number(digits) }
    }
}

/// A column: its name and its meaning, each in both languages, and its width in characters.
type Column = ([&'static str; 2], [&'static str; 2], u8);

/// A sheet, with as many cells in a row as there are columns.
struct Sheet {
    name: [&'static str; 2],
    columns: &'static [Column],
    rows: Vec<Vec<Cell>>,
}

const UNIT: Column = (["单位", "unit"], ["窗口号或工号", "the window or the work number"], 14);
const NAME: Column = (["名称", "name"], ["登记的名称", "its name in the register"], 20);
const EXACT: Column =
    (["精确值", "exact"], ["同一数值,九位小数,按文本保存", "the same with nine decimals, kept as text"], 18);

const RANKING: &[Column] = &[
    (["名次", "rank"], ["同类中的名次,并列同名次;不排名为空", "the place among its type; ties share one"], 8),
    (["共", "of"], ["同类中参加排名的单位数", "how many are ranked among its type"], 8),
    (["类型", "type"], ["名次的范围:窗口类型", "the scope of the rank: the type of window"], 16),
    UNIT,
    NAME,
    (["得分", "score"], ["0 至 100,两位小数,四舍五入", "0 to 100, two decimals, half up"], 10),
    EXACT,
    (["样本数", "n"], ["任一指标所依据的最多记录数", "the most records that any indicator rests on"], 10),
    (
        ["等次", "grade"],
        ["按席位与一票否决", "优秀 a seat at the top, 合格 qualified, 不合格 a seat at the bottom or a veto"],
        10,
    ),
    (["说明", "remarks"], ["不予评分或不排名的原因", "why there is no score or no rank"], 40),
];

const LAYERS: &[Column] = &[
    UNIT,
    NAME,
    (["窗口", "window"], ["计分所在窗口", "the window where it is scored"], 14),
    (["层", "layer"], ["方案的层", "the layer of the scheme"], 20),
    (["组", "group"], ["层内的指标组", "the group within the layer"], 24),
    (["名义权重", "nominal"], ["方案规定的权重", "the weight by the scheme"], 12),
    (["有效权重", "effective"], ["缺数据指标的权重转移之后", "after the weight of missing indicators moved"], 12),
    (["贡献", "contribution"], ["得分 × 有效权重 ÷ 100 之和", "Σ points × effective weight ÷ 100"], 12),
    EXACT,
];

const INDICATORS: &[Column] = &[
    UNIT,
    NAME,
    (["窗口", "window"], ["计分所在窗口", "the window where it is scored"], 14),
    (["组", "group"], ["指标组", "the group"], 20),
    (["指标 id", "indicator id"], ["方案中的 id", "its id in the scheme"], 20),
    (["指标", "indicator"], ["指标名称", "its name"], 28),
    (
        ["状态", "state"],
        [
            "value 有值 · not_applicable 不适用 · no_data 无数据 · suppressed 样本不足 · group_too_small 组内指标不足 · own_act 因自身行为缺数据",
            "value, not_applicable, no_data, suppressed (too few records), group_too_small, own_act",
        ],
        16,
    ),
    (["分子", "numerator"], ["计数,整数", "a count"], 12),
    (["分母", "denominator"], ["计数,整数", "a count"], 12),
    (["样本数", "n"], ["所依据的记录数;空为方案未给出", "how many records it rests on, if the scheme says so"], 10),
    (["收缩 m", "shrinkage m"], ["同类值 p₀ 折合的记录数;空为未收缩", "the records that the peers' value weighs"], 10),
    (["指标值", "value"], ["精确分数,按文本保存", "the exact fraction, kept as text"], 24),
    (["得分", "points"], ["0 至 100,两位小数", "0 to 100, two decimals"], 10),
    (["名义权重", "nominal"], ["方案规定的权重", "the weight by the scheme"], 12),
    (["有效权重", "effective"], ["缺数据指标的权重转移之后", "after the weight of missing indicators moved"], 12),
    (["贡献", "contribution"], ["得分 × 有效权重 ÷ 100", "points × effective weight ÷ 100"], 12),
    EXACT,
];

const LONGER: &[Column] = &[
    UNIT,
    NAME,
    (["均分", "mean"], ["各期未舍入得分的平均", "the mean of the unrounded scores"], 10),
    EXACT,
    (["期数", "periods"], ["有分数的期数", "periods with a score"], 8),
    (["各期", "of"], ["各期的得分", "the score of each period"], 60),
];

const MEANINGS: &[Column] =
    &[(["工作表", "sheet"], ["", ""], 16), (["列", "column"], ["", ""], 20), (["含义", "meaning"], ["", ""], 90)];

/// The workbook, ready to be written to a file.
pub fn workbook(lang: Lang, scores: &PeriodScores) -> Result<Vec<u8>, RenderError> {
    let mut sheets = match &scores.cards {
        Cards::First(cards) => first_hand(lang, scores, cards),
        Cards::Longer(cards) => vec![longer(cards)],
    };
    sheets.push(meanings(lang, scores, &sheets));
    let mut book = Workbook::new();
    // The clock would make other bytes of the same scores.
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(
        &DocProperties::new().set_title(title(lang, &scores.scheme, scores.period)).set_creation_datetime(&created),
    );
    for sheet in &sheets {
        write(lang, book.add_worksheet(), sheet)?;
    }
    Ok(book.save_to_buffer()?)
}

fn write(lang: Lang, to: &mut Worksheet, sheet: &Sheet) -> Result<(), RenderError> {
    let [zh, en] = sheet.name;
    let rows = sheet.rows.len();
    if rows > MAX_ROWS {
        return Err(RenderError::TooManyRows { sheet: en, rows, most: MAX_ROWS });
    }
    let head = Format::new().set_bold().set_background_color("#E8EDF2").set_align(FormatAlign::Left);
    let (text, two, whole) = (Format::new(), Format::new().set_num_format("0.00"), Format::new().set_num_format("0"));
    to.set_name(lang.pick(zh, en))?.set_freeze_panes(1, 0)?;
    to.set_paper_size(PAPER).set_landscape().set_repeat_rows(0, 0)?.set_print_fit_to_pages(1, 0);
    for (column, ([zh, en], _, width)) in (0_u16..).zip(sheet.columns) {
        to.set_column_width(column, *width)?.write_string_with_format(0, column, lang.pick(zh, en), &head)?;
    }
    for (row, cells) in (1_u32..).zip(&sheet.rows) {
        for (column, cell) in (0_u16..).zip(cells) {
            match cell {
                Cell::Empty => {}
                Cell::Text(value) => drop(to.write_string_with_format(row, column, value, &text)?),
                Cell::Number(value) => {
                    let format = if value.contains('.') { &two } else { &whole };
                    match value.parse::<f64>() {
                        Ok(number) => to.write_number_with_format(row, column, number, format)?,
                        Err(_) => to.write_string_with_format(row, column, value, &text)?,
                    };
                }
            }
        }
    }
    Ok(())
}

fn first_hand(lang: Lang, scores: &PeriodScores, cards: &[Scorecard]) -> Vec<Sheet> {
    let mut ranked: Vec<&Scorecard> = cards.iter().collect();
    ranked.sort_by_key(|card| {
        let rank = card.rank.as_ref().map(|rank| (rank.scope.clone(), rank.place));
        (rank.is_none(), rank, card.unit.clone())
    });
    let ranking = ranked.iter().map(|card| ranking_row(lang, scores, card)).collect();
    let parts = || cards.iter().flat_map(|card| card.parts.iter().map(move |part| (card, part)));
    let layers = parts().flat_map(|(card, part)| layer_rows(lang, scores, card, part)).collect();
    let lines = parts().flat_map(|(card, part)| part.lines.iter().map(move |line| (card, part, line)));
    let indicators = lines.map(|(card, part, line)| indicator_row(lang, scores, card, part, line)).collect();
    vec![
        Sheet { name: ["排名", "Ranking"], columns: RANKING, rows: ranking },
        Sheet { name: ["层与组", "Layers"], columns: LAYERS, rows: layers },
        Sheet { name: ["指标", "Indicators"], columns: INDICATORS, rows: indicators },
    ]
}

fn ranking_row(lang: Lang, scores: &PeriodScores, card: &Scorecard) -> Vec<Cell> {
    let rank = card.rank.as_ref();
    let scored = card.scored();
    let remarks: Vec<String> = match &card.status {
        Status::NotScored(reasons) => reasons.iter().map(|reason| reason_text(lang, scores, reason)).collect(),
        Status::Scored(scored) => scored.broken_bounds.clone(),
    };
    vec![
        rank.map_or(Cell::Empty, |rank| Cell::count(rank.place)),
        rank.map_or(Cell::Empty, |rank| Cell::count(rank.of)),
        Cell::text(&type_name(lang, scores, card)),
        Cell::text(&card.unit),
        Cell::text(&card.name),
        scored.map_or(Cell::Empty, |scored| Cell::Number(scored.score())),
        scored.map_or(Cell::Empty, |scored| Cell::nine(&scored.s3)),
        if card.n() > 0 { Cell::count(card.n()) } else { Cell::Empty },
        card.grade.map_or(Cell::Empty, |grade| Cell::text(grade.name())),
        Cell::text(&remarks.join("; ")),
    ]
}

fn layer_rows(lang: Lang, scores: &PeriodScores, card: &Scorecard, part: &Part) -> Vec<Vec<Cell>> {
    let scheme = &scores.scheme;
    let of_group = |at: usize| part.lines.iter().filter(move |line| scheme.indicators[line.indicator].group == at);
    let groups = scheme.groups.iter().enumerate().filter(|(at, _)| of_group(*at).next().is_some());
    let row = |(at, group): (usize, &model::scheme::Group)| {
        let sum = |pick: fn(&Line) -> Ratio| of_group(at).map(pick).sum::<Ratio>();
        let contribution = sum(Line::contribution);
        vec![
            Cell::text(&card.unit),
            Cell::text(&card.name),
            Cell::text(part.window.as_str()),
            Cell::text(lang.name(&scheme.layers[group.layer].name)),
            Cell::text(lang.name(&group.name)),
            Cell::two(&sum(|line| line.nominal.clone())),
            Cell::two(&sum(|line| line.effective.clone())),
            Cell::two(&contribution),
            Cell::nine(&contribution),
        ]
    };
    groups.map(row).collect()
}

fn indicator_row(lang: Lang, scores: &PeriodScores, card: &Scorecard, part: &Part, line: &Line) -> Vec<Cell> {
    let scheme = &scores.scheme;
    let indicator = &scheme.indicators[line.indicator];
    let counted = indicator.ratio.is_some();
    let count = |count: i64| if counted { Cell::count(count) } else { Cell::Empty };
    vec![
        Cell::text(&card.unit),
        Cell::text(&card.name),
        Cell::text(part.window.as_str()),
        Cell::text(lang.name(&scheme.groups[indicator.group].name)),
        Cell::text(indicator.id.as_str()),
        Cell::text(lang.name(&indicator.name)),
        Cell::text(line.state.name()),
        count(line.numerator),
        count(line.denominator),
        indicator.n.map_or(Cell::Empty, |_| Cell::count(line.n)),
        line.shrunk.as_ref().map_or(Cell::Empty, |(_, m)| Cell::count(m)),
        line.value.as_ref().map_or(Cell::Empty, |value| Cell::Text(value.to_fraction())),
        if line.state.counts() { Cell::two(&Ratio::nano(line.points)) } else { Cell::Empty },
        Cell::two(&line.nominal),
        Cell::two(&line.effective),
        Cell::two(&line.contribution()),
        Cell::nine(&line.contribution()),
    ]
}

fn longer(cards: &[LongerCard]) -> Sheet {
    let row = |card: &LongerCard| {
        let mean = card.mean.as_ref().ok();
        let periods: Vec<String> = card
            .periods
            .iter()
            .map(|(period, score)| format!("{period}: {}", score.to_decimal(2, Rounding::HalfUp)))
            .collect();
        vec![
            Cell::text(&card.unit),
            Cell::text(&card.name),
            mean.map_or(Cell::Empty, Cell::two),
            mean.map_or(Cell::Empty, Cell::nine),
            Cell::count(card.periods.len()),
            Cell::text(&periods.join("  ")),
        ]
    };
    let mut sorted: Vec<&LongerCard> = cards.iter().collect();
    sorted.sort_by(|a, b| b.mean.as_ref().ok().cmp(&a.mean.as_ref().ok()).then_with(|| a.unit.cmp(&b.unit)));
    Sheet { name: ["均分", "Means"], columns: LONGER, rows: sorted.into_iter().map(row).collect() }
}

/// What the columns mean, and what the scores were made of.
fn meanings(lang: Lang, scores: &PeriodScores, sheets: &[Sheet]) -> Sheet {
    let scheme = &scores.scheme;
    let state = state_text(lang, scores.state);
    let unit = match &scores.cards {
        Cards::First(cards) => cards.first().map(|card| card.kind),
        Cards::Longer(cards) => cards.first().map(|card| card.kind),
    };
    let of_what = match unit {
        Some(UnitKind::Staff) => lang.pick("人员", "people"),
        _ => lang.pick("窗口", "windows"),
    };
    let facts = [
        (
            lang.pick("方案", "scheme"),
            format!("{} · {} {} · {}", lang.name(&scheme.name), scheme.id, scheme.version, scheme.digest()),
        ),
        (lang.pick("周期", "period"), format!("{} · {state}", scores.period)),
        (lang.pick("单位", "units"), of_what.to_owned()),
        (lang.pick("算法", "algorithm"), ALGORITHM.to_owned()),
        (lang.pick("摘要", "digest"), format!("{} (SHA-256, heng score --json)", scores.digest())),
    ];
    let mut rows: Vec<Vec<Cell>> =
        facts.into_iter().map(|(what, value)| vec![Cell::Empty, Cell::text(what), Cell::Text(value)]).collect();
    for sheet in sheets {
        for ([zh, en], [meaning_zh, meaning_en], _) in sheet.columns {
            rows.push(vec![
                Cell::text(lang.pick(sheet.name[0], sheet.name[1])),
                Cell::text(lang.pick(zh, en)),
                Cell::text(lang.pick(meaning_zh, meaning_en)),
            ]);
        }
    }
    Sheet { name: ["说明", "Columns"], columns: MEANINGS, rows }
}

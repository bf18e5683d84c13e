//! A scheme as a 考核办法: complete enough that a stranger recomputes a score by hand.

mod block;
mod counting;
mod points;
mod results;

use crate::html::Frame;
use crate::{Lang, RenderError};
use askama::Template;
use block::{Block, markdown};
use model::period::BasePeriod;
use model::scheme::{Scheme, UnitKind};
use model::score::ALGORITHM;

/// The method as Markdown.
#[must_use]
pub fn text(lang: Lang, scheme: &Scheme) -> String {
    markdown(&blocks(lang, scheme))
}

/// The method as one page for the browser and for A4.
pub fn html(lang: Lang, frame: &Frame, scheme: &Scheme) -> Result<String, RenderError> {
    let blocks = blocks(lang, scheme).into_iter().map(Block::into_html).collect();
    Ok(Page { lang, frame, title: title(lang, scheme), blocks }.render()?)
}

#[derive(Template)]
#[template(path = "method.html")]
struct Page<'a> {
    lang: Lang,
    frame: &'a Frame,
    title: String,
    blocks: Vec<Block>,
}

fn title(lang: Lang, scheme: &Scheme) -> String {
    format!("{} {}", lang.name(&scheme.name), scheme.version)
}

fn blocks(lang: Lang, scheme: &Scheme) -> Vec<Block> {
    let mut blocks = vec![Block::Title(title(lang, scheme))];
    blocks.extend(opening(lang, scheme));
    blocks.extend(points::weights(lang, scheme));
    blocks.extend(points::indicators(lang, scheme));
    blocks.extend(counting::measures(lang, scheme));
    blocks.extend(counting::cleaning(lang, scheme));
    blocks.extend(counting::silence(lang, scheme));
    blocks.extend(points::arithmetic(lang, scheme));
    blocks.extend(results::score(lang, scheme));
    blocks.extend(results::negatives(lang, scheme));
    blocks.extend(results::ranks(lang, scheme));
    blocks.extend(results::checking(lang, scheme));
    blocks
}

fn opening(lang: Lang, scheme: &Scheme) -> Vec<Block> {
    let base = match scheme.base_period {
        BasePeriod::Month => lang.pick("月", "month"),
        BasePeriod::Quarter => lang.pick("季度", "quarter"),
        BasePeriod::Year => lang.pick("年", "year"),
    };
    vec![
        Block::Heading(lang.pick("总则", "General").to_owned()),
        Block::List(vec![
            match lang {
                Lang::Zh => format!("方案 {} 第 {} 版;摘要(SHA-256)`{}`;算法 {ALGORITHM}。", scheme.id, scheme.version, scheme.digest()),
                Lang::En => format!("Scheme {}, version {}; digest (SHA-256) `{}`; arithmetic {ALGORITHM}.", scheme.id, scheme.version, scheme.digest()),
            },
            match lang {
                Lang::Zh => format!("按{base}计分。周期结束后,过了截止日(次月第 8 个自然日与第 5 个工作日中较晚者)才关账;关账时冻结全部输入,各有摘要。"),
                Lang::En => format!("Scores are made per {base}. A period is closed after its cut-off, the later of the 8th day and the 5th working day after it; everything it is made from is frozen then, each with a digest."),
            },
            lang.pick(
                "事实只增不改;更正以更高的修订号上报;按规则或裁定不计的记录只作标记,不删除。",
                "Facts are only added; a correction is a report with a higher revision; records that do not count are marked, never deleted.",
            )
            .to_owned(),
            lang.pick(
                "全部用整数计数、用精确分数计算,只在写明之处舍入。",
                "Counts are whole numbers, everything after them exact fractions; nothing is rounded but where it says so.",
            )
            .to_owned(),
        ]),
    ]
}

/// 窗口, 人员, or both.
fn units(lang: Lang, units: &[UnitKind]) -> &'static str {
    match units {
        [UnitKind::Window] => lang.pick("窗口", "windows"),
        [UnitKind::Staff] => lang.pick("人员", "people"),
        _ => lang.pick("窗口、人员", "windows and people"),
    }
}

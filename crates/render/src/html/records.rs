//! The records behind one indicator of a card, one by one.

use super::Frame;
use super::frame::segment;
use super::ratings::{Shown, blocks, shown};
use crate::card::left_out_text;
use crate::ranking::title;
use crate::{Lang, RenderError};
use app::explain::{Explained, FactLine};
use askama::Template;

/// Records on a page.
const PAGE: usize = 200;

/// Which records.
#[derive(Clone, Copy, Debug)]
pub struct Records<'a> {
    /// The card that they are behind.
    pub explained: &'a Explained,
    /// The indicator, by position in the scheme.
    pub indicator: usize,
    /// Which page, from 1.
    pub page: usize,
}

#[derive(Template)]
#[template(path = "records.html")]
struct Page<'a> {
    lang: Lang,
    frame: &'a Frame,
    title: String,
    unit: String,
    name: &'a str,
    card_href: Option<String>,
    counted: usize,
    /// Of these, cases that stayed silent.
    silent: usize,
    left_out: usize,
    numerator: i64,
    denominator: i64,
    listed: bool,
    blocks: Vec<String>,
    rows: Vec<Row>,
    from: usize,
    until: usize,
    of: usize,
    before: Option<String>,
    after: Option<String>,
}

struct Row {
    day: String,
    window: String,
    record: String,
    numerator: i64,
    denominator: i64,
    why: Option<String>,
}

/// The records behind an indicator: those that count first, then those that are left out.
pub fn records(lang: Lang, frame: &Frame, of: Records<'_>) -> Result<String, RenderError> {
    let scores = &of.explained.scores;
    let card = of.explained.card().ok_or(RenderError::NoCard)?;
    let none = Vec::new();
    let facts = of.explained.facts.iter().find(|facts| facts.indicator == of.indicator);
    let facts = facts.map_or(&none, |facts| &facts.facts);
    let (inside, outside): (Vec<&FactLine>, Vec<&FactLine>) = facts.iter().partition(|fact| fact.left_out.is_none());
    let indicator = &scores.scheme.indicators[of.indicator];
    let shown = shown(&scores.scheme, of.indicator);
    let first = (of.page.max(1) - 1) * PAGE;
    let path = format!("/units/{}/{}", segment(&card.unit), scores.period);
    let page = |page: usize| frame.link(&format!("{path}/{}?page={page}", segment(indicator.id.as_str())));
    let all: Vec<&FactLine> = match shown {
        Shown::Records => inside.iter().chain(&outside).copied().collect(),
        Shown::Blocks | Shown::Counts => Vec::new(),
    };
    let rows: Vec<Row> = all.iter().skip(first).take(PAGE).map(|fact| row(lang, fact)).collect();
    let until = first + rows.len();
    let page = Page {
        lang,
        frame,
        title: title(lang, &scores.scheme, scores.period),
        unit: if card.name == card.unit { card.unit.clone() } else { format!("{} {}", card.unit, card.name) },
        name: lang.name(&indicator.name),
        card_href: frame.link(&path),
        counted: inside.len(),
        silent: inside.iter().filter(|fact| fact.silent).count(),
        left_out: outside.len(),
        numerator: inside.iter().map(|fact| fact.numerator).sum(),
        denominator: inside.iter().map(|fact| fact.denominator).sum(),
        listed: shown == Shown::Records,
        blocks: if shown == Shown::Blocks { blocks(lang, facts) } else { Vec::new() },
        from: first + 1,
        until,
        of: all.len(),
        before: (of.page > 1 && first < all.len() + PAGE).then(|| page(of.page - 1)).flatten(),
        after: (until < all.len()).then(|| page(of.page.max(1) + 1)).flatten(),
        rows,
    };
    Ok(page.render()?)
}

fn row(lang: Lang, fact: &FactLine) -> Row {
    Row {
        day: fact.day.to_string(),
        window: fact.window.clone(),
        record: format!("{}/{}", fact.source, fact.source_id),
        numerator: fact.numerator,
        denominator: fact.denominator,
        why: fact.left_out.as_ref().map(|why| left_out_text(lang, why)),
    }
}

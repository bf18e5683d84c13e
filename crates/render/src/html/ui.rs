//! The page of parts: every token and component of the pages, to be looked at together.

use super::Frame;
use crate::{Lang, RenderError};
use askama::Template;

#[derive(Template)]
#[template(path = "ui.html")]
struct Page<'a> {
    lang: Lang,
    frame: &'a Frame,
    title: &'a str,
    swatches: [&'static str; 13],
}

/// The page of parts.
pub fn ui(lang: Lang, frame: &Frame) -> Result<String, RenderError> {
    let swatches =
        ["paper", "wash", "ink", "muted", "line", "accent", "good", "warn", "bad", "layer", "group", "loss", "range"];
    Ok(Page { lang, frame, title: lang.pick("部件", "Parts"), swatches }.render()?)
}

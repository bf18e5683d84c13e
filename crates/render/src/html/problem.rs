//! The page that says why there is nothing to show, and what to do next.

use super::Frame;
use crate::{Lang, RenderError};
use askama::Template;

#[derive(Template)]
#[template(path = "problem.html")]
struct Page<'a> {
    lang: Lang,
    frame: &'a Frame,
    title: &'a str,
    cause: &'a str,
    next: &'a [String],
}

/// What is wrong, why, and what can be done.
pub fn problem(lang: Lang, frame: &Frame, title: &str, cause: &str, next: &[String]) -> Result<String, RenderError> {
    Ok(Page { lang, frame, title, cause, next }.render()?)
}

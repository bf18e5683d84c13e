//! What is wrong with a TOML file, in a line.

/// Longest message that is passed on: the parser may quote a name of any length.
const MOST: usize = 300;

/// The line, counted from 1, and what is wrong there; never the text of the line itself, which may be as long as the
/// file.
#[must_use]
pub fn problem(text: &str, error: &toml::de::Error) -> (usize, String) {
    let offset = error.span().map_or(0, |span| span.start).min(text.len());
    let line = text.as_bytes()[..offset].split(|byte| *byte == b'\n').count();
    let mut message: String = error.message().chars().take(MOST).collect();
    if message.len() < error.message().len() {
        message.push('…');
    }
    (line, message)
}

/// The same as one text.
///
/// ```
/// let text = format!("a = 1\n{}", "[".repeat(10_000));
/// let error = toml::from_str::<toml::Table>(&text).unwrap_err();
/// let said = model::toml_text::line(&text, &error);
/// assert!(said.starts_with("line 2: ") && said.len() < 1_000);
/// ```
#[must_use]
pub fn line(text: &str, error: &toml::de::Error) -> String {
    let (line, message) = problem(text, error);
    format!("line {line}: {message}")
}

//! What a method is made of, and how it is written as Markdown.

use std::fmt::Write as _;

/// A part of the text.
pub(super) enum Block {
    /// The title.
    Title(String),
    /// A heading.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// Points, one below the other.
    List(Vec<String>),
    /// A table with its heading.
    Table(Vec<String>, Vec<Vec<String>>),
}

impl Block {
    /// A table from its heading and rows.
    pub(super) fn table<const N: usize>(head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> Self {
        Self::Table(head.map(str::to_owned).into(), rows.into_iter().map(Vec::from).collect())
    }
}

impl Block {
    /// The same with every text as HTML: escaped, `code` and **what matters** marked up.
    pub(super) fn into_html(self) -> Self {
        let all = |texts: Vec<String>| texts.iter().map(|text| inline(text)).collect();
        match self {
            Self::Title(text) => Self::Title(inline(&text)),
            Self::Heading(text) => Self::Heading(inline(&text)),
            Self::Text(text) => Self::Text(inline(&text)),
            Self::List(points) => Self::List(all(points)),
            Self::Table(head, rows) => Self::Table(all(head), rows.into_iter().map(all).collect()),
        }
    }
}

fn inline(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    marked(&marked(&escaped, "`", "code"), "**", "strong")
}

/// Puts what stands between two signs into an element.
fn marked(text: &str, sign: &str, element: &str) -> String {
    let parts: Vec<&str> = text.split(sign).collect();
    // A sign without its partner stays as it is.
    let pairs = (parts.len() - 1) / 2 * 2;
    let mut out = String::new();
    for (at, part) in parts.iter().enumerate() {
        if at > pairs {
            out.push_str(sign);
        }
        if at % 2 == 1 && at < pairs {
            let _ = write!(out, "<{element}>{part}</{element}>");
        } else {
            out.push_str(part);
        }
    }
    out
}

pub(super) fn markdown(blocks: &[Block]) -> String {
    let mut out = String::new();
    for block in blocks {
        if !out.is_empty() {
            out.push('\n');
        }
        let _ = match block {
            Block::Title(text) => writeln!(out, "# {text}"),
            Block::Heading(text) => writeln!(out, "## {text}"),
            Block::Text(text) => writeln!(out, "{text}"),
            Block::List(points) => points.iter().try_for_each(|point| writeln!(out, "- {point}")),
            Block::Table(head, rows) => {
                let _ = writeln!(out, "{}", row(head));
                let _ = writeln!(out, "|{}", "---|".repeat(head.len()));
                rows.iter().try_for_each(|cells| writeln!(out, "{}", row(cells)))
            }
        };
    }
    out
}

fn row(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |", cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped_and_signs_without_a_partner_stay() {
        let check = |text: &str, expect: &str| assert_eq!(inline(text), expect);
        check("a < b & `c > 1`", "a &lt; b &amp; <code>c &gt; 1</code>");
        check("**x** and `y` and `z", "<strong>x</strong> and <code>y</code> and `z");
        check("<script>", "&lt;script&gt;");
    }
}

//! Tables on a terminal, where a Chinese character is two columns wide.

use crate::Lang;
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr as _;

/// How much of a long list is shown.
#[derive(Clone, Copy)]
pub(super) enum Shown {
    /// So many, and how many more there are.
    First(usize),
    /// Every one.
    All,
}

/// A list that may be cut, each entry as one row.
pub(super) fn listed<T>(
    lang: Lang,
    items: &[T],
    shown: Shown,
    right: &[usize],
    row: impl Fn(&T) -> Vec<String>,
) -> String {
    let count = match shown {
        Shown::First(few) => few.min(items.len()),
        Shown::All => items.len(),
    };
    let rows: Vec<Vec<String>> = items[..count].iter().map(row).collect();
    let mut text = aligned(&rows, right);
    if count < items.len() {
        let _ = writeln!(text, "… {} {} (--all)", items.len() - count, lang.pick("条未显示", "more"));
    }
    text
}

/// Rows with aligned columns. Columns named in `right` are flush right.
pub(super) fn aligned(rows: &[Vec<String>], right: &[usize]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let pad = " ".repeat(widths[column] - cell.width());
            if column > 0 {
                line.push_str("  ");
            }
            if right.contains(&column) {
                line.push_str(&pad);
                line.push_str(cell);
            } else {
                line.push_str(cell);
                line.push_str(&pad);
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

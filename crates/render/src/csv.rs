//! Scores for spreadsheets.

use app::period::PeriodScores;
use std::fmt::Write as _;

/// One line per unit, UTF-8 with a byte order mark.
#[must_use]
pub fn units(scores: &PeriodScores) -> String {
    let json = scores.to_json();
    let mut text = String::from("\u{feff}unit,kind,name,type,rank,of,score,exact,n,grade\r\n");
    for unit in json["units"].as_array().into_iter().flatten() {
        let cell = |value: &serde_json::Value| escape(value.as_str().unwrap_or_default());
        let cells = [
            cell(&unit["unit"]),
            cell(&unit["kind"]),
            cell(&unit["name"]),
            cell(&unit["type"]),
            cell(&unit["rank"]["value"]),
            cell(&unit["rank"]["of"]),
            cell(&unit["score"]),
            cell(&unit["exact"]),
            cell(&unit["n"]),
            cell(&unit["grade"]),
        ];
        let _ = write!(text, "{}\r\n", cells.join(","));
    }
    text
}

/// With these a formula begins, also in the full width in which Chinese keyboards write them.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// A cell that no spreadsheet takes for a formula (OWASP, CSV injection).
fn escape(cell: &str) -> String {
    let formula = cell.starts_with(['\t', '\r', '\n']) || cell.trim_start().starts_with(FORMULA);
    let safe = if formula { format!("'{cell}") } else { cell.to_owned() };
    if safe.contains([',', '"', '\n', '\r']) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn a_name_is_never_a_formula() {
        let check = |cell: &str, expect: &str| assert_eq!(escape(cell), expect, "{cell:?}");
        check("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\"");
        check("+1", "'+1");
        check("-1", "'-1");
        check(" @x", "' @x");
        check("＝1", "'＝1");
        check("\tx", "'\tx");
        check("\rx", "\"'\rx\"");
        check("\nx", "\"'\nx\"");
        check("一号,窗口", "\"一号,窗口\"");
        check("12.50", "12.50");
        check("a=b", "a=b");
    }
}

//! How chance enters an indicator: what an interval of its value is drawn from (SCORING §6).

use super::{Measure, Merge};
use crate::fact::Table;
use crate::rule::Number;
use serde::Serialize;

/// How chance enters an indicator. It moves intervals and membership, never a score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Noise {
    /// The figure is taken as it is: one that was reported, or one that rests on other indicators.
    None,
    /// So many of so many: a beta distribution.
    Share,
    /// Events per exposure: a gamma distribution.
    Count,
    /// A sum over a sum of cases that differ: a normal distribution by the delta method.
    Ratio(Spread),
}

/// The measures that say how far apart the cases behind a ratio lie: sums over cases of x², xy and y², where x is what
/// a case adds above the line and y what it adds below.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Spread {
    /// Σx²
    pub xx: usize,
    /// Σxy
    pub xy: usize,
    /// Σy²
    pub yy: usize,
    /// What x and y were divided by before they were multiplied: 60 for seconds whose minutes were squared.
    pub scale: u32,
}

impl Noise {
    /// What a ratio of two measures is where the scheme does not say: some records of the same kind are a share, a
    /// number of records per something else a count; nothing is assumed of other sums, nor of reported figures.
    #[must_use]
    pub fn usual(above: &Measure, below: &Measure) -> Self {
        if above.table == Table::Statistic || below.table == Table::Statistic {
            Self::None
        } else if is_part(above, below) {
            Self::Share
        } else if above.sum == Number::literal(1) && above.merge == Merge::Sum {
            Self::Count
        } else {
            Self::None
        }
    }
}

/// Columns that are a part of another one, by what they mean.
const PARTS: [(Table, &str, &str); 6] = [
    (Table::Case, "handovers_in_limit", "handovers"),
    (Table::Inspection, "passed", "checked"),
    (Table::Survey, "satisfied", "answered"),
    (Table::Exam, "passed", "due"),
    (Table::Exam, "correct", "asked"),
    (Table::Activity, "done", "requested"),
];

/// Whether what one measure adds up is by its kind a part of what another does: some records of the same records, or
/// the good ones of what was looked at.
fn is_part(part: &Measure, whole: &Measure) -> bool {
    let alike = |measure: &Measure| (measure.table, measure.on, measure.merge, measure.trail_months);
    let column = |sum: &Number| match (sum.terms.as_slice(), sum.constant) {
        ([(true, column)], 0) => Some(column.name),
        _ => None,
    };
    let sums = part.sum == whole.sum && part.sum == Number::literal(1)
        || PARTS.iter().any(|(table, above, below)| {
            *table == part.table && column(&part.sum) == Some(above) && column(&whole.sum) == Some(below)
        });
    alike(part) == alike(whole) && part.merge == Merge::Sum && sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheme::{Scheme, parse};

    const ARTICLE: &str = include_str!("../../../../schemes/article.toml");

    /// The article without a word on noise.
    fn silent() -> Scheme {
        let said = |line: &&str| !line.starts_with("noise =") && !line.starts_with("spread =");
        let text: Vec<&str> = ARTICLE.lines().filter(said).collect();
        parse(&text.join("\n")).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn what_a_scheme_does_not_say_is_assumed_where_it_is_plain() {
        let (silent, said) = (silent(), parse(ARTICLE).expect("valid"));
        for (indicator, said) in silent.indicators.iter().zip(&said.indicators) {
            let expect = match indicator.id.as_str() {
                // Sums of unlike cases, of which only the scheme can say how far apart they lie; sessions are a sum too.
                "handling_time" | "joint_time" | "extended_service" => Noise::None,
                // Counts of days that hang together, of which only the spread would tell.
                "overdue_share" => Noise::Share,
                _ => said.noise.clone(),
            };
            assert_eq!(indicator.noise, expect, "{}", indicator.id);
        }
        let hvbp = parse(include_str!("../../../../schemes/hvbp.toml")).expect("valid");
        assert!(hvbp.indicators.iter().all(|indicator| indicator.noise == Noise::None));
    }

    #[test]
    fn the_preset_says_it_of_every_indicator() {
        assert_eq!(ARTICLE.matches("\nnoise = ").count(), parse(ARTICLE).expect("valid").indicators.len());
    }
}

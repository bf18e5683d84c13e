//! Ratings as clerks may see them (SCORING §8): by weeks, five or more at a time, without case or hour.

use crate::Lang;
use app::explain::FactLine;
use model::scheme::{Measure, On, Scheme};
use model::time::Day;
use std::collections::BTreeMap;

/// The fewest ratings that are shown together.
const BLOCK: i64 = 5;

/// How the records behind an indicator may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// One by one.
    Records,
    /// Ratings: in blocks.
    Blocks,
    /// What citizens said to others: counts alone.
    Counts,
}

/// How the records behind an indicator may be shown to those who are assessed.
pub(super) fn shown(scheme: &Scheme, indicator: usize) -> Shown {
    use model::fact::Table::{Complaint, Survey};
    let Some((above, below)) = scheme.indicators[indicator].ratio else { return Shown::Counts };
    let measures = [&scheme.measures[above], &scheme.measures[below]];
    let rated = |measure: &&Measure| {
        measure.on == Some(On::Rating)
            || measure.condition.to_string().contains("rating")
            || measure.sum.to_string().contains("rating")
    };
    let of_ratings = scheme.ratings.as_ref().is_some_and(|ratings| ratings.indicator == indicator);
    if of_ratings || measures.iter().any(rated) {
        Shown::Blocks
    } else if measures.iter().any(|measure| matches!(measure.table, Survey | Complaint)) {
        Shown::Counts
    } else {
        Shown::Records
    }
}

/// The ratings that count, in blocks of whole weeks with at least five; what is left over at the end stays with the
/// block before it, and fewer than five in all are not shown.
pub(super) fn blocks(lang: Lang, facts: &[FactLine]) -> Vec<String> {
    let mut weeks: BTreeMap<Day, (i64, i64)> = BTreeMap::new();
    for fact in facts.iter().filter(|fact| fact.left_out.is_none() && !fact.silent) {
        let monday = fact.day.plus(-i32::from(fact.day.weekday()));
        let week = weeks.entry(monday).or_default();
        *week = (week.0 + fact.numerator, week.1 + fact.denominator);
    }
    let mut blocks: Vec<(Day, Day, i64, i64)> = Vec::new();
    for (monday, (satisfied, rated)) in weeks {
        match blocks.last_mut() {
            Some(block) if block.3 < BLOCK => {
                *block = (block.0, monday.plus(6), block.2 + satisfied, block.3 + rated);
            }
            _ => blocks.push((monday, monday.plus(6), satisfied, rated)),
        }
    }
    if let Some((_, last, satisfied, rated)) = blocks.pop_if(|block| block.3 < BLOCK)
        && let Some(block) = blocks.last_mut()
    {
        *block = (block.0, last, block.2 + satisfied, block.3 + rated);
    }
    let of = lang.pick("满意", "satisfied");
    blocks.iter().map(|(first, last, satisfied, rated)| format!("{first} … {last}: {of} {satisfied}/{rated}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(day: &str, satisfied: i64) -> FactLine {
        FactLine {
            day: Day::parse(day).expect("a day"),
            window: "W1".to_owned(),
            source: "kiosk".to_owned(),
            source_id: "secret".to_owned(),
            numerator: satisfied,
            denominator: 1,
            silent: false,
            left_out: None,
        }
    }

    #[test]
    fn blocks_are_weeks_of_five_or_more_and_name_no_record() {
        let check = |days: &[(&str, usize)], expect: &[&str]| {
            let facts: Vec<FactLine> =
                days.iter().flat_map(|(day, count)| std::iter::repeat_n(fact(day, 1), *count)).collect();
            assert_eq!(blocks(Lang::En, &facts), expect);
        };
        check(&[], &[]);
        check(&[("2026-06-01", 4)], &[]);
        check(&[("2026-06-03", 5)], &["2026-06-01 … 2026-06-07: satisfied 5/5"]);
        check(&[("2026-06-01", 2), ("2026-06-08", 3)], &["2026-06-01 … 2026-06-14: satisfied 5/5"]);
        check(&[("2026-06-01", 6), ("2026-06-08", 3)], &["2026-06-01 … 2026-06-14: satisfied 9/9"]);
        check(
            &[("2026-06-01", 6), ("2026-06-14", 5), ("2026-06-22", 1)],
            &["2026-06-01 … 2026-06-07: satisfied 6/6", "2026-06-08 … 2026-06-28: satisfied 6/6"],
        );
    }
}

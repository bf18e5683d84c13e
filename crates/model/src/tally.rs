//! Tallies (计数): exact counts and sums per day, window, person and measure, and how days come together.
//!
//! Averages and rates are never stored; a quotient of sums is computed where it is read.

use crate::id::{StaffId, WindowId};
use crate::period::Period;
use crate::scheme::{Measure, Merge};
use crate::time::Day;
use std::collections::BTreeMap;

/// One group of a tally: a value per measure, `None` where no record counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TallyRow {
    /// The window, empty where none is known.
    pub window: WindowId,
    /// The person, empty where none is known.
    pub staff: StaffId,
    /// One value per measure of the scheme.
    pub values: Vec<Option<i64>>,
}

/// A tally of one day or one period, sorted by window and person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The groups.
    pub rows: Vec<TallyRow>,
}

/// Why days cannot be brought together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TallyError {
    /// A sum passed 2⁶³.
    #[error("measure {measure} of window {window} passes 2^63 over the period; sum something smaller")]
    Overflow {
        /// The measure.
        measure: String,
        /// The window.
        window: WindowId,
    },
    /// A tally has another number of measures than the scheme.
    #[error("the tally of {day} has {found} measures, the scheme has {expected}; derive the day again")]
    Shape {
        /// The day.
        day: Day,
        /// Measures in the tally.
        found: usize,
        /// Measures in the scheme.
        expected: usize,
    },
}

/// Brings the days of a period together, each measure over its own span.
#[derive(Debug)]
pub struct PeriodSum<'a> {
    measures: &'a [Measure],
    /// The first day of each measure.
    from: Vec<Day>,
    last: Day,
    groups: BTreeMap<(WindowId, StaffId), Vec<Option<i64>>>,
    previous: Option<Day>,
}

impl<'a> PeriodSum<'a> {
    /// An empty sum over a period.
    #[must_use]
    pub fn new(measures: &'a [Measure], period: Period) -> Self {
        let from = measures.iter().map(|measure| period.trailing_from(measure.trail_months)).collect();
        Self { measures, from, last: period.days().1, groups: BTreeMap::new(), previous: None }
    }

    /// An empty sum over a period alone, whatever the measures look back on: so that earlier periods, put side by
    /// side, count no day twice.
    #[must_use]
    pub fn of_period_alone(measures: &'a [Measure], period: Period) -> Self {
        let from = vec![period.days().0; measures.len()];
        Self { from, ..Self::new(measures, period) }
    }

    /// The first day that any measure looks at.
    #[must_use]
    pub fn first_day(measures: &[Measure], period: Period) -> Day {
        let first = measures.iter().map(|measure| period.trailing_from(measure.trail_months)).min();
        first.unwrap_or_else(|| period.days().0)
    }

    /// Adds a day; days come in order, each once.
    pub fn add(&mut self, day: Day, tally: &Tally) -> Result<(), TallyError> {
        debug_assert!(self.previous.is_none_or(|previous| previous < day), "days come in order, each once");
        self.previous = Some(day);
        if day > self.last {
            return Ok(());
        }
        for row in &tally.rows {
            if row.values.len() != self.measures.len() {
                let (found, expected) = (row.values.len(), self.measures.len());
                return Err(TallyError::Shape { day, found, expected });
            }
            self.add_row(day, row)?;
        }
        Ok(())
    }

    fn add_row(&mut self, day: Day, row: &TallyRow) -> Result<(), TallyError> {
        let key = (row.window.clone(), row.staff.clone());
        let sums = self.groups.entry(key).or_insert_with(|| vec![None; self.measures.len()]);
        for (index, (sum, measure)) in sums.iter_mut().zip(self.measures).enumerate() {
            let Some(value) = row.values[index].filter(|_| self.from[index] <= day) else {
                continue;
            };
            let merged = match measure.merge {
                Merge::Sum => sum.unwrap_or(0).checked_add(value),
                Merge::Last => Some(value),
                Merge::Weighted(by) => {
                    let weighted = value.checked_mul(row.values[by].unwrap_or(0));
                    weighted.and_then(|weighted| sum.unwrap_or(0).checked_add(weighted))
                }
            };
            *sum =
                Some(merged.ok_or_else(|| TallyError::Overflow {
                    measure: measure.id.to_string(),
                    window: row.window.clone(),
                })?);
        }
        Ok(())
    }

    /// The tally of the period.
    #[must_use]
    pub fn finish(self) -> Tally {
        let rows = self.groups.into_iter().map(|((window, staff), values)| TallyRow { window, staff, values });
        Tally { rows: rows.filter(|row| row.values.iter().any(Option::is_some)).collect() }
    }
}

/// Adds the values of one group to another, measure by measure; `None` stays where neither has a record.
///
/// Values come from sealed counts whose period sums were checked when the days came together; adding the groups of
/// one window saturates rather than wraps, far beyond any real count.
pub fn add_values(into: &mut [Option<i64>], from: &[Option<i64>]) {
    for (sum, value) in into.iter_mut().zip(from) {
        // Whether there is a record is hard to foresee: two selections instead of a branch.
        let total = sum.unwrap_or(0).saturating_add(value.unwrap_or(0));
        *sum = (sum.is_some() | value.is_some()).then_some(total);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Table;
    use crate::id::MeasureId;
    use crate::rule::{Number, Predicate};
    use crate::scheme::Name;

    fn measure(merge: Merge, trail_months: u8) -> Measure {
        Measure {
            id: MeasureId::new("m"),
            name: Name { zh: String::new(), en: String::new() },
            table: Table::Statistic,
            on: None,
            condition: Predicate::Constant(true),
            sum: Number::literal(1),
            merge,
            trail_months,
        }
    }

    fn day(text: &str) -> Day {
        Day::parse(text).expect(text)
    }

    fn tally(values: &[Option<i64>]) -> Tally {
        let row = TallyRow { window: WindowId::new("W"), staff: StaffId::new(""), values: values.to_vec() };
        Tally { rows: vec![row] }
    }

    #[test]
    fn s1_each_measure_comes_together_in_its_own_way_and_span() {
        let measures =
            [measure(Merge::Sum, 0), measure(Merge::Last, 0), measure(Merge::Weighted(0), 0), measure(Merge::Sum, 3)];
        let period = Period::parse("2026-03").expect("month");
        assert_eq!(PeriodSum::first_day(&measures, period), day("2026-01-01"));
        let mut sum = PeriodSum::new(&measures, period);
        sum.add(day("2025-12-31"), &tally(&[Some(9), Some(9), Some(9), Some(9)])).expect("added");
        sum.add(day("2026-02-01"), &tally(&[Some(9), Some(9), Some(9), Some(9)])).expect("added");
        sum.add(day("2026-03-01"), &tally(&[Some(2), Some(0), Some(30), Some(1)])).expect("added");
        sum.add(day("2026-03-02"), &tally(&[Some(3), None, Some(20), None])).expect("added");
        let values = &sum.finish().rows[0].values;
        assert_eq!(values, &[Some(5), Some(0), Some(120), Some(10)]);
    }

    #[test]
    fn a_sum_that_would_wrap_is_an_error() {
        let measures = [measure(Merge::Sum, 0)];
        let mut sum = PeriodSum::new(&measures, Period::parse("2026-03").expect("month"));
        sum.add(day("2026-03-01"), &tally(&[Some(i64::MAX)])).expect("added");
        assert!(matches!(sum.add(day("2026-03-02"), &tally(&[Some(1)])), Err(TallyError::Overflow { .. })));
    }
}

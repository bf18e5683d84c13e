//! Periods: the spans of days that a score speaks of.

use crate::time::Day;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A span of days with the name by which people ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    /// A calendar month.
    Month {
        /// 2000 … 2099
        year: i16,
        /// 1 … 12
        month: i8,
    },
    /// A calendar quarter.
    Quarter {
        /// 2000 … 2099
        year: i16,
        /// 1 … 4
        quarter: i8,
    },
    /// Half a calendar year.
    Half {
        /// 2000 … 2099
        year: i16,
        /// 1 … 2
        half: i8,
    },
    /// A calendar year.
    Year {
        /// 2000 … 2099
        year: i16,
    },
    /// Any span of days, both ends included.
    Days {
        /// The first day.
        first: Day,
        /// The last day, not before the first.
        last: Day,
    },
}

/// The length of the period that a scheme scores at first hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BasePeriod {
    /// A calendar month.
    Month,
    /// A calendar quarter.
    Quarter,
    /// A calendar year.
    Year,
}

impl Period {
    /// Reads `2026-03`, `2026-Q1`, `2026-H1`, `2026` or `2026-03-05..2026-03-20`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some((first, last)) = text.split_once("..") {
            let (first, last) = (Day::parse(first)?, Day::parse(last)?);
            return (first <= last).then_some(Self::Days { first, last });
        }
        if !text.is_ascii() || text.len() < 4 {
            return None;
        }
        let (year, rest) = text.split_at(4);
        if !year.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let year: i16 = year.parse().ok().filter(|year| (2000..2100).contains(year))?;
        match rest.as_bytes() {
            [] => Some(Self::Year { year }),
            [b'-', b'Q', q @ b'1'..=b'4'] => Some(Self::Quarter { year, quarter: digit(*q) }),
            [b'-', b'H', h @ b'1'..=b'2'] => Some(Self::Half { year, half: digit(*h) }),
            [b'-', tens @ b'0'..=b'1', ones @ b'0'..=b'9'] => {
                let month = digit(*tens) * 10 + digit(*ones);
                (1..=12).contains(&month).then_some(Self::Month { year, month })
            }
            _ => None,
        }
    }

    /// The first and the last day.
    #[must_use]
    pub fn days(self) -> (Day, Day) {
        let (year, from, months) = match self {
            Self::Month { year, month } => (year, month, 1),
            Self::Quarter { year, quarter } => (year, quarter * 3 - 2, 3),
            Self::Half { year, half } => (year, half * 6 - 5, 6),
            Self::Year { year } => (year, 1, 12),
            Self::Days { first, last } => return (first, last),
        };
        let (end_year, end_month) = later(year, from, months);
        (first_of(year, from), first_of(end_year, end_month).plus(-1))
    }

    /// Every day of the period.
    pub fn each_day(self) -> impl Iterator<Item = Day> {
        let (first, last) = self.days();
        (first.0..=last.0).map(Day)
    }

    /// The base period of this length that a day belongs to.
    #[must_use]
    pub fn containing(day: Day, base: BasePeriod) -> Self {
        let date = day.date();
        let (year, month) = (date.year(), date.month());
        match base {
            BasePeriod::Month => Self::Month { year, month },
            BasePeriod::Quarter => Self::Quarter { year, quarter: (month - 1) / 3 + 1 },
            BasePeriod::Year => Self::Year { year },
        }
    }

    /// The same span that many periods earlier; `None` for a free span of days.
    #[must_use]
    pub fn before(self, periods: i16) -> Option<Self> {
        let step = |year: i16, index: i8, per_year: i16| {
            let ordinal = year * per_year + i16::from(index) - 1 - periods;
            let index = i8::try_from(ordinal.rem_euclid(per_year)).unwrap_or(0) + 1;
            (ordinal.div_euclid(per_year), index)
        };
        Some(match self {
            Self::Month { year, month } => {
                let (year, month) = step(year, month, 12);
                Self::Month { year, month }
            }
            Self::Quarter { year, quarter } => {
                let (year, quarter) = step(year, quarter, 4);
                Self::Quarter { year, quarter }
            }
            Self::Half { year, half } => {
                let (year, half) = step(year, half, 2);
                Self::Half { year, half }
            }
            Self::Year { year } => Self::Year { year: year - periods },
            Self::Days { .. } => return None,
        })
    }

    /// The length of this period, if it is one that a scheme can score at first hand.
    #[must_use]
    pub fn base(self) -> Option<BasePeriod> {
        match self {
            Self::Month { .. } => Some(BasePeriod::Month),
            Self::Quarter { .. } => Some(BasePeriod::Quarter),
            Self::Year { .. } => Some(BasePeriod::Year),
            Self::Half { .. } | Self::Days { .. } => None,
        }
    }

    /// The base periods of this length that make up the period, if they fill it exactly.
    #[must_use]
    pub fn parts(self, base: BasePeriod) -> Option<Vec<Self>> {
        let (first, last) = self.days();
        let mut parts = vec![Self::containing(first, base)];
        while let Some(part) = parts.last().filter(|part| part.days().1 < last) {
            parts.push(Self::containing(part.days().1.plus(1), base));
        }
        let fits = parts.first()?.days().0 == first && parts.last()?.days().1 == last;
        fits.then_some(parts)
    }

    /// The first day of the span that reaches back `months` months and ends with this period (0 = the period alone).
    #[must_use]
    pub fn trailing_from(self, months: u8) -> Day {
        let (first, last) = self.days();
        if months == 0 {
            return first;
        }
        let date = last.plus(1).date();
        let ordinal = date.year() * 12 + i16::from(date.month()) - 1 - i16::from(months);
        let month = i8::try_from(ordinal.rem_euclid(12)).unwrap_or(0) + 1;
        let start = first_of(ordinal.div_euclid(12), month);
        // A free span that does not end with a month counts back from the same day of the earlier month.
        start.plus(i32::from(date.day()) - 1).min(first)
    }
}

fn digit(byte: u8) -> i8 {
    i8::try_from(byte - b'0').unwrap_or(0)
}

fn later(year: i16, month: i8, months: i8) -> (i16, i8) {
    let month = month + months;
    if month > 12 { (year + 1, month - 12) } else { (year, month) }
}

fn first_of(year: i16, month: i8) -> Day {
    Day::from_ymd(year, month, 1).unwrap_or(Day(0))
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Month { year, month } => write!(f, "{year}-{month:02}"),
            Self::Quarter { year, quarter } => write!(f, "{year}-Q{quarter}"),
            Self::Half { year, half } => write!(f, "{year}-H{half}"),
            Self::Year { year } => write!(f, "{year}"),
            Self::Days { first, last } => write!(f, "{first}..{last}"),
        }
    }
}

impl Serialize for Period {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(text: &str) -> Period {
        Period::parse(text).expect(text)
    }

    #[test]
    fn a_period_is_written_as_it_is_read_and_knows_its_days() {
        let check = |text: &str, first: &str, last: &str| {
            let (a, b) = period(text).days();
            assert_eq!((a.to_string().as_str(), b.to_string().as_str()), (first, last), "{text}");
            assert_eq!(period(text).to_string(), text);
        };
        check("2026-02", "2026-02-01", "2026-02-28");
        check("2026-12", "2026-12-01", "2026-12-31");
        check("2026-Q4", "2026-10-01", "2026-12-31");
        check("2026-H1", "2026-01-01", "2026-06-30");
        check("2026", "2026-01-01", "2026-12-31");
        check("2026-03-05..2026-03-20", "2026-03-05", "2026-03-20");
        for text in ["2026-13", "2026-00", "2026-Q5", "1999", "26-03", "2026-03-20..2026-03-05", "2026-3", "２０２６"]
        {
            assert_eq!(Period::parse(text), None, "{text}");
        }
    }

    #[test]
    fn periods_step_back_and_fall_into_parts() {
        assert_eq!(period("2026-02").before(3), Some(period("2025-11")));
        assert_eq!(period("2026-Q1").before(1), Some(period("2025-Q4")));
        assert_eq!(period("2026-01-01..2026-01-02").before(1), None);
        let parts = period("2026-Q1").parts(BasePeriod::Month).expect("months");
        assert_eq!(parts, [period("2026-01"), period("2026-02"), period("2026-03")]);
        assert_eq!(period("2026-03-05..2026-03-20").parts(BasePeriod::Month), None);
        assert_eq!(period("2026-01-01..2026-02-28").parts(BasePeriod::Month).map(|p| p.len()), Some(2));
    }

    #[test]
    fn s1_trailing_spans_end_with_the_period() {
        assert_eq!(period("2026-03").trailing_from(0).to_string(), "2026-03-01");
        assert_eq!(period("2026-03").trailing_from(3).to_string(), "2026-01-01");
        assert_eq!(period("2026-03").trailing_from(12).to_string(), "2025-04-01");
        assert_eq!(period("2026-Q1").trailing_from(1).to_string(), "2026-01-01");
    }
}

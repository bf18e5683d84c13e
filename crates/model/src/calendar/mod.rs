//! Workdays and office hours.
//!
//! Mainland China's workdays with their swaps (调休) for 2010 to 2026 are part of the program as data; other years
//! follow Monday to Friday until a calendar for them is imported, and [`Calendar::covers`] says so.

mod cut_off;

pub use cut_off::cut_off;

use crate::canonical::Digest;
use crate::time::{DAY_SECONDS, Day, Instant, Zone};
use std::collections::{BTreeMap, BTreeSet};

/// The exceptions shipped with the program, with their source in the first lines.
pub const SHIPPED: &str = include_str!("../../data/workdays.cn.csv");

/// Which days are worked, and when offices are open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    exceptions: BTreeMap<Day, bool>,
    years: BTreeSet<i16>,
    hours: Vec<(u32, u32)>,
}

/// Why a calendar cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// A line of a list of exceptions is not `day,kind,name`.
    #[error("line {line}: expected `2026-01-01,holiday,name` or `2026-01-04,workday,name`, found `{found}`")]
    Line {
        /// Counted from 1.
        line: usize,
        /// The line, shortened.
        found: String,
    },
    /// Office hours that end before they begin, or overlap.
    #[error("office hours `{found}` must be like `09:00-12:00`, in order and without overlap")]
    Hours {
        /// The span.
        found: String,
    },
}

impl Calendar {
    /// The shipped calendar with these office hours, each like `09:00-12:00`.
    pub fn shipped(hours: &[String]) -> Result<Self, CalendarError> {
        let mut calendar = Self { exceptions: BTreeMap::new(), years: BTreeSet::new(), hours: parse_hours(hours)? };
        calendar.add(SHIPPED)?;
        Ok(calendar)
    }

    /// Adds a list of exceptions (`day,kind,name` a line, `#` comments); every year it names is then covered by it
    /// alone.
    pub fn add(&mut self, text: &str) -> Result<(), CalendarError> {
        let mut days = Vec::new();
        for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') || line.starts_with("day,") {
                continue;
            }
            let bad = || CalendarError::Line { line: index + 1, found: line.chars().take(60).collect() };
            let mut cells = line.split(',');
            let day = cells.next().and_then(Day::parse).ok_or_else(bad)?;
            let worked = match cells.next() {
                Some("workday") => true,
                Some("holiday") => false,
                _ => return Err(bad()),
            };
            days.push((day, worked));
        }
        let years: BTreeSet<i16> = days.iter().map(|(day, _)| day.date().year()).collect();
        self.exceptions.retain(|day, _| !years.contains(&day.date().year()));
        self.exceptions.extend(days);
        self.years.extend(years);
        Ok(())
    }

    /// This year and the next, as far as their holidays are not known.
    #[must_use]
    pub fn uncovered_years(&self, today: Day) -> Vec<i16> {
        let year = today.date().year();
        [year, year + 1].into_iter().filter(|year| !self.covers(*year)).collect()
    }

    /// Whether the holidays of a year are known.
    #[must_use]
    pub fn covers(&self, year: i16) -> bool {
        self.years.contains(&year)
    }

    /// Whether a day is worked.
    #[must_use]
    pub fn is_workday(&self, day: Day) -> bool {
        self.exceptions.get(&day).copied().unwrap_or(day.weekday() < 5)
    }

    /// Office seconds of a workday.
    #[must_use]
    pub fn workday_seconds(&self) -> i64 {
        self.hours.iter().map(|(from, to)| i64::from(to - from)).sum()
    }

    /// The digest of everything in the calendar.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let exceptions: BTreeMap<_, _> =
            self.exceptions.iter().map(|(day, worked)| (day.to_string(), *worked)).collect();
        let hours: Vec<_> = self.hours.iter().map(|(from, to)| [from.to_string(), to.to_string()]).collect();
        let years: Vec<_> = self.years.iter().map(ToString::to_string).collect();
        Digest::of_json(&serde_json::json!({"exceptions": exceptions, "hours": hours, "years": years}))
    }
}

fn parse_hours(hours: &[String]) -> Result<Vec<(u32, u32)>, CalendarError> {
    let mut parsed: Vec<(u32, u32)> = Vec::new();
    for text in hours {
        let bad = || CalendarError::Hours { found: text.chars().take(40).collect() };
        let (from, to) = text.split_once('-').ok_or_else(bad)?;
        let span = (parse_clock(from).ok_or_else(bad)?, parse_clock(to).ok_or_else(bad)?);
        if span.0 >= span.1 || parsed.last().is_some_and(|last| span.0 < last.1) {
            return Err(bad());
        }
        parsed.push(span);
    }
    Ok(parsed)
}

/// Seconds after midnight of `HH:MM`; `24:00` is the day's end.
fn parse_clock(text: &str) -> Option<u32> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let two =
        |part: &str| (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<u32>().ok())?;
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    (minutes < 60 && hours * 60 + minutes <= 24 * 60).then_some(hours * 3600 + minutes * 60)
}

const CLOCK_FIRST: Day = Day(10_957);
const CLOCK_DAYS: i32 = 36_525;

/// A calendar made ready to measure office time: one subtraction per span, however long it is.
#[derive(Clone, Debug)]
pub struct OfficeClock {
    zone: Zone,
    hours: Vec<(u32, u32)>,
    /// For each day of the century whether it is worked, and how many workdays came before it.
    days: Vec<(bool, i64)>,
    workday_seconds: i64,
}

impl OfficeClock {
    /// The clock of a calendar in a zone.
    #[must_use]
    pub fn new(calendar: &Calendar, zone: &Zone) -> Self {
        let mut before = 0;
        let days = (0..CLOCK_DAYS).map(|offset| {
            let worked = calendar.is_workday(CLOCK_FIRST.plus(offset));
            let entry = (worked, before);
            before += i64::from(worked);
            entry
        });
        let days = days.collect();
        Self { zone: zone.clone(), hours: calendar.hours.clone(), days, workday_seconds: calendar.workday_seconds() }
    }

    fn entry(&self, day: Day) -> (bool, i64) {
        let index = (day.0 - CLOCK_FIRST.0).clamp(0, CLOCK_DAYS - 1);
        self.days[usize::try_from(index).unwrap_or(0)]
    }

    /// Whether a day is worked.
    #[must_use]
    pub fn is_workday(&self, day: Day) -> bool {
        self.entry(day).0
    }

    /// How many workdays there are from one day to another, both included; 0 if the second is earlier.
    #[must_use]
    pub fn workdays(&self, from: Day, to: Day) -> i64 {
        let (last_is_worked, before_last) = self.entry(to);
        (before_last + i64::from(last_is_worked) - self.entry(from).1).max(0)
    }

    /// Whether offices are open: hours are half open, 09:00 ≤ t < 12:00.
    #[must_use]
    pub fn is_open(&self, at: Instant) -> bool {
        let (day, second) = self.zone.local(at);
        self.is_workday(day) && self.hours.iter().any(|(from, to)| (i64::from(*from)..i64::from(*to)).contains(&second))
    }

    /// Office seconds from one instant to another; 0 if the second is not later.
    #[must_use]
    pub fn open_seconds(&self, from: Instant, to: Instant) -> i64 {
        (self.since_start(to) - self.since_start(from)).max(0)
    }

    fn since_start(&self, at: Instant) -> i64 {
        let (day, second) = self.zone.local(at);
        let (worked, before) = self.entry(day);
        let today: i64 =
            self.hours.iter().map(|(from, to)| (second.min(i64::from(*to)) - i64::from(*from)).max(0)).sum();
        debug_assert!(second < DAY_SECONDS);
        before * self.workday_seconds + if worked { today } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours() -> Vec<String> {
        ["09:00-12:00", "13:30-17:00"].map(String::from).to_vec()
    }

    fn at(zone: &Zone, day: &str, hour: i64, minute: i64) -> Instant {
        zone.instant(Day::parse(day).expect(day), hour * 3600 + minute * 60)
    }

    #[test]
    fn swapped_days_are_worked_and_holidays_are_not() {
        let calendar = Calendar::shipped(&hours()).expect("valid");
        let check = |day: &str, expect| assert_eq!(calendar.is_workday(Day::parse(day).expect(day)), expect, "{day}");
        check("2026-03-05", true);
        check("2026-03-07", false);
        check("2026-02-14", true);
        check("2026-02-17", false);
        check("2025-09-28", true);
        assert!(calendar.covers(2010) && calendar.covers(2026) && !calendar.covers(2027));
    }

    #[test]
    fn s4_office_time_skips_lunch_nights_and_holidays() {
        let zone = Zone::named("Asia/Shanghai").expect("bundled");
        let clock = OfficeClock::new(&Calendar::shipped(&hours()).expect("valid"), &zone);
        let check = |from: (&str, i64, i64), to: (&str, i64, i64), minutes: i64| {
            let (from, to) = (at(&zone, from.0, from.1, from.2), at(&zone, to.0, to.1, to.2));
            assert_eq!(clock.open_seconds(from, to), minutes * 60, "{from:?} {to:?}");
        };
        check(("2026-03-05", 9, 10), ("2026-03-05", 9, 40), 30);
        check(("2026-03-05", 11, 50), ("2026-03-05", 13, 40), 20);
        check(("2026-03-05", 16, 0), ("2026-03-06", 10, 0), 120);
        check(("2026-03-06", 16, 30), ("2026-03-09", 9, 30), 60);
        check(("2026-03-05", 18, 0), ("2026-03-05", 20, 0), 0);
        check(("2026-03-05", 11, 0), ("2026-03-05", 10, 0), 0);
        check(("2025-09-30", 16, 0), ("2025-10-09", 10, 0), 120);
        let workdays = |from, to| clock.workdays(Day::parse(from).expect(from), Day::parse(to).expect(to));
        assert_eq!(workdays("2026-03-06", "2026-03-09"), 2);
        assert_eq!(workdays("2026-03-07", "2026-03-08"), 0);
        assert_eq!(workdays("2026-03-09", "2026-03-06"), 0);
        assert!(clock.is_open(at(&zone, "2026-03-05", 9, 0)));
        assert!(!clock.is_open(at(&zone, "2026-03-05", 12, 0)));
    }

    #[test]
    fn an_imported_year_replaces_what_was_known_of_it() {
        let mut calendar = Calendar::shipped(&hours()).expect("valid");
        calendar.add("\u{feff}day,kind,name\r\n2027-01-01,holiday,元旦\n").expect("valid");
        assert!(calendar.covers(2027));
        assert!(!calendar.is_workday(Day::parse("2027-01-01").expect("date")));
        assert_eq!(
            calendar.add("2027-01-01,off,x"),
            Err(CalendarError::Line { line: 1, found: "2027-01-01,off,x".to_owned() })
        );
        for bad in ["9:00-12:00", "12:00-09:00", "09:00", "09:00-24:01", "09:60-10:00"] {
            assert!(Calendar::shipped(&[bad.to_owned()]).is_err(), "{bad}");
        }
        assert!(Calendar::shipped(&["09:00-12:00".to_owned(), "11:00-13:00".to_owned()]).is_err());
    }
}

//! Instants, days and the one time zone of a home.

use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Seconds in a day of 24 hours.
pub const DAY_SECONDS: i64 = 86_400;

/// A point in time: whole seconds since 1970-01-01T00:00:00Z, floored at intake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(pub i64);

impl Instant {
    /// The first instant that a fact may carry: 2000-01-01T00:00:00Z.
    ///
    /// Facts stay within one century so that the difference of two instants is below 2³² seconds, which is
    /// what lets the rule compiler prove that no sum of differences overflows.
    pub const FIRST: Self = Self(946_684_800);
    /// The first instant too late for a fact: 2100-01-01T00:00:00Z.
    pub const END: Self = Self(4_102_444_800);

    /// Whether a fact may carry this instant.
    #[must_use]
    pub fn in_range(self) -> bool {
        Self::FIRST <= self && self < Self::END
    }
}

/// A local date in the time zone of the home, as days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

const EPOCH: Date = Date::constant(1970, 1, 1);

impl Day {
    /// The day with this date, if there is such a date.
    #[must_use]
    pub fn from_ymd(year: i16, month: i8, day: i8) -> Option<Self> {
        Date::new(year, month, day).ok().map(Self::from_date)
    }

    /// The day of a `YYYY-MM-DD` text, between 2000 and 2099.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 10 || !text.is_ascii() {
            return None;
        }
        let date: Date = text.parse().ok()?;
        (2000..2100).contains(&date.year()).then(|| Self::from_date(date))
    }

    /// The day of a date.
    #[must_use]
    pub fn from_date(date: Date) -> Self {
        let days = date.duration_since(EPOCH).as_hours() / 24;
        Self(i32::try_from(days).unwrap_or(if days < 0 { i32::MIN } else { i32::MAX }))
    }

    /// The date of this day; the epoch for a day no calendar reaches.
    #[must_use]
    pub fn date(self) -> Date {
        jiff::Span::new().try_days(self.0).and_then(|span| EPOCH.checked_add(span)).unwrap_or(EPOCH)
    }

    /// The day so many days later (or earlier).
    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// Monday = 0 … Sunday = 6.
    #[must_use]
    pub fn weekday(self) -> u8 {
        // 1970-01-01 was a Thursday.
        u8::try_from((i64::from(self.0) + 3).rem_euclid(7)).unwrap_or(0)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date().fmt(f)
    }
}

impl Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not a date like 2026-03-05")))
    }
}

/// A time zone of the IANA database that is built into the program, so that every machine agrees.
#[derive(Clone, Debug)]
pub struct Zone {
    name: String,
    rules: TimeZone,
    /// From which second on which offset holds, over the century of facts; asked for every time of every fact.
    offsets: Arc<[(i64, i64)]>,
}

impl Zone {
    /// The zone with this IANA name, such as `Asia/Shanghai`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let zone = TimeZoneDatabase::bundled().get(name).ok()?;
        Some(Self::of(name, zone))
    }

    /// Coordinated universal time.
    #[must_use]
    pub fn utc() -> Self {
        Self::of("UTC", TimeZone::UTC)
    }

    fn of(name: &str, rules: TimeZone) -> Self {
        let mut offsets = Vec::new();
        if let Ok(first) = jiff::Timestamp::from_second(Instant::FIRST.0 - DAY_SECONDS) {
            offsets.push((first.as_second(), i64::from(rules.to_offset(first).seconds())));
            let within = rules.following(first).take_while(|change| change.timestamp().as_second() < Instant::END.0);
            offsets.extend(within.map(|change| (change.timestamp().as_second(), change.offset().seconds().into())));
        }
        Self { name: name.to_owned(), rules, offsets: offsets.into() }
    }

    /// The IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Seconds to add to an instant to read local time.
    #[must_use]
    pub fn offset(&self, instant: Instant) -> i64 {
        let after = self.offsets.partition_point(|(from, _)| *from <= instant.0);
        if after > 0 && instant < Instant::END {
            return self.offsets[after - 1].1;
        }
        jiff::Timestamp::from_second(instant.0).map_or(0, |t| i64::from(self.rules.to_offset(t).seconds()))
    }

    /// The local day of an instant, and the second of that day (0 … 86,399).
    #[must_use]
    pub fn local(&self, instant: Instant) -> (Day, i64) {
        let local = instant.0 + self.offset(instant);
        let day = i32::try_from(local.div_euclid(DAY_SECONDS)).unwrap_or(i32::MAX);
        (Day(day), local.rem_euclid(DAY_SECONDS))
    }

    /// The local day of an instant.
    #[must_use]
    pub fn day_of(&self, instant: Instant) -> Day {
        self.local(instant).0
    }

    /// The instant of a local second of a day. In the gap of a clock change it is the instant after the gap.
    #[must_use]
    pub fn instant(&self, day: Day, second_of_day: i64) -> Instant {
        let local = i64::from(day.0) * DAY_SECONDS + second_of_day;
        let first = Instant(local - self.offset(Instant(local)));
        Instant(local - self.offset(first))
    }

    /// The instant at which a local day begins.
    #[must_use]
    pub fn start_of(&self, day: Day) -> Instant {
        self.instant(day, 0)
    }

    /// The instant of a civil date and time in this zone; the earlier one where the clock repeats itself.
    #[must_use]
    pub fn from_civil(&self, civil: jiff::civil::DateTime) -> Option<Instant> {
        let zoned = self.rules.to_zoned(civil).ok()?;
        Some(Instant(zoned.timestamp().as_second()))
    }

    /// The civil date and time of an instant in this zone, as `2026-03-05 09:00:00`.
    #[must_use]
    pub fn show(&self, instant: Instant) -> String {
        let (day, second) = self.local(instant);
        format!("{day} {:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_agree() {
        for (text, number, weekday) in [("2000-01-01", 10957, 5), ("2026-03-05", 20517, 3), ("2099-12-31", 47481, 3)] {
            let day = Day::parse(text).expect(text);
            assert_eq!((day.0, day.weekday(), day.to_string().as_str()), (number, weekday, text));
        }
        for text in ["1999-12-31", "2100-01-01", "2026-02-30", "2026-3-5", "２０２６-03-05", ""] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_local_day_begins_at_its_midnight() {
        let shanghai = Zone::named("Asia/Shanghai").expect("bundled");
        let day = Day::parse("2026-03-05").expect("date");
        assert_eq!(shanghai.start_of(day), Instant(1_772_640_000));
        assert_eq!(shanghai.local(Instant(1_772_640_000 - 1)), (day.plus(-1), 86_399));
        assert_eq!(shanghai.show(Instant(1_772_640_000 + 3_661)), "2026-03-05 01:01:01");
        assert!(Zone::named("Mars/Olympus").is_none());
    }

    #[test]
    fn offsets_of_the_century_are_those_of_the_database() {
        for name in ["Asia/Shanghai", "Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "Asia/Pyongyang"] {
            let zone = Zone::named(name).expect("bundled");
            let database = TimeZoneDatabase::bundled().get(name).expect("bundled");
            // Before, within and after the century; seven hours and some apart, so that changes are met from both sides.
            for second in (Instant::FIRST.0 - 9 * DAY_SECONDS..Instant::END.0 + 9 * DAY_SECONDS).step_by(25_911) {
                let at = jiff::Timestamp::from_second(second).expect("in range");
                assert_eq!(
                    zone.offset(Instant(second)),
                    i64::from(database.to_offset(at).seconds()),
                    "{name} {second}"
                );
            }
            for (change, _) in zone.offsets.iter() {
                for second in [change - 1, *change, change + 1] {
                    let at = jiff::Timestamp::from_second(second).expect("in range");
                    assert_eq!(
                        zone.offset(Instant(second)),
                        i64::from(database.to_offset(at).seconds()),
                        "{name} {second}"
                    );
                }
            }
        }
    }
}

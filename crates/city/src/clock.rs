//! Days, workdays and office time of the city.

use model::calendar::{Calendar, CalendarError};
use model::time::{DAY_SECONDS, Day, Instant};

/// Office hours of the city, as they stand in the configuration of a home.
pub const OFFICE_HOURS: [&str; 2] = ["09:00-12:00", "13:30-17:00"];

/// Seconds after midnight at which the morning begins.
pub(crate) const OPEN: i64 = 9 * 3_600;
/// The morning ends.
pub(crate) const LUNCH: i64 = 12 * 3_600;
/// The afternoon begins.
pub(crate) const REOPEN: i64 = 13 * 3_600 + 1_800;
/// The afternoon ends.
pub(crate) const CLOSE: i64 = 17 * 3_600;
/// Office seconds of a workday.
pub(crate) const WORKDAY: i64 = LUNCH - OPEN + CLOSE - REOPEN;

/// China has one time zone, eight hours ahead, and no summer time since 1991.
const AHEAD: i64 = 8 * 3_600;
/// Deadlines are planned so many days past the end.
const DAYS_AHEAD: i32 = 120;

/// A half of a workday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Half {
    Morning,
    Afternoon,
}

/// The instant of a local second of a day.
pub(crate) fn instant(day: Day, second: i64) -> Instant {
    Instant(i64::from(day.0) * DAY_SECONDS + second - AHEAD)
}

/// The local day of an instant, and the second of that day.
pub(crate) fn local(at: Instant) -> (Day, i64) {
    let local = at.0 + AHEAD;
    (Day(i32::try_from(local.div_euclid(DAY_SECONDS)).unwrap_or(i32::MAX)), local.rem_euclid(DAY_SECONDS))
}

/// The half of the day in which an instant lies.
pub(crate) fn half_of(at: Instant) -> Half {
    if local(at).1 < LUNCH { Half::Morning } else { Half::Afternoon }
}

/// The days of the city.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    /// The first day.
    pub(crate) first: Day,
    /// The last day.
    pub(crate) last: Day,
    /// Workdays from the first day to some time past the last.
    workdays: Vec<Day>,
}

impl Clock {
    pub(crate) fn new(first: Day, last: Day) -> Result<Self, CalendarError> {
        let calendar = Calendar::shipped(&OFFICE_HOURS.map(str::to_owned))?;
        let all = (first.0..=last.0 + DAYS_AHEAD).map(Day);
        Ok(Self { first, last, workdays: all.filter(|day| calendar.is_workday(*day)).collect() })
    }

    /// Every day, worked or not.
    pub(crate) fn days(&self) -> impl Iterator<Item = Day> + use<> {
        (self.first.0..=self.last.0).map(Day)
    }

    /// The workdays of the city, those past its end included.
    pub(crate) fn workdays(&self) -> &[Day] {
        &self.workdays
    }

    /// The position of a day among the workdays, if it is one.
    pub(crate) fn workday(&self, day: Day) -> Option<usize> {
        self.workdays.binary_search(&day).ok()
    }

    /// The workdays of the month in which a day lies, as far as they belong to the city.
    pub(crate) fn month(&self, day: Day) -> &[Day] {
        let number = month_number(day);
        let from = self.workdays.partition_point(|workday| month_number(*workday) < number);
        let to = self.workdays.partition_point(|workday| month_number(*workday) <= number && *workday <= self.last);
        &self.workdays[from..to]
    }

    /// The instant after so many seconds of office time. Past the last known workday it is that day's end.
    pub(crate) fn after(&self, at: Instant, office_seconds: i64) -> Instant {
        let (day, second) = local(at);
        let index = self.workdays.partition_point(|workday| *workday < day);
        let worked = if self.workdays.get(index) == Some(&day) {
            second.clamp(OPEN, LUNCH) - OPEN + second.clamp(REOPEN, CLOSE) - REOPEN
        } else {
            0
        };
        let total = i64::try_from(index).unwrap_or(i64::MAX) * WORKDAY + worked + office_seconds;
        // The end of a day, not the start of the next one.
        let before = (total - 1).max(0);
        let (index, worked) = (usize::try_from(before / WORKDAY).unwrap_or(0), before % WORKDAY + 1);
        match self.workdays.get(index) {
            Some(day) if worked <= LUNCH - OPEN => instant(*day, OPEN + worked),
            Some(day) => instant(*day, REOPEN + worked - (LUNCH - OPEN)),
            None => instant(self.workdays.last().copied().unwrap_or(self.last), CLOSE),
        }
    }
}

/// Months since the year 0, so that months can be compared and counted.
pub(crate) fn month_number(day: Day) -> i32 {
    let date = day.date();
    i32::from(date.year()) * 12 + i32::from(date.month()) - 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::calendar::OfficeClock;
    use model::time::Zone;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        Day::parse(text).expect(text)
    }

    fn clock() -> Clock {
        Clock::new(day("2026-01-01"), day("2026-06-30")).expect("the shipped calendar")
    }

    #[test]
    fn local_time_is_that_of_shanghai() {
        let zone = Zone::named("Asia/Shanghai").expect("bundled");
        for date in clock().days() {
            assert_eq!(instant(date, 12_345), zone.instant(date, 12_345));
            assert_eq!(local(instant(date, 86_399)), (date, 86_399));
        }
    }

    #[test]
    fn a_month_has_its_workdays() {
        let check = |date, expect| assert_eq!(clock().month(day(date)).len(), expect, "{date}");
        check("2026-01-31", 21);
        check("2026-02-01", 16);
        check("2026-06-30", 21);
        check("2026-07-01", 0);
    }

    proptest! {
        #[test]
        fn office_time_passes_as_the_model_counts_it(start in 0_i64..180 * 86_400, seconds in 1_i64..60 * WORKDAY) {
            let zone = Zone::named("Asia/Shanghai").expect("bundled");
            let calendar = Calendar::shipped(&OFFICE_HOURS.map(str::to_owned)).expect("valid");
            let office = OfficeClock::new(&calendar, &zone);
            let from = Instant(instant(day("2026-01-01"), 0).0 + start);
            let to = clock().after(from, seconds);
            prop_assert_eq!(office.open_seconds(from, to), seconds);
            // The last of these seconds was worked: nothing is put off to the next opening.
            prop_assert!(office.is_open(Instant(to.0 - 1)));
        }
    }
}

//! How many people come on a day: weekdays, the rush around long holidays, the whims of a day.

use crate::clock::Clock;
use crate::random::{Random, Stream};
use model::time::Day;

/// So many days off in a row make a rush before and after them.
const LONG_HOLIDAY: i32 = 5;
/// The Spring Festival, the longest: its rush is the whole one.
const LONGEST_HOLIDAY: i32 = 9;
/// On the last workday before the holiday, and how much less it is a workday further away, in permille.
const RUSH_BEFORE: (i64, i64) = (380, 42);
/// On the first workday after it.
const RUSH_AFTER: (i64, i64) = (450, 65);
/// Monday to Sunday; the last two are workdays only in exchange for a holiday.
const WEEKDAYS: [i64; 7] = [1_130, 1_020, 970, 950, 930, 780, 780];

/// People who come on a day, in permille of a usual workday.
pub(crate) fn demand(seed: u64, clock: &Clock, day: Day) -> i64 {
    let whim = Random::new(seed, Stream::Day, day.0).near_middle(850, 1_150);
    let weekday = WEEKDAYS[usize::from(day.weekday())];
    whim * weekday / 1_000 * (1_000 + rush(clock, day)) / 1_000
}

/// What a holiday nearby adds, in permille.
fn rush(clock: &Clock, day: Day) -> i64 {
    let Some(at) = clock.workday(day) else { return 0 };
    let workdays = clock.workdays();
    // Days off between a workday and the next one.
    let off = |at: usize| workdays.get(at + 1).map_or(0, |next| next.0 - workdays[at].0 - 1);
    let part = |(most, less): (i64, i64), away: usize, off: i32| {
        let away = i64::try_from(away).unwrap_or(i64::MAX);
        let whole = (most - less.saturating_mul(away)).max(0);
        if off < LONG_HOLIDAY { 0 } else { whole * i64::from(off.min(LONGEST_HOLIDAY)) / i64::from(LONGEST_HOLIDAY) }
    };
    let before = (0..10).map(|away| part(RUSH_BEFORE, away, off(at + away)));
    let after = (0..10).filter(|away| at > *away).map(|away| part(RUSH_AFTER, away, off(at - 1 - away)));
    before.chain(after).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rush_is_around_the_long_holidays() {
        let day = |text: &str| Day::parse(text).expect(text);
        let clock = Clock::new(day("2026-01-01"), day("2026-06-30")).expect("the shipped calendar");
        let check = |date, expect| assert_eq!(rush(&clock, day(date)), expect, "{date}");
        // Spring Festival: 15 to 23 February are off; the 14th, a Saturday, is worked.
        check("2026-02-14", 380);
        check("2026-02-13", 338);
        check("2026-02-24", 450);
        check("2026-02-25", 385);
        check("2026-03-18", 0);
        // Labour Day: five days.
        check("2026-04-30", 211);
        check("2026-05-06", 250);
        check("2026-01-05", 0);
    }
}

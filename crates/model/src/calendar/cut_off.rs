//! When a period can be closed: not before late ratings had their time.

use super::OfficeClock;
use crate::period::Period;
use crate::time::Day;

/// The last day on which facts of a period may still arrive: the later of the 8th natural and the 5th working day
/// after it (SCORING §1).
#[must_use]
pub fn cut_off(period: Period, clock: &OfficeClock) -> Day {
    let last = period.days().1;
    let natural = last.plus(8);
    let working = (1..60).map(|days| last.plus(days)).filter(|day| clock.is_workday(*day)).nth(4);
    working.map_or(natural, |working| working.max(natural))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Calendar;
    use crate::time::Zone;

    #[test]
    fn s1_the_cut_off_waits_for_five_working_days() {
        let clock = OfficeClock::new(&Calendar::shipped(&[]).expect("valid"), &Zone::utc());
        let check = |period: &str, expect: &str| {
            let period = Period::parse(period).expect(period);
            assert_eq!(cut_off(period, &clock).to_string(), expect);
        };
        check("2026-02", "2026-03-08");
        check("2025-09", "2025-10-14");
    }
}

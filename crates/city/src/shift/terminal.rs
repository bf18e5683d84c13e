//! A zone of self-service terminals: open day and night, workdays or not, nobody behind it.

use super::{Case, Shift};
use crate::clock::instant;
use crate::item::ITEMS;
use crate::queue;
use crate::shape;

/// Terminals of a zone.
const TERMINALS: usize = 3;
/// Of a thousand people, how many come between 8:00 and 20:00.
const BY_DAY: i64 = 820;
/// On days off fewer come, in permille of a workday.
const DAY_OFF: i64 = 550;

impl Shift<'_> {
    /// The cases of a day.
    pub(super) fn terminals(&mut self) {
        let works = if self.city.clock.workday(self.day).is_some() { 1_000 } else { DAY_OFF };
        let expected = self.desk.arrivals * self.city.demand(self.day) * works / 1_000;
        let count = queue::people(expected, &mut self.random);
        let mut seconds: Vec<i64> = (0..count).map(|_| self.arrival()).collect();
        seconds.sort_unstable();
        let mut free = [0; TERMINALS];
        for second in seconds {
            // The terminal that is free first.
            let terminal = (0..TERMINALS).min_by_key(|at| free[*at]).unwrap_or(0);
            let start = second.max(free[terminal]);
            let item = self.desk.items[self.random.weighted(self.desk.items.iter().map(|(_, weight)| *weight))].0;
            let taken = shape::duration(&mut self.random, ITEMS[item].counter).max(30);
            let end = start + taken;
            if end >= 86_399 {
                return;
            }
            free[terminal] = end + 5;
            let (id, client) = (self.next_case_id(), self.citizen());
            let mut case = Case::accepted(self.city, id, self.at, item, client, instant(self.day, start));
            // A machine keeps no office hours: its limit is by the clock.
            case.due = Some(instant(self.day, start + ITEMS[item].legal()));
            (case.channel, case.seat) = ("self", Some(format!("{}-{}", self.desk.id, terminal + 1)));
            (case.finished, case.asked) = (Some(instant(self.day, end)), true);
            self.finish(&case, None, instant(self.day, end), false);
        }
    }

    fn arrival(&mut self) -> i64 {
        if self.random.permille(BY_DAY) {
            self.random.between(8 * 3_600, 20 * 3_600)
        } else {
            self.random.below(86_000)
        }
    }
}

//! The queue of a counter on a workday: waiting arises from who comes when and how long each one takes.

use crate::City;
use crate::clock::{CLOSE, Half, LUNCH, OPEN, REOPEN, instant};
use crate::desk::Desk;
use crate::item::{ITEMS, Type};
use crate::random::Random;
use crate::shape;
use model::time::{Day, Instant};

/// When tickets are drawn: the second from which on, for how long, and the share of the day in percent.
const TICKETS: [(i64, i64, i64); 12] = [
    (OPEN - 900, 900, 6),
    (OPEN, 1_800, 11),
    (OPEN + 1_800, 1_800, 14),
    (OPEN + 3_600, 1_800, 13),
    (OPEN + 5_400, 1_800, 10),
    (OPEN + 7_200, 1_800, 7),
    (OPEN + 9_000, 1_200, 3),
    (REOPEN - 600, 600, 3),
    (REOPEN, 3_600, 16),
    (REOPEN + 3_600, 3_600, 11),
    (REOPEN + 7_200, 2_700, 5),
    (REOPEN + 9_900, 1_200, 1),
];
/// Whoever has a ticket is still called so long after closing.
const OVERTIME: i64 = 20 * 60;
/// Rostered extended hours end so long after closing.
const EXTENDED: i64 = 90 * 60;
/// People who come in extended hours, in permille of those of the day.
const EXTENDED_SHARE: i64 = 90;
/// No conversation at a counter is shorter.
const SHORTEST: i64 = 40;

/// Somebody who drew a ticket.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub(crate) ticketed: Instant,
    /// The position of the item.
    pub(crate) item: usize,
    pub(crate) end: End,
    /// Served in rostered extended hours.
    pub(crate) extended: bool,
}

/// How a visit ended.
#[derive(Clone, Debug)]
pub(crate) enum End {
    /// The ticket was given up.
    GaveUp(Instant),
    /// The counter served the case until the citizen left.
    Served {
        /// The position of the person among the people.
        server: usize,
        called: Instant,
        accepted: Instant,
        left: Instant,
    },
}

/// The visits of a workday, in the order of their tickets. Extended hours are those of the day.
pub(crate) fn visits(city: &City, desk: &Desk, day: Day, extended: bool, random: &mut Random) -> Vec<Visit> {
    let mut tickets = tickets(city, desk, day, extended, random);
    tickets.sort_unstable();
    // One window serves one person at a time: the second at which it is free.
    let mut free = OPEN;
    let mut visits = Vec::with_capacity(tickets.len());
    for ticketed in tickets {
        let item = desk.items[random.weighted(desk.items.iter().map(|(_, weight)| *weight))].0;
        let patience = random.between(45, 150) * 60;
        let last_call = if extended { CLOSE + EXTENDED } else { CLOSE + OVERTIME };
        let turn = turn(city, desk, day, free.max(ticketed + random.between(3, 12)));
        let end = match turn {
            Some((called, server)) if called - ticketed <= patience && called <= last_call => {
                let accepted = called + random.between(8, 35);
                let left = accepted + counter_seconds(city, desk, server, day, item, random);
                free = left + random.between(3, 15);
                let at = |second| instant(day, second);
                End::Served { server, called: at(called), accepted: at(accepted), left: at(left) }
            }
            _ => End::GaveUp(instant(day, (ticketed + patience).min(last_call.max(ticketed + 60)))),
        };
        visits.push(Visit { ticketed: instant(day, ticketed), item, end, extended: extended && ticketed >= CLOSE });
    }
    visits
}

/// The seconds of the day at which tickets are drawn, in no order.
fn tickets(city: &City, desk: &Desk, day: Day, extended: bool, random: &mut Random) -> Vec<i64> {
    let expected = desk.arrivals * city.demand(day);
    let mut tickets: Vec<i64> = (0..people(expected, random)).map(|_| ticket(random)).collect();
    if extended {
        let few = people(expected * EXTENDED_SHARE / 1_000, random);
        tickets.extend((0..few).map(|_| CLOSE + random.below(EXTENDED - 1_200)));
    }
    tickets
}

/// How many people come where so many thousandths of a person are expected.
pub(crate) fn people(expected_thousandths: i64, random: &mut Random) -> i64 {
    let expected = expected_thousandths * random.near_middle(800, 1_200) / 1_000;
    expected / 1_000 + i64::from(random.permille(expected % 1_000))
}

/// The second of the day at which somebody draws a ticket.
pub(crate) fn ticket(random: &mut Random) -> i64 {
    let (from, length, _) = TICKETS[random.weighted(TICKETS.iter().map(|(_, _, share)| *share))];
    from + random.below(length)
}

/// The second at which somebody can be called, not before `second`, and who calls; `None` if the day is over. The
/// lunch break is kept, and a counter without anybody stays closed for that half.
fn turn(city: &City, desk: &Desk, day: Day, second: i64) -> Option<(i64, usize)> {
    let staffed = |half| desk.at_counter(&city.plan.people, day, half);
    let morning = if second < LUNCH { staffed(Half::Morning) } else { None };
    if let Some(server) = morning {
        return Some((second.max(OPEN), server));
    }
    staffed(Half::Afternoon).map(|server| (second.max(REOPEN), server))
}

/// How long the citizen is at the counter once the case is taken up.
fn counter_seconds(city: &City, desk: &Desk, server: usize, day: Day, item: usize, random: &mut Random) -> i64 {
    let planned = ITEMS[item].counter;
    let taken = shape::duration(random, planned) * city.pace(desk, server, day) / 1_000;
    // Approvals: now and then somebody presses "finished" at once by mistake.
    if desk.ty == Type::Approval && random.permille(3) {
        return random.between(2, 9);
    }
    taken.clamp(SHORTEST, planned * 5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_of_the_tickets_are_a_whole_day() {
        assert_eq!(TICKETS.iter().map(|(_, _, share)| share).sum::<i64>(), 100);
        // No gap and no overlap but over lunch.
        for pair in TICKETS.windows(2) {
            let end = pair[0].0 + pair[0].1;
            assert!(end == pair[1].0 || (end <= LUNCH && pair[1].0 >= REOPEN - 600), "{pair:?}");
        }
    }
}

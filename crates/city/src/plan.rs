//! Draws the windows, the people, their leave and transfers.

use crate::clock::{Clock, WORKDAY};
use crate::desk::{Desk, Person, Role, Seat};
use crate::item::{self, Type, Use};
use crate::random::Random;
use crate::size::Size;
use crate::story::{self, Stories, Story};
use model::time::Day;

/// Of its office time, how much a counter is busy on a usual day, in permille.
const LOAD: i64 = 615;
/// Seconds that a case takes at the counter beside its handling: the call, the way, the next one.
const AROUND_A_CASE: i64 = 45;
/// People at a self-service zone on a usual day.
const SELF_SERVICE_ARRIVALS: i64 = 50;
/// One window in so many has somebody transferred to or from it.
const WINDOWS_PER_TRANSFER: usize = 20;
/// Windows of a centre, once there are more than three centres.
const WINDOWS_PER_CENTRE: usize = 100;

const SURNAMES: &[&str] = &[
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "马",
    "罗",
];
const GIVEN: &[&str] = &[
    "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超", "秀兰", "霞", "平",
    "刚", "桂英", "文", "辉", "玲", "晓燕", "建华", "志强", "海燕", "俊", "婷",
];

/// Everything that is drawn before the first day.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) desks: Vec<Desk>,
    pub(crate) people: Vec<Person>,
    pub(crate) centres: usize,
    pub(crate) stories: Stories,
}

impl Plan {
    pub(crate) fn draw(random: &mut Random, clock: &Clock, size: Size) -> Self {
        let windows = usize::try_from(size.windows).unwrap_or(usize::MAX);
        let centres = if windows <= 240 { 3 } else { windows / WINDOWS_PER_CENTRE };
        let mut numbers: Vec<usize> = (1..=windows).collect();
        random.shuffle(&mut numbers);
        let types = types(windows);
        let mut desks: Vec<Desk> = Vec::with_capacity(windows);
        for (at, ty) in types.iter().enumerate() {
            let (before, alike) = (at - types.partition_point(|t| t < ty), types.iter().filter(|t| *t == ty).count());
            let centre = if centres == 3 { centre_of(before, alike) } else { before % centres };
            desks.push(desk(random, *ty, numbers[at], windows, centre));
        }
        let mut people = staff(random, clock, &mut desks);
        let stories = story::plant(random, clock, &mut desks, &people);
        shape_stories(&mut desks, &mut people);
        transfers(random, clock, &mut desks);
        Self { desks, people, centres, stories }
    }
}

/// The types of so many windows by their shares, those of one type together.
fn types(windows: usize) -> Vec<Type> {
    let whole: u64 = Type::ALL.iter().map(|ty| u64::from(ty.share())).sum();
    let exact = |ty: Type| u64::from(ty.share()) * windows as u64;
    let mut counts: Vec<(Type, u64)> = Type::ALL.iter().map(|ty| (*ty, exact(*ty) / whole)).collect();
    let given: u64 = counts.iter().map(|(_, count)| count).sum();
    let mut by_rest: Vec<usize> = (0..counts.len()).collect();
    by_rest.sort_by_key(|at| std::cmp::Reverse(exact(counts[*at].0) % whole));
    for at in by_rest.into_iter().take(usize::try_from(windows as u64 - given).unwrap_or(0)) {
        counts[at].1 += 1;
    }
    counts.into_iter().flat_map(|(ty, count)| (0..count).map(move |_| ty)).collect()
}

/// Of three centres, the first has 45 % of the windows of a type, the second 33 %, the third the rest.
fn centre_of(before: usize, alike: usize) -> usize {
    match before * 100 / alike {
        0..45 => 0,
        45..78 => 1,
        _ => 2,
    }
}

fn desk(random: &mut Random, ty: Type, number: usize, windows: usize, centre: usize) -> Desk {
    let items: Vec<(usize, i64)> = item::of(Use::Of(ty)).into_iter().map(|at| (at, random.between(20, 100))).collect();
    let arrivals = usual_arrivals(ty, &items) * random.between(850, 1_150) / 1_000;
    let silent = random.permille(60);
    let width = windows.to_string().len().max(3);
    Desk {
        number,
        id: format!("W{number:0width$}"),
        centre,
        ty,
        items,
        seats: Vec::new(),
        arrivals,
        displeasure: random.near_middle(300, 1_700),
        participation: if silent { random.between(20, 80) } else { random.near_middle(150, 800) },
        // The second centre still has devices of four levels.
        scale: if centre % 3 == 1 { 4 } else { 5 },
        story: None,
    }
}

/// People who come on a usual workday: as many as keep the counter busy for a good part of it.
fn usual_arrivals(ty: Type, items: &[(usize, i64)]) -> i64 {
    if ty == Type::SelfService {
        return SELF_SERVICE_ARRIVALS;
    }
    LOAD * WORKDAY / 1_000 / (Desk::mean_counter_seconds(items) + AROUND_A_CASE)
}

/// Hires people for every seat; at one window nobody has the leave of somebody else's month.
fn staff(random: &mut Random, clock: &Clock, desks: &mut [Desk]) -> Vec<Person> {
    let seats: usize = desks.iter().map(|desk| Role::of(desk.ty).len()).sum();
    let mut numbers: Vec<usize> = (1..=seats).collect();
    random.shuffle(&mut numbers);
    let mut people = Vec::with_capacity(seats);
    for desk in desks {
        let mut months = months(clock);
        random.shuffle(&mut months);
        for role in Role::of(desk.ty) {
            let leave = months.pop().filter(|_| random.permille(750)).map(|first| leave(random, clock, first));
            let number = numbers[people.len()];
            desk.seats.push(Seat { role: *role, person: people.len(), then: None });
            people.push(Person {
                id: format!("{:06}", 110_000 + number),
                name: format!("{}{}", random.pick(SURNAMES), random.pick(GIVEN)),
                hired: clock.first.plus(-i32::try_from(random.between(60, 4_000)).unwrap_or(60)),
                pace: random.near_middle(800, 1_350),
                displeasure: random.near_middle(500, 1_500),
                leave,
            });
        }
    }
    people
}

/// The first day of each month.
fn months(clock: &Clock) -> Vec<Day> {
    clock.days().filter(|day| day.date().day() == 1).collect()
}

/// Three to eight workdays within a month.
fn leave(random: &mut Random, clock: &Clock, month: Day) -> (Day, Day) {
    let days = clock.month(month);
    let length = 3 + random.index(6);
    let start = random.index(days.len().saturating_sub(length).max(1));
    (days[start], days[(start + length - 1).min(days.len() - 1)])
}

/// What a story changes about its window and the people there.
fn shape_stories(desks: &mut [Desk], people: &mut [Person]) {
    for desk in desks {
        match desk.story {
            Some(Story::HardCases) => {
                desk.items = item::of(Use::Hard).into_iter().map(|at| (at, 50)).collect();
                desk.arrivals = usual_arrivals(desk.ty, &desk.items);
                desk.displeasure = 900;
                for seat in &desk.seats {
                    people[seat.person].pace = 850;
                }
            }
            Some(Story::Praise) => desk.participation = 900,
            Some(Story::ThreeRatings { .. }) => desk.participation = 0,
            _ => {}
        }
    }
}

/// Lets some people of the mornings change places with those of another window of their centre.
fn transfers(random: &mut Random, clock: &Clock, desks: &mut [Desk]) {
    let can = |desk: &Desk| desk.story.is_none() && desk.seats[0].role == Role::Morning && desk.seats[0].then.is_none();
    let workdays: Vec<Day> = clock.days().filter(|day| clock.workday(*day).is_some()).collect();
    for _ in 0..desks.len().div_ceil(WINDOWS_PER_TRANSFER) {
        let free: Vec<usize> = (0..desks.len()).filter(|at| can(&desks[*at])).collect();
        if free.is_empty() {
            return;
        }
        let one = *random.pick(&free);
        let near: Vec<usize> =
            free.into_iter().filter(|at| *at != one && desks[*at].centre == desks[one].centre).collect();
        if near.is_empty() {
            continue;
        }
        let other = *random.pick(&near);
        let day = workdays[workdays.len() / 5 + random.index(workdays.len() * 3 / 5)];
        let (first, second) = (desks[one].seats[0].person, desks[other].seats[0].person);
        desks[one].seats[0].then = Some((day, second));
        desks[other].seats[0].then = Some((day, first));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_shared_out_among_the_types() {
        let check = |windows, expect: [usize; 5]| {
            let types = types(windows);
            let counts = Type::ALL.map(|ty| types.iter().filter(|t| **t == ty).count());
            assert_eq!(counts, expect);
            assert!(types.is_sorted());
        };
        check(120, [48, 24, 18, 18, 12]);
        check(12, [5, 2, 2, 2, 1]);
        check(2_000, [800, 400, 300, 300, 200]);
    }
}

//! Windows and people with their character: what the facts of the city depend on, drawn once.

use crate::clock::{Half, half_of};
use crate::item::{ITEMS, Type};
use crate::story::Story;
use model::time::{Day, Instant};

/// What a seat at a window is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// At the counter in the morning.
    Morning,
    /// At the counter in the afternoon.
    Afternoon,
    /// Behind it all day; takes the counter when the others are on leave.
    Back,
    /// Decides about approvals, all day.
    Decision,
}

impl Role {
    /// The seats at a window of a type.
    pub(crate) fn of(ty: Type) -> &'static [Self] {
        match ty {
            Type::Approval => &[Self::Morning, Self::Afternoon, Self::Back, Self::Decision],
            Type::Simple | Type::Consulting | Type::General => &[Self::Morning, Self::Afternoon, Self::Back],
            Type::SelfService => &[Self::Back],
        }
    }
}

/// A seat at a window, and who has it.
#[derive(Clone, Debug)]
pub(crate) struct Seat {
    pub(crate) role: Role,
    /// The position among the people.
    pub(crate) person: usize,
    /// From a day on somebody else has it.
    pub(crate) then: Option<(Day, usize)>,
}

impl Seat {
    /// Who has the seat on a day, on leave or not.
    pub(crate) fn holder(&self, day: Day) -> usize {
        self.then.filter(|(from, _)| *from <= day).map_or(self.person, |(_, person)| person)
    }
}

/// A member of staff.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// The work number.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) hired: Day,
    /// Time taken, in permille of the usual.
    pub(crate) pace: i64,
    /// Displeasure caused, in permille of the usual.
    pub(crate) displeasure: i64,
    /// The days of the one leave, both included.
    pub(crate) leave: Option<(Day, Day)>,
}

impl Person {
    pub(crate) fn is_on_leave(&self, day: Day) -> bool {
        self.leave.is_some_and(|(from, to)| (from..=to).contains(&day))
    }
}

/// A window.
#[derive(Clone, Debug)]
pub(crate) struct Desk {
    /// Its number among all windows, in no order that tells anything.
    pub(crate) number: usize,
    pub(crate) id: String,
    /// The position among the centres.
    pub(crate) centre: usize,
    pub(crate) ty: Type,
    /// The positions of its items, with their weights.
    pub(crate) items: Vec<(usize, i64)>,
    pub(crate) seats: Vec<Seat>,
    /// People who come on a usual workday.
    pub(crate) arrivals: i64,
    /// Displeasure, in permille of the usual.
    pub(crate) displeasure: i64,
    /// Of a thousand who are asked, how many rate.
    pub(crate) participation: i64,
    /// Levels of its rating device.
    pub(crate) scale: i64,
    pub(crate) story: Option<Story>,
}

impl Desk {
    /// What a case takes at the counter on average if everything goes as planned.
    pub(crate) fn mean_counter_seconds(items: &[(usize, i64)]) -> i64 {
        let weights: i64 = items.iter().map(|(_, weight)| weight).sum();
        items.iter().map(|(item, weight)| ITEMS[*item].counter * weight).sum::<i64>() / weights.max(1)
    }

    fn present(&self, people: &[Person], role: Role, day: Day) -> Option<usize> {
        let holder = self.seats.iter().find(|seat| seat.role == role)?.holder(day);
        people.get(holder).filter(|person| !person.is_on_leave(day)).map(|_| holder)
    }

    /// Who sits at the counter in a half of a workday; nobody if all are on leave.
    pub(crate) fn at_counter(&self, people: &[Person], day: Day, half: Half) -> Option<usize> {
        let front = if half == Half::Morning { Role::Morning } else { Role::Afternoon };
        [front, Role::Back, Role::Decision].into_iter().find_map(|role| self.present(people, role, day))
    }

    /// Who works behind the counter on a day.
    pub(crate) fn behind_counter(&self, people: &[Person], day: Day) -> Option<usize> {
        [Role::Back, Role::Decision].into_iter().find_map(|role| self.present(people, role, day))
    }

    /// Who finishes what was not finished at the counter.
    pub(crate) fn finisher(&self, people: &[Person], at: Instant) -> Option<usize> {
        let day = crate::clock::local(at).0;
        let behind = [Role::Decision, Role::Back].into_iter().find_map(|role| self.present(people, role, day));
        behind.or_else(|| self.at_counter(people, day, half_of(at)))
    }
}

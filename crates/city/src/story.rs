//! Stories planted in the city. Which windows and people they happen to is drawn from the seed.

use crate::clock::Clock;
use crate::desk::{Desk, Person, Role};
use crate::item::Type;
use crate::random::Random;
use model::id::{StaffId, WindowId};
use model::time::Day;

/// Who the stories are about. For tests: whatever finds them must not look here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stories {
    /// Ratings are given for the citizens: in bursts on its device and seconds after the call, nearly all of them the
    /// best. Its citizens complain, and say something else when they are called back.
    pub praise: WindowId,
    /// From the fifth month on it gets slower and its citizens less content.
    pub decline: WindowId,
    /// Its cases take five times as long as those of other simple windows, and are promised so: it keeps that better
    /// than they do.
    pub hard_cases: WindowId,
    /// It has three ratings in all.
    pub three_ratings: WindowId,
    /// One evening, hours after it closed, it finished and had rated a day's worth of cases.
    pub evening: (WindowId, Day),
    /// Between these days it had most of its complaints.
    pub complaints: (WindowId, Day, Day),
    /// Finish times after the deadline are rewritten to before it.
    pub rewriter: (StaffId, WindowId),
}

/// A story of a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Story {
    Praise,
    Decline,
    HardCases,
    ThreeRatings { days: [Day; 3] },
    Evening { day: Day },
    Complaints { first: Day, last: Day },
    Rewrites { person: usize },
}

/// The month from which on a window declines, counted from 0.
pub(crate) const DECLINE_FROM_MONTH: i32 = 4;
/// Workdays over which complaints come together.
const CLUSTER_DAYS: usize = 5;

/// Draws the windows of the stories, each of another one, and writes the story down there.
pub(crate) fn plant(random: &mut Random, clock: &Clock, desks: &mut [Desk], people: &[Person]) -> Stories {
    let mut order: Vec<usize> = (0..desks.len()).collect();
    random.shuffle(&mut order);
    let mut draw = |desks: &[Desk], ty: Type| {
        let counter = |at: &usize| desks[*at].ty != Type::SelfService;
        let found = order.iter().position(|at| desks[*at].ty == ty).or_else(|| order.iter().position(counter));
        order.swap_remove(found.unwrap_or(0))
    };
    let mut tell = |desks: &mut [Desk], ty: Type, story: Story| {
        let at = draw(desks, ty);
        desks[at].story = Some(story);
        (at, WindowId::new(&desks[at].id))
    };
    let workdays: Vec<Day> = clock.days().filter(|day| clock.workday(*day).is_some()).collect();
    let praise = tell(desks, Type::Simple, Story::Praise).1;
    let decline = tell(desks, Type::Simple, Story::Decline).1;
    let hard_cases = tell(desks, Type::Simple, Story::HardCases).1;
    // One day in each third, so that they are apart.
    let third = workdays.len() / 3;
    let days = [0, 1, 2].map(|part| workdays[part * third + random.index(third)]);
    let three_ratings = tell(desks, Type::Consulting, Story::ThreeRatings { days }).1;
    let day = *random.pick(&workdays);
    let evening = tell(desks, Type::Simple, Story::Evening { day }).1;
    let start = random.index(workdays.len() - CLUSTER_DAYS);
    let (first, last) = (workdays[start], workdays[start + CLUSTER_DAYS - 1]);
    let complaints = tell(desks, Type::General, Story::Complaints { first, last }).1;
    // The one who decides is the one who can rewrite.
    let (at, window) = tell(desks, Type::Approval, Story::Rewrites { person: 0 });
    let decides = desks[at].seats.iter().find(|seat| seat.role == Role::Decision).or(desks[at].seats.first());
    let person = decides.map_or(0, |seat| seat.person);
    desks[at].story = Some(Story::Rewrites { person });
    Stories {
        praise,
        decline,
        hard_cases,
        three_ratings,
        evening: (evening, day),
        complaints: (complaints, first, last),
        rewriter: (StaffId::new(&people[person].id), window),
    }
}

//! The register of the city: centres, windows, staff, posts with leave and transfers, items.

use crate::City;
use crate::desk::{Desk, Role};
use crate::item;
use model::id::{CentreId, StaffId, WindowId, WindowType};
use model::register::{Centre, Halves, Item, Post, Register, RegisterError, Staff, Validity, Window};
use model::time::Day;

/// The names of the first centres; others are numbered.
const CENTRES: [&str; 3] = ["市政务服务中心", "高新区政务服务中心", "滨江区政务服务中心"];

/// Entries of a register.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    /// The centres.
    pub centres: Vec<Centre>,
    /// The windows, in the order of their ids.
    pub windows: Vec<Window>,
    /// The staff, in the order of their work numbers.
    pub staff: Vec<Staff>,
    /// The posts: a person on leave has none.
    pub posts: Vec<Post>,
    /// The service items with their limits.
    pub items: Vec<Item>,
}

impl Entries {
    /// The register of these entries.
    pub fn register(self) -> Result<Register, RegisterError> {
        Register::new(self.centres, self.windows, self.staff, self.posts, self.items)
    }
}

impl City {
    /// The entries of the city's register.
    #[must_use]
    pub fn register(&self) -> Entries {
        let since = Validity { from: self.clock.first.plus(-365), to: None };
        let window = |desk: &Desk| Window {
            window: WindowId::new(&desk.id),
            name: format!("{}{}号窗口", desk.ty.name(), desk.number),
            centre: CentreId::new(&centre_id(desk.centre)),
            window_type: WindowType::new(desk.ty.profile()),
            valid: since,
        };
        let mut windows: Vec<Window> = self.plan.desks.iter().map(window).collect();
        windows.sort_by(|a, b| a.window.cmp(&b.window));
        let mut staff: Vec<Staff> = self
            .plan
            .people
            .iter()
            .map(|person| Staff {
                staff: StaffId::new(&person.id),
                name: person.name.clone(),
                valid: Validity { from: person.hired, to: None },
            })
            .collect();
        staff.sort_by(|a, b| a.staff.cmp(&b.staff));
        Entries {
            centres: (0..self.plan.centres).map(centre).collect(),
            windows,
            staff,
            posts: self.plan.desks.iter().flat_map(|desk| self.posts(desk)).collect(),
            items: item::entries(since),
        }
    }

    /// The posts at a window: each holder of each seat, cut where there is leave.
    fn posts(&self, desk: &Desk) -> Vec<Post> {
        let mut posts = Vec::new();
        for seat in &desk.seats {
            let halves = match seat.role {
                Role::Morning => Halves::Morning,
                Role::Afternoon => Halves::Afternoon,
                Role::Back | Role::Decision => Halves::Day,
            };
            let before = (seat.person, None, seat.then.map(|(day, _)| day.plus(-1)));
            let after = seat.then.map(|(day, person)| (person, Some(day), None));
            for (person, from, to) in [Some(before), after].into_iter().flatten() {
                let person = &self.plan.people[person];
                for valid in without(person.leave, from.unwrap_or(person.hired), to) {
                    let (staff, window) = (StaffId::new(&person.id), WindowId::new(&desk.id));
                    posts.push(Post { staff, window, halves, valid });
                }
            }
        }
        posts
    }
}

/// A span of days without those of a leave.
fn without(leave: Option<(Day, Day)>, from: Day, to: Option<Day>) -> Vec<Validity> {
    let whole = Validity { from, to };
    let Some((first, last)) = leave else { return vec![whole] };
    let before = Validity { from, to: Some(to.map_or(first.plus(-1), |to| to.min(first.plus(-1)))) };
    let after = Validity { from: from.max(last.plus(1)), to };
    [before, after].into_iter().filter(|part| part.to.is_none_or(|to| part.from <= to)).collect()
}

fn centre_id(at: usize) -> String {
    format!("C{:02}", at + 1)
}

fn centre(at: usize) -> Centre {
    let name = CENTRES.get(at).map_or_else(|| format!("第{}政务服务中心", at + 1), |name| (*name).to_owned());
    Centre { centre: CentreId::new(&centre_id(at)), name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leave_cuts_a_span() {
        let leave = Some((Day(10), Day(12)));
        let check = |from, to: Option<i32>, expect: &[(i32, Option<i32>)]| {
            let parts = without(leave, Day(from), to.map(Day));
            let parts: Vec<_> = parts.iter().map(|part| (part.from.0, part.to.map(|to| to.0))).collect();
            assert_eq!(parts, expect);
        };
        check(1, None, &[(1, Some(9)), (13, None)]);
        check(11, None, &[(13, None)]);
        check(1, Some(11), &[(1, Some(9))]);
        check(1, Some(5), &[(1, Some(5))]);
        check(20, Some(30), &[(20, Some(30))]);
    }
}

//! Who is compared with whom (SCORING §6): fixed on the period's first day, within one type of window.

use crate::id::{CentreId, WindowType};
use crate::period::Period;
use crate::register::Register;
use crate::scheme::UnitKind;
use std::collections::BTreeMap;
use std::fmt;

/// Units that are compared with each other: those of one type, of one centre if it has enough of them, else of all
/// the centres that have too few.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pool {
    /// The type of window.
    pub window_type: WindowType,
    /// The centre that stands alone; `None` for the rest together.
    pub centre: Option<CentreId>,
}

/// `approval@A` for a centre that stands alone, `approval` for the rest.
impl fmt::Display for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.centre {
            Some(centre) => write!(f, "{}@{centre}", self.window_type),
            None => write!(f, "{}", self.window_type),
        }
    }
}

/// The pools of one kind of unit in a period.
#[derive(Clone, Debug)]
pub struct Peers {
    /// Units of each type and centre on the period's first day.
    counts: BTreeMap<(WindowType, CentreId), usize>,
    at_least: usize,
}

impl Peers {
    /// Counts windows, or people by their main post, on the first day of the period. A centre with `at_least` of a
    /// type stands alone.
    #[must_use]
    pub fn new(register: &Register, period: Period, kind: UnitKind, at_least: usize) -> Self {
        let first = period.days().0;
        let mut counts = BTreeMap::new();
        let mut count = |window: &str| {
            if let Some(entry) = register.window_on(window, first) {
                *counts.entry((entry.window_type.clone(), entry.centre.clone())).or_default() += 1;
            }
        };
        match kind {
            UnitKind::Window => register.windows_on(first).for_each(|entry| count(entry.window.as_str())),
            UnitKind::Staff => {
                let people = register.staff_on(first);
                let main = people.filter_map(|person| register.main_window_of(person.staff.as_str(), first));
                main.for_each(|window| count(window.as_str()));
            }
        }
        Self { counts, at_least }
    }

    /// The pool of a unit of this type in this centre, also of one that came after the first day.
    #[must_use]
    pub fn pool(&self, window_type: &WindowType, centre: &CentreId) -> Pool {
        let alone = self.counts.get(&(window_type.clone(), centre.clone())).is_some_and(|n| *n >= self.at_least);
        Pool { window_type: window_type.clone(), centre: alone.then(|| centre.clone()) }
    }

    /// How many units the pool had on the period's first day.
    #[must_use]
    pub fn size(&self, pool: &Pool) -> usize {
        let of_pool = |(ty, centre): &(WindowType, CentreId)| self.pool(ty, centre) == *pool;
        self.counts.iter().filter(|(key, _)| of_pool(key)).map(|(_, count)| count).sum()
    }

    /// With so many units a centre stands alone, and a pool is large enough for outcomes.
    #[must_use]
    pub fn at_least(&self) -> usize {
        self.at_least
    }

    /// Whether the pool is large enough for outcomes that rest on ranks.
    #[must_use]
    pub fn enough(&self, pool: &Pool) -> bool {
        self.size(pool) >= self.at_least
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{StaffId, WindowId};
    use crate::register::{Centre, Halves, Post, Staff, Validity, Window};
    use crate::time::Day;

    fn from(day: &str) -> Validity {
        Validity { from: Day::parse(day).expect("day"), to: None }
    }

    /// Windows as (type, centre, first day, how many).
    fn register(windows: &[(&str, &str, &str, usize)]) -> Register {
        let centres =
            windows.iter().map(|(_, centre, _, _)| Centre { centre: CentreId::new(centre), name: String::new() });
        let window = |(ty, centre, day, count): &(&str, &str, &str, usize)| -> Vec<Window> {
            let window = |at| Window {
                window: WindowId::new(&format!("{centre}-{ty}-{day}-{at}")),
                name: String::new(),
                centre: CentreId::new(centre),
                window_type: WindowType::new(ty),
                valid: from(day),
            };
            (0..*count).map(window).collect()
        };
        let windows: Vec<Window> = windows.iter().flat_map(window).collect();
        let person = |window: &Window| Staff {
            staff: StaffId::new(&format!("p-{}", window.window)),
            name: String::new(),
            valid: window.valid,
        };
        let post = |window: &Window| Post {
            staff: StaffId::new(&format!("p-{}", window.window)),
            window: window.window.clone(),
            halves: Halves::Day,
            valid: window.valid,
        };
        let (staff, posts) = windows.iter().map(|window| (person(window), post(window))).unzip();
        Register::new(centres.collect(), windows, staff, posts, Vec::new()).expect("register")
    }

    #[test]
    fn s6_centres_with_ten_stand_alone_and_the_rest_form_one_pool() {
        let register = register(&[
            ("simple", "A", "2026-01-01", 10),
            ("simple", "A", "2026-03-02", 5),
            ("simple", "B", "2026-01-01", 9),
            ("simple", "B", "2026-03-02", 5),
            ("simple", "C", "2026-01-01", 3),
            ("approval", "A", "2026-01-01", 9),
        ]);
        for kind in [UnitKind::Window, UnitKind::Staff] {
            let peers = Peers::new(&register, Period::parse("2026-03").expect("month"), kind, 10);
            let check = |ty: &str, centre: &str, name: &str, size: usize, enough: bool| {
                let pool = peers.pool(&WindowType::new(ty), &CentreId::new(centre));
                assert_eq!((pool.to_string().as_str(), peers.size(&pool), peers.enough(&pool)), (name, size, enough));
            };
            check("simple", "A", "simple@A", 10, true);
            check("simple", "B", "simple", 12, true);
            check("simple", "C", "simple", 12, true);
            check("approval", "A", "approval", 9, false);
            check("consulting", "A", "consulting", 0, false);
        }
    }
}

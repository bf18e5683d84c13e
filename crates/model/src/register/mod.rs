//! The register: centres, windows with their type, staff, posts in half-days, items with their limits.
//!
//! Every entry holds from a first day to a last day, so that a question about a past day gets the answer of that
//! day.

use crate::canonical::Digest;
use crate::id::{CentreId, ItemCode, StaffId, WindowId, WindowType};
use crate::period::Period;
use crate::time::Day;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The days over which an entry holds, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Validity {
    /// The first day.
    pub from: Day,
    /// The last day; `None` for "until further notice".
    pub to: Option<Day>,
}

impl Validity {
    /// Whether the entry holds on a day.
    #[must_use]
    pub fn contains(self, day: Day) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    fn overlaps(self, other: Self) -> bool {
        self.to.is_none_or(|to| other.from <= to) && other.to.is_none_or(|to| self.from <= to)
    }
}

/// A service centre.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Centre {
    /// Its id.
    pub centre: CentreId,
    /// What people call it.
    pub name: String,
}

/// A window over a span of days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Window {
    /// Its id.
    pub window: WindowId,
    /// What people call it.
    pub name: String,
    /// The centre it belongs to.
    pub centre: CentreId,
    /// Its type: the weight profile it is scored by.
    pub window_type: WindowType,
    /// When this holds.
    pub valid: Validity,
}

/// A member of staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Staff {
    /// The work number.
    pub staff: StaffId,
    /// The name.
    pub name: String,
    /// When the person works here.
    pub valid: Validity,
}

/// Which halves of a workday a post covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Halves {
    /// The morning.
    Morning,
    /// The afternoon.
    Afternoon,
    /// Both.
    Day,
}

impl Halves {
    fn count(self) -> i64 {
        if self == Self::Day { 2 } else { 1 }
    }
}

/// A person's post at a window, on every workday of a span.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Post {
    /// Who.
    pub staff: StaffId,
    /// Where.
    pub window: WindowId,
    /// Morning, afternoon or the whole day.
    pub halves: Halves,
    /// When.
    pub valid: Validity,
}

/// A service item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// Its code.
    pub item: ItemCode,
    /// What people call it.
    pub name: String,
    /// The category, for items too rare to stand alone.
    pub category: Option<String>,
    /// The promised limit in office time.
    pub promised_seconds: Option<i64>,
    /// The legal limit in office time.
    pub legal_seconds: Option<i64>,
    /// When this holds.
    pub valid: Validity,
}

/// Why a register contradicts itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegisterError {
    /// Two entries for one thing hold on the same day.
    #[error("{noun} `{id}` has two entries that hold on the same day: from {first} and from {second}")]
    Overlap {
        /// window or item
        noun: &'static str,
        /// Which.
        id: String,
        /// The first day of one.
        first: Day,
        /// The first day of the other.
        second: Day,
    },
    /// An entry names something that is not registered.
    #[error("{noun} `{id}` names the unknown {target} `{missing}`")]
    Unknown {
        /// What kind of entry.
        noun: &'static str,
        /// Which.
        id: String,
        /// What it names.
        target: &'static str,
        /// The name.
        missing: String,
    },
}

/// Everything that is registered.
#[derive(Clone, Debug, Default)]
pub struct Register {
    centres: BTreeMap<CentreId, Centre>,
    windows: BTreeMap<WindowId, Vec<Window>>,
    staff: BTreeMap<StaffId, Vec<Staff>>,
    posts: Vec<Post>,
    posts_by_staff: BTreeMap<StaffId, Vec<usize>>,
    posts_by_window: BTreeMap<WindowId, Vec<usize>>,
    items: BTreeMap<ItemCode, Vec<Item>>,
}

impl Register {
    /// The register of these entries, in any order.
    pub fn new(
        centres: Vec<Centre>,
        windows: Vec<Window>,
        staff: Vec<Staff>,
        mut posts: Vec<Post>,
        items: Vec<Item>,
    ) -> Result<Self, RegisterError> {
        posts.sort_by(|a, b| (&a.staff, &a.window, a.valid, a.halves).cmp(&(&b.staff, &b.window, b.valid, b.halves)));
        let mut register = Self { posts, ..Self::default() };
        register.centres = centres.into_iter().map(|centre| (centre.centre.clone(), centre)).collect();
        for window in windows {
            register.windows.entry(window.window.clone()).or_default().push(window);
        }
        for person in staff {
            register.staff.entry(person.staff.clone()).or_default().push(person);
        }
        for item in items {
            register.items.entry(item.item.clone()).or_default().push(item);
        }
        for (id, entries) in &mut register.windows {
            entries.sort_by_key(|entry| entry.valid);
            no_overlap("window", id.as_str(), entries.iter().map(|entry| entry.valid))?;
        }
        for (id, entries) in &mut register.items {
            entries.sort_by_key(|entry| entry.valid);
            no_overlap("item", id.as_str(), entries.iter().map(|entry| entry.valid))?;
        }
        register.check_names()?;
        for (index, post) in register.posts.iter().enumerate() {
            register.posts_by_staff.entry(post.staff.clone()).or_default().push(index);
            register.posts_by_window.entry(post.window.clone()).or_default().push(index);
        }
        Ok(register)
    }

    fn check_names(&self) -> Result<(), RegisterError> {
        let unknown = |noun, id: &str, target, missing: &str| RegisterError::Unknown {
            noun,
            id: id.to_owned(),
            target,
            missing: missing.to_owned(),
        };
        for window in self.windows.values().flatten() {
            if !self.centres.contains_key(&window.centre) {
                return Err(unknown("window", window.window.as_str(), "centre", window.centre.as_str()));
            }
        }
        for post in &self.posts {
            if !self.staff.contains_key(&post.staff) {
                return Err(unknown("post at window", post.window.as_str(), "staff", post.staff.as_str()));
            }
            if !self.windows.contains_key(&post.window) {
                return Err(unknown("post of", post.staff.as_str(), "window", post.window.as_str()));
            }
        }
        Ok(())
    }

    /// A centre.
    #[must_use]
    pub fn centre(&self, centre: &str) -> Option<&Centre> {
        self.centres.get(centre)
    }

    /// All centres, by id.
    pub fn centres(&self) -> impl Iterator<Item = &Centre> {
        self.centres.values()
    }

    /// The window as registered on a day.
    #[must_use]
    pub fn window_on(&self, window: &str, day: Day) -> Option<&Window> {
        self.windows.get(window)?.iter().find(|entry| entry.valid.contains(day))
    }

    /// The windows that exist on a day, by id.
    pub fn windows_on(&self, day: Day) -> impl Iterator<Item = &Window> {
        self.windows.values().filter_map(move |entries| entries.iter().find(|entry| entry.valid.contains(day)))
    }

    /// The windows of a period, by id, each as it stood on the first day of it on which it was registered.
    #[must_use]
    pub fn windows_in(&self, period: Period) -> BTreeMap<&str, &Window> {
        let (first, last) = period.days();
        let inside = |entry: &&Window| entry.valid.from <= last && entry.valid.to.is_none_or(|to| first <= to);
        // Entries of one window are sorted by their first day and do not overlap.
        let entry = |entries: &'_ Vec<Window>| entries.iter().position(|entry| inside(&entry));
        let found = self.windows.iter().filter_map(|(id, entries)| Some((id.as_str(), &entries[entry(entries)?])));
        found.collect()
    }

    /// The people who work on a day, by id.
    pub fn staff_on(&self, day: Day) -> impl Iterator<Item = &Staff> {
        self.staff.values().filter_map(move |entries| entries.iter().find(|entry| entry.valid.contains(day)))
    }

    /// The person with this work number, as last registered.
    #[must_use]
    pub fn person(&self, staff: &str) -> Option<&Staff> {
        self.staff.get(staff)?.last()
    }

    /// The window with this id, as last registered.
    #[must_use]
    pub fn window(&self, window: &str) -> Option<&Window> {
        self.windows.get(window)?.last()
    }

    /// Every window id ever registered.
    pub fn window_ids(&self) -> impl Iterator<Item = &WindowId> {
        self.windows.keys()
    }

    /// The item as registered on a day.
    #[must_use]
    pub fn item_on(&self, item: &str, day: Day) -> Option<&Item> {
        self.items.get(item)?.iter().find(|entry| entry.valid.contains(day))
    }

    fn posts_of_staff(&self, staff: &str) -> impl Iterator<Item = &Post> {
        self.posts_by_staff.get(staff).into_iter().flatten().map(|index| &self.posts[*index])
    }

    /// The one person posted to a window on a day; `None` if there is nobody or more than one.
    #[must_use]
    pub fn sole_staff_at(&self, window: &str, day: Day) -> Option<&StaffId> {
        let posts = self.posts_by_window.get(window)?.iter().map(|index| &self.posts[*index]);
        let mut there = posts.filter(|post| post.valid.contains(day)).map(|post| &post.staff);
        let first = there.next()?;
        there.all(|staff| staff == first).then_some(first)
    }

    /// The window where a person has most half-days on a day (the first by id if equal).
    #[must_use]
    pub fn main_window_of(&self, staff: &str, day: Day) -> Option<&WindowId> {
        let mut halves: BTreeMap<&WindowId, i64> = BTreeMap::new();
        for post in self.posts_of_staff(staff).filter(|post| post.valid.contains(day)) {
            *halves.entry(&post.window).or_default() += post.halves.count();
        }
        halves.into_iter().rev().max_by_key(|(_, count)| *count).map(|(window, _)| window)
    }

    /// On-post half-days and on-post days of a person per window over a span, counting workdays only.
    #[must_use]
    pub fn half_days(&self, staff: &str, first: Day, last: Day, is_workday: impl Fn(Day) -> bool) -> Vec<Stint> {
        let mut stints: BTreeMap<&WindowId, (i64, BTreeSet<Day>)> = BTreeMap::new();
        for post in self.posts_of_staff(staff) {
            let from = post.valid.from.max(first);
            let to = post.valid.to.unwrap_or(last).min(last);
            let (half_days, days) = stints.entry(&post.window).or_default();
            for day in (from.0..=to.0).map(Day).filter(|day| is_workday(*day)) {
                *half_days += post.halves.count();
                days.insert(day);
            }
        }
        let stint = |(window, (half_days, days)): (&WindowId, (i64, BTreeSet<Day>))| Stint {
            window: window.clone(),
            half_days,
            days: days.len(),
        };
        stints.into_iter().map(stint).filter(|stint| stint.half_days > 0).collect()
    }

    /// The digest of every entry.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let json = serde_json::json!({
            "centres": self.centres.values().collect::<Vec<_>>(),
            "windows": self.windows.values().flatten().collect::<Vec<_>>(),
            "staff": self.staff.values().flatten().collect::<Vec<_>>(),
            "posts": self.posts,
            "items": self.items.values().flatten().collect::<Vec<_>>(),
        });
        Digest::of_json(&json)
    }
}

/// A person's time at one window within a span.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stint {
    /// The window.
    pub window: WindowId,
    /// Half-days on post.
    pub half_days: i64,
    /// Days with at least one half-day on post.
    pub days: usize,
}

fn no_overlap(noun: &'static str, id: &str, valid: impl Iterator<Item = Validity>) -> Result<(), RegisterError> {
    let mut last: Option<Validity> = None;
    for next in valid {
        if let Some(last) = last.filter(|last| last.overlaps(next)) {
            return Err(RegisterError::Overlap { noun, id: id.to_owned(), first: last.from, second: next.from });
        }
        last = Some(next);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).expect(text)
    }

    fn valid(from: &str, to: Option<&str>) -> Validity {
        Validity { from: day(from), to: to.map(day) }
    }

    fn window(id: &str, ty: &str, valid: Validity) -> Window {
        Window {
            window: WindowId::new(id),
            name: id.to_owned(),
            centre: CentreId::new("C"),
            window_type: WindowType::new(ty),
            valid,
        }
    }

    fn register(windows: Vec<Window>, posts: Vec<Post>) -> Result<Register, RegisterError> {
        let centre = Centre { centre: CentreId::new("C"), name: "中心".to_owned() };
        let people = ["A", "B"].map(|id| Staff {
            staff: StaffId::new(id),
            name: id.to_owned(),
            valid: valid("2026-01-01", None),
        });
        Register::new(vec![centre], windows, people.into(), posts, vec![])
    }

    fn post(staff: &str, window: &str, halves: Halves, valid: Validity) -> Post {
        Post { staff: StaffId::new(staff), window: WindowId::new(window), halves, valid }
    }

    #[test]
    fn a_past_day_gets_the_answer_of_that_day() {
        let register = register(
            vec![
                window("W", "approval", valid("2026-02-01", None)),
                window("W", "simple", valid("2026-01-01", Some("2026-01-31"))),
            ],
            vec![],
        )
        .expect("valid");
        let ty = |date| register.window_on("W", day(date)).map(|window| window.window_type.as_str());
        assert_eq!(ty("2026-01-31"), Some("simple"));
        assert_eq!(ty("2026-02-01"), Some("approval"));
        assert_eq!(ty("2025-12-31"), None);
    }

    #[test]
    fn contradictions_are_named() {
        let all = valid("2026-01-01", None);
        let twice = vec![window("W", "simple", all), window("W", "simple", valid("2026-03-01", None))];
        assert!(matches!(register(twice, vec![]), Err(RegisterError::Overlap { .. })));
        let nowhere = vec![post("A", "X", Halves::Day, all)];
        assert!(matches!(register(vec![], nowhere), Err(RegisterError::Unknown { target: "window", .. })));
    }

    #[test]
    fn s2_posts_count_half_days_on_workdays() {
        let all = valid("2026-03-02", Some("2026-03-08"));
        let windows = vec![window("V", "simple", all), window("W", "simple", all)];
        let posts = vec![
            post("A", "W", Halves::Morning, all),
            post("A", "V", Halves::Day, valid("2026-03-05", Some("2026-03-05"))),
            post("B", "V", Halves::Day, all),
        ];
        let register = register(windows, posts).expect("valid");
        let stints = register.half_days("A", day("2026-03-01"), day("2026-03-31"), |day| day.weekday() < 5);
        let seen: Vec<_> = stints.iter().map(|stint| (stint.window.as_str(), stint.half_days, stint.days)).collect();
        assert_eq!(seen, [("V", 2, 1), ("W", 5, 5)]);
        assert_eq!(register.sole_staff_at("W", day("2026-03-03")).map(StaffId::as_str), Some("A"));
        assert_eq!(register.sole_staff_at("V", day("2026-03-05")), None);
        assert_eq!(register.main_window_of("A", day("2026-03-05")).map(WindowId::as_str), Some("V"));
    }
}

//! What is found, and what is not: each finding with counts just on either side of it.

use super::*;

/// An ordinary window over half a year: 20 cases a workday, half of them rated, nine of ten content.
fn ordinary(name: &str) -> Watched {
    let first = Day::parse("2026-01-01").expect("a day");
    let of = Counts {
        finished: 20,
        timed: 20,
        handling_seconds: 20 * 600,
        handling_permille: 20 * 1000,
        asked: 20,
        rated: 10,
        satisfied: 9,
        revisited: 1,
        revisited_satisfied: 1,
        ..Counts::default()
    };
    let days = (0..181).map(|at| (first.plus(at), of)).collect();
    Watched { window: WindowId::new(name), window_type: WindowType::new("simple"), days }
}

/// Twelve ordinary windows, the first of which is changed day by day.
fn with(change: impl Fn(usize, &mut Counts)) -> Watch {
    let mut windows: Vec<Watched> = (1..=12).map(|at| ordinary(&format!("W{at:02}"))).collect();
    windows[0].days.values_mut().enumerate().for_each(|(at, of)| change(at, of));
    Watch { windows, staff: Vec::new() }
}

/// The kinds and the windows of what is found.
fn found(watch: &Watch) -> Vec<(&'static str, String)> {
    let name = |oddity: &Oddity| match oddity {
        Oddity::Praise { window, .. } => ("praise", window.to_string()),
        Oddity::Decline { window, .. } => ("decline", window.to_string()),
        Oddity::HardCases { window, .. } => ("hard cases", window.to_string()),
        Oddity::HardlyRated { window, .. } => ("hardly rated", window.to_string()),
        Oddity::OffHours { window, .. } => ("off hours", window.to_string()),
        Oddity::Complaints { window, .. } => ("complaints", window.to_string()),
        Oddity::Rewrites { staff, .. } => ("rewrites", staff.to_string()),
    };
    oddities(watch).iter().map(name).collect()
}

fn check(change: impl Fn(usize, &mut Counts), expect: &[&'static str]) {
    let expect: Vec<_> = expect.iter().map(|kind| (*kind, "W01".to_owned())).collect();
    assert_eq!(found(&with(change)), expect);
}

#[test]
fn nothing_is_odd_about_ordinary_windows() {
    check(|_, _| {}, &[]);
    assert!(oddities(&Watch::default()).is_empty());
}

#[test]
fn praise_is_odd_if_it_comes_at_once_and_is_not_repeated_later() {
    let press = |of: &mut Counts, revisited_satisfied: i64| {
        (of.at_once, of.satisfied, of.revisited, of.revisited_satisfied) = (3, 10, 2, revisited_satisfied);
    };
    check(|_, of| press(of, 1), &["praise"]);
    // Those who are called back say the same: quick fingers, perhaps.
    check(|_, of| press(of, 2), &[]);
    // One of a hundred is nothing.
    check(|at, of| of.at_once = i64::from(at % 10 == 0), &[]);
}

#[test]
fn a_decline_is_slower_and_less_content_than_before_and_than_the_peers() {
    let worse = |of: &mut Counts| (of.satisfied, of.handling_permille) = (7, 20 * 1400);
    check(
        |at, of| {
            if at >= 120 {
                worse(of);
            }
        },
        &["decline"],
    );
    // Less content alone, or slower alone, is another story.
    check(
        |at, of| {
            if at >= 120 {
                of.satisfied = 7;
            }
        },
        &[],
    );
    check(
        |at, of| {
            if at >= 120 {
                of.handling_permille = 20 * 1400;
            }
        },
        &[],
    );
    // If all get worse, it is not this window.
    let mut all = with(|_, _| {});
    all.windows.iter_mut().for_each(|watched| watched.days.values_mut().skip(120).for_each(worse));
    assert_eq!(found(&all), []);
}

#[test]
fn hard_cases_take_long_and_no_longer_than_such_cases_take() {
    check(|_, of| of.handling_seconds = 20 * 2000, &["hard cases"]);
    // Long, and longer than such cases take: slow.
    check(|_, of| (of.handling_seconds, of.handling_permille) = (20 * 2000, 20 * 1500), &[]);
    check(|_, of| of.handling_seconds = 20 * 1400, &[]);
}

#[test]
fn a_silent_device_and_an_evening_are_seen() {
    check(|at, of| (of.rated, of.satisfied, of.revisited) = (i64::from(at < 3), 0, 0), &["hardly rated"]);
    check(|at, of| of.off_hours = if at == 15 { 10 } else { 2 }, &["off hours"]);
    check(|_, of| of.off_hours = 9, &[]);
}

#[test]
fn complaints_are_odd_together_and_not_one_by_one() {
    check(|at, of| of.founded = i64::from((40..46).contains(&at)), &["complaints"]);
    check(|at, of| of.founded = i64::from(at % 30 == 0), &[]);
}

#[test]
fn a_person_who_rewrites_far_more_than_others_is_seen() {
    let person =
        |name: &str, rewritten: i64| (StaffId::new(name), Counts { finished: 2_000, rewritten, ..Counts::default() });
    let staff = |first: i64| Watch {
        windows: Vec::new(),
        staff: (0..30).map(|at| person(&format!("{at:02}"), if at == 0 { first } else { 1 })).collect(),
    };
    assert_eq!(found(&staff(40)), [("rewrites", "00".to_owned())]);
    assert_eq!(found(&staff(4)), []);
}

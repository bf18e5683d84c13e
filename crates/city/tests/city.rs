//! What a city must be: the same for a seed, valid, and free of absurdities.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use city::{City, OFFICE_HOURS, Report, Size, TIMEZONE};
use model::calendar::{Calendar, OfficeClock};
use model::canonical::{Digest, canonical_json};
use model::fact::{Fact, Kind, Value};
use model::register::{Halves, Post, Register};
use model::time::{Day, Instant, Zone};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Two weeks of a small city would do for most laws; a month has its inspections and its leave.
const SMALL: Size = Size { windows: 12, months: 1, demand: 1_000 };

fn city(seed: u64, size: Size) -> City {
    City::new(seed, size).expect("the shipped calendar")
}

fn fact(report: Report) -> Fact {
    let shown = format!("{report:?}");
    report.fact().unwrap_or_else(|error| panic!("{error}: {shown}"))
}

fn digest(facts: impl Iterator<Item = Fact>) -> String {
    let mut text = String::new();
    for fact in facts {
        text.push_str(fact.kind().name());
        text.push_str(&fact.identity().source_id);
        text.push_str(&fact.reported_at().0.to_string());
        text.push_str(&canonical_json(&fact.payload()));
    }
    Digest::of(text.as_bytes()).to_string()
}

#[test]
fn a_seed_gives_the_same_facts_on_every_machine() {
    let first = |seed| digest(city(seed, Size::default()).reports().take(5_000).map(fact));
    insta::assert_snapshot!(first(1), @"2a49df5568431106aa9f4e8382875dc8937b93003ba41c1733b21d1754463c9c");
    assert_ne!(first(1), first(2));
}

#[test]
fn days_come_in_any_order() {
    let city = city(3, SMALL);
    let (first, last) = city.span();
    let mut backwards: Vec<Vec<Report>> = Vec::new();
    for day in (first.0..=last.0).rev().map(Day) {
        backwards.extend((0..city.windows()).rev().map(|window| city.reports_of(window, day)));
    }
    backwards.reverse();
    assert!(city.reports().eq(backwards.into_iter().flatten()));
}

#[test]
fn a_city_has_about_as_many_cases_as_were_asked_for() {
    let check = |cases: usize, seed, percent: usize| {
        let city = city(seed, Size::of_cases(cases as u64));
        let made = city.reports().filter(|report| report.kind == Kind::Case).count();
        assert!(made.abs_diff(cases) * 100 <= cases * percent, "{cases}: {made}");
    };
    // A dozen windows differ more from what is usual than a hundred.
    check(3_000, 1, 15);
    check(60_000, 1, 15);
    check(60_000, 2, 15);
    check(600_000, 1, 5);
}

#[test]
fn every_kind_of_fact_happens_under_an_id_of_its_own() {
    let city = city(1, Size { months: 3, ..SMALL });
    let mut ids = BTreeSet::new();
    let mut kinds = BTreeSet::new();
    let (first, last) = city.span();
    let zone = Zone::named(TIMEZONE).expect("bundled");
    for report in city.reports() {
        kinds.insert(report.kind);
        let fact = fact(report);
        assert!(ids.insert((fact.kind(), fact.identity().source_id.clone())), "{fact:?}");
        let latest = fact.latest_day(&zone).expect("a date");
        assert!(first <= latest && latest <= last.plus(8), "{fact:?}");
    }
    let expected: BTreeSet<Kind> = Kind::ALL.into_iter().filter(|kind| *kind != Kind::Violation).collect();
    assert!(kinds.is_superset(&expected), "{kinds:?}");
}

/// What is looked at in the laws below.
struct Seen {
    city: City,
    register: Register,
    posts: BTreeMap<String, Vec<Post>>,
    facts: Vec<Fact>,
    zone: Zone,
    clock: OfficeClock,
}

fn seen(seed: u64, size: Size) -> Seen {
    let city = city(seed, size);
    let entries = city.register();
    let mut posts: BTreeMap<String, Vec<Post>> = BTreeMap::new();
    for post in &entries.posts {
        posts.entry(post.staff.to_string()).or_default().push(post.clone());
    }
    let register = entries.register().expect("a register without contradictions");
    let facts = city.reports().map(fact).collect();
    let zone = Zone::named(TIMEZONE).expect("bundled");
    let calendar = Calendar::shipped(&OFFICE_HOURS.map(str::to_owned)).expect("valid");
    let clock = OfficeClock::new(&calendar, &zone);
    Seen { city, register, posts, facts, zone, clock }
}

impl Seen {
    fn cases(&self) -> impl Iterator<Item = &Fact> {
        self.facts.iter().filter(|fact| fact.kind() == Kind::Case)
    }

    fn is_evening(&self, at: Instant) -> bool {
        self.zone.local(at).1 >= 19 * 3_600
    }

    /// Whether a person has a post at a window at an instant.
    fn is_posted(&self, staff: &str, window: &str, at: Instant) -> bool {
        let (day, second) = self.zone.local(at);
        let half = if second < 12 * 3_600 { Halves::Morning } else { Halves::Afternoon };
        self.posts.get(staff).is_some_and(|posts| {
            posts.iter().any(|post| {
                let there = post.window.as_str() == window && post.valid.contains(day);
                there && (post.halves == Halves::Day || post.halves == half)
            })
        })
    }
}

/// When the citizen left the counter: the end of the first stage, else the finish.
fn left(case: &Fact) -> Option<Instant> {
    match case.value("stages") {
        Some(Value::Stages(stages)) => stages.first().and_then(|stage| stage.to),
        _ => case.instant("finished_at"),
    }
}

fn one_person_at_a_time(seen: &Seen) {
    let mut served: BTreeMap<&str, Vec<(Instant, Instant)>> = BTreeMap::new();
    for case in seen.cases() {
        if let (Some(window), Some(called)) = (case.code("window"), case.instant("called_at")) {
            // Of a case that is open when the city ends only the call is known.
            served.entry(window).or_default().push((called, left(case).unwrap_or(called)));
        }
    }
    for (window, mut spans) in served {
        spans.sort_unstable();
        for pair in spans.windows(2) {
            assert!(pair[0].1 <= pair[1].0, "{window}: {pair:?}");
        }
    }
}

fn times_run_forward(seen: &Seen) {
    for case in seen.cases() {
        let times = ["ticketed_at", "called_at", "accepted_at", "finished_at"].map(|name| case.instant(name));
        assert!(times.iter().flatten().is_sorted(), "{case:?}");
        assert!(case.instant("abandoned_at").is_none_or(|at| Some(at) >= case.instant("ticketed_at")), "{case:?}");
        assert!(case.instant("finished_at").is_none_or(|at| at <= case.reported_at()), "{case:?}");
        if let Some(Value::Stages(stages)) = case.value("stages") {
            assert_eq!(stages.last().and_then(|stage| stage.to), case.instant("finished_at"), "{case:?}");
            assert!(stages.windows(2).all(|pair| pair[0].to == Some(pair[1].from)), "{case:?}");
        }
    }
}

fn counters_keep_office_hours(seen: &Seen) {
    for case in seen.cases().filter(|case| case.instant("called_at").is_some_and(|at| !seen.is_evening(at))) {
        let called = case.instant("called_at").expect("filtered");
        let (day, second) = seen.zone.local(called);
        let extended = case.value("extended_service") == Some(&Value::Flag(true));
        let closes = 17 * 3_600 + if extended { 5_400 } else { 1_200 };
        assert!(seen.clock.is_workday(day) && second >= 9 * 3_600, "{case:?}");
        assert!(!(12 * 3_600..13 * 3_600 + 1_800).contains(&second), "called at lunch: {case:?}");
        assert!(second <= closes || second <= 17 * 3_600 + 5_400, "{case:?}");
    }
}

fn posts_cover_who_serves(seen: &Seen) {
    for case in seen.cases() {
        let (Some(window), Some(accepted)) = (case.code("window"), case.instant("accepted_at")) else { continue };
        if seen.is_evening(accepted) {
            continue;
        }
        // Whoever called somebody before lunch serves them to the end.
        let called = case.instant("called_at");
        let accepted_by = case.code("accepted_by");
        if let (Some(staff), Some(called)) = (accepted_by, called) {
            assert!(seen.is_posted(staff, window, called), "accepted by {staff}: {case:?}");
        }
        if let (Some(staff), Some(finished)) = (case.code("staff"), case.instant("finished_at")) {
            let at = called.filter(|_| accepted_by == Some(staff)).unwrap_or(finished);
            assert!(seen.is_posted(staff, window, at), "finished by {staff}: {case:?}");
        }
    }
}

fn ids_are_known(seen: &Seen) {
    let cases: BTreeSet<&str> = seen.cases().filter_map(Fact::case_id).collect();
    for fact in &seen.facts {
        let day = seen.city.span().1;
        assert!(fact.code("window").is_none_or(|window| seen.register.window_on(window, day).is_some()), "{fact:?}");
        assert!(fact.code("staff").is_none_or(|staff| seen.register.person(staff).is_some()), "{fact:?}");
        if fact.kind() != Kind::Case {
            let case = fact.values().find(|(name, _)| *name == "case_id");
            let known = |value: &Value| matches!(value, Value::Code(id) if cases.contains(&**id));
            assert!(case.is_none_or(|(_, value)| known(value)), "{fact:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_city_has_no_absurdities(seed in any::<u64>(), windows in 12_u32..30, months in 1_u32..4, demand in 100_i64..1_600) {
        let seen = seen(seed, Size { windows, months, demand });
        one_person_at_a_time(&seen);
        times_run_forward(&seen);
        counters_keep_office_hours(&seen);
        posts_cover_who_serves(&seen);
        ids_are_known(&seen);
    }
}

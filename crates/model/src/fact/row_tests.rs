//! Whose row a fact stands on, and on which day: SCORING §1–3 case by case.

use super::*;
use crate::calendar::{Calendar, OfficeClock};
use crate::finals::Finals;
use crate::id::Source;
use crate::period::Period;
use crate::reference::References;
use crate::register::Register;
use crate::time::{Day, Instant, Zone};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use std::sync::LazyLock;

/// `"03-05 09:30"`, with or without its year, as seconds since 1970.
fn at(text: &str) -> i64 {
    let (day, time) = text.split_once(' ').expect("a day and a time");
    let (hour, minute) = time.split_once(':').expect("hours and minutes");
    let number = |text: &str| text.parse::<i64>().expect("a number");
    i64::from(day_of(day).0) * 86_400 + number(hour) * 3600 + number(minute) * 60
}

fn day_of(text: &str) -> Day {
    let text = if text.len() == 5 { format!("2026-{text}") } else { text.to_owned() };
    Day::parse(&text).expect("a day")
}

/// A fact from JSON in which times may stand as `"03-05 09:30"`; `reported` likewise, the event's own time if empty.
fn fact(kind: Kind, id: &str, reported: &str, mut payload: Json) -> Fact {
    fn seconds(json: &mut Json) {
        match json {
            Json::String(text) if matches!(text.len(), 11 | 16) && text.contains(':') => *json = at(text).into(),
            Json::Array(list) => list.iter_mut().for_each(seconds),
            Json::Object(map) => map.values_mut().for_each(seconds),
            _ => {}
        }
    }
    seconds(&mut payload);
    let identity = Identity { source: Source::new("s"), source_id: id.to_owned(), revision: 0 };
    let values = payload.as_object().expect("an object").iter().map(|(name, json)| {
        let column = kind.column(name).unwrap_or_else(|| panic!("{kind} has no {name}"));
        (column.name, Value::from_json(column, json).expect("a value"))
    });
    let reported = (!reported.is_empty()).then(|| Instant(at(reported)));
    Fact::new(kind, identity, false, reported, values.collect()).expect("a fact")
}

/// A case at window W, accepted by C on 5 March at nine.
fn case(id: &str, more: Json) -> Fact {
    let mut payload = json!({"window": "W", "staff": "A", "accepted_by": "C", "accepted_at": "03-05 09:00"});
    let (Some(into), Json::Object(more)) = (payload.as_object_mut(), more) else { panic!("an object") };
    into.extend(more);
    fact(Kind::Case, id, "", payload)
}

fn finished(id: &str, finished_at: &str) -> Fact {
    case(id, json!({"finished_at": finished_at}))
}

fn rating(id: &str, rated: &str, reported: &str, level: i64, more: Json) -> Fact {
    let mut payload = json!({"case_id": "1", "rated_at": rated, "level": level, "scale": 5});
    let (Some(into), Json::Object(more)) = (payload.as_object_mut(), more) else { panic!("an object") };
    into.extend(more);
    fact(Kind::Rating, id, reported, payload)
}

/// Nine to five, made once.
static CLOCK: LazyLock<OfficeClock> = LazyLock::new(|| {
    let calendar = Calendar::shipped(&["09:00-17:00".to_owned()]).expect("valid");
    OfficeClock::new(&calendar, &Zone::utc())
});

/// Every row of a table on a day, as `window/staff: columns`: flags that are set, and numbers and codes asked for.
fn rows(facts: &[Fact], day: &str, table: Table, columns: &[&str]) -> Vec<String> {
    rows_with(&Finals::default(), facts, day, table, columns)
}

fn rows_with(finals: &Finals, facts: &[Fact], day: &str, table: Table, columns: &[&str]) -> Vec<String> {
    let of = |kind: Kind| facts.iter().filter(move |fact| fact.kind() == kind).cloned().collect();
    let others = facts.iter().filter(|fact| !matches!(fact.kind(), Kind::Case | Kind::Rating)).cloned().collect();
    let facts = DayFacts { cases: of(Kind::Case), ratings: of(Kind::Rating), others };
    let (zone, day) = (Zone::utc(), day_of(day));
    let ctx = RowContext {
        day,
        zone: &zone,
        register: &Register::default(),
        clock: &CLOCK,
        references: &References::default(),
        codes: &Codes::default(),
        finals,
    };
    let show = |row: &Row| {
        let cell = |name: &str| match &row.cells[table.column(name).unwrap_or_else(|| panic!("{name}")).0] {
            Cell::Flag(true) => Some(name.to_owned()),
            Cell::Integer(number) => Some(format!("{name}={number}")),
            Cell::Code(code) if !code.is_empty() => Some(format!("{name}={code}")),
            _ => None,
        };
        let code = |name| cell(name).and_then(|text| Some(text.split_once('=')?.1.to_owned())).unwrap_or_default();
        let shown: Vec<String> = columns.iter().filter_map(|name| cell(name)).collect();
        format!("{}/{}: {}", code("window"), code("staff"), shown.join(" "))
    };
    day_rows(&facts, &ctx).get(&table).into_iter().flatten().map(show).collect()
}

const EVENTS: &[&str] = &["on_finish", "on_call", "on_due", "on_notice", "on_stage", "on_rating", "silent"];

fn check(facts: &[Fact], day: &str, columns: &[&str], expect: &[&str]) {
    assert_eq!(rows(facts, day, Table::Case, columns), expect, "on {day}");
}

#[test]
fn s1_the_first_rating_of_a_case_counts_and_the_second_is_kept_beside_it() {
    let facts = [
        finished("1", "03-05 10:00"),
        rating("late", "03-05 12:00", "", 1, json!({})),
        rating("first", "03-05 11:00", "", 5, json!({})),
    ];
    let columns = ["on_finish", "on_rating", "rating_id"];
    check(&facts, "03-05", &columns, &["W/A: rating_id=late", "W/A: on_finish on_rating rating_id=first"]);
}

#[test]
fn s1_a_rating_counts_in_the_month_of_the_service_if_it_arrives_before_the_cut_off() {
    // The 8th of April is both the 8th natural and, after Qingming, later than the 5th working day.
    let case = case("1", json!({"finished_at": "03-30 10:00", "asked": true}));
    let arrives = |reported: &str| [case.clone(), rating("r", "03-30 11:00", reported, 5, json!({}))];
    check(&arrives("04-08 23:00"), "03-30", EVENTS, &["W/A: on_finish on_rating"]);
    check(&arrives("04-08 23:00"), "04-08", EVENTS, &[]);
    check(&arrives("04-09 00:00"), "03-30", EVENTS, &["W/A: on_finish silent"]);
    check(&arrives("04-09 00:00"), "04-09", EVENTS, &["W/A: on_rating"]);
}

#[test]
fn s1_a_rating_of_a_later_day_is_filed_with_its_case() {
    let facts = [finished("1", "03-05 10:00"), rating("r", "03-06 08:00", "", 5, json!({}))];
    check(&facts, "03-05", EVENTS, &["W/A: on_finish on_rating"]);
    check(&facts, "03-06", EVENTS, &[]);
}

#[test]
fn s1_a_rating_without_a_finished_case_is_filed_under_its_own_day() {
    let facts = [case("1", json!({})), rating("r", "03-05 11:00", "", 5, json!({"window": "W"}))];
    check(&facts, "03-05", EVENTS, &["W/: on_rating"]);
}

#[test]
fn a_rating_of_a_device_whose_case_nobody_found_is_kept_and_not_counted() {
    let payload = json!({"window": "W", "rated_at": "03-05 11:00", "level": 5, "scale": 5, "unmatched": true});
    let facts = [finished("1", "03-05 10:00"), fact(Kind::Rating, "r", "", payload)];
    check(&facts, "03-05", EVENTS, &["W/: ", "W/A: on_finish"]);
}

#[test]
fn s2_a_rating_counts_for_the_work_number_on_it() {
    let facts = [finished("1", "03-05 10:00"), rating("r", "03-05 11:00", "", 1, json!({"staff": "B"}))];
    check(&facts, "03-05", EVENTS, &["W/A: on_finish", "W/B: on_rating"]);
}

#[test]
fn s2_a_bad_rating_reaches_nobody_whose_cause_a_second_person_confirmed_to_be_another() {
    let columns = ["on_finish", "on_rating", "rating_set_aside"];
    let with = |level: i64, more: Json| [finished("1", "03-05 10:00"), rating("r", "03-05 11:00", "", level, more)];
    let mine = ["W/A: on_finish on_rating"];
    let aside = ["W/: on_rating rating_set_aside", "W/A: on_finish"];
    check(&with(1, json!({"cause": "policy", "confirmed_by": "M"})), "03-05", &columns, &aside);
    check(&with(1, json!({"cause": "policy"})), "03-05", &columns, &mine);
    check(&with(1, json!({"cause": "person", "confirmed_by": "M"})), "03-05", &columns, &mine);
    check(&with(4, json!({"cause": "policy", "confirmed_by": "M"})), "03-05", &columns, &mine);
}

#[test]
fn s2_on_time_counts_for_who_finished_and_late_for_who_held_the_case_at_its_deadline() {
    let stages = json!([
        {"staff": "C", "from": "03-05 09:00", "to": "03-06 12:00"},
        {"staff": "B", "window": "V", "from": "03-06 12:00", "to": "03-10 09:00"},
        {"staff": "A", "from": "03-10 09:00", "to": "03-10 10:00"},
    ]);
    let of = |due: &str| [case("1", json!({"finished_at": "03-10 10:00", "due_at": due, "stages": stages}))];
    let due = ["on_finish", "on_due", "overdue"];
    check(&of("03-06 11:00"), "03-06", &due, &["W/C: on_due overdue"]);
    check(&of("03-09 11:00"), "03-09", &due, &["V/B: on_due overdue"]);
    check(&of("03-10 09:30"), "03-10", &due, &["V/B: overdue", "W/A: on_finish on_due overdue", "W/C: overdue"]);
    check(&of("03-11 09:00"), "03-10", &["on_finish", "on_due"], &["V/B: ", "W/A: on_finish on_due", "W/C: "]);
    let without = [case("1", json!({"due_at": "03-06 11:00"}))];
    check(&without, "03-06", &due, &["W/A: on_due overdue"]);
    // Between two stages the one before is answerable.
    let gap = json!([{"staff": "B", "from": "03-05 09:00", "to": "03-05 10:00"}]);
    check(&[case("1", json!({"due_at": "03-06 11:00", "stages": gap}))], "03-06", &due, &["W/B: on_due overdue"]);
}

#[test]
fn s2_a_complaint_reaches_a_person_only_if_the_person_caused_it() {
    let complaint = |cause: &str| {
        let payload =
            json!({"window": "W", "staff": "A", "occurred_at": "03-05 09:00", "verdict": "founded", "cause": cause});
        rows(&[fact(Kind::Complaint, "c", "", payload)], "03-05", Table::Complaint, &["cause"])
    };
    assert_eq!(complaint("person"), ["W/A: cause=person"]);
    for cause in ["policy", "system", "facility"] {
        assert_eq!(complaint(cause), [format!("W/: cause={cause}")]);
    }
}

#[test]
fn s2_a_notice_of_what_is_missing_counts_for_who_accepted() {
    let noticed = |notices: i64| [case("1", json!({"finished_at": "03-05 10:00", "supplement_notices": notices}))];
    check(&noticed(1), "03-05", EVENTS, &["W/A: on_finish", "W/C: on_notice"]);
    check(&noticed(0), "03-05", EVENTS, &["W/A: on_finish"]);
}

#[test]
fn s2_stages_count_for_their_holders_net_of_documented_pauses() {
    let stages = json!([
        {"staff": "B", "from": "03-05 09:00", "to": "03-05 11:00", "limit_seconds": 3600},
        {"staff": "A", "from": "03-05 11:00", "to": "03-05 12:00", "limit_seconds": 3600},
        {"staff": "B", "from": "03-05 12:00", "to": "03-05 13:00", "limit_seconds": 7200},
    ]);
    let pauses = json!([{"from": "03-05 09:30", "to": "03-05 10:30", "document": "补正 1"}]);
    let facts = [case("1", json!({"finished_at": "03-05 13:00", "stages": stages, "pauses": pauses}))];
    let columns = ["handovers", "handovers_in_limit", "stage_seconds", "stage_limit_seconds"];
    let expect = [
        "W/A: handovers=1 handovers_in_limit=1 stage_seconds=3600 stage_limit_seconds=3600",
        "W/B: handovers=1 handovers_in_limit=1 stage_seconds=7200 stage_limit_seconds=10800",
    ];
    check(&facts, "03-05", &columns, &expect);
}

#[test]
fn s1_the_open_book_counts_for_who_holds_the_case_at_the_end_of_the_day() {
    let stages = json!([
        {"staff": "C", "from": "03-05 09:00", "to": "03-06 12:00"},
        {"staff": "B", "window": "V", "from": "03-06 12:00", "to": "03-09 12:00"},
    ]);
    let facts = [case("1", json!({"finished_at": "03-09 12:00", "due_at": "03-06 08:00", "stages": stages}))];
    let book = |day: &str| rows(&facts, day, Table::CaseDay, &["overdue"]);
    assert_eq!(book("03-05"), ["W/C: "]);
    assert_eq!(book("03-06"), ["V/B: overdue"]);
    assert_eq!(book("03-09"), [""; 0]);
}

#[test]
fn s3_silent_is_asked_and_unrated_and_a_revisit_knows_it() {
    let asked = case("1", json!({"finished_at": "03-05 10:00", "asked": true}));
    let revisit = fact(
        Kind::Survey,
        "v",
        "",
        json!({"case_id": "1", "answered_on": "2026-03-20", "mode": "revisit", "answered": 1, "satisfied": 1}),
    );
    let of_silent = |facts: &[Fact]| rows(facts, "03-20", Table::Survey, &["of_silent"]);
    let check = |rating: Option<Fact>, silent: bool| {
        let mut facts = vec![asked.clone(), revisit.clone()];
        facts.extend(rating);
        let on_case = rows(&facts, "03-05", Table::Case, &["silent"]);
        assert_eq!(on_case[0], if silent { "W/A: silent" } else { "W/A: " });
        assert_eq!(of_silent(&facts), [if silent { "/: of_silent" } else { "/: " }]);
    };
    check(None, true);
    check(Some(rating("r", "03-06 11:00", "", 1, json!({}))), false);
    check(Some(rating("r", "03-06 11:00", "04-20 11:00", 1, json!({}))), true);
    let unasked = case("1", json!({"finished_at": "03-05 10:00"}));
    assert_eq!(of_silent(&[unasked, revisit.clone()]), ["/: "]);
    assert_eq!(of_silent(&[case("1", json!({"asked": true})), revisit]), ["/: "]);
}

#[test]
fn s6_the_steps_of_the_open_book_sum_to_the_squares_of_each_case() {
    let columns = &["open_square_step", "overdue_square_step", "overdue_open_step"];
    let check = |accepted: &str, due: Option<&str>, expect: [i64; 3]| {
        let mut open = case("1", json!({"accepted_at": accepted, "finished_at": "04-03 09:00"}));
        if let Some(due) = due {
            open = case("1", json!({"accepted_at": accepted, "finished_at": "04-03 09:00", "due_at": due}));
        }
        let mut sums = [0; 3];
        for day in 1..=31 {
            let found = rows(std::slice::from_ref(&open), &format!("03-{day:02}"), Table::CaseDay, columns);
            for text in found.iter().flat_map(|row| row.split(' ')) {
                let Some((name, step)) = text.split_once('=') else { continue };
                let at = columns.iter().position(|column| *column == name).expect("a column");
                sums[at] += step.parse::<i64>().expect("a number");
            }
        }
        assert_eq!(sums, expect, "{accepted} {due:?}");
    };
    // March 2026 has 22 workdays; from Thursday the 12th there are 14, from Wednesday the 25th 5.
    check("03-12 09:00", None, [14 * 14, 0, 0]);
    check("03-12 09:00", Some("03-25 12:00"), [14 * 14, 5 * 5, 14 * 5]);
    check("03-12 09:00", Some("03-20 23:59"), [14 * 14, 8 * 8, 14 * 8]);
    // Over a weekend nothing is added; a month begins anew.
    check("03-12 09:00", Some("03-21 12:00"), [14 * 14, 7 * 7, 14 * 7]);
    check("02-12 09:00", Some("02-13 09:00"), [22 * 22, 22 * 22, 22 * 22]);
    check("03-25 09:00", Some("04-01 09:00"), [5 * 5, 0, 0]);
    // A deadline before the case was accepted makes all of it overdue, and no more.
    check("03-25 09:00", Some("03-02 09:00"), [5 * 5, 5 * 5, 5 * 5]);
}

#[test]
fn s1_a_complaint_counts_in_the_month_of_the_event_or_if_that_is_final_of_the_verdict_and_never_after_a_year() {
    let march = Period::parse("2026-03").expect("a month");
    let finals = Finals::new(vec![(march, Day::parse("2026-04-20").expect("a day"))]);
    let complaint = |happened: &str, verdict: Json, arrived: &str| {
        let mut payload = json!({"window": "W1", "staff": "S1", "occurred_at": happened, "cause": "person"});
        let (Some(into), Json::Object(verdict)) = (payload.as_object_mut(), verdict) else { panic!("an object") };
        into.extend(verdict);
        fact(Kind::Complaint, "c", arrived, payload)
    };
    let check = |complaint: &Fact, expect: Option<&str>| {
        let facts = std::slice::from_ref(complaint);
        let mut filed = Vec::new();
        for day in complaint.anchor_days(&Zone::utc()) {
            let rows = rows_with(&finals, facts, &day.to_string(), Table::Complaint, &["verdict"]);
            filed.extend(rows.into_iter().map(|row| (day.to_string(), row)));
        }
        let row = |day: &str| (day.to_owned(), format!("W1/S1: verdict={}", complaint.code("verdict").expect("one")));
        assert_eq!(filed, Vec::from_iter(expect.map(row)));
    };
    let founded = |at: &str| json!({"verdict": "founded", "verdict_at": at});
    // While the month is not final, up to the day after: with the event.
    check(&complaint("03-10 10:00", founded("03-20 10:00"), "03-20 12:00"), Some("2026-03-10"));
    check(&complaint("03-10 10:00", founded("04-19 10:00"), "04-21 12:00"), Some("2026-03-10"));
    // Once it is: with the verdict.
    check(&complaint("03-10 10:00", founded("06-18 10:00"), "06-18 12:00"), Some("2026-06-18"));
    check(&complaint("03-10 10:00", json!({"verdict": "founded"}), "06-18 12:00"), Some("2026-06-18"));
    // A month that is not final hears of it whenever it comes; one without a verdict stays where it happened.
    check(&complaint("02-10 10:00", founded("06-18 10:00"), "06-18 12:00"), Some("2026-02-10"));
    check(&complaint("03-10 10:00", json!({"verdict": "pending"}), "06-18 12:00"), Some("2026-03-10"));
    // A year later it counts nowhere.
    check(&complaint("03-10 10:00", founded("2027-03-10 10:00"), "2027-03-10 12:00"), Some("2027-03-10"));
    check(&complaint("03-10 10:00", founded("2027-03-11 10:00"), "2027-03-11 12:00"), None);
}

#[test]
fn s1_a_figure_of_a_window_with_cases_of_its_own_says_so() {
    let figure = |id: &str, more: Json| {
        let mut payload =
            json!({"day": "2026-03-05", "metric": "avg_process_time", "value": 6005, "scale": 10, "n": 3});
        let (Some(into), Json::Object(more)) = (payload.as_object_mut(), more) else { panic!("an object") };
        into.extend(more);
        fact(Kind::Statistic, id, "", payload)
    };
    let figures =
        [figure("w", json!({"window": "W"})), figure("x", json!({"window": "X"})), figure("a", json!({"staff": "A"}))];
    let check = |cases: &[Fact], expect: [&str; 3]| {
        let facts: Vec<Fact> = figures.iter().chain(cases).cloned().collect();
        assert_eq!(rows(&facts, "03-05", Table::Statistic, &["product", "has_cases"]), expect);
    };
    let none = ["/A: product=1802", "W/: product=1802", "X/: product=1802"];
    let w = ["/A: product=1802", "W/: product=1802 has_cases", "X/: product=1802"];
    check(&[], none);
    check(&[finished("1", "03-05 10:00")], w);
    // What is called, due or open on the day, and finished on another, is in no figure of the day.
    let elsewhere =
        case("1", json!({"called_at": "03-05 08:00", "due_at": "03-05 12:00", "finished_at": "03-06 10:00"}));
    check(&[elsewhere], none);
    // A case without a window is no window's.
    let nowhere = fact(Kind::Case, "1", "", json!({"finished_at": "03-05 10:00"}));
    check(&[nowhere], none);
}

/// An hour of a week, or none.
fn hour() -> impl Strategy<Value = Option<i64>> {
    proptest::option::of(0_i64..24 * 7)
}

proptest! {
    #[test]
    fn s1_what_becomes_known_later_changes_no_day(
        times in [hour(), hour(), hour(), hour(), hour()],
        accepted in 0_i64..24 * 7,
        stages in proptest::collection::vec((0_i64..24 * 7, hour(), "[AB]"), 0..4),
    ) {
        let hours = |hours: i64| at("03-02 00:00") + hours * 3600;
        let mut payload = json!({"accepted_at": hours(accepted), "outcome": "granted"});
        for (name, time) in ["ticketed_at", "called_at", "abandoned_at", "finished_at", "due_at"].iter().zip(times) {
            if let Some(time) = time {
                payload[*name] = hours(time).into();
            }
        }
        let stages = stages.iter().map(|(from, length, staff)| {
            json!({"staff": staff, "from": hours(*from), "to": length.map(|length| hours(from + length)), "limit_seconds": 60})
        });
        payload["stages"] = stages.collect();
        let case = case("1", payload);
        for day in (2..10).map(|day| format!("03-{day:02}")) {
            let then = case.as_of(day_of(&day), &Zone::utc());
            for table in [Table::Case, Table::CaseDay] {
                let columns: Vec<&str> = table.columns().map(|column| column.name).collect();
                let of = |fact: &Fact| rows(std::slice::from_ref(fact), &day, table, &columns);
                prop_assert_eq!(of(&case), of(&then), "on {}", day);
            }
        }
    }
}

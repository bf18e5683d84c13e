//! Whoever follows what comes in misses nothing, and is told what counts now.

use super::{Ground, NINE, TEST, at, case, code, fact, import, on_both, rating};
use crate::{Change, Command, Known, Store};
use model::fact::{Fact, Kind, Value};
use model::id::Source;
use model::time::{Instant, Zone};
use std::collections::BTreeSet;

on_both! {
    new_reports_come_in_their_order_and_once
    what_counts_of_a_case_comes_with_its_ratings
    many_reports_come_in_pieces
    a_place_is_found_by_the_time_of_arrival
}

fn named(facts: &[Fact]) -> Vec<String> {
    facts.iter().map(|fact| format!("{}.{}", fact.identity().source_id, fact.identity().revision)).collect()
}

async fn new_reports_come_in_their_order_and_once(ground: &Ground) {
    let store = ground.store().await;
    let none = store.reports_after(0, Instant(0)).await.expect("readable");
    assert_eq!((none.last, none.more, none.facts.len()), (0, false, 0));
    import(&store, vec![case("c2", 0, "W1", 0), case("c1", 0, "W1", 0)]).await;
    import(&store, vec![case("c1", 0, "W1", 0), rating("r1", "c1", 0)]).await;
    let first = store.reports_after(0, Instant(0)).await.expect("readable");
    assert_eq!(named(&first.facts), ["c2.0", "c1.0", "r1.0"]);
    // A contradiction and an older revision are reports, too.
    import(&store, vec![case("c1", 0, "W9", 0), case("c2", 3, "W2", 0)]).await;
    let next = store.reports_after(first.last, Instant(0)).await.expect("readable");
    assert_eq!((named(&next.facts), next.more), (vec!["c1.0".to_owned(), "c2.3".to_owned()], false));
    assert!(store.reports_after(next.last, Instant(0)).await.expect("readable").facts.is_empty());
    // What was reported before a time is passed over, and not seen again.
    import(&store, vec![case("old", 0, "W1", -9), case("new", 0, "W1", 0)]).await;
    let late = store.reports_after(next.last, Instant(NINE)).await.expect("readable");
    assert_eq!(named(&late.facts), ["new.0"]);
    assert_eq!(late.last, next.last + 2);
}

async fn what_counts_of_a_case_comes_with_its_ratings(ground: &Ground) {
    let store = ground.store().await;
    let named_case = |id: &str, number: &str| {
        let values = vec![("finished_at", at(0)), ("case_id", code(number))];
        fact(Kind::Case, "hall", id, 0, values)
    };
    let complaint = |revision, verdict: &str| {
        fact(Kind::Complaint, "12345", "k1", revision, vec![("occurred_at", at(0)), ("verdict", code(verdict))])
    };
    let survey = vec![
        ("answered_on", Value::Day(super::march(6))),
        ("mode", code("revisit")),
        ("answered", Value::Integer(1)),
        ("satisfied", Value::Integer(1)),
        ("case_id", code("N7")),
    ];
    let survey = fact(Kind::Survey, "calls", "s1", 0, survey);
    import(&store, vec![case("c1", 0, "W1", 0), case("c1", 2, "W2", 0), named_case("x", "N7"), survey]).await;
    import(&store, vec![rating("r1", "c1", 0), rating("r2", "N7", 0), rating("r3", "other", 0)]).await;
    import(&store, vec![complaint(0, "pending"), complaint(1, "founded"), case("c3", 0, "W1", 0)]).await;
    let source = Source::new("12345");
    let counting = async |cases: &[&str], records: &[(Kind, &Source, &str)]| {
        let (cases, records) = (cases.iter().copied().collect(), records.iter().copied().collect());
        let mut found = store.counting(&cases, &records).await.expect("readable");
        found.sort_by_key(|(place, _)| *place);
        let facts: Vec<Fact> = found.iter().map(|(_, fact)| fact.clone()).collect();
        let places: BTreeSet<i64> = found.iter().map(|(place, _)| *place).collect();
        assert_eq!(places.len(), facts.len(), "each once");
        named(&facts)
    };
    assert_eq!(counting(&["c1"], &[]).await, ["c1.2", "r1.0"]);
    assert_eq!(counting(&["N7"], &[]).await, ["x.0", "s1.0", "r2.0"]);
    assert_eq!(counting(&["nobody"], &[(Kind::Complaint, &source, "k1")]).await, ["k1.1"]);
    assert_eq!(counting(&[], &[(Kind::Exam, &source, "k1")]).await, Vec::<String>::new());
    // A contradicted revision counts in neither version.
    import(&store, vec![case("c3", 0, "W8", 0)]).await;
    assert_eq!(counting(&["c3"], &[]).await, Vec::<String>::new());
}

async fn many_reports_come_in_pieces(ground: &Ground) {
    let store = ground.store().await;
    let many: Vec<Fact> = (0..5_003).map(|n| case(&format!("c{n:05}"), 0, "W1", 0)).collect();
    import(&store, many).await;
    let first = store.reports_after(0, Instant(0)).await.expect("readable");
    assert_eq!((first.facts.len(), first.more), (5_000, true));
    let rest = store.reports_after(first.last, Instant(0)).await.expect("readable");
    assert_eq!((named(&rest.facts), rest.more), (vec!["c05000.0".into(), "c05001.0".into(), "c05002.0".into()], false));
}

async fn write_at(store: &Store, seconds: i64, ids: &[&str]) {
    let facts = ids.iter().map(|id| case(id, 0, "W1", 0)).collect();
    let change = Change { at: Instant(NINE + seconds), ..TEST };
    store
        .write(change, Command::ImportFacts { facts, zone: Zone::utc(), known: Known::default() })
        .await
        .expect("written");
}

async fn a_place_is_found_by_the_time_of_arrival(ground: &Ground) {
    let store = ground.store().await;
    assert_eq!(store.place_before(Instant(NINE)).await.expect("readable"), 0);
    write_at(&store, 0, &["a", "b"]).await;
    store.write(TEST, Command::RevokeToken { id: "none".to_owned() }).await.expect("nothing to do");
    write_at(&store, 10, &["c"]).await;
    write_at(&store, 10, &["d", "e", "f"]).await;
    write_at(&store, 20, &["g"]).await;
    let check = async |seconds: i64, expect: i64| {
        assert_eq!(store.place_before(Instant(NINE + seconds)).await.expect("readable"), expect, "{seconds}");
    };
    check(-1, 0).await;
    check(0, 0).await;
    check(1, 2).await;
    check(10, 2).await;
    check(11, 6).await;
    check(21, 7).await;
}

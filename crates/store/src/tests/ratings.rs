//! Ratings are taken once, and wait for their case.

use super::{Ground, NINE, TEST, at, case, code, fact, import, march, on_both};
use crate::{Change, Command, Done, Known, RatingTaken, Store};
use model::fact::{Fact, Kind, Value};
use model::time::{Instant, Zone};

on_both! {
    what_is_sent_again_is_the_same_rating
    a_second_rating_of_a_case_is_said_to_be_one
    a_rating_waits_for_its_case_and_is_matched_once
}

/// A rating of a level out of four, so many seconds after nine.
fn rating(id: &str, case: Option<&str>, seconds: i64, level: i64) -> Fact {
    let mut values = vec![
        ("window", code("W1")),
        ("rated_at", at(seconds)),
        ("level", Value::Integer(level)),
        ("scale", Value::Integer(4)),
    ];
    values.push(match case {
        Some(case) => ("case_id", code(case)),
        None => ("unmatched", Value::Flag(true)),
    });
    fact(Kind::Rating, "kiosk", id, 0, values)
}

async fn take(store: &Store, seconds: i64, facts: Vec<Fact>) -> Vec<RatingTaken> {
    let change = Change { at: Instant(NINE + seconds), ..TEST };
    match store
        .write(change, Command::TakeRatings { facts, zone: Zone::utc(), known: Known::default() })
        .await
        .expect("written")
    {
        Done::Rated(taken) => taken,
        other => panic!("{other:?}"),
    }
}

const NEW: RatingTaken = RatingTaken::New { again: false };
const AGAIN: RatingTaken = RatingTaken::New { again: true };
const SAME: RatingTaken = RatingTaken::Known { same: true };
const OTHER: RatingTaken = RatingTaken::Known { same: false };

async fn what_is_sent_again_is_the_same_rating(ground: &Ground) {
    let store = ground.store().await;
    let twice = vec![rating("a", Some("c1"), 0, 4), rating("a", Some("c1"), 0, 4)];
    assert_eq!(take(&store, 1, twice).await, [NEW, SAME]);
    // Even if its times differ: what a device says a second time replaces nothing.
    assert_eq!(
        take(&store, 2, vec![rating("a", Some("c1"), 7, 4), rating("a", Some("c1"), 0, 1)]).await,
        [SAME, OTHER]
    );
    let (facts, _) = store.day_facts(march(5)).await.expect("readable");
    let levels: Vec<_> = facts.ratings.iter().map(|fact| (fact.integer("level"), fact.instant("rated_at"))).collect();
    assert_eq!(levels, [(Some(4), Some(Instant(NINE)))]);
    assert_eq!(store.last_command().await.expect("readable"), 1, "nothing changed the second time");
    assert!(store.conflicts(9).await.expect("readable").is_empty());
}

async fn a_second_rating_of_a_case_is_said_to_be_one(ground: &Ground) {
    let store = ground.store().await;
    let first = vec![rating("a", Some("c1"), 0, 4), rating("b", Some("c1"), 1, 1), rating("c", Some("c2"), 0, 4)];
    assert_eq!(take(&store, 1, first).await, [NEW, AGAIN, NEW]);
    assert_eq!(take(&store, 1, vec![rating("d", Some("c2"), -5, 1), rating("e", None, 0, 1)]).await, [AGAIN, NEW]);
    // All are kept: which was given first is a matter of their times.
    assert_eq!(store.day_facts(march(5)).await.expect("readable").0.ratings.len(), 5);
    assert_eq!(store.verify().await.expect("readable"), Vec::<String>::new());
}

async fn a_rating_waits_for_its_case_and_is_matched_once(ground: &Ground) {
    let store = ground.store().await;
    take(&store, 10, vec![rating("a", None, 0, 4), rating("b", None, 0, 3)]).await;
    let due = async |seconds: i64| {
        let due = store.unmatched_due(Instant(NINE + seconds), 9).await.expect("readable");
        due.iter().map(|of| of.source_id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(due(14).await, Vec::<String>::new());
    assert_eq!(due(15).await, ["a", "b"]);
    let unmatched = store.unmatched_due(Instant(NINE + 15), 9).await.expect("readable");
    assert_eq!((unmatched[0].window.as_str(), unmatched[0].rated_at), ("W1", NINE));
    store.look_again(&unmatched[0], Some(Instant(NINE + 60))).await.expect("noted");
    store.look_again(&unmatched[1], None).await.expect("noted");
    assert_eq!((due(59).await, due(60).await), (vec![], vec!["a".to_owned()]));
    import(&store, vec![case("c1", 0, "W1", 0)]).await;
    let found = store.rating(&unmatched[0]).await.expect("readable").expect("there");
    assert_eq!(found.flag("unmatched"), Some(true));
    let values = vec![
        ("window", code("W1")),
        ("rated_at", at(0)),
        ("level", Value::Integer(4)),
        ("scale", Value::Integer(4)),
        ("case_id", code("c1")),
    ];
    let facts = vec![fact(Kind::Rating, "kiosk", "a", 1, values)];
    let command = || Command::MatchRatings { facts: facts.clone(), zone: Zone::utc(), known: Known::default() };
    assert!(matches!(store.write(TEST, command()).await.expect("written"), Done::Changed));
    // Another node that found the same changes nothing.
    assert!(matches!(store.write(TEST, command()).await.expect("written"), Done::Nothing));
    assert_eq!((due(99).await, store.unmatched_count().await.expect("readable")), (vec![], 0));
    let (facts, _) = store.day_facts(march(5)).await.expect("readable");
    let cases: Vec<_> = facts.ratings.iter().map(|of| (of.identity().revision, of.case_id())).collect();
    assert_eq!(cases, [(1, Some("c1")), (0, None)]);
    // A device that sends it again is told that it is there.
    assert_eq!(take(&store, 99, vec![rating("a", None, 0, 4)]).await, [SAME]);
}

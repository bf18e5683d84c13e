//! Reports in files: they count, they come back into rows, and whoever is out of date is told so.

use super::{Ground, NINE, TEST, case, import, march, on_both, rating, windows};
use crate::{
    Backfill, BackfilledDay, Command, Done, FreeText, KindCount, Known, SealedRow, SourceCount, Store, Thawed,
    case_key, record_key,
};
use model::canonical::Digest;
use model::fact::Kind;
use model::time::Zone;

on_both! {
    what_lies_in_files_counts_and_comes_back_into_rows
    a_backfill_of_something_that_came_in_meanwhile_is_refused
    a_backfill_makes_sealed_days_dirty
}

/// A case of the fifth, finished at nine, as a backfill.
fn backfill(batches: i64, seen: i64) -> Backfill {
    let mut keys = vec![record_key(Kind::Case, "hall", "c1"), case_key("c1")];
    keys.sort_unstable();
    Backfill {
        facts: 1,
        files: "{}".to_owned(),
        days: vec![BackfilledDay {
            day: march(5),
            file: "{\"path\":\"f\"}".to_owned(),
            first: 0,
            last: 0,
            counts: true,
        }],
        kinds: vec![KindCount { kind: Kind::Case, reports: 1, current: 1 }],
        sources: vec![SourceCount { day: march(5), kind: Kind::Case, source: "hall".to_owned(), facts: 1 }],
        open_from: None,
        texts: vec![FreeText { fact: 0, name: "note", value: "话".into() }],
        windows: ["W1".to_owned()].into(),
        batches,
        seen,
        keys: keys.into(),
    }
}

async fn write(store: &Store, backfill: Backfill) -> Done {
    store.write(TEST, Command::Backfill(backfill)).await.expect("written")
}

async fn what_lies_in_files_counts_and_comes_back_into_rows(ground: &Ground) {
    let store = ground.store().await;
    assert_eq!(import(&store, vec![case("c0", 0, "W1", 0)]).await.new, 1);
    assert!(matches!(write(&store, backfill(0, 1)).await, Done::Changed));
    let counts = async |store: &Store| {
        let counts = store.fact_counts().await.expect("readable");
        counts.into_iter().map(|of| (of.kind, of.reports, of.current)).collect::<Vec<_>>()
    };
    assert_eq!(counts(&store).await, [("case".to_owned(), 2, 2)]);
    let reporting = store.reporting_sources(march(1), march(31)).await.expect("readable");
    assert_eq!(reporting, [("case".to_owned(), "hall".to_owned(), march(5))]);
    let batch = store.cold_batches().await.expect("readable").remove(0);
    assert_eq!((batch.id, batch.first_fact, batch.facts), (1, 2, 1));
    let parts = store.day_parts(march(5)).await.expect("readable");
    assert_eq!((parts.facts.cases.len(), parts.cold.len(), parts.cold[0].thawed.len()), (1, 1, 0));
    // Whoever has not looked through the batch gets the command back.
    let facts = vec![rating("r1", "c1", 1)];
    let stale = Command::ImportFacts { facts, zone: Zone::utc(), known: Known::default() };
    let Done::Stale(again) = store.write(TEST, stale).await.expect("answered") else { panic!("not stale") };
    let Command::ImportFacts { facts, zone, .. } = *again else { panic!("another command") };
    assert_eq!((facts.len(), store.last_command().await.expect("readable")), (1, 2));
    let thawed = || Thawed { id: 2, fact: case("c1", 0, "W1", 0), current: true, batch: 1, command: batch.command };
    let command = Command::ImportFacts { facts, zone, known: Known { thawed: vec![thawed()], batches: 1 } };
    let Done::Imported(outcome) = store.write(TEST, command).await.expect("written") else { panic!("not imported") };
    assert_eq!((outcome.new, outcome.same), (1, 0));
    assert_eq!(windows(&store, march(5)).await, ["W1", "W1"]);
    let parts = store.day_parts(march(5)).await.expect("readable");
    assert_eq!((parts.facts.ratings.len(), parts.cold[0].thawed.iter().copied().collect::<Vec<_>>()), (1, vec![2]));
    assert_eq!(counts(&store).await, [("case".to_owned(), 2, 2), ("rating".to_owned(), 1, 1)]);
    // Once more it is a row already; a correction of it takes its place.
    let facts = vec![case("c1", 1, "W9", 0)];
    let command =
        Command::ImportFacts { facts, zone: Zone::utc(), known: Known { thawed: vec![thawed()], batches: 1 } };
    let Done::Imported(outcome) = store.write(TEST, command).await.expect("written") else { panic!("not imported") };
    assert_eq!(outcome.new, 1);
    assert_eq!(windows(&store, march(5)).await, ["W1", "W9"]);
    assert_eq!(counts(&store).await[0], ("case".to_owned(), 3, 2));
    assert_eq!(store.verify().await.expect("readable"), Vec::<String>::new());
    super::intrude(&store, "UPDATE cold_day SET file = 'other'").await;
    assert_eq!(store.verify().await.expect("readable").len(), 1);
}

async fn a_backfill_of_something_that_came_in_meanwhile_is_refused(ground: &Ground) {
    let store = ground.store().await;
    import(&store, vec![case("c0", 0, "W1", 0)]).await;
    let mut check = |kind: Kind, source: &str, id: &str, case: Option<&str>| {
        assert_eq!((kind, source, id, case), (Kind::Case, "hall", "c0", Some("c0")));
    };
    assert_eq!(store.every_name(&mut check).await.expect("readable"), 1);
    // A rating of the case; whoever has seen it may go on.
    import(&store, vec![rating("r1", "c1", 1)]).await;
    assert!(matches!(write(&store, backfill(0, 1)).await, Done::Stale(_)));
    assert_eq!(store.cold_batches().await.expect("readable"), []);
    assert!(matches!(write(&store, backfill(0, 2)).await, Done::Changed));
    // Another backfill came between.
    assert!(matches!(write(&store, backfill(0, 2)).await, Done::Stale(_)));
    assert_eq!(store.last_command().await.expect("readable"), 3);
}

async fn a_backfill_makes_sealed_days_dirty(ground: &Ground) {
    let store = ground.store().await;
    for day in [4, 5] {
        let (facts_digest, context) = (Digest::of(b"f"), Digest::of(b"c"));
        let row = SealedRow { day: march(day), manifest: "{}".to_owned(), facts_digest, context, as_of: NINE };
        store.write(TEST, Command::SealDay(row)).await.expect("written");
    }
    write(&store, backfill(0, 0)).await;
    let days = store.sealed_days(march(1), march(31)).await.expect("readable");
    assert_eq!(days.iter().map(|day| (day.day, day.dirty)).collect::<Vec<_>>(), [(march(4), false), (march(5), true)]);
}

//! Facts: counted once, corrected, retracted, contradicted.

use super::{Ground, at, case, code, fact, import, march, on_both, rating, windows};
use crate::Taken;
use model::fact::{Fact, Identity, Kind, Value};
use model::id::Source;

on_both! {
    what_comes_in_is_there_once
    a_correction_replaces_and_a_retraction_removes
    a_contradicted_revision_counts_in_neither_version
    a_case_is_found_by_its_number_and_by_its_own_id
    texts_and_open_cases_are_kept
    a_big_batch_is_taken_whole
}

async fn what_comes_in_is_there_once(ground: &Ground) {
    let store = ground.store().await;
    assert_eq!(store.last_command().await.expect("readable"), 0);
    let first = import(&store, vec![case("c1", 0, "W1", 0), case("c2", 0, "W2", 0), case("c1", 0, "W1", 0)]).await;
    assert_eq!(first.reports, [Taken::New, Taken::New, Taken::Same]);
    assert_eq!((first.new, first.same, first.conflicts), (2, 1, 0));
    let again = import(&store, vec![case("c2", 0, "W2", 0), case("c1", 0, "W1", 0)]).await;
    assert_eq!((again.new, again.same), (0, 2));
    // What changes nothing leaves no trace.
    assert_eq!(store.last_command().await.expect("readable"), 1);
    assert_eq!(windows(&store, march(5)).await, ["W1", "W2"]);
    assert_eq!(store.days_with_facts(march(1), march(31)).await.expect("readable"), [march(5)]);
    store.clone().close().await;
    // It is there for whoever opens the database next.
    let store = ground.store().await;
    assert_eq!(windows(&store, march(5)).await, ["W1", "W2"]);
    let counts = store.fact_counts().await.expect("readable");
    assert_eq!(
        counts.iter().map(|of| (of.kind.as_str(), of.reports, of.current)).collect::<Vec<_>>(),
        [("case", 2, 2)]
    );
    let reporting = store.reporting_sources(march(1), march(31)).await.expect("readable");
    assert_eq!(reporting, [("case".to_owned(), "hall".to_owned(), march(5))]);
    assert_eq!(store.verify().await.expect("readable"), Vec::<String>::new());
}

async fn a_correction_replaces_and_a_retraction_removes(ground: &Ground) {
    let store = ground.store().await;
    import(&store, vec![case("c1", 2, "W2", 1)]).await;
    // A report that comes late and is older changes nothing that counts.
    import(&store, vec![case("c1", 1, "W1", 0)]).await;
    assert_eq!((windows(&store, march(5)).await, windows(&store, march(6)).await), (vec![], vec!["W2".to_owned()]));
    import(&store, vec![case("c1", 3, "W3", 0)]).await;
    assert_eq!((windows(&store, march(5)).await, windows(&store, march(6)).await), (vec!["W3".to_owned()], vec![]));
    let identity = Identity { source: Source::new("hall"), source_id: "c1".to_owned(), revision: 4 };
    let retracted = Fact::new(Kind::Case, identity, true, None, vec![("accepted_at", at(0))]).expect("valid");
    import(&store, vec![retracted]).await;
    assert_eq!(windows(&store, march(5)).await, Vec::<String>::new());
    assert_eq!(store.days_with_facts(march(1), march(31)).await.expect("readable"), []);
}

async fn a_contradicted_revision_counts_in_neither_version(ground: &Ground) {
    let store = ground.store().await;
    import(&store, vec![case("c1", 0, "W1", 0)]).await;
    let outcome = import(&store, vec![case("c1", 0, "W2", 0), case("c1", 0, "W1", 0)]).await;
    assert_eq!(outcome.reports, [Taken::Conflict, Taken::Same]);
    assert_eq!(windows(&store, march(5)).await, Vec::<String>::new());
    let conflicts = store.conflicts(9).await.expect("readable");
    assert_eq!(conflicts.len(), 1);
    let of = &conflicts[0];
    assert_eq!((of.kind.as_str(), of.source.as_str(), of.source_id.as_str()), ("case", "hall", "c1"));
    assert_eq!((of.revision, of.versions), (0, 2));
    // A later revision that nothing contradicts counts.
    import(&store, vec![case("c1", 1, "W3", 0)]).await;
    assert_eq!(windows(&store, march(5)).await, ["W3"]);
}

async fn a_case_is_found_by_its_number_and_by_its_own_id(ground: &Ground) {
    let store = ground.store().await;
    let numbered = fact(Kind::Case, "hall", "x9", 0, vec![("case_id", code("办-1")), ("finished_at", at(0))]);
    import(&store, vec![rating("r1", "办-1", 1), rating("r2", "c2", 1)]).await;
    import(&store, vec![numbered, case("c2", 0, "W2", 0)]).await;
    // The day of the cases knows their ratings, and the day of the ratings their cases.
    for (day, cases) in [(5, 2), (6, 2)] {
        let (facts, _) = store.day_facts(march(day)).await.expect("readable");
        assert_eq!((facts.cases.len(), facts.ratings.len()), (cases, 2), "day {day}");
    }
}

async fn texts_and_open_cases_are_kept(ground: &Ground) {
    let store = ground.store().await;
    assert_eq!(store.first_open_day().await.expect("readable"), None);
    let open =
        fact(Kind::Case, "hall", "o1", 0, vec![("accepted_at", at(0)), ("due_at", at(86_400)), ("window", code("W1"))]);
    let text = Value::Text("很好 '\"\\ 🙂".into());
    let complaint = fact(Kind::Complaint, "12345", "t1", 0, vec![("occurred_at", at(0)), ("text", text)]);
    import(&store, vec![open, complaint]).await;
    assert_eq!(store.first_open_day().await.expect("readable"), Some(march(5)));
    // Open since the fifth, it is in the open book of every evening since.
    assert_eq!(windows(&store, march(9)).await, ["W1"]);
    assert_eq!(store.day_facts(march(5)).await.expect("readable").0.others.len(), 1);
}

async fn a_big_batch_is_taken_whole(ground: &Ground) {
    let store = ground.store().await;
    let facts: Vec<Fact> = (0..6_001).map(|n| case(&format!("c{n:05}"), 0, &format!("W{}", n % 97), 0)).collect();
    assert_eq!(import(&store, facts.clone()).await.new, 6_001);
    assert_eq!(store.day_facts(march(5)).await.expect("readable").0.cases, facts);
    assert_eq!(import(&store, facts).await.same, 6_001);
    assert_eq!(store.verify().await.expect("readable"), Vec::<String>::new());
}

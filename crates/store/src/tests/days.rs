//! Days and periods: sealed, made dirty by what comes late, closed, final.

use super::{Ground, TEST, case, import, intrude, march, on_both, rating};
use crate::{ClosedPeriod, Command, Done, FinalPeriod, ReferenceSet, SealedRow, Store};
use model::canonical::Digest;
use model::time::Day;
use std::collections::{BTreeMap, BTreeSet};

on_both! {
    a_day_moves_to_a_new_revision_only_when_its_facts_change
    what_comes_in_while_a_day_is_sealed_makes_it_dirty
    what_comes_late_makes_sealed_days_dirty
    periods_close_and_become_final_once
    what_was_bent_is_found
}

fn sealed(day: Day, facts: &str) -> Command {
    Command::SealDay(SealedRow {
        day,
        manifest: format!("{{\"of\":\"{facts}\"}}"),
        facts_digest: Digest::of(facts.as_bytes()),
        context: Digest::of(b"register"),
        as_of: i64::MAX,
    })
}

async fn changed(store: &Store, command: Command) -> bool {
    !matches!(store.write(TEST, command).await.expect("written"), Done::Nothing)
}

async fn a_day_moves_to_a_new_revision_only_when_its_facts_change(ground: &Ground) {
    let store = ground.store().await;
    assert_eq!(store.last_sealed_day().await.expect("readable"), None);
    assert!(changed(&store, sealed(march(5), "a")).await);
    assert!(!changed(&store, sealed(march(5), "a")).await);
    assert!(changed(&store, sealed(march(5), "b")).await);
    assert!(changed(&store, sealed(march(7), "c")).await);
    let days = store.sealed_days(march(1), march(31)).await.expect("readable");
    assert_eq!(days.iter().map(|day| (day.day, day.revision)).collect::<Vec<_>>(), [(march(5), 2), (march(7), 1)]);
    assert_eq!(store.every_seal().await.expect("readable").len(), 3);
    let ends = (store.first_sealed_day().await.expect("readable"), store.last_sealed_day().await.expect("readable"));
    assert_eq!(ends, (Some(march(5)), Some(march(7))));
    // A frozen score finds the revision it was made of, though another one counts now.
    let was = store.sealed_as(&BTreeMap::from([(march(5), Digest::of(b"a"))])).await.expect("readable");
    assert_eq!(was.iter().map(|day| day.revision).collect::<Vec<_>>(), [1]);
    let (facts, rules) = (Digest::of(b"b"), Digest::of(b"rules"));
    assert_eq!(store.derived(march(5), facts, rules).await.expect("readable"), None);
    for file in ["f1", "f2"] {
        store.remember_derived(march(5), facts, rules, file).await.expect("written");
        assert_eq!(store.derived(march(5), facts, rules).await.expect("readable").as_deref(), Some(file));
    }
}

async fn what_comes_in_while_a_day_is_sealed_makes_it_dirty(ground: &Ground) {
    let store = ground.store().await;
    import(&store, vec![case("c1", 0, "W1", 0)]).await;
    let seal = async |facts: &str, as_of: i64| {
        let (facts_digest, context) = (Digest::of(facts.as_bytes()), Digest::of(b"register"));
        let row = SealedRow { day: march(5), manifest: String::new(), facts_digest, context, as_of };
        store.write(TEST, Command::SealDay(row)).await.expect("written");
        store.sealed_days(march(5), march(5)).await.expect("readable")[0].dirty
    };
    store.begin_sealing(&[march(5)]).await.expect("noted");
    let (_, as_of) = store.day_facts(march(5)).await.expect("readable");
    // While the files are made, a case comes in, is replaced on another day, and a rating joins one.
    import(&store, vec![case("c2", 0, "W1", 0)]).await;
    assert!(seal("one case", as_of).await);
    let (_, as_of) = store.day_facts(march(5)).await.expect("readable");
    assert!(!seal("two cases", as_of).await);
    let (_, as_of) = store.day_facts(march(5)).await.expect("readable");
    import(&store, vec![case("c2", 1, "W1", 3)]).await;
    assert!(seal("two cases", as_of).await, "the same files again do not make up for a case that left");
    let (_, as_of) = store.day_facts(march(5)).await.expect("readable");
    // What concerns another day alone leaves this one clean.
    import(&store, vec![case("c9", 0, "W1", 9)]).await;
    assert!(!seal("one case", as_of).await);
}

async fn what_comes_late_makes_sealed_days_dirty(ground: &Ground) {
    let store = ground.store().await;
    import(&store, vec![case("c1", 0, "W1", 0)]).await;
    for day in 4..8 {
        changed(&store, sealed(march(day), "x")).await;
    }
    // A rating of the sixth lies on the row of its case, on the fifth, and on its own day.
    let outcome = import(&store, vec![rating("r1", "c1", 1)]).await;
    assert_eq!(outcome.dirty, BTreeSet::from([march(5), march(6)]));
    let outcome = import(&store, vec![case("c1", 1, "W1", 2)]).await;
    assert!(outcome.dirty.is_superset(&BTreeSet::from([march(5), march(7)])), "{:?}", outcome.dirty);
    let dirty = store.sealed_days(march(1), march(31)).await.expect("readable");
    assert!(dirty.iter().any(|day| day.day == march(7) && day.dirty));
    // The same facts again make it clean.
    assert!(changed(&store, sealed(march(7), "x")).await);
    let days = store.sealed_days(march(7), march(7)).await.expect("readable");
    assert_eq!((days[0].dirty, days[0].revision), (false, 1));
}

async fn periods_close_and_become_final_once(ground: &Ground) {
    let store = ground.store().await;
    let scheme = Digest::of(b"scheme");
    let close = |inputs: &str| {
        Command::ClosePeriod(ClosedPeriod { period: "2026-03".to_owned(), scheme, inputs: inputs.to_owned() })
    };
    assert!(changed(&store, close("{\"a\":1}")).await);
    assert!(!changed(&store, close("{\"a\":1}")).await);
    assert!(changed(&store, close("{\"a\":2}")).await);
    let found = store.closed_period("2026-03", scheme).await.expect("readable");
    assert_eq!(found, Some((2, "{\"a\":2}".to_owned())));
    assert_eq!(store.closed_periods().await.expect("readable"), ["2026-03"]);
    assert_eq!(store.every_close().await.expect("readable").len(), 2);
    let row = FinalPeriod { period: "2026-03".to_owned(), scheme, day: march(20) };
    assert!(changed(&store, Command::FinalizePeriod(row.clone())).await);
    assert!(!changed(&store, Command::FinalizePeriod(FinalPeriod { day: march(21), ..row.clone() })).await);
    assert_eq!(store.final_periods().await.expect("readable"), [row]);
    let set = ReferenceSet { from: march(1), digest: Digest::of(b"set"), file: "{}".to_owned() };
    assert!(changed(&store, Command::FreezeReferences(set.clone())).await);
    assert!(!changed(&store, Command::FreezeReferences(set.clone())).await);
    assert_eq!(store.reference_sets().await.expect("readable"), [set]);
    assert_eq!(store.verify().await.expect("readable"), Vec::<String>::new());
}

async fn what_was_bent_is_found(ground: &Ground) {
    let store = ground.store().await;
    import(&store, vec![case("c1", 0, "W1", 0), case("c2", 0, "W1", 0)]).await;
    import(&store, vec![case("c3", 0, "W1", 0)]).await;
    assert_eq!(store.verify().await.expect("readable"), Vec::<String>::new());
    intrude(&store, "DELETE FROM anchor; DELETE FROM fact WHERE source_id = 'c2'").await;
    let found = store.verify().await.expect("readable");
    assert!(found.len() == 1 && found[0].starts_with("command 1:"), "{found:?}");
    intrude(&store, "UPDATE audit SET detail = '{}' WHERE command = 2").await;
    assert!(store.verify().await.expect("readable").len() > 1);
}

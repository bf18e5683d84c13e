//! Commands that share a transaction, nodes that share a database, and callers that go away.

use super::{Ground, TEST, case, import, intrude, march, on_both, windows};
use crate::sql::Database;
use crate::{Change, Command, Known, Store, StoreError};
use model::time::{Instant, Zone};

on_both! {
    a_command_that_fails_is_undone_alone
    what_a_lost_transaction_numbered_is_forgotten
    one_record_in_several_commands_is_one
    nodes_share_a_database
    whoever_goes_away_leaves_everything_sound
    who_asks_a_closed_database_is_told_at_once
}

/// From now on the audit trail refuses an actor, at once.
async fn refuse(store: &Store) {
    intrude(
        store,
        match &store.database {
            Database::Sqlite { .. } => {
                "CREATE TRIGGER refuse BEFORE INSERT ON audit WHEN NEW.actor = 'bad' \
                BEGIN SELECT RAISE(ABORT, 'refused'); END"
            }
            Database::Postgres(_) => {
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$; \
                CREATE TRIGGER refuse BEFORE INSERT ON audit FOR EACH ROW WHEN (NEW.actor = 'bad') \
                EXECUTE FUNCTION refuse()"
            }
        },
    )
    .await;
}

/// From now on a transaction with an actor cannot be committed.
async fn refuse_commit(store: &Store) {
    intrude(
        store,
        match &store.database {
            Database::Sqlite { .. } => {
                "PRAGMA foreign_keys = ON; \
                CREATE TABLE late (command INTEGER REFERENCES fact (id) DEFERRABLE INITIALLY DEFERRED); \
                CREATE TRIGGER late AFTER INSERT ON audit WHEN NEW.actor = 'late' \
                BEGIN INSERT INTO late VALUES (-1); END"
            }
            Database::Postgres(_) => {
                "CREATE TABLE late (command BIGINT REFERENCES fact (id) DEFERRABLE INITIALLY DEFERRED); \
                CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS \
                $$ BEGIN INSERT INTO late VALUES (-1); RETURN NEW; END $$; \
                CREATE TRIGGER late AFTER INSERT ON audit FOR EACH ROW WHEN (NEW.actor = 'late') \
                EXECUTE FUNCTION late()"
            }
        },
    )
    .await;
}

/// Hands in commands of one case each at once, by these actors, and returns which were done.
async fn together(store: &Store, actors: &[&'static str], prefix: &str) -> Vec<Result<(), StoreError>> {
    let mut asked = Vec::new();
    for (at, actor) in actors.iter().enumerate() {
        let facts = vec![case(&format!("{prefix}{at}"), 0, &format!("{prefix}-W{at}"), 0)];
        let (store, change) = (store.clone(), Change { actor, at: Instant(0) });
        asked.push(tokio::spawn(async move {
            store
                .write(change, Command::ImportFacts { facts, zone: Zone::utc(), known: Known::default() })
                .await
                .map(|_| ())
        }));
    }
    let mut done = Vec::new();
    for task in asked {
        done.push(task.await.expect("no panic"));
    }
    done
}

async fn a_command_that_fails_is_undone_alone(ground: &Ground) {
    let store = ground.store().await;
    refuse(&store).await;
    let done = together(&store, &["a", "bad", "b", "bad", "c"], "x").await;
    assert_eq!(done.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true, false, true]);
    assert_eq!(windows(&store, march(5)).await, ["x-W0", "x-W2", "x-W4"]);
    assert_eq!(store.last_command().await.expect("readable"), 3);
    assert_eq!(store.verify().await.expect("readable"), Vec::<String>::new());
}

async fn what_a_lost_transaction_numbered_is_forgotten(ground: &Ground) {
    let store = ground.store().await;
    import(&store, vec![case("c0", 0, "W0", 0)]).await;
    refuse_commit(&store).await;
    let done = together(&store, &["a", "late", "b"], "x").await;
    // Alone or together with others, whatever shared its transaction was not done, and was told so.
    assert!(done[1].is_err());
    let kept = done.iter().filter(|done| done.is_ok()).count();
    assert_eq!(windows(&store, march(5)).await.len(), 1 + kept);
    let done = together(&store, &["a", "b"], "y").await;
    assert!(done.iter().all(Result::is_ok));
    let found = windows(&store, march(5)).await;
    assert!(found.contains(&"y-W0".to_owned()) && found.contains(&"y-W1".to_owned()), "{found:?}");
    store.clone().close().await;
    assert_eq!(windows(&ground.store().await, march(5)).await, found);
}

async fn one_record_in_several_commands_is_one(ground: &Ground) {
    let store = ground.store().await;
    import(&store, vec![case("c1", 0, "W0", 0)]).await;
    let mut asked = Vec::new();
    for (revision, window) in [(2, "W2"), (1, "W1"), (3, "W3"), (2, "W2"), (1, "W9"), (4, "W4"), (4, "W5"), (0, "W0")] {
        let store = store.clone();
        asked.push(tokio::spawn(async move { import(&store, vec![case("c1", revision, window, 0)]).await.reports }));
    }
    let mut counts = [0; 3];
    for task in asked {
        let reports = task.await.expect("no panic");
        counts[reports[0] as usize] += 1;
    }
    // New, known, contradicting: of those that came in one transaction as of those that came one after the other.
    assert_eq!(counts, [4, 2, 2]);
    assert_eq!(windows(&store, march(5)).await, ["W3"]);
    assert_eq!(store.last_command().await.expect("readable"), 7);
    assert_eq!(store.conflicts(9).await.expect("readable").len(), 2);
    assert_eq!(store.verify().await.expect("readable"), Vec::<String>::new());
}

async fn nodes_share_a_database(ground: &Ground) {
    let (one, other) = (ground.store().await, ground.store().await);
    let writing = |store: Store, prefix: &'static str| async move {
        for n in 0..20 {
            // Both report the same record, too: it counts once.
            let facts = vec![case(&format!("{prefix}{n:02}"), 0, &format!("W{}", n % 7), 0), case("same", 0, "W0", 0)];
            import(&store, facts).await;
        }
    };
    let (first, second) = (tokio::spawn(writing(one.clone(), "a")), tokio::spawn(writing(other.clone(), "b")));
    first.await.expect("written");
    second.await.expect("written");
    assert_eq!(windows(&one, march(5)).await.len(), 41);
    assert_eq!(windows(&other, march(5)).await, windows(&one, march(5)).await);
    assert_eq!(other.last_command().await.expect("readable"), 40);
    assert_eq!(one.verify().await.expect("readable"), Vec::<String>::new());
}

async fn who_asks_a_closed_database_is_told_at_once(ground: &Ground) {
    let store = ground.store().await;
    store.clone().close().await;
    let done = together(&store, &["a", "b", "c"], "x").await;
    assert!(done.iter().all(|done| matches!(done, Err(error) if error.is_unreachable())), "{done:?}");
}

async fn whoever_goes_away_leaves_everything_sound(ground: &Ground) {
    let store = ground.store().await;
    import(&store, vec![case("c0", 0, "W0", 0)]).await;
    for n in 0..100 {
        let (reading, writing) = (store.clone(), store.clone());
        let read = tokio::spawn(async move { reading.day_facts(march(5)).await });
        let facts = vec![case(&format!("c1{n:03}"), 0, "W0", 0)];
        let written = tokio::spawn(async move {
            writing.write(TEST, Command::ImportFacts { facts, zone: Zone::utc(), known: Known::default() }).await
        });
        for _ in 0..n % 10 {
            tokio::task::yield_now().await;
        }
        read.abort();
        written.abort();
    }
    // Whatever was handed in before its caller went was carried out; the next in line finds a sound connection.
    let outcome = import(&store, vec![case("c2", 0, "W9", 0)]).await;
    assert_eq!(outcome.new, 1);
    assert_eq!(windows(&store, march(5)).await.last().map(String::as_str), Some("W9"));
    assert_eq!(store.verify().await.expect("readable"), Vec::<String>::new());
}

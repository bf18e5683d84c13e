//! A database of an earlier version is brought up to date with what it holds.

use super::{case, import, march};
use crate::{Location, Store};
use model::fact::Fact;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

/// What a home held before facts were packed: a case, its rating, and a complaint reported in two versions.
const BEFORE: &str = r#"
    INSERT INTO fact VALUES
        (1, 'case', 'hall', 'c1', 0, 0, 1772701200, 'd1', '{"accepted_at":1772701000,"client":7,"finished_at":1772701200,"window":"W1"}', 'c1', NULL, NULL, 1, 0, 1),
        (2, 'rating', 'kiosk', 'r1', 0, 0, 1772701230, 'd2', '{"case_id":"c1","level":5,"rated_at":1772701230,"scale":5}', 'c1', NULL, NULL, 1, 0, 1),
        (3, 'complaint', '12345', 't1', 0, 0, 1772701200, 'd3', '{"occurred_at":1772701200,"window":"W1"}', NULL, NULL, NULL, 0, 1, 1),
        (4, 'complaint', '12345', 't1', 0, 0, 1772701200, 'd4', '{"occurred_at":1772701200,"window":"W2"}', NULL, NULL, NULL, 0, 1, 1);
    INSERT INTO anchor VALUES (20517, 1), (20517, 2);
    INSERT INTO fact_text VALUES (2, 'comment', '好');
"#;

#[tokio::test]
async fn facts_from_before_they_were_packed_are_what_they_were() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("heng.db");
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let pool = SqlitePoolOptions::new().connect_with(options).await.expect("opened");
    sqlx::migrate!("./migrations/sqlite").run_to(1, &pool).await.expect("migrated");
    sqlx::raw_sql(BEFORE).execute(&pool).await.expect("written");
    pool.close().await;

    let store = Store::open(&Location::File(path)).await.expect("migrated");
    let day = march(5);
    let (facts, _) = store.day_facts(day).await.expect("readable");
    assert_eq!(facts.cases, [case("c1", 0, "W1", 0)]);
    assert_eq!(facts.ratings.iter().map(Fact::case_id).collect::<Vec<_>>(), [Some("c1")]);
    let conflicts = store.conflicts(9).await.expect("readable");
    assert_eq!((conflicts.len(), conflicts[0].source_id.as_str(), conflicts[0].versions), (1, "t1", 2));
    let kinds: Vec<_> = store.fact_counts().await.expect("readable").into_iter().map(|c| (c.kind, c.reports)).collect();
    assert_eq!(kinds, [("case".to_owned(), 1), ("complaint".to_owned(), 2), ("rating".to_owned(), 1)]);

    // The same report again is known; a correction replaces it.
    assert_eq!(import(&store, vec![case("c1", 0, "W1", 0)]).await.same, 1);
    assert_eq!(import(&store, vec![case("c1", 1, "W2", 0)]).await.new, 1);
    assert_eq!(store.day_facts(day).await.expect("readable").0.cases, [case("c1", 1, "W2", 0)]);
    store.close().await;
}

/// What a server held at its first migration: a case and its anchor, packed, and what came with it.
const FIRST: &str = r"
    INSERT INTO text VALUES (1, 'case'), (2, 'hall'), (3, 'accepted_at finished_at window#'), (4, 'W1');
    INSERT INTO fact VALUES
        (1, 1, 2, 'c1', 0, 0, FALSE, 1772701200, 3, '\x8f030004', NULL, NULL, NULL, TRUE, FALSE, 1);
    INSERT INTO anchor VALUES (20517, 1);
    INSERT INTO audit VALUES (1, 1772701200, 'test', 'import', '{}');
    INSERT INTO leaf VALUES (1, '\x7b7d');
    INSERT INTO outbox VALUES (1, 'W1');
    INSERT INTO day_seal VALUES (20516, 1, '{}', '0000000000000000000000000000000000000000000000000000000000000000', 1);
    INSERT INTO day VALUES (20516, 1, 'context', FALSE);
";

/// From every earlier migration, with what was in it, a server comes to the present one.
#[tokio::test]
async fn a_server_of_an_earlier_version_keeps_what_it_holds() {
    let Some(server) = testkit::postgres() else { return };
    let migrations = sqlx::migrate!("./migrations/postgres");
    let versions: Vec<i64> = migrations.iter().map(|step| step.version).collect();
    for version in versions {
        let url = server.database();
        let pool = sqlx::postgres::PgPool::connect(&url).await.expect("opened");
        migrations.run_to(1, &pool).await.expect("migrated");
        sqlx::raw_sql(FIRST).execute(&pool).await.expect("written");
        migrations.run_to(version, &pool).await.expect("migrated");
        pool.close().await;
        let store = Store::open(&Location::Server(url)).await.expect("migrated");
        let (facts, _) = store.day_facts(march(5)).await.expect("readable");
        assert_eq!(facts.cases.iter().map(|case| case.code("window")).collect::<Vec<_>>(), [Some("W1")], "{version}");
        assert_eq!(store.last_sealed_day().await.expect("readable"), Some(march(4)));
        assert_eq!(import(&store, vec![case("c2", 0, "W1", 0)]).await.new, 1);
        assert_eq!(store.last_command().await.expect("readable"), 2);
        store.close().await;
    }
}

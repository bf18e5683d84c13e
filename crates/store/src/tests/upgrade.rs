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

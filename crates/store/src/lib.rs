//! The database of a home: facts as rows, days, periods, and the one door through which everything is written.

mod day;
mod door;
mod error;
mod fact;
mod period;
mod reference;
mod verify;
mod view;

pub use day::{SealedDay, SealedRow};
pub use door::{Change, Command, Done};
pub use error::StoreError;
pub use fact::{Conflict, FactCounts, ImportOutcome, Incoming};
pub use period::{ClosedPeriod, FinalPeriod};
pub use reference::ReferenceSet;

use fact::Texts;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

/// An open database.
#[derive(Clone, Debug)]
pub struct Store {
    /// One connection: SQLite has one writer, and a queue is better than a refusal.
    writer: SqlitePool,
    readers: SqlitePool,
    /// The texts that facts refer to by number, as far as they were needed.
    texts: Arc<RwLock<Texts>>,
}

impl Store {
    /// Makes the database of a new home.
    pub async fn create(path: &Path) -> Result<Self, StoreError> {
        Self::connect(path, true).await
    }

    /// Opens the database in a file, which must be there, and brings its tables up to date.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        // SQLite takes an empty file for a new database: what was in it would be missed by nobody.
        if std::fs::metadata(path).is_ok_and(|file| file.len() > 0) {
            Self::connect(path, false).await
        } else {
            Err(StoreError::Gone)
        }
    }

    async fn connect(path: &Path, create: bool) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(create)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            // Rows come from a thread of their own: fewer and larger hand-overs.
            .row_buffer_size(2_000);
        let writer = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
        sqlx::migrate!("./migrations/sqlite").run(&writer).await?;
        let readers = SqlitePoolOptions::new().max_connections(4).connect_with(options.read_only(true)).await?;
        Ok(Self { writer, readers, texts: Arc::default() })
    }

    fn texts(&self) -> RwLockReadGuard<'_, Texts> {
        // Texts are only ever added whole, so what a panic left behind is sound.
        self.texts.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn last_text(&self) -> i64 {
        self.texts().last()
    }

    fn add_texts(&self, fresh: Vec<(i64, String)>) -> Result<(), StoreError> {
        self.texts.write().unwrap_or_else(PoisonError::into_inner).extend(fresh)
    }

    /// Gives back the room that large imports leave within the file. Nobody else writes meanwhile.
    pub async fn compact(&self) -> Result<(), StoreError> {
        sqlx::query("VACUUM").execute(&self.writer).await?;
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&self.writer).await?;
        Ok(())
    }

    /// Closes every connection, so that the files are whole when this returns.
    pub async fn close(self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::fact::{Fact, Identity, Kind, Value};
    use model::id::Source;
    use model::time::{Day, Instant, Zone};

    /// 2026-03-05, 09:00 in UTC.
    const NINE: i64 = 1_772_701_200;
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

    fn fact(kind: Kind, source: &str, id: &str, revision: u32, values: Vec<(&str, Value)>) -> Fact {
        let identity = Identity { source: Source::new(source), source_id: id.to_owned(), revision };
        Fact::new(kind, identity, false, None, values).expect("valid")
    }

    fn case(revision: u32, window: &str) -> Fact {
        let at = |seconds| Value::Instant(Instant(NINE + seconds));
        let window = Value::Code(window.into());
        let values =
            vec![("accepted_at", at(-200)), ("client", Value::Person(7)), ("finished_at", at(0)), ("window", window)];
        fact(Kind::Case, "hall", "c1", revision, values)
    }

    async fn import(store: &Store, facts: Vec<Fact>) -> ImportOutcome {
        let facts: Vec<Incoming> = facts.into_iter().map(|fact| Incoming { fact }).collect();
        let command = Command::ImportFacts { facts: &facts, zone: &Zone::utc() };
        match store.write(Change { actor: "test", at: Instant(NINE) }, command).await.expect("written") {
            Done::Imported(outcome) => outcome,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn facts_from_before_they_were_packed_are_what_they_were() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("heng.db");
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let pool = SqlitePoolOptions::new().connect_with(options).await.expect("opened");
        sqlx::migrate!("./migrations/sqlite").run_to(1, &pool).await.expect("migrated");
        sqlx::raw_sql(BEFORE).execute(&pool).await.expect("written");
        pool.close().await;

        let store = Store::open(&path).await.expect("migrated");
        let day = Day::parse("2026-03-05").expect("a date");
        let facts = store.day_facts(day).await.expect("readable");
        assert_eq!(facts.cases, [case(0, "W1")]);
        assert_eq!(facts.ratings.iter().map(Fact::case_id).collect::<Vec<_>>(), [Some("c1")]);
        let conflicts = store.conflicts(9).await.expect("readable");
        assert_eq!((conflicts.len(), conflicts[0].source_id.as_str(), conflicts[0].versions), (1, "t1", 2));
        let kinds: Vec<_> =
            store.fact_counts().await.expect("readable").into_iter().map(|c| (c.kind, c.reports)).collect();
        assert_eq!(kinds, [("case".to_owned(), 1), ("complaint".to_owned(), 2), ("rating".to_owned(), 1)]);

        // The same report again is known; a correction replaces it.
        assert_eq!(import(&store, vec![case(0, "W1")]).await.same, 1);
        assert_eq!(import(&store, vec![case(1, "W2")]).await.new, 1);
        assert_eq!(store.day_facts(day).await.expect("readable").cases, [case(1, "W2")]);
        store.close().await;
    }
}

//! Stories that hold on SQLite and on PostgreSQL, each told on a new database of both.

mod cold;
mod copies;
mod days;
mod facts;
mod follow;
mod groups;
mod jobs;
mod ratings;
mod statements;
mod upgrade;

use crate::sql::Database;
use crate::{Change, Command, Done, ImportOutcome, Known, Location, Store};
use model::fact::{Fact, Identity, Kind, Value};
use model::id::Source;
use model::time::{Day, Instant, Zone};

/// 2026-03-05, 09:00 in UTC.
const NINE: i64 = 1_772_701_200;

/// Runs stories on a new database of either engine.
macro_rules! on_both {
    ($($name:ident)*) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::$name(&crate::tests::Ground::sqlite()).await;
            })*
        }
        mod postgres {
            $(#[tokio::test]
            async fn $name() {
                if let Some(ground) = crate::tests::Ground::postgres() {
                    super::$name(&ground).await;
                }
            })*
        }
    };
}
use on_both;

/// A database of a test's own.
struct Ground {
    location: Location,
    _folder: tempfile::TempDir,
}

impl Ground {
    fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { location: Location::File(folder.path().join("heng.db")), _folder: folder }
    }

    fn postgres() -> Option<Self> {
        let url = testkit::postgres()?.database();
        Some(Self { location: Location::Server(url), _folder: tempfile::tempdir().expect("a folder") })
    }

    /// The store, made when it is not there yet.
    async fn store(&self) -> Store {
        Store::create(&self.location).await.expect("opened")
    }
}

fn march(day: u8) -> Day {
    Day::parse(&format!("2026-03-{day:02}")).expect("a date")
}

fn at(seconds: i64) -> Value {
    Value::Instant(Instant(NINE + seconds))
}

fn code(text: &str) -> Value {
    Value::Code(text.into())
}

fn fact(kind: Kind, source: &str, id: &str, revision: u32, values: Vec<(&str, Value)>) -> Fact {
    let identity = Identity { source: Source::new(source), source_id: id.to_owned(), revision };
    Fact::new(kind, identity, false, None, values).expect("valid")
}

/// A case that was finished at nine on 5 March, so many days later.
fn case(id: &str, revision: u32, window: &str, days: i64) -> Fact {
    let values = vec![
        ("accepted_at", at(days * 86_400 - 200)),
        ("client", Value::Person(7)),
        ("finished_at", at(days * 86_400)),
        ("window", code(window)),
    ];
    fact(Kind::Case, "hall", id, revision, values)
}

fn rating(id: &str, case: &str, days: i64) -> Fact {
    let (level, scale) = (Value::Integer(4), Value::Integer(4));
    let values =
        vec![("case_id", code(case)), ("rated_at", at(days * 86_400 + 60)), ("level", level), ("scale", scale)];
    fact(Kind::Rating, "kiosk", id, 0, values)
}

const TEST: Change<'_> = Change { actor: "test", at: Instant(NINE) };

async fn import(store: &Store, facts: Vec<Fact>) -> ImportOutcome {
    match store
        .write(TEST, Command::ImportFacts { facts, zone: Zone::utc(), known: Known::default() })
        .await
        .expect("written")
    {
        Done::Imported(outcome) => outcome,
        other => panic!("{other:?}"),
    }
}

/// The windows of the cases of a day, in the order of their ids.
async fn windows(store: &Store, day: Day) -> Vec<String> {
    let (facts, _) = store.day_facts(day).await.expect("readable");
    facts.cases.iter().filter_map(|case| case.code("window")).map(str::to_owned).collect()
}

/// Runs statements beside the door, as an intruder would.
async fn intrude(store: &Store, sql: &'static str) {
    match &store.database {
        Database::Sqlite { writer, .. } => sqlx::raw_sql(sql).execute(writer).await.map(|_| ()),
        Database::Postgres(pool) => sqlx::raw_sql(sql).execute(pool).await.map(|_| ()),
    }
    .expect("executed");
}

//! Every statement is one of both databases, and none reads all facts to find a few.

use super::{Ground, on_both};
use crate::copy::TABLES;
use crate::fact::said;
use crate::sql::{Database, Table, for_postgres};
use crate::{cold, day, door, job, period, rating, reference, token, verify};
use sqlx::{AssertSqlSafe, Executor as _, SqlSafeStr as _};

on_both! { every_statement_can_be_prepared }

const ALL: [&[&str]; 16] = [
    door::STATEMENTS,
    day::STATEMENTS,
    period::STATEMENTS,
    period::FINALIZE_STATEMENTS,
    rating::STATEMENTS,
    reference::STATEMENTS,
    token::STATEMENTS,
    job::STATEMENTS,
    verify::STATEMENTS,
    said::FOLLOW,
    said::IMPORT,
    said::READ,
    said::TEXTS,
    cold::said::BACKFILL,
    cold::said::READ,
    cold::said::THAW,
];

async fn every_statement_can_be_prepared(ground: &Ground) {
    let store = ground.store().await;
    let text = |sql: &'static str| match &store.database {
        Database::Sqlite { .. } => sql.to_owned(),
        Database::Postgres(_) => for_postgres(sql).to_string(),
    };
    let mut statements: Vec<String> = ALL.concat().into_iter().map(text).collect();
    let bulk = |table: &&Table| match &store.database {
        Database::Sqlite { .. } => table.sqlite(2),
        Database::Postgres(_) => table.postgres(),
    };
    statements.extend(TABLES.iter().map(|(table, _)| table).map(bulk));
    assert!(statements.len() > 40, "{}", statements.len());
    for sql in statements {
        let asked = AssertSqlSafe(sql.clone()).into_sql_str();
        let prepared = match &store.database {
            Database::Sqlite { writer, .. } => writer.prepare(asked).await.map(|_| ()),
            Database::Postgres(pool) => pool.prepare(asked).await.map(|_| ()),
        };
        prepared.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

/// These say something of all facts there are.
const WHOLE: [&str; 3] = ["COUNT(*)", "GROUP BY command", "MIN(open_from)"];

#[tokio::test]
async fn no_statement_reads_all_facts_to_find_a_few() {
    let store = Ground::sqlite().store().await;
    let Database::Sqlite { writer, .. } = &store.database else { unreachable!("a file") };
    for sql in ALL.concat().into_iter().filter(|sql| sql.contains("FROM fact ") || sql.contains("FROM anchor ")) {
        if WHOLE.iter().any(|whole| sql.contains(whole)) {
            continue;
        }
        let plan: Vec<(i64, i64, i64, String)> =
            sqlx::query_as(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"))).fetch_all(writer).await.expect(sql);
        let scans = |line: &String| line.starts_with("SCAN f") || line.starts_with("SCAN a");
        let scan = plan.iter().map(|(.., line)| line).find(|line| scans(line));
        assert_eq!(scan, None, "{sql}");
    }
}

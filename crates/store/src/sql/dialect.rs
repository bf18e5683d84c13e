//! Where SQLite and PostgreSQL really differ.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

/// SQLite: a transaction that will write says so at once; one that begins by reading could be refused halfway.
pub(super) const BEGIN_SQLITE: &str = "BEGIN IMMEDIATE";
/// PostgreSQL: what the commands before have committed is seen by every statement, for the lock is taken first.
pub(super) const BEGIN_POSTGRES: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";
/// PostgreSQL: the plan of a prepared statement is made once, perhaps while a table is empty and reading all of it is
/// cheapest. Every statement here has an index to go by, as on SQLite. Where one must read a table all the same, be it an
/// empty one, the price of it seems so high that the statement is compiled first, which takes longer than a thousand of them.
pub(super) const PLANS_POSTGRES: [(&str, &str); 4] =
    [("enable_seqscan", "off"), ("enable_hashjoin", "off"), ("enable_mergejoin", "off"), ("jit", "off")];
/// PostgreSQL: one door for all nodes. Numbers of commands, facts and outbox rows become visible in their order.
pub(super) const LOCK_POSTGRES: &str = "SELECT pg_advisory_xact_lock(1214606951)";
/// PostgreSQL: several reads of one state.
pub(super) const VIEW_POSTGRES: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// SQLite: what it says of its own pages. PostgreSQL has checksums of its pages, which its own tools check.
pub(super) const INTEGRITY_SQLITE: &str = "PRAGMA integrity_check";
/// SQLite: the version of the tables.
pub(super) const VERSION_SQLITE: &str = "SELECT COALESCE(MAX(version), 0) FROM _sqlx_migrations WHERE success";
/// SQLite: gives back the room within the file, and empties the log beside it.
pub(super) const COMPACT_SQLITE: [&str; 2] = ["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"];
/// SQLite takes at most 32,766 values in a statement.
pub(super) const MOST_VALUES_SQLITE: usize = 16_000;
/// Rows per statement on PostgreSQL, which takes one array per column.
pub(super) const MOST_ROWS_POSTGRES: usize = 5_000;

/// A list in JSON, as SQLite unfolds it, and what PostgreSQL is told instead. Of an array it knows that few rows match,
/// of a query it must guess; with a wrong guess it reads every fact to find a hundred.
const LISTS: [(&str, &str); 3] = [
    ("NOT IN (SELECT CAST(value AS BIGINT) FROM json_each(", "<> ALL (ARRAY(SELECT json_array_elements_text("),
    ("IN (SELECT CAST(value AS BIGINT) FROM json_each(", "= ANY (ARRAY(SELECT json_array_elements_text("),
    ("IN (SELECT value FROM json_each(", "= ANY (ARRAY(SELECT json_array_elements_text("),
];

/// The statement as PostgreSQL takes it.
pub(crate) fn for_postgres(sql: &'static str) -> Arc<str> {
    static KNOWN: LazyLock<RwLock<HashMap<&'static str, Arc<str>>>> = LazyLock::new(RwLock::default);
    if let Some(known) = KNOWN.read().unwrap_or_else(PoisonError::into_inner).get(sql) {
        return Arc::clone(known);
    }
    let told: Arc<str> = with_arrays(sql).into();
    KNOWN.write().unwrap_or_else(PoisonError::into_inner).insert(sql, Arc::clone(&told));
    told
}

fn with_arrays(sql: &str) -> String {
    let (mut told, mut rest) = (String::with_capacity(sql.len() + 40), sql);
    let first = |text: &str| LISTS.iter().filter_map(|list| Some((text.find(list.0)?, *list))).min_by_key(|at| at.0);
    while let Some((at, (sqlite, postgres))) = first(rest) {
        let after = &rest[at + sqlite.len()..];
        // `$1))`: the placeholder, the function's end, the query's end.
        let Some((placeholder, after)) = after.split_once("))") else { break };
        let number = if sqlite.contains("BIGINT") { "::BIGINT" } else { "" };
        told.push_str(&rest[..at]);
        told.push_str(postgres);
        told.push_str(placeholder);
        told.push_str("::JSON)");
        told.push_str(number);
        told.push_str("))");
        rest = after;
    }
    told.push_str(rest);
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_become_arrays() {
        let check = |sql: &str, expect: &str| assert_eq!(with_arrays(sql), expect);
        check("SELECT 1", "SELECT 1");
        check(
            "a IN (SELECT value FROM json_each($1)) AND b NOT IN (SELECT CAST(value AS BIGINT) FROM json_each($12)) OR c",
            "a = ANY (ARRAY(SELECT json_array_elements_text($1::JSON))) \
            AND b <> ALL (ARRAY(SELECT json_array_elements_text($12::JSON)::BIGINT)) OR c",
        );
    }
}

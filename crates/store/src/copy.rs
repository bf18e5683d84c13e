//! A database copied into another one, of the same or the other engine, and compared with it.

use crate::door::{AUDIT, LEAF, OUTBOX};
use crate::fact::{ANCHOR, FACT, FREE_TEXT, TEXT};
use crate::rating::UNMATCHED;
use crate::sql::{Arg, Cells, Table, Tx, Type};
use crate::{Store, StoreError, cold};
use futures_util::stream::{TryChunksError, TryStreamExt as _};
use model::canonical::Digest;
use sha2::{Digest as _, Sha256};

/// Every table, and how many of its columns are its key. What refers to another table comes after it.
pub(crate) const TABLES: [(&Table, usize); 22] = [
    (&TEXT, 1),
    (&FACT, 1),
    (&ANCHOR, 2),
    (&FREE_TEXT, 2),
    (&cold::BATCH, 1),
    (&cold::DAY, 2),
    (&cold::SOURCE, 4),
    (&cold::KIND, 2),
    (&table("day_seal", &[DAY, REVISION, ("manifest", Type::Text), FACTS, COMMAND]), 2),
    (&table("day", &[DAY, REVISION, ("context", Type::Text), ("dirty", Type::Flag)]), 1),
    (&table("sealing", &[DAY]), 1),
    (&table("changed_day", &[DAY, COMMAND]), 1),
    (&table("derived", &[DAY, FACTS, ("rules_digest", Type::Text), FILE]), 3),
    (&table("period_close", &[PERIOD, SCHEME, REVISION, ("inputs", Type::Text), COMMAND]), 3),
    (
        &table(
            "source_token",
            &[
                ("id", Type::Text),
                ("source", Type::Text),
                ("secret", Type::Text),
                ("kinds", Type::Text),
                ("windows", Type::Text),
                ("note", Type::Text),
                ("issued_at", Type::Integer),
                ("revoked_at", Type::Integer),
                ("last_used_at", Type::Integer),
            ],
        ),
        1,
    ),
    (
        &table(
            "job",
            &[
                ("id", Type::Integer),
                ("kind", Type::Text),
                ("subject", Type::Text),
                ("state", Type::Text),
                ("run_at", Type::Integer),
                ("attempts", Type::Integer),
                ("owner", Type::Text),
                ("heartbeat_at", Type::Integer),
                ("finished_at", Type::Integer),
                ("said", Type::Text),
            ],
        ),
        1,
    ),
    (&UNMATCHED, 2),
    (&AUDIT, 1),
    (&LEAF, 1),
    (&OUTBOX, 2),
    (&table("reference_set", &[("from_day", Type::Integer), ("digest", Type::Text), FILE, COMMAND]), 1),
    (&table("final_period", &[PERIOD, SCHEME, ("final_day", Type::Integer), COMMAND]), 2),
];

type Column = (&'static str, Type);
const COMMAND: Column = ("command", Type::Integer);
const DAY: Column = ("day", Type::Integer);
const FACTS: Column = ("facts_digest", Type::Text);
const FILE: Column = ("file", Type::Text);
const PERIOD: Column = ("period", Type::Text);
const REVISION: Column = ("revision", Type::Integer);
const SCHEME: Column = ("scheme", Type::Text);

const fn table(name: &'static str, columns: &'static [Column]) -> Table {
    Table { name, columns }
}

/// Rows that are read and written together.
const ROWS_AT_ONCE: usize = 5_000;

/// A copied table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopiedTable {
    /// Its name.
    pub name: &'static str,
    /// Rows.
    pub rows: u64,
    /// The digest of all its rows, the same on both sides.
    pub digest: Digest,
}

impl Store {
    /// Copies everything that another database holds, as of one moment, into this one, which must be empty. What was
    /// written is read again and compared before it counts. `progress` is told each table and its rows so far.
    ///
    /// This is the one write beside the door: it makes a database that says what the other one says, trail included.
    pub async fn copy_from(
        &self,
        other: &Self,
        progress: &mut (dyn FnMut(&'static str, u64) + Send),
    ) -> Result<Vec<CopiedTable>, StoreError> {
        let (mut view, mut tx) = (other.database.view().await?, self.database.begin().await?);
        let mut copied = Vec::with_capacity(TABLES.len());
        for (table, key) in TABLES {
            if read(&mut tx, table, key).await?.rows > 0 {
                return Err(StoreError::NotEmpty);
            }
            copied.push(copy(&mut view, &mut tx, table, key, progress).await?);
        }
        for (was, (table, key)) in copied.iter().zip(TABLES) {
            if read(&mut tx, table, key).await? != *was {
                return Err(StoreError::Miscopied { table: table.name });
            }
        }
        tx.commit().await?;
        Ok(copied)
    }
}

async fn copy(
    view: &mut Tx,
    tx: &mut Tx,
    table: &'static Table,
    key: usize,
    progress: &mut (dyn FnMut(&'static str, u64) + Send),
) -> Result<CopiedTable, StoreError> {
    let mut summing = Summing::new(table);
    let mut chunks = std::pin::pin!(view.every(table, key).try_chunks(ROWS_AT_ONCE));
    while let Some(rows) = chunks.try_next().await.map_err(|TryChunksError(_, error)| error)? {
        let rows = rows.iter().map(|row| summing.add(row)).collect::<Result<Vec<_>, _>>()?;
        tx.insert(table, &rows).await?;
        progress(table.name, summing.rows);
    }
    Ok(summing.done())
}

async fn read(tx: &mut Tx, table: &'static Table, key: usize) -> Result<CopiedTable, StoreError> {
    let mut summing = Summing::new(table);
    let mut rows = tx.every(table, key);
    while let Some(row) = rows.try_next().await? {
        summing.add(&row)?;
    }
    Ok(summing.done())
}

/// The digest of rows: of each value its type, its length and its bytes.
struct Summing {
    table: &'static Table,
    rows: u64,
    hasher: Sha256,
}

impl Summing {
    fn new(table: &'static Table) -> Self {
        Self { table, rows: 0, hasher: Sha256::new() }
    }

    /// Adds a row, and returns its values as the table takes them.
    fn add<'a>(&mut self, row: &'a Cells) -> Result<Vec<Arg<'a>>, StoreError> {
        let mut args = Vec::with_capacity(row.0.len());
        for (cell, (column, ty)) in row.0.iter().zip(self.table.columns) {
            let arg = cell.arg(*ty);
            let arg = arg.ok_or_else(|| StoreError::corrupt(self.table.name, self.rows, column, "another type"))?;
            match arg {
                Arg::Integer(None) | Arg::Text(None) => self.hasher.update(b"-"),
                Arg::Integer(Some(number)) => self.field(b'i', &number.to_be_bytes()),
                Arg::Text(Some(text)) => self.field(b't', text.as_bytes()),
                Arg::Bytes(bytes) => self.field(b'b', bytes),
                Arg::Flag(flag) => self.field(b'f', &[u8::from(flag)]),
            }
            args.push(arg);
        }
        self.rows += 1;
        Ok(args)
    }

    fn field(&mut self, ty: u8, bytes: &[u8]) {
        self.hasher.update([ty]);
        self.hasher.update((bytes.len() as u64).to_be_bytes());
        self.hasher.update(bytes);
    }

    fn done(self) -> CopiedTable {
        CopiedTable {
            name: self.table.name,
            rows: self.rows,
            digest: Digest::from(<[u8; 32]>::from(self.hasher.finalize())),
        }
    }
}

//! Rows of the model as Arrow record batches.

use crate::error::LakeError;
use arrow_array::builder::{
    BooleanBuilder, Int32Builder, Int64Builder, StringBuilder, StringDictionaryBuilder, TimestampMillisecondBuilder,
};
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use model::fact::{Cell, Physical, Row, SealedColumn, Table};
use std::sync::Arc;

/// The Arrow type of a sealed column.
fn type_of(column: &SealedColumn) -> DataType {
    match column.physical {
        Physical::Code => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
        Physical::Id => DataType::Utf8,
        Physical::Integer => DataType::Int32,
        Physical::Flag => DataType::Boolean,
        Physical::Instant => DataType::Timestamp(TimeUnit::Millisecond, Some(Arc::from("UTC"))),
        Physical::Pseudonym => DataType::Int64,
    }
}

/// The Arrow schema of a table.
#[must_use]
pub fn schema_of(table: Table) -> SchemaRef {
    let fields = table.columns().map(|column| Field::new(column.name, type_of(column), column.nullable));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// Rows that are taken column by column before the next ones are: as many as stay in the processor's cache.
const AT_ONCE: usize = 128;

/// Rows as a record batch.
pub fn batch_of(table: Table, rows: &[Row]) -> Result<RecordBatch, LakeError> {
    let mut builders: Vec<Builder> = table.columns().map(Builder::of).collect();
    for rows in rows.chunks(AT_ONCE) {
        for (index, builder) in builders.iter_mut().enumerate() {
            builder.append(rows.iter().map(|row| &row.cells[index]));
        }
    }
    let columns = builders.into_iter().map(Builder::finish).collect();
    RecordBatch::try_new(schema_of(table), columns).map_err(|error| LakeError::encoding("record batch", error))
}

/// A column on its way.
enum Builder {
    Code(StringDictionaryBuilder<Int32Type>),
    Id(StringBuilder),
    Integer(Int32Builder),
    Flag(BooleanBuilder),
    Instant(TimestampMillisecondBuilder),
    Pseudonym(Int64Builder),
}

impl Builder {
    fn of(column: &SealedColumn) -> Self {
        match column.physical {
            Physical::Code => Self::Code(StringDictionaryBuilder::new()),
            Physical::Id => Self::Id(StringBuilder::new()),
            Physical::Integer => Self::Integer(Int32Builder::new()),
            Physical::Flag => Self::Flag(BooleanBuilder::new()),
            Physical::Instant => Self::Instant(TimestampMillisecondBuilder::new().with_timezone("UTC")),
            Physical::Pseudonym => Self::Pseudonym(Int64Builder::new()),
        }
    }

    fn append<'a>(&mut self, cells: impl Iterator<Item = &'a Cell>) {
        match self {
            Self::Code(builder) => cells.for_each(|cell| builder.append_value(code(cell))),
            Self::Id(builder) => cells.for_each(|cell| builder.append_value(code(cell))),
            Self::Integer(builder) => {
                // The model bounds integers to 32 bits when it makes the row.
                let narrow = |cell| integer(cell).and_then(|number| i32::try_from(number).ok());
                cells.for_each(|cell| builder.append_option(narrow(cell)));
            }
            Self::Flag(builder) => cells.for_each(|cell| builder.append_value(matches!(cell, Cell::Flag(true)))),
            Self::Instant(builder) => {
                cells.for_each(|cell| builder.append_option(integer(cell).map(|seconds| seconds * 1000)));
            }
            Self::Pseudonym(builder) => cells.for_each(|cell| builder.append_option(integer(cell))),
        }
    }

    fn finish(self) -> ArrayRef {
        match self {
            Self::Code(mut builder) => Arc::new(builder.finish()),
            Self::Id(mut builder) => Arc::new(builder.finish()),
            Self::Integer(mut builder) => Arc::new(builder.finish()),
            Self::Flag(mut builder) => Arc::new(builder.finish()),
            Self::Instant(mut builder) => Arc::new(builder.finish()),
            Self::Pseudonym(mut builder) => Arc::new(builder.finish()),
        }
    }
}

fn integer(cell: &Cell) -> Option<i64> {
    match cell {
        Cell::Integer(number) => Some(*number),
        _ => None,
    }
}

fn code(cell: &Cell) -> &str {
    match cell {
        Cell::Code(code) => code,
        _ => "",
    }
}

//! Rows of the model as Arrow record batches.

use crate::error::LakeError;
use arrow_array::builder::{
    BooleanBuilder, Int32Builder, Int64Builder, StringBuilder, StringDictionaryBuilder, TimestampMillisecondBuilder,
};
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use model::fact::{Cell, Code, Physical, Row, SealedColumn, Table};
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
    Code(Codes),
    Id(StringBuilder),
    Integer(Int32Builder),
    Flag(BooleanBuilder),
    Instant(TimestampMillisecondBuilder),
    Pseudonym(Int64Builder),
}

impl Builder {
    fn of(column: &SealedColumn) -> Self {
        match column.physical {
            Physical::Code => Self::Code(Codes::default()),
            Physical::Id => Self::Id(StringBuilder::new()),
            Physical::Integer => Self::Integer(Int32Builder::new()),
            Physical::Flag => Self::Flag(BooleanBuilder::new()),
            Physical::Instant => Self::Instant(TimestampMillisecondBuilder::new().with_timezone("UTC")),
            Physical::Pseudonym => Self::Pseudonym(Int64Builder::new()),
        }
    }

    fn append<'a>(&mut self, cells: impl Iterator<Item = &'a Cell>) {
        match self {
            Self::Code(codes) => cells.for_each(|cell| codes.append(cell)),
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
            Self::Code(codes) => codes.finish(),
            Self::Id(mut builder) => Arc::new(builder.finish()),
            Self::Integer(mut builder) => Arc::new(builder.finish()),
            Self::Flag(mut builder) => Arc::new(builder.finish()),
            Self::Instant(mut builder) => Arc::new(builder.finish()),
            Self::Pseudonym(mut builder) => Arc::new(builder.finish()),
        }
    }
}

/// A column of codes on its way. Rows are sorted, so most have the code of the row before, and share it.
#[derive(Default)]
struct Codes {
    builder: StringDictionaryBuilder<Int32Type>,
    /// The last code and how often it came in a row.
    run: Option<(Code, usize)>,
}

impl Codes {
    fn append(&mut self, cell: &Cell) {
        match (cell, &mut self.run) {
            (Cell::Code(code), Some((last, count))) if last.is_shared_with(code) => *count += 1,
            (Cell::Code(code), _) => {
                self.flush();
                self.run = Some((code.clone(), 1));
            }
            _ => {
                self.flush();
                self.builder.append_value("");
            }
        }
    }

    fn flush(&mut self) {
        if let Some((code, count)) = self.run.take() {
            self.builder.append_values(&*code, count);
        }
    }

    fn finish(mut self) -> ArrayRef {
        self.flush();
        Arc::new(self.builder.finish())
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

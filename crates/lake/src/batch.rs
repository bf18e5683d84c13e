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

/// Rows as a record batch.
pub fn batch_of(table: Table, rows: &[Row]) -> Result<RecordBatch, LakeError> {
    let columns = table.columns().enumerate().map(|(index, column)| array_of(column, rows, index)).collect();
    RecordBatch::try_new(schema_of(table), columns).map_err(|error| LakeError::encoding("record batch", error))
}

fn array_of(column: &SealedColumn, rows: &[Row], index: usize) -> ArrayRef {
    let cells = rows.iter().map(|row| &row.cells[index]);
    let integer = |cell: &Cell| match cell {
        Cell::Integer(number) => Some(*number),
        _ => None,
    };
    let code = |cell: &Cell| match cell {
        Cell::Code(code) => Arc::clone(code),
        _ => Arc::from(""),
    };
    match column.physical {
        Physical::Code => {
            let mut builder = StringDictionaryBuilder::<Int32Type>::new();
            cells.for_each(|cell| builder.append_value(code(cell)));
            Arc::new(builder.finish())
        }
        Physical::Id => {
            let mut builder = StringBuilder::new();
            cells.for_each(|cell| builder.append_value(code(cell)));
            Arc::new(builder.finish())
        }
        Physical::Integer => {
            let mut builder = Int32Builder::new();
            // The model bounds integers to 32 bits when it makes the row.
            cells.for_each(|cell| builder.append_option(integer(cell).and_then(|number| i32::try_from(number).ok())));
            Arc::new(builder.finish())
        }
        Physical::Flag => {
            let mut builder = BooleanBuilder::new();
            cells.for_each(|cell| builder.append_value(matches!(cell, Cell::Flag(true))));
            Arc::new(builder.finish())
        }
        Physical::Instant => {
            let mut builder = TimestampMillisecondBuilder::new().with_timezone("UTC");
            cells.for_each(|cell| builder.append_option(integer(cell).map(|seconds| seconds * 1000)));
            Arc::new(builder.finish())
        }
        Physical::Pseudonym => {
            let mut builder = Int64Builder::new();
            cells.for_each(|cell| builder.append_option(integer(cell)));
            Arc::new(builder.finish())
        }
    }
}

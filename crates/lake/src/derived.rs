//! Derived files: the tally of a day or a period under one set of rules.

use crate::error::LakeError;
use arrow_array::builder::{Int64Builder, StringDictionaryBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use bytes::Bytes;
use model::id::{StaffId, WindowId};
use model::tally::{Tally, TallyRow};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::sync::Arc;

/// The bytes of a tally: window, staff, and one nullable 64-bit column per measure, in the scheme's order.
pub fn write_tally(measures: &[String], tally: &Tally) -> Result<Vec<u8>, LakeError> {
    let failed = |error: &dyn std::fmt::Display| LakeError::encoding("tally file", error);
    let code = || DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let mut fields = vec![Field::new("window", code(), false), Field::new("staff", code(), false)];
    fields.extend(measures.iter().map(|id| Field::new(format!("m.{id}"), DataType::Int64, true)));
    let mut columns: Vec<ArrayRef> = vec![
        codes(tally.rows.iter().map(|row| row.window.as_str())),
        codes(tally.rows.iter().map(|row| row.staff.as_str())),
    ];
    for index in 0..measures.len() {
        let mut builder = Int64Builder::with_capacity(tally.rows.len());
        tally.rows.iter().for_each(|row| builder.append_option(row.values[index]));
        columns.push(Arc::new(builder.finish()));
    }
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns).map_err(|error| failed(&error))?;
    let properties = WriterProperties::builder()
        .set_created_by("heng".to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::default()));
    let mut bytes = Vec::new();
    let writer = ArrowWriter::try_new(&mut bytes, schema, Some(properties.build()));
    let mut writer = writer.map_err(|error| failed(&error))?;
    writer.write(&batch).map_err(|error| failed(&error))?;
    writer.close().map_err(|error| failed(&error))?;
    Ok(bytes)
}

fn codes<'a>(texts: impl Iterator<Item = &'a str>) -> ArrayRef {
    let mut builder = StringDictionaryBuilder::<Int32Type>::new();
    texts.for_each(|text| builder.append_value(text));
    Arc::new(builder.finish())
}

/// The tally in a derived file. `path` is for errors only.
pub fn read_tally(path: &str, bytes: Bytes) -> Result<Tally, LakeError> {
    let failed = |error: &dyn std::fmt::Display| LakeError::unreadable(path, error);
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes).map_err(|error| failed(&error))?;
    let reader = builder.with_batch_size(65_536).build().map_err(|error| failed(&error))?;
    let mut rows = Vec::new();
    for batch in reader {
        let batch = batch.map_err(|error| failed(&error))?;
        let windows = names(path, &batch, 0, WindowId::new)?;
        let staff = names(path, &batch, 1, StaffId::new)?;
        let measures = (2..batch.num_columns()).map(|index| batch.column(index).as_primitive_opt::<Int64Type>());
        let measures = measures.collect::<Option<Vec<_>>>().ok_or_else(|| failed(&"a measure is not 64-bit"))?;
        for row in 0..batch.num_rows() {
            let values = measures.iter().map(|column| column.is_valid(row).then(|| column.value(row))).collect();
            rows.push(TallyRow { window: windows[row].clone(), staff: staff[row].clone(), values });
        }
    }
    Ok(Tally { rows })
}

/// The ids in a dictionary column, made once per distinct text.
fn names<T: Clone>(path: &str, batch: &RecordBatch, index: usize, make: fn(&str) -> T) -> Result<Vec<T>, LakeError> {
    let column = batch.column(index).as_dictionary_opt::<Int32Type>();
    let texts = column.and_then(|column| column.values().as_string_opt::<i32>());
    let (Some(column), Some(texts)) = (column, texts) else {
        return Err(LakeError::unreadable(path, "window or staff is not a dictionary"));
    };
    let ids: Vec<T> = (0..texts.len()).map(|at| make(texts.value(at))).collect();
    let key = |key: &i32| usize::try_from(*key).ok().and_then(|key| ids.get(key).cloned());
    let named: Option<Vec<T>> = column.keys().values().iter().map(key).collect();
    named.ok_or_else(|| LakeError::unreadable(path, "a dictionary key is out of range"))
}

//! Record files: the reports that a day's sealed files are made of, as plain Parquet, where they do not lie in the
//! database. What a report says is one column of bytes; the database's crate packs and unpacks it.

use crate::error::LakeError;
use arrow_array::builder::{
    BinaryBuilder, BooleanBuilder, Int64Builder, StringBuilder, StringDictionaryBuilder, UInt32Builder,
};
use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type, UInt32Type};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, DictionaryArray, Int64Array, RecordBatch, StringArray, UInt32Array,
};
use arrow_schema::{DataType, Field, Schema};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use std::sync::Arc;

/// A report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are four columns of a file")]
pub struct Record<'a> {
    /// Its number within the batch.
    pub id: u32,
    /// The number of the first report of the group that stays together: a case with its ratings and surveys.
    pub group: u32,
    /// Whether the day's sealed files are made of it.
    pub counts: bool,
    /// Whether the file has every report of its group: each group has one such file.
    pub whole: bool,
    /// Whether it is the revision of its record that counts.
    pub current: bool,
    /// Its kind.
    pub kind: &'a str,
    /// The system that reported.
    pub source: &'a str,
    /// The record's own id there.
    pub source_id: &'a str,
    /// The revision.
    pub revision: u32,
    /// Whether it retracts the record.
    pub void: bool,
    /// When it was reported, in seconds since 1970.
    pub reported_at: i64,
    /// Which columns it fills.
    pub shape: &'a str,
    /// Their values.
    pub payload: &'a [u8],
}

/// A record file in the making.
#[derive(Default)]
pub struct RecordWriter {
    ids: UInt32Builder,
    groups: UInt32Builder,
    flags: [BooleanBuilder; 4],
    codes: [StringDictionaryBuilder<Int32Type>; 3],
    source_ids: StringBuilder,
    revisions: UInt32Builder,
    reported: Int64Builder,
    payloads: BinaryBuilder,
}

const FLAGS: [&str; 4] = ["counts", "whole", "current", "void"];
const CODES: [&str; 3] = ["kind", "source", "shape"];

fn properties() -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_created_by("heng".to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_statistics_enabled(EnabledStatistics::None);
    // What differs from row to row has no use for a dictionary.
    for column in ["id", "group", "source_id", "reported_at", "payload"] {
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(column), false);
    }
    properties.build()
}

impl RecordWriter {
    /// Adds a report.
    pub fn push(&mut self, record: &Record<'_>) {
        self.ids.append_value(record.id);
        self.groups.append_value(record.group);
        let flags = [record.counts, record.whole, record.current, record.void];
        self.flags.iter_mut().zip(flags).for_each(|(builder, flag)| builder.append_value(flag));
        let codes = [record.kind, record.source, record.shape];
        self.codes.iter_mut().zip(codes).for_each(|(builder, code)| builder.append_value(code));
        self.source_ids.append_value(record.source_id);
        self.revisions.append_value(record.revision);
        self.reported.append_value(record.reported_at);
        self.payloads.append_value(record.payload);
    }

    /// The bytes of the file.
    pub fn finish(mut self) -> Result<Vec<u8>, LakeError> {
        let failed = |error: &dyn std::fmt::Display| LakeError::encoding("record file", error);
        let mut columns: Vec<(&str, ArrayRef)> =
            vec![("id", Arc::new(self.ids.finish())), ("group", Arc::new(self.groups.finish()))];
        for (name, builder) in FLAGS.into_iter().zip(&mut self.flags) {
            columns.push((name, Arc::new(builder.finish())));
        }
        for (name, builder) in CODES.into_iter().zip(&mut self.codes) {
            columns.push((name, Arc::new(builder.finish())));
        }
        columns.push(("source_id", Arc::new(self.source_ids.finish())));
        columns.push(("revision", Arc::new(self.revisions.finish())));
        columns.push(("reported_at", Arc::new(self.reported.finish())));
        columns.push(("payload", Arc::new(self.payloads.finish())));
        let field = |(name, column): &(&str, ArrayRef)| Field::new(*name, column.data_type().clone(), false);
        let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
        let columns = columns.into_iter().map(|(_, column)| column).collect();
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns).map_err(|error| failed(&error))?;
        let mut bytes = Vec::new();
        let mut writer =
            ArrowWriter::try_new(&mut bytes, schema, Some(properties())).map_err(|error| failed(&error))?;
        writer.write(&batch).map_err(|error| failed(&error))?;
        writer.close().map_err(|error| failed(&error))?;
        Ok(bytes)
    }
}

/// A run of reports of a record file.
#[derive(Debug)]
pub struct Records {
    ids: UInt32Array,
    groups: UInt32Array,
    flags: Vec<BooleanArray>,
    codes: Vec<(DictionaryArray<Int32Type>, StringArray)>,
    source_ids: StringArray,
    revisions: UInt32Array,
    reported: Int64Array,
    payloads: BinaryArray,
}

/// Reads a record file. `path` is for errors only.
pub fn read_records(path: &str, bytes: Bytes) -> Result<Vec<Records>, LakeError> {
    let failed = |error: &dyn std::fmt::Display| LakeError::unreadable(path, error);
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes).map_err(|error| failed(&error))?;
    let reader = builder.with_batch_size(65_536).build().map_err(|error| failed(&error))?;
    let records = |batch: RecordBatch| Records::of(&batch).ok_or_else(|| failed(&"it is no record file"));
    reader.map(|batch| records(batch.map_err(|error| failed(&error))?)).collect()
}

impl Records {
    fn of(batch: &RecordBatch) -> Option<Self> {
        let column = |name| batch.column_by_name(name).filter(|column| column.null_count() == 0);
        let number = |name| column(name)?.as_primitive_opt::<UInt32Type>().cloned();
        let code = |name| {
            let column = column(name)?.as_dictionary_opt::<Int32Type>()?.clone();
            let texts = column.values().as_string_opt::<i32>()?.clone();
            Some((column, texts))
        };
        Some(Self {
            ids: number("id")?,
            groups: number("group")?,
            flags: FLAGS.iter().map(|name| column(name)?.as_boolean_opt().cloned()).collect::<Option<_>>()?,
            codes: CODES.into_iter().map(code).collect::<Option<_>>()?,
            source_ids: text(column("source_id")?)?,
            revisions: number("revision")?,
            reported: column("reported_at")?.as_primitive_opt::<Int64Type>()?.clone(),
            payloads: column("payload")?.as_binary_opt::<i32>()?.clone(),
        })
    }

    /// How many reports there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of a report within its batch.
    #[must_use]
    pub fn id(&self, at: usize) -> u32 {
        self.ids.value(at)
    }

    /// The number of its group.
    #[must_use]
    pub fn group(&self, at: usize) -> u32 {
        self.groups.value(at)
    }

    /// Whether the day's sealed files are made of it.
    #[must_use]
    pub fn counts(&self, at: usize) -> bool {
        self.flags[0].value(at)
    }

    /// Whether the file has every report of its group.
    #[must_use]
    pub fn whole(&self, at: usize) -> bool {
        self.flags[1].value(at)
    }

    /// The numbers of kind, source and shape: within these records, the same texts have the same numbers.
    #[must_use]
    pub fn head(&self, at: usize) -> (i32, i32, i32) {
        let key = |code: usize| self.codes[code].0.keys().value(at);
        (key(0), key(1), key(2))
    }

    /// A report.
    #[must_use]
    pub fn record(&self, at: usize) -> Record<'_> {
        let code = |code: usize| {
            let (column, texts) = &self.codes[code];
            let key = usize::try_from(column.keys().value(at)).ok().filter(|key| *key < texts.len());
            key.map_or("", |key| texts.value(key))
        };
        Record {
            id: self.id(at),
            group: self.group(at),
            counts: self.counts(at),
            whole: self.whole(at),
            current: self.flags[2].value(at),
            kind: code(0),
            source: code(1),
            source_id: self.source_ids.value(at),
            revision: self.revisions.value(at),
            void: self.flags[3].value(at),
            reported_at: self.reported.value(at),
            shape: code(2),
            payload: self.payloads.value(at),
        }
    }
}

fn text(column: &ArrayRef) -> Option<StringArray> {
    (column.data_type() == &DataType::Utf8).then(|| column.as_string_opt::<i32>().cloned()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: u32, shape: &'static str, payload: &'static [u8]) -> Record<'static> {
        Record {
            id,
            group: id / 2,
            counts: id != 1,
            whole: true,
            current: id != 1,
            kind: "case",
            source: "hall",
            source_id: "一号",
            revision: id,
            void: false,
            reported_at: 1_772_700_000 + i64::from(id),
            shape,
            payload,
        }
    }

    #[test]
    fn records_come_back_from_their_file() {
        let written = [record(0, "window#", b"\x01"), record(1, "", b""), record(2, "window#", b"\xff\x00")];
        let mut writer = RecordWriter::default();
        for record in &written {
            writer.push(record);
        }
        let bytes: Bytes = writer.finish().expect("written").into();
        let read = read_records("f", bytes.clone()).expect("read");
        let back: Vec<_> = read.iter().flat_map(|some| (0..some.len()).map(|at| some.record(at))).collect();
        assert_eq!(back, written);
        assert_eq!(read[0].head(0), read[0].head(2));
        let error = read_records("f", bytes.slice(..bytes.len() - 9)).expect_err("cut").to_string();
        assert!(error.contains("f: not readable"), "{error}");
    }
}

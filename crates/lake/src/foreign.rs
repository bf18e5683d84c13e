//! Parquet files that others wrote, record by record as text.
//!
//! Nothing that such a file says of itself is believed before it is checked: the footer is walked, and a page may not
//! unpack to more than its column does. Text is never copied out of its page, so that a dictionary of one long text
//! and a million references to it stays one long text.

use crate::compact::{check_structure, second_integer};
use crate::error::LakeError;
use crate::foreign_value::{Reading, reading_of};
use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::basic::Type as PhysicalType;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::{ChunkReader, Length};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::sync::Arc;

/// The largest footer that is read.
const MAX_FOOTER_BYTES: u64 = 32 << 20;
/// The most bytes that the wanted columns of a row group may have unpacked.
const MAX_GROUP_BYTES: i64 = 1 << 30;
/// The most records of a file.
const MAX_RECORDS: i64 = 100_000_000;
/// Records per batch.
const BATCH_RECORDS: usize = 1_024;

/// A cell: nothing, a text, or what stands there and why it is of no use.
pub type ForeignCell = Result<Option<String>, (String, &'static str)>;

/// The wanted columns of a Parquet file.
#[derive(Debug)]
pub struct ForeignFile {
    path: String,
    file: BoundedFile,
    metadata: ArrowReaderMetadata,
    readings: Vec<Reading>,
    columns: Vec<String>,
    mask: ProjectionMask,
}

impl ForeignFile {
    /// Opens a file for the columns named; those that it does not have are left out. A nested column, or one of a type
    /// that has no plain text, is refused by name.
    pub fn open(path: &str, file: File, wanted: &[String]) -> Result<Self, LakeError> {
        let failed = |problem: String| LakeError::unreadable(path, problem);
        check_footer(&file).map_err(failed)?;
        let bad = |error: ParquetError| failed(format!("not readable as Parquet: {error}"));
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let found = ArrowReaderMetadata::load(&file, options.clone()).map_err(bad)?;
        let mut readings = Vec::new();
        let mut columns = Vec::new();
        let mut roots = Vec::new();
        for (index, field) in found.schema().fields().iter().enumerate() {
            if wanted.contains(field.name()) {
                refuse_int96(found.metadata(), field.name()).map_err(failed)?;
                readings.push(reading_of(field).map_err(failed)?);
                columns.push(field.name().clone());
                roots.push(index);
            }
        }
        let schema = with_views(found.schema(), &roots);
        let metadata = ArrowReaderMetadata::try_new(Arc::clone(found.metadata()), options.with_schema(schema));
        let metadata = metadata.map_err(bad)?;
        let mask = ProjectionMask::roots(metadata.parquet_schema(), roots.iter().copied());
        let pages = pages_of(metadata.metadata(), &mask).map_err(failed)?;
        let file = BoundedFile { file: Arc::new(file), pages: Arc::new(pages) };
        Ok(Self { path: path.to_owned(), file, metadata, readings, columns, mask })
    }

    /// The wanted columns that are there, in the order of the file.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Every column of the file by name, wanted or not.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.metadata.schema().fields().iter().map(|field| field.name().as_str())
    }

    /// The records from the first on.
    pub fn batches(&self) -> Result<impl Iterator<Item = Result<ForeignBatch, LakeError>>, LakeError> {
        let unreadable = |error: String| LakeError::unreadable(&self.path, error);
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(self.file.clone(), self.metadata.clone());
        let builder = builder.with_projection(self.mask.clone()).with_batch_size(BATCH_RECORDS);
        let batches = builder.build().map_err(|error| unreadable(error.to_string()))?;
        Ok(batches.map(move |batch| {
            let batch = batch.map_err(|error| unreadable(error.to_string()))?;
            Ok(ForeignBatch { batch, readings: self.readings.clone() })
        }))
    }
}

/// Some records.
#[derive(Debug)]
pub struct ForeignBatch {
    batch: RecordBatch,
    readings: Vec<Reading>,
}

impl ForeignBatch {
    /// How many records there are.
    #[must_use]
    pub fn records(&self) -> usize {
        self.batch.num_rows()
    }

    /// The cells of a record, in the order of [`ForeignFile::columns`].
    pub fn cells(&self, record: usize) -> impl Iterator<Item = ForeignCell> {
        let columns = self.batch.columns().iter().zip(&self.readings);
        columns.map(move |(column, reading)| reading.text(column.as_ref(), record))
    }
}

/// Looks at the end of a file: its length, its mark, and that no list of the footer says more than it holds.
fn check_footer(mut file: &File) -> Result<(), String> {
    const MARK: &[u8] = b"PAR1";
    let io = |error: std::io::Error| error.to_string();
    let bytes = file.metadata().map_err(io)?.len();
    let end = bytes.checked_sub(8).filter(|end| *end >= 4).ok_or("not a Parquet file: it is too short")?;
    file.seek(SeekFrom::Start(end)).map_err(io)?;
    let mut tail = [0; 8];
    file.read_exact(&mut tail).map_err(io)?;
    let (length, mark) = tail.split_at(4);
    if mark != MARK {
        return Err("not a Parquet file, or cut off: it does not end with PAR1".to_owned());
    }
    let length = u64::from(u32::from_le_bytes([length[0], length[1], length[2], length[3]]));
    let start = end.checked_sub(length).ok_or("its footer is longer than the file")?;
    if length > MAX_FOOTER_BYTES {
        return Err(format!("its footer has {length} bytes; at most {MAX_FOOTER_BYTES} are read"));
    }
    file.seek(SeekFrom::Start(start)).map_err(io)?;
    let mut footer = Vec::new();
    file.take(length).read_to_end(&mut footer).map_err(io)?;
    check_structure(&footer).map_err(|problem| format!("its footer is damaged: {problem}"))
}

/// INT96 is a time of which nobody says whether it is local or not; eight hours are no small matter.
fn refuse_int96(metadata: &ParquetMetaData, name: &str) -> Result<(), String> {
    let columns = metadata.file_metadata().schema_descr();
    let is_int96 = |column: &parquet::schema::types::ColumnDescPtr| {
        column.path().parts().first().is_some_and(|first| first == name)
            && column.physical_type() == PhysicalType::INT96
    };
    if columns.columns().iter().any(is_int96) {
        return Err(format!(
            "column `{name}` is an INT96, which does not say its zone; write it as TIMESTAMP_MICROS or as text"
        ));
    }
    Ok(())
}

/// The same schema with texts that stay in their pages.
fn with_views(schema: &SchemaRef, wanted: &[usize]) -> SchemaRef {
    let view = |(index, field): (usize, &Arc<Field>)| match field.data_type() {
        DataType::Utf8 | DataType::Binary if wanted.contains(&index) => {
            Arc::new(Field::clone(field).with_data_type(DataType::Utf8View))
        }
        _ => Arc::clone(field),
    };
    Arc::new(Schema::new(schema.fields().iter().enumerate().map(view).collect::<Vec<_>>()))
}

/// Where the wanted columns lie, and how many bytes each unpacks to.
fn pages_of(metadata: &ParquetMetaData, mask: &ProjectionMask) -> Result<Vec<(Range<u64>, i64)>, String> {
    let records = metadata.file_metadata().num_rows();
    if !(0..=MAX_RECORDS).contains(&records) {
        return Err(format!("it says it has {records} records; at most {MAX_RECORDS} are read, split it"));
    }
    let mut pages = Vec::new();
    for group in metadata.row_groups() {
        let mut group_bytes = 0_i64;
        for (_, column) in group.columns().iter().enumerate().filter(|(leaf, _)| mask.leaf_included(*leaf)) {
            let (unpacked, packed) = (column.uncompressed_size(), column.compressed_size());
            let start = column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
            let range = u64::try_from(start).ok().zip(u64::try_from(packed).ok()).filter(|_| unpacked >= 0);
            let (start, packed) = range.ok_or("a column lies outside the file")?;
            pages.push((start..start.saturating_add(packed), unpacked));
            group_bytes = group_bytes.saturating_add(unpacked);
        }
        if group_bytes > MAX_GROUP_BYTES {
            return Err(format!(
                "a row group unpacks to {group_bytes} bytes; at most {MAX_GROUP_BYTES} are read, write smaller groups"
            ));
        }
    }
    pages.sort_by_key(|(range, _)| range.start);
    Ok(pages)
}

/// A file whose pages may not unpack to more than their column does.
#[derive(Clone, Debug)]
struct BoundedFile {
    file: Arc<File>,
    /// By offset.
    pages: Arc<Vec<(Range<u64>, i64)>>,
}

impl Length for BoundedFile {
    fn len(&self) -> u64 {
        Length::len(self.file.as_ref())
    }
}

impl ChunkReader for BoundedFile {
    type T = <File as ChunkReader>::T;

    /// Called for the header of a page.
    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        let damaged = |problem: &str| ParquetError::General(format!("the page at byte {start} {problem}"));
        let after = self.pages.partition_point(|(range, _)| range.start <= start);
        let column = self.pages[..after].last().filter(|(range, _)| range.contains(&start));
        let (_, most) = column.ok_or_else(|| damaged("lies in no column"))?;
        let mut head = Vec::new();
        self.file.get_read(start)?.take(16).read_to_end(&mut head)?;
        let unpacked = second_integer(&head).ok_or_else(|| damaged("has no header"))?;
        if !(0..=*most).contains(&unpacked) {
            return Err(damaged("says it unpacks to more than its column does"));
        }
        self.file.get_read(start)
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        self.file.get_bytes(start, length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::builder::{ListBuilder, StringBuilder};
    use arrow_array::types::Int32Type;
    use arrow_array::{
        ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float32Array, Float64Array,
        Int64Array, StringArray, Time64MicrosecondArray, TimestampMicrosecondArray, TimestampMillisecondArray,
        UInt64Array,
    };
    use parquet::arrow::ArrowWriter;
    use std::io::Write as _;

    fn written(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
        let batch =
            RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)));
        let batch = batch.expect("columns of one length");
        let mut bytes = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).expect("a writer");
        writer.write(&batch).expect("written");
        writer.close().expect("closed");
        bytes
    }

    fn opened(bytes: &[u8], wanted: &[&str]) -> Result<ForeignFile, LakeError> {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(bytes).expect("written");
        let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
        ForeignFile::open("x.parquet", file, &wanted)
    }

    fn cells(file: &ForeignFile) -> Result<Vec<Vec<ForeignCell>>, LakeError> {
        let mut all = Vec::new();
        for batch in file.batches()? {
            let batch = batch?;
            all.extend((0..batch.records()).map(|record| batch.cells(record).collect::<Vec<_>>()));
        }
        Ok(all)
    }

    /// The second value is empty in every column.
    fn every_type() -> Vec<(&'static str, ArrayRef)> {
        let dictionary: DictionaryArray<Int32Type> = vec![Some("窗口"), None].into_iter().collect();
        let decimal = Decimal128Array::from(vec![Some(-12_500), None]).with_precision_and_scale(12, 4).expect("fits");
        let instant = TimestampMillisecondArray::from(vec![Some(1_772_672_400_000), None]);
        vec![
            ("text", Arc::new(StringArray::from(vec![Some("一号"), None]))),
            ("bytes", Arc::new(BinaryArray::from(vec![Some("二号".as_bytes()), None]))),
            ("code", Arc::new(dictionary)),
            ("whole", Arc::new(Int64Array::from(vec![Some(i64::MIN), None]))),
            ("unsigned", Arc::new(UInt64Array::from(vec![Some(u64::MAX), None]))),
            ("decimal", Arc::new(decimal)),
            ("float", Arc::new(Float64Array::from(vec![Some(1e5), None]))),
            ("small", Arc::new(Float32Array::from(vec![Some(0.1), None]))),
            ("flag", Arc::new(BooleanArray::from(vec![Some(true), None]))),
            ("date", Arc::new(Date32Array::from(vec![Some(20_517), None]))),
            ("local", Arc::new(TimestampMicrosecondArray::from(vec![Some(1_772_701_200_500_000), None]))),
            ("instant", Arc::new(instant.with_timezone("Asia/Shanghai"))),
        ]
    }

    #[test]
    fn every_type_becomes_the_text_that_a_person_would_write() {
        let columns = every_type();
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let file = opened(&written(columns), &names).expect("opened");
        let rows = cells(&file).expect("read");
        let expect = [
            "一号",
            "二号",
            "窗口",
            "-9223372036854775808",
            "18446744073709551615",
            "-1.2500",
            "100000",
            "0.1",
            "true",
            "2026-03-05",
            "2026-03-05T09:00:00.5",
            "2026-03-05T01:00:00Z",
        ];
        assert_eq!(rows[0], expect.map(|text| Ok(Some(text.to_owned()))));
        assert_eq!(rows[1], vec![Ok(None); expect.len()]);
    }

    #[test]
    fn what_has_no_plain_text_is_refused_by_name_unless_nobody_asks_for_it() {
        let mut list = ListBuilder::new(StringBuilder::new());
        list.append_value([Some("a")]);
        let bytes = written(vec![
            ("text", Arc::new(StringArray::from(vec!["a"]))),
            ("list", Arc::new(list.finish())),
            ("time", Arc::new(Time64MicrosecondArray::from(vec![1]))),
            ("nan", Arc::new(Float64Array::from(vec![f64::NAN]))),
        ]);
        let refused = |name: &str| opened(&bytes, &["text", name]).expect_err(name).to_string();
        assert!(refused("list").contains("column `list` is nested"));
        assert!(refused("time").contains("column `time` is of type"));
        let file = opened(&bytes, &["nan", "text", "nowhere"]).expect("opened");
        assert_eq!(file.columns(), ["text", "nan"]);
        let rows = cells(&file).expect("read");
        assert_eq!(rows, [[Ok(Some("a".to_owned())), Err(("NaN".to_owned(), "not a number"))]]);
    }

    #[test]
    fn a_long_text_in_a_dictionary_is_not_copied_for_every_record() {
        let long = "长".repeat(20_000);
        let texts: DictionaryArray<Int32Type> = vec![long.as_str(); 4_000].into_iter().collect();
        let bytes = written(vec![("text", Arc::new(texts))]);
        assert!(bytes.len() < 1 << 19, "{}", bytes.len());
        let file = opened(&bytes, &["text"]).expect("opened");
        for batch in file.batches().expect("batches") {
            assert!(batch.expect("read").batch.get_array_memory_size() < 1 << 20);
        }
    }

    #[test]
    fn a_damaged_file_is_refused_whatever_byte_is_hit() {
        let columns = every_type();
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let whole = written(columns);
        let read = |bytes: &[u8]| {
            let outcome = std::panic::catch_unwind(|| opened(bytes, &names).and_then(|file| cells(&file)).is_ok());
            outcome.unwrap_or(false)
        };
        assert!(read(&whole));
        for cut in 0..whole.len() {
            assert!(!read(&whole[..cut]), "cut at {cut}");
        }
        // A flipped byte may leave another good file; it may not end the process or ask for the whole memory.
        for at in (0..whole.len()).step_by(5) {
            let mut flipped = whole.clone();
            flipped[at] ^= 0xff;
            let _ = read(&flipped);
        }
    }

    #[test]
    fn a_page_may_not_unpack_to_more_than_its_column() {
        let texts: ArrayRef = Arc::new(StringArray::from_iter_values((0..500).map(|n| format!("记录{n}"))));
        let whole = written(vec![("text", texts)]);
        // The first page follows the mark: type, then the bytes it unpacks to.
        assert_eq!((whole[4], whole[6]), (0x15, 0x15));
        let mut bomb = whole.clone();
        bomb[7] |= 0x80;
        bomb[8] |= 0xf0;
        assert_ne!(bomb, whole);
        let file = opened(&bomb, &["text"]).expect("the footer is whole");
        let error = cells(&file).expect_err("a bomb").to_string();
        assert!(error.contains("unpacks to more"), "{error}");
    }
}

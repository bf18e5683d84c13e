//! Facts files: plain Parquet that any tool reads, laid out for the kernel.

use crate::error::LakeError;
use crate::parts::{Part, parts_of};
use arrow_array::builder::BooleanBufferBuilder;
use arrow_array::{ArrayRef, BooleanArray, RecordBatch};
use arrow_buffer::{BooleanBuffer, Buffer};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use bytes::Bytes;
use model::fact::{Physical, Table};
use parquet::arrow::ArrowWriter;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::column::page::Page;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::serialized_reader::SerializedPageReader;
use parquet::schema::types::ColumnPath;
use std::sync::Arc;

/// Rows per row group; a multiple of [`BATCH_ROWS`], so that no batch spans two dictionaries.
const GROUP_ROWS: usize = 1_048_576;
/// Rows per page: every page costs a header, a buffer and a frame of the compression.
const PAGE_ROWS: usize = 131_072;
/// From so many rows on, what is packed in bits is not compressed again: reading costs more than room.
const MANY_ROWS: usize = 65_536;
/// Below so many rows nothing is compressed: a decompressor is opened for every column of every day, which costs more than
/// reading the few bytes that it would spare.
const FEW_ROWS: usize = 2_000;
/// A dictionary may grow this large before a column is written plain; codes never should be.
const DICTIONARY_BYTES: usize = 8 << 20;
/// Rows per batch: small enough for the caches, large enough to forget the overhead.
pub const BATCH_ROWS: usize = 16_384;

fn properties(table: Table, rows: usize) -> WriterProperties {
    let compression = if rows < FEW_ROWS { Compression::UNCOMPRESSED } else { Compression::ZSTD(ZstdLevel::default()) };
    let mut properties = WriterProperties::builder()
        .set_created_by("heng".to_owned())
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(compression)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_dictionary_page_size_limit(DICTIONARY_BYTES)
        .set_max_row_group_row_count(Some(GROUP_ROWS));
    for column in table.columns() {
        // What a dictionary packs into few bits is not worth another compression; but of few rows the dictionary itself
        // is the most of it.
        if rows >= MANY_ROWS && matches!(column.physical, Physical::Integer | Physical::Flag) {
            properties = properties.set_column_compression(ColumnPath::from(column.name), Compression::UNCOMPRESSED);
        }
        // Ids and instants differ from row to row; a dictionary of them is only ballast.
        if matches!(column.physical, Physical::Id | Physical::Instant | Physical::Pseudonym) {
            properties = properties.set_column_dictionary_enabled(ColumnPath::from(column.name), false);
        }
    }
    properties.build()
}

/// A facts file that is to be sealed.
#[derive(Clone, Debug)]
pub struct FactsFile {
    /// What it holds.
    pub table: Table,
    /// How many rows it has.
    pub rows: u64,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What can be read of it alone.
    pub parts: Vec<Part>,
}

/// Writes a facts file: the same rows give the same bytes.
pub fn write_facts(table: Table, batch: &RecordBatch) -> Result<FactsFile, LakeError> {
    let failed = |error| LakeError::encoding("facts file", error);
    let mut bytes = Vec::new();
    let mut writer =
        ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties(table, batch.num_rows()))).map_err(failed)?;
    writer.write(batch).map_err(failed)?;
    let metadata = writer.close().map_err(failed)?;
    let parts = parts_of(&bytes, &metadata)?;
    Ok(FactsFile { table, rows: batch.num_rows() as u64, bytes, parts })
}

/// Reads the named columns of a facts file, batch by batch.
///
/// The file is its bytes, or those parts of it that hold these columns. `path` is for errors only.
pub fn read_batches(path: &str, file: impl ChunkReader + 'static, columns: &[&str]) -> Result<Batches, LakeError> {
    let failed = |error| LakeError::unreadable(path, error);
    let file = Shared(Arc::new(file));
    let builder = ParquetRecordBatchReaderBuilder::try_new(file.clone()).map_err(failed)?;
    let metadata = Arc::clone(builder.metadata());
    let rows: i64 = metadata.file_metadata().num_rows();
    if i128::from(rows) >= model::rule::MAX_ROWS_PER_DAY {
        return Err(LakeError::TooManyRows { path: path.to_owned(), rows: rows.unsigned_abs() });
    }
    for column in columns {
        if builder.schema().column_with_name(column).is_none() {
            return Err(LakeError::unreadable(path, format!("there is no column `{column}`")));
        }
    }
    // Facts are flat: the leaf columns of the file are the fields of the schema.
    let wanted =
        builder.schema().fields().iter().enumerate().filter(|(_, field)| columns.contains(&field.name().as_str()));
    let (flags, others): (Vec<_>, Vec<_>) = wanted.partition(|(_, field)| is_flag(field));
    let mut schema: Vec<_> = flags.iter().chain(&others).map(|(index, field)| (*index, Arc::clone(field))).collect();
    schema.sort_by_key(|(index, _)| *index);
    let schema = Arc::new(Schema::new(schema.into_iter().map(|(_, field)| field).collect::<Vec<_>>()));
    let flags = flags.into_iter().map(|(index, _)| Flags::new(pages_of(&file, &metadata, index))).collect();
    let mask = ProjectionMask::leaves(builder.parquet_schema(), others.into_iter().map(|(index, _)| index));
    let others = builder.with_projection(mask).with_batch_size(BATCH_ROWS).build().map_err(failed)?;
    Ok(Batches { path: path.to_owned(), others, flags, schema })
}

/// Whether a column is yes or no in every row, so that its pages are bitmaps.
fn is_flag(field: &Field) -> bool {
    *field.data_type() == DataType::Boolean && !field.is_nullable()
}

/// The batches of a facts file.
pub struct Batches {
    path: String,
    /// Every column that is not a flag.
    others: ParquetRecordBatchReader,
    flags: Vec<Flags>,
    schema: SchemaRef,
}

impl Batches {
    /// A batch with its flags among the other columns, in the order of the file.
    fn with_flags(&mut self, batch: RecordBatch) -> Result<RecordBatch, ArrowError> {
        if self.flags.is_empty() {
            return Ok(batch);
        }
        let (mut others, mut flags) = (batch.columns().iter(), self.flags.iter_mut());
        let mut columns = Vec::with_capacity(self.schema.fields().len());
        for field in self.schema.fields() {
            if is_flag(field) {
                columns.extend(flags.next().map(|flags| flags.read(batch.num_rows())).transpose()?);
            } else {
                columns.extend(others.next().map(Arc::clone));
            }
        }
        RecordBatch::try_new(Arc::clone(&self.schema), columns)
    }
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, LakeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.others.next()?.and_then(|batch| self.with_flags(batch));
        Some(batch.map_err(|error| LakeError::unreadable(&self.path, error)))
    }
}

/// The pages of a column, one row group after another.
type Pages = Box<dyn Iterator<Item = Result<Page, ParquetError>> + Send>;

fn pages_of<R: ChunkReader + 'static>(file: &Shared<R>, metadata: &Arc<ParquetMetaData>, column: usize) -> Pages {
    let (file, metadata) = (file.clone(), Arc::clone(metadata));
    let chunks = (0..metadata.num_row_groups()).map(move |group| {
        let group = metadata.row_group(group);
        let rows = usize::try_from(group.num_rows()).unwrap_or(0);
        SerializedPageReader::new(Arc::new(file.clone()), group.column(column), rows, None)
    });
    Box::new(chunks.flat_map(|chunk| {
        let (pages, failed) = match chunk {
            Ok(pages) => (Some(pages), None),
            Err(error) => (None, Some(Err(error))),
        };
        pages.into_iter().flatten().chain(failed)
    }))
}

/// A flag column, page by page. A page of flags without nulls is the bitmap itself: nothing is decoded.
struct Flags {
    pages: Pages,
    /// What is left of the page.
    page: BooleanBuffer,
}

impl Flags {
    fn new(pages: Pages) -> Self {
        Self { pages, page: BooleanBuffer::new_unset(0) }
    }

    /// The flags of the next rows.
    fn read(&mut self, rows: usize) -> Result<ArrayRef, ArrowError> {
        while self.page.is_empty() {
            self.page = self.next_page()?;
        }
        if rows <= self.page.len() {
            return Ok(Arc::new(BooleanArray::new(self.take(rows), None)));
        }
        let mut bits = BooleanBufferBuilder::new(rows);
        while bits.len() < rows {
            bits.append_buffer(&self.take(rows - bits.len()));
            if bits.len() < rows {
                self.page = self.next_page()?;
            }
        }
        Ok(Arc::new(BooleanArray::new(bits.finish(), None)))
    }

    /// At most so many flags from the page.
    fn take(&mut self, rows: usize) -> BooleanBuffer {
        let rows = rows.min(self.page.len());
        let taken = self.page.slice(0, rows);
        self.page = self.page.slice(rows, self.page.len() - rows);
        taken
    }

    fn next_page(&mut self) -> Result<BooleanBuffer, ArrowError> {
        let failed = |problem: &str| ArrowError::ParquetError(problem.to_owned());
        let page = self.pages.next().ok_or_else(|| failed("a column of flags is too short"))??;
        let Page::DataPage { buf, num_values, encoding: Encoding::PLAIN, .. } = page else {
            return Err(failed("a page of flags is not plain"));
        };
        let (bits, rows) = (Buffer::from(buf), num_values as usize);
        if bits.len() < rows.div_ceil(8) {
            return Err(failed("a page of flags is too short"));
        }
        Ok(BooleanBuffer::new(bits, 0, rows))
    }
}

/// One file under several readers.
struct Shared<R>(Arc<R>);

impl<R> Clone for Shared<R> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<R: ChunkReader> Length for Shared<R> {
    fn len(&self) -> u64 {
        self.0.len()
    }
}

impl<R: ChunkReader> ChunkReader for Shared<R> {
    type T = R::T;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        self.0.get_read(start)
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        self.0.get_bytes(start, length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn flags_are_the_same_however_pages_and_batches_cut_them(
            pages in proptest::collection::vec(proptest::collection::vec(any::<bool>(), 0..100), 1..10),
            batches in proptest::collection::vec(1_usize..150, 1..10),
        ) {
            let all: Vec<bool> = pages.concat();
            let page = |flags: Vec<bool>| Page::DataPage {
                num_values: u32::try_from(flags.len()).expect("short"),
                buf: Bytes::copy_from_slice(BooleanBuffer::from(flags).values()),
                encoding: Encoding::PLAIN,
                def_level_encoding: Encoding::RLE,
                rep_level_encoding: Encoding::RLE,
                statistics: None,
            };
            let mut flags = Flags::new(Box::new(pages.into_iter().map(move |flags| Ok(page(flags)))));
            let mut left = all.as_slice();
            for rows in batches {
                let read = flags.read(rows);
                if rows > left.len() {
                    prop_assert!(read.is_err());
                    break;
                }
                let expected: ArrayRef = Arc::new(BooleanArray::from(left[..rows].to_vec()));
                prop_assert_eq!(&read.expect("enough flags"), &expected);
                left = &left[rows..];
            }
        }
    }
}

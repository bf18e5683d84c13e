//! Facts files: plain Parquet that any tool reads, laid out for the kernel.

use crate::error::LakeError;
use arrow_array::RecordBatch;
use model::fact::{Physical, Table};
use parquet::arrow::ArrowWriter;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::file::reader::ChunkReader;
use parquet::schema::types::ColumnPath;

/// Rows per row group; a multiple of [`BATCH_ROWS`], so that no batch spans two dictionaries.
const GROUP_ROWS: usize = 131_072;
/// Rows per batch: small enough for the caches, large enough to forget the overhead.
pub const BATCH_ROWS: usize = 16_384;

fn properties(table: Table) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_created_by("heng".to_owned())
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_max_row_group_row_count(Some(GROUP_ROWS));
    for column in table.columns() {
        // Ids and instants differ from row to row; a dictionary of them is only ballast.
        if matches!(column.physical, Physical::Id | Physical::Instant | Physical::Pseudonym) {
            properties = properties.set_column_dictionary_enabled(ColumnPath::from(column.name), false);
        }
    }
    properties.build()
}

/// The bytes of a facts file: the same rows give the same bytes.
pub fn write_facts(table: Table, batch: &RecordBatch) -> Result<Vec<u8>, LakeError> {
    let failed = |error| LakeError::encoding("facts file", error);
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties(table))).map_err(failed)?;
    writer.write(batch).map_err(failed)?;
    writer.close().map_err(failed)?;
    Ok(bytes)
}

/// Reads the named columns of a facts file, batch by batch.
///
/// The file is its bytes, or one that is open, of which only these columns are then read. `path` is for errors only.
pub fn read_batches(
    path: &str,
    file: impl ChunkReader + 'static,
    columns: &[&str],
) -> Result<ParquetRecordBatchReader, LakeError> {
    let failed = |error| LakeError::unreadable(path, error);
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(failed)?;
    let rows: i64 = builder.metadata().file_metadata().num_rows();
    if i128::from(rows) >= model::rule::MAX_ROWS_PER_DAY {
        return Err(LakeError::TooManyRows { path: path.to_owned(), rows: rows.unsigned_abs() });
    }
    for column in columns {
        if builder.schema().column_with_name(column).is_none() {
            return Err(LakeError::unreadable(path, format!("there is no column `{column}`")));
        }
    }
    let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
    builder.with_projection(mask).with_batch_size(BATCH_ROWS).build().map_err(failed)
}

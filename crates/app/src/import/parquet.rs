//! Parquet files, record by record.

use super::guard::guarded;
use super::mapping::Mapping;
use super::reader::{ReadError, RowResult, find_columns};
use super::table::{Cell, TableRow};
use lake::{ForeignBatch, ForeignFile, LakeError};
use std::fs::File;

/// A Parquet file, of which only the columns of the mapping are read.
#[derive(Debug)]
pub(super) struct ParquetFile {
    path: String,
    file: ForeignFile,
    positions: Vec<usize>,
}

impl ParquetFile {
    /// Opens a file and reads it through once, so that a broken one is refused before its first record is taken.
    pub(super) fn open(path: &str, file: File, mapping: &Mapping) -> Result<Self, ReadError> {
        let file = guarded(|| ForeignFile::open(path, file, &mapping.columns));
        let file = file.map_err(|problem| ReadError::Broken { path: path.to_owned(), problem })?;
        let file = file.map_err(ReadError::Parquet)?;
        // Every name is said where one is missing, not only those that are read.
        let names: Vec<String> = file.names().map(str::to_owned).collect();
        find_columns(path, &mapping.columns, &names)?;
        let positions = find_columns(path, &mapping.columns, file.columns())?;
        let mut file = Self { path: path.to_owned(), file, positions };
        file.each(&mut |_| {})?;
        Ok(file)
    }

    /// The columns that are read, in the order of the file.
    pub(super) fn header(&self) -> &[String] {
        self.file.columns()
    }

    /// Calls back with every record.
    pub(super) fn each(&mut self, each: &mut dyn FnMut(RowResult)) -> Result<(), ReadError> {
        let broken = |problem| ReadError::Broken { path: self.path.clone(), problem };
        let mut batches = guarded(|| self.file.batches()).map_err(broken)?.map_err(ReadError::Parquet)?;
        let mut line = 0;
        loop {
            let batch: Option<Result<ForeignBatch, LakeError>> = guarded(|| batches.next()).map_err(broken)?;
            let Some(batch) = batch else { return Ok(()) };
            let batch = batch.map_err(ReadError::Parquet)?;
            for record in 0..batch.records() {
                line += 1;
                let mut row = TableRow::new(line);
                for (column, cell) in batch.cells(record).enumerate() {
                    match cell {
                        Ok(None) => {}
                        Ok(Some(text)) => row.put(column, Cell::Text(text)),
                        Err((shown, problem)) => row.put(column, Cell::Bad { shown, problem }),
                    }
                }
                each(row.into_row(self.file.columns(), &self.positions));
            }
        }
    }
}

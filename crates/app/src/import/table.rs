//! Rows of files whose cells have types of their own: workbooks and Parquet.

use super::MAX_ROW_BYTES;
use super::reader::{Raw, RawRow, RowResult};
use super::value::shorten;

/// A cell on its way to a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// Nothing there.
    Empty,
    /// Its text.
    Text(String),
    /// Something that no field can be made of.
    Bad {
        /// What stands there.
        shown: String,
        /// Why it is of no use, and what to do.
        problem: &'static str,
    },
}

impl Cell {
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    pub(super) fn bad(shown: String, problem: &'static str) -> Self {
        Self::Bad { shown, problem }
    }

    /// What a person would see.
    pub(super) fn shown(&self) -> &str {
        match self {
            Self::Empty => "",
            Self::Text(text) | Self::Bad { shown: text, .. } => text,
        }
    }
}

/// A row of cells, of which no more is kept than a row may have.
#[derive(Clone, Debug)]
pub(super) struct TableRow {
    /// Counted from 1: the row of a sheet, the record of a Parquet file.
    pub line: u64,
    /// The cells up to the last one that was put.
    pub cells: Vec<Cell>,
    bytes: usize,
}

impl TableRow {
    pub(super) fn new(line: u64) -> Self {
        Self { line, cells: Vec::new(), bytes: 0 }
    }

    /// Puts a cell in its column.
    pub(super) fn put(&mut self, column: usize, cell: Cell) {
        self.bytes += cell.shown().len();
        if self.is_too_long() {
            return;
        }
        if self.cells.len() <= column {
            self.cells.resize(column + 1, Cell::Empty);
        }
        self.cells[column] = cell;
    }

    fn is_too_long(&self) -> bool {
        self.bytes > MAX_ROW_BYTES
    }

    /// Whether nothing is written in the row.
    pub(super) fn is_empty(&self) -> bool {
        !self.is_too_long() && self.cells.iter().all(|cell| matches!(cell, Cell::Empty))
    }

    /// The row for the fields of a mapping. `names` are the columns of the file, `positions` those that are read.
    pub(super) fn into_row(self, names: &[String], positions: &[usize]) -> RowResult {
        let texts = (0..names.len()).map(|column| self.cells.get(column).map_or("", Cell::shown));
        let raw = Raw::Cells(texts.collect::<Vec<_>>().into());
        if self.is_too_long() {
            return Err((self.line, raw, format!("the row has more than {MAX_ROW_BYTES} bytes")));
        }
        let mut cells = Vec::with_capacity(positions.len());
        for at in positions {
            match self.cells.get(*at) {
                None | Some(Cell::Empty) => cells.push(None),
                Some(Cell::Text(text)) => cells.push(Some(text.clone())),
                Some(Cell::Bad { shown, problem }) => {
                    let reason = format!("`{}`: `{}` is {problem}", shorten(&names[*at]), shorten(shown));
                    return Err((self.line, raw, reason));
                }
            }
        }
        Ok(RawRow::new(self.line, cells, raw))
    }
}

//! The rows of a file, one after another, as text cells.

use super::mapping::{Format, Mapping};
use super::parquet::ParquetFile;
use super::text::TextFile;
use super::workbook::Workbook;
use lake::LakeError;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// The longest row of a file.
pub const MAX_ROW_BYTES: usize = 1 << 20;

/// A row: the cells of the mapping's columns, and the row as it stands in the file.
#[derive(Clone, Debug)]
pub(super) struct RawRow {
    /// Counted from 1, a header included.
    pub line: u64,
    /// One cell per column of the mapping.
    cells: Cells,
    /// The row itself, to be handed back if it is bad.
    pub raw: Raw,
}

/// The cells of a row.
#[derive(Clone, Debug)]
enum Cells {
    /// `None` where the row does not have it.
    Own(Vec<Option<String>>),
    /// Where they stand in the row itself, which is UTF-8.
    Within(Arc<[usize]>),
}

impl RawRow {
    /// A row with cells of its own; `None` where the row does not have one.
    pub(super) fn new(line: u64, cells: Vec<Option<String>>, raw: Raw) -> Self {
        Self { line, cells: Cells::Own(cells), raw }
    }

    /// A row of CSV in UTF-8, whose cells need no copies.
    pub(super) fn within(line: u64, positions: &Arc<[usize]>, record: csv::ByteRecord) -> Self {
        Self { line, cells: Cells::Within(Arc::clone(positions)), raw: Raw::Cells(record) }
    }

    /// The cell of a column of the mapping; `None` where the row does not have it.
    pub(super) fn cell(&self, column: usize) -> Option<&str> {
        match (&self.cells, &self.raw) {
            (Cells::Own(cells), _) => cells[column].as_deref(),
            (Cells::Within(positions), Raw::Cells(record)) => match record.get(positions[column])? {
                [] => Some(""),
                cell => std::str::from_utf8(cell).ok(),
            },
            (Cells::Within(_), Raw::Json(_)) => None,
        }
    }

    /// Whether each of these columns holds one of its texts.
    pub(super) fn holds(&self, condition: &[(usize, Vec<String>)]) -> bool {
        condition.iter().all(|(at, any)| self.cell(*at).is_some_and(|cell| any.iter().any(|one| one == cell)))
    }
}

/// A row as it stands in the file.
#[derive(Clone, Debug)]
pub(super) enum Raw {
    /// The cells of a CSV row, undecoded, or the texts of a row of a workbook or of Parquet.
    Cells(csv::ByteRecord),
    /// A JSON text.
    Json(String),
}

/// A row, or why it is none.
pub(super) type RowResult = Result<RawRow, (u64, Raw, String)>;

/// Why a file cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file cannot be opened or read.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// The cause.
        source: std::io::Error,
    },
    /// Its name does not say what it is, nor does the mapping.
    #[error(
        "{path}: cannot tell the format; say format = \"csv\", \"ndjson\", \"json\", \"xlsx\" or \"parquet\" in the mapping"
    )]
    UnknownFormat {
        /// The file.
        path: String,
    },
    /// A Parquet file cannot be read.
    #[error(transparent)]
    Parquet(#[from] LakeError),
    /// Columns that the mapping names are not there.
    #[error("{path}: the file has no column {missing}; it has: {found}")]
    MissingColumns {
        /// The file.
        path: String,
        /// What the mapping names.
        missing: String,
        /// What is there.
        found: String,
    },
    /// The file as a whole is broken.
    #[error("{path}: {problem}")]
    Broken {
        /// The file.
        path: String,
        /// How.
        problem: String,
    },
}

/// A file to import.
#[derive(Debug)]
pub(super) struct Source {
    content: Content,
    /// The shape of the file.
    pub format: Format,
    /// The delimiter of CSV.
    pub delimiter: u8,
}

#[derive(Debug)]
enum Content {
    Text(TextFile),
    Workbook(Box<Workbook>),
    Parquet(Box<ParquetFile>),
}

impl Source {
    /// Opens a file and checks it as a whole, so that a broken one is refused before its first row is taken.
    pub(super) fn open(path: &Path, mapping: &Mapping) -> Result<Self, ReadError> {
        let shown = path.display().to_string();
        let io = |source| ReadError::Io { path: shown.clone(), source };
        let file = File::open(path).map_err(io)?;
        if file.metadata().map_err(io)?.is_dir() {
            return Err(io(std::io::Error::other("this is a folder; name the files in it")));
        }
        let format = format_of(path, mapping.format).ok_or_else(|| ReadError::UnknownFormat { path: shown.clone() })?;
        let content = match format {
            Format::Csv | Format::Ndjson | Format::Json => {
                Content::Text(TextFile::open(&shown, file, format, mapping)?)
            }
            Format::Xlsx => Content::Workbook(Box::new(Workbook::open(&shown, file, mapping)?)),
            Format::Parquet => Content::Parquet(Box::new(ParquetFile::open(&shown, file, mapping)?)),
        };
        Ok(Self { content, format, delimiter: mapping.delimiter })
    }

    /// The names of the columns as they stand in the file; JSON has none.
    pub(super) fn header(&self) -> Option<csv::ByteRecord> {
        match &self.content {
            Content::Text(text) => text.header.clone(),
            Content::Workbook(book) => Some(book.header().clone().into()),
            Content::Parquet(file) => Some(file.header().to_vec().into()),
        }
    }

    /// Whether cells are GB18030.
    pub(super) fn gb18030(&self) -> bool {
        matches!(&self.content, Content::Text(text) if text.gb18030)
    }

    /// Calls back with every row.
    pub(super) fn each(&mut self, each: &mut dyn FnMut(RowResult)) -> Result<(), ReadError> {
        match &mut self.content {
            Content::Text(text) => text.each(each),
            Content::Workbook(book) => book.each(each),
            Content::Parquet(file) => file.each(each),
        }
    }
}

/// What a file is: as the mapping says, else by its name. Bad rows of a workbook or of Parquet come back as CSV, and are
/// imported again with the same mapping: for these the name wins.
fn format_of(path: &Path, said: Option<Format>) -> Option<Format> {
    let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    let by_name = match extension.as_deref() {
        Some("csv" | "tsv" | "txt") => Some(Format::Csv),
        Some("ndjson" | "jsonl") => Some(Format::Ndjson),
        Some("json") => Some(Format::Json),
        Some("xlsx" | "xlsm") => Some(Format::Xlsx),
        Some("parquet") => Some(Format::Parquet),
        _ => None,
    };
    match (said, by_name) {
        (Some(Format::Xlsx | Format::Parquet), Some(Format::Csv)) => by_name,
        (said, by_name) => said.or(by_name),
    }
}

/// Where each column of the mapping stands among the names of a file.
pub(super) fn find_columns(path: &str, columns: &[String], names: &[String]) -> Result<Vec<usize>, ReadError> {
    let found: Vec<Option<usize>> = columns.iter().map(|column| names.iter().position(|name| name == column)).collect();
    if found.iter().all(Option::is_some) {
        return Ok(found.into_iter().flatten().collect());
    }
    let quote = |name: &String| format!("`{}`", super::value::shorten(name));
    let missing = columns.iter().zip(&found).filter(|(_, at)| at.is_none());
    let missing = missing.map(|(column, _)| quote(column)).collect::<Vec<_>>().join(", ");
    let found = names.iter().take(50).map(quote).collect::<Vec<_>>().join(", ");
    Err(ReadError::MissingColumns { path: path.to_owned(), missing, found })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mapping_says_what_a_file_is_and_its_name_where_the_mapping_does_not() {
        let check = |name: &str, said: Option<Format>, expect: Option<Format>| {
            assert_eq!(format_of(Path::new(name), said), expect, "{name} {said:?}");
        };
        check("a.XLSX", None, Some(Format::Xlsx));
        check("a.parquet", None, Some(Format::Parquet));
        check("a.txt", None, Some(Format::Csv));
        check("a.bin", None, None);
        check("a.bin", Some(Format::Xlsx), Some(Format::Xlsx));
        check("a.txt", Some(Format::Ndjson), Some(Format::Ndjson));
        check("a.rejected.csv", Some(Format::Xlsx), Some(Format::Csv));
        check("a.rejected.csv", Some(Format::Parquet), Some(Format::Csv));
        check("a.rejected.csv", Some(Format::Json), Some(Format::Json));
    }
}

//! The rows of a file, one after another, as text cells.

use super::mapping::{Encoding, Format, Mapping};
use encoding_rs::GB18030;
use serde::de::{DeserializeSeed, Deserializer as _, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fs::File;
use std::io::{BufRead, BufReader, Read as _, Seek as _};
use std::path::Path;

/// The longest row of a file.
pub const MAX_ROW_BYTES: usize = 1 << 20;

/// A row: the cells of the mapping's columns, and the row as it stands in the file.
#[derive(Clone, Debug)]
pub(super) struct RawRow {
    /// Counted from 1, the header included.
    pub line: u64,
    /// One cell per column of the mapping; `None` where the row does not have it.
    pub cells: Vec<Option<String>>,
    /// The row itself, to be handed back if it is bad.
    pub raw: Raw,
}

/// A row as it stands in the file.
#[derive(Clone, Debug)]
pub(super) enum Raw {
    /// The fields of a CSV row, undecoded.
    Csv(csv::ByteRecord),
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
    #[error("{path}: cannot tell the format; say format = \"csv\", \"ndjson\" or \"json\" in the mapping")]
    UnknownFormat {
        /// The file.
        path: String,
    },
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
    path: String,
    file: File,
    /// The shape of the file.
    pub format: Format,
    /// Whether cells are GB18030.
    pub gb18030: bool,
    /// The header of a CSV file, undecoded.
    pub header: Option<csv::ByteRecord>,
    /// The delimiter of CSV.
    pub(crate) delimiter: u8,
    columns: Vec<String>,
    /// For CSV: where each column of the mapping stands.
    positions: Vec<Option<usize>>,
}

impl Source {
    /// Opens a file and checks it as a whole: format, encoding, columns, and that JSON ends where it should.
    pub(super) fn open(path: &Path, mapping: &Mapping) -> Result<Self, ReadError> {
        let shown = path.display().to_string();
        let io = |source| ReadError::Io { path: shown.clone(), source };
        let mut file = File::open(path).map_err(io)?;
        if file.metadata().map_err(io)?.is_dir() {
            return Err(io(std::io::Error::other("this is a folder; name the files in it")));
        }
        let by_name = match path.extension().and_then(|extension| extension.to_str()) {
            Some("csv" | "tsv" | "txt") => Some(Format::Csv),
            Some("ndjson" | "jsonl") => Some(Format::Ndjson),
            Some("json") => Some(Format::Json),
            _ => None,
        };
        let format = mapping.format.or(by_name).ok_or_else(|| ReadError::UnknownFormat { path: shown.clone() })?;
        let gb18030 = match mapping.encoding {
            Encoding::Utf8 => false,
            Encoding::Gb18030 => true,
            Encoding::Auto => !begins_as_utf8(&mut file).map_err(io)?,
        };
        let mut source = Self {
            path: shown,
            file,
            format,
            gb18030: gb18030 && format == Format::Csv,
            header: None,
            delimiter: mapping.delimiter,
            columns: mapping.columns.clone(),
            positions: Vec::new(),
        };
        match format {
            Format::Csv => source.read_header()?,
            Format::Json => source.check_json()?,
            Format::Ndjson => {}
        }
        Ok(source)
    }

    fn broken(&self, problem: impl std::fmt::Display) -> ReadError {
        ReadError::Broken { path: self.path.clone(), problem: problem.to_string() }
    }

    fn reader(&mut self) -> Result<BufReader<File>, ReadError> {
        let io = |source| ReadError::Io { path: self.path.clone(), source };
        self.file.rewind().map_err(io)?;
        let mut reader = BufReader::with_capacity(1 << 16, self.file.try_clone().map_err(io)?);
        if reader.fill_buf().map_err(io)?.starts_with(&[0xef, 0xbb, 0xbf]) {
            reader.consume(3);
        }
        Ok(reader)
    }

    fn read_header(&mut self) -> Result<(), ReadError> {
        let delimiter = self.delimiter;
        let mut reader =
            csv::ReaderBuilder::new().delimiter(delimiter).from_reader(self.reader()?.take(MAX_ROW_BYTES as u64));
        let header = reader.byte_headers().map_err(|error| self.broken(error))?.clone();
        let names: Vec<String> =
            header.iter().map(|name| decode(name, self.gb18030).unwrap_or_default().trim().to_owned()).collect();
        self.positions = self.columns.iter().map(|column| names.iter().position(|name| name == column)).collect();
        let missing: Vec<_> = self.columns.iter().zip(&self.positions).filter(|(_, at)| at.is_none()).collect();
        if !missing.is_empty() {
            let quote = |name: &String| format!("`{}`", super::value::shorten(name));
            let missing = missing.into_iter().map(|(column, _)| quote(column)).collect::<Vec<_>>().join(", ");
            let found = names.iter().take(50).map(quote).collect::<Vec<_>>().join(", ");
            return Err(ReadError::MissingColumns { path: self.path.clone(), missing, found });
        }
        self.header = Some(header);
        Ok(())
    }

    /// A JSON array must be whole before its first row is taken.
    fn check_json(&mut self) -> Result<(), ReadError> {
        let reader = self.reader()?;
        let mut deserializer = serde_json::Deserializer::from_reader(reader);
        let checked = deserializer.deserialize_seq(EachRow { each: &mut |_| {} }).and_then(|()| deserializer.end());
        checked.map_err(|error| self.broken(format!("not a whole JSON array of objects: {error}")))
    }

    /// Calls back with every row. The callback says whether to go on.
    pub(super) fn each(&mut self, each: &mut dyn FnMut(RowResult)) -> Result<(), ReadError> {
        match self.format {
            Format::Csv => self.each_csv(each),
            Format::Ndjson => self.each_line(each),
            Format::Json => self.each_element(each),
        }
    }

    fn each_csv(&mut self, each: &mut dyn FnMut(RowResult)) -> Result<(), ReadError> {
        let reader = self.reader()?;
        let mut reader = csv::ReaderBuilder::new().delimiter(self.delimiter).flexible(true).from_reader(reader);
        let width = self.header.as_ref().map_or(0, csv::ByteRecord::len);
        let mut record = csv::ByteRecord::new();
        loop {
            match reader.read_byte_record(&mut record) {
                Ok(false) => return Ok(()),
                Ok(true) => {}
                Err(error) => return Err(self.broken(error)),
            }
            let line = record.position().map_or(0, csv::Position::line);
            each(self.csv_row(&record, line, width));
        }
    }

    fn csv_row(&self, record: &csv::ByteRecord, line: u64, width: usize) -> RowResult {
        let bad = |problem: String| Err((line, Raw::Csv(record.clone()), problem));
        if record.len() != width {
            return bad(format!("the row has {} cells, the header {width}", record.len()));
        }
        if record.as_slice().len() > MAX_ROW_BYTES {
            return bad(format!("the row has more than {MAX_ROW_BYTES} bytes"));
        }
        let mut cells = Vec::with_capacity(self.positions.len());
        for position in &self.positions {
            match position.and_then(|at| record.get(at)).map(|cell| decode(cell, self.gb18030)) {
                None => cells.push(None),
                Some(Some(cell)) => cells.push(Some(cell)),
                Some(None) => {
                    let name = if self.gb18030 { "GB18030" } else { "UTF-8" };
                    return bad(format!("the row is not {name}; say encoding = \"…\" in the mapping"));
                }
            }
        }
        Ok(RawRow { line, cells, raw: Raw::Csv(record.clone()) })
    }

    fn each_line(&mut self, each: &mut dyn FnMut(RowResult)) -> Result<(), ReadError> {
        let mut reader = self.reader()?;
        let mut line = 0;
        loop {
            let mut bytes = Vec::new();
            let limit = MAX_ROW_BYTES as u64 + 1;
            let read = (&mut reader).take(limit).read_until(b'\n', &mut bytes);
            let read = read.map_err(|source| ReadError::Io { path: self.path.clone(), source })?;
            if read == 0 {
                return Ok(());
            }
            line += 1;
            if bytes.len() > MAX_ROW_BYTES {
                let shown = String::from_utf8_lossy(&bytes[..200]).into_owned();
                each(Err((line, Raw::Json(shown), format!("the line has more than {MAX_ROW_BYTES} bytes"))));
                reader.skip_until(b'\n').map_err(|source| ReadError::Io { path: self.path.clone(), source })?;
                continue;
            }
            let text = String::from_utf8_lossy(&bytes);
            let text = text.trim();
            if !text.is_empty() {
                each(self.json_row(text, line));
            }
        }
    }

    fn each_element(&mut self, each: &mut dyn FnMut(RowResult)) -> Result<(), ReadError> {
        let reader = self.reader()?;
        let mut line = 0;
        let mut deserializer = serde_json::Deserializer::from_reader(reader);
        let this = &*self;
        let mut callback = |text: &str| {
            line += 1;
            each(this.json_row(text, line));
        };
        let done = deserializer.deserialize_seq(EachRow { each: &mut callback });
        done.map_err(|error| self.broken(error))
    }

    fn json_row(&self, text: &str, line: u64) -> RowResult {
        let object: serde_json::Map<String, serde_json::Value> = match serde_json::from_str(text) {
            Ok(object) => object,
            Err(error) => {
                return Err((line, Raw::Json(text.to_owned()), format!("not a JSON object: {error}")));
            }
        };
        let cell = |column: &String| match object.get(column)? {
            serde_json::Value::Null => None,
            serde_json::Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        Ok(RawRow { line, cells: self.columns.iter().map(cell).collect(), raw: Raw::Json(text.to_owned()) })
    }
}

/// The text of a cell, if it is of the encoding.
pub(super) fn decode(bytes: &[u8], gb18030: bool) -> Option<String> {
    if !gb18030 {
        return std::str::from_utf8(bytes).ok().map(str::to_owned);
    }
    GB18030.decode_without_bom_handling_and_without_replacement(bytes).map(std::borrow::Cow::into_owned)
}

fn begins_as_utf8(file: &mut File) -> std::io::Result<bool> {
    let mut head = Vec::new();
    file.take(1 << 20).read_to_end(&mut head)?;
    Ok(match std::str::from_utf8(&head) {
        Ok(_) => true,
        // A character cut in two by the end of what was read.
        Err(error) => error.error_len().is_none() && head.len() == 1 << 20,
    })
}

/// Visits the elements of a JSON array one by one, so that no array is too long.
struct EachRow<'a> {
    each: &'a mut dyn FnMut(&str),
}

impl<'de> Visitor<'de> for EachRow<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        while rows.next_element_seed(OneRow { each: self.each })?.is_some() {}
        Ok(())
    }
}

struct OneRow<'a> {
    each: &'a mut dyn FnMut(&str),
}

impl<'de> DeserializeSeed<'de> for OneRow<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let raw: Box<RawValue> = serde::Deserialize::deserialize(deserializer)?;
        if raw.get().len() > MAX_ROW_BYTES {
            return Err(serde::de::Error::custom("an element is longer than 1 MiB"));
        }
        (self.each)(raw.get());
        Ok(())
    }
}

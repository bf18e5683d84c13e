//! Bad rows, handed back with the reason beside each: in a file of the same format, or as CSV where the source is a
//! workbook or Parquet.

use super::mapping::Format;
use super::reader::{Raw, Source};
use encoding_rs::GB18030;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

/// The column in which the reason stands.
pub const REASON: &str = "错误原因";

/// A file of bad rows; it is made with the first one.
#[derive(Debug)]
pub(super) struct Rejects {
    path: PathBuf,
    out: Option<BufWriter<File>>,
    format: Format,
    gb18030: bool,
    delimiter: u8,
    header: Option<csv::ByteRecord>,
    /// How many rows were bad.
    pub count: u64,
    /// The first reasons, for the terminal.
    pub first: Vec<(u64, String)>,
}

impl Rejects {
    /// Bad rows of a source go to this path.
    #[must_use]
    pub(super) fn new(path: PathBuf, source: &Source) -> Self {
        Self {
            path,
            out: None,
            format: source.format,
            gb18030: source.gb18030(),
            delimiter: source.delimiter,
            header: source.header(),
            count: 0,
            first: Vec::new(),
        }
    }

    /// Where the rows are, if there are any.
    #[must_use]
    pub(super) fn path(&self) -> Option<&Path> {
        self.out.as_ref().map(|_| self.path.as_path())
    }

    /// Writes a bad row down. With `write` false it is only counted.
    pub(super) fn add(&mut self, line: u64, raw: &Raw, reason: &str, write: bool) -> std::io::Result<()> {
        self.count += 1;
        if self.first.len() < 10 {
            self.first.push((line, reason.to_owned()));
        }
        if !write {
            return Ok(());
        }
        if self.out.is_none() {
            self.begin()?;
        }
        let bytes = match raw {
            Raw::Cells(record) => self.csv_line(record, reason)?,
            Raw::Json(text) => self.json_line(text, reason),
        };
        match &mut self.out {
            Some(out) => out.write_all(&bytes),
            None => Ok(()),
        }
    }

    fn begin(&mut self) -> std::io::Result<()> {
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut out = BufWriter::new(File::create(&self.path)?);
        match self.format {
            Format::Csv | Format::Xlsx | Format::Parquet => {
                // Spreadsheets know UTF-8 by its mark.
                if !self.gb18030 {
                    out.write_all(&[0xef, 0xbb, 0xbf])?;
                }
                let header = self.header.clone().unwrap_or_default();
                out.write_all(&self.csv_line(&header, REASON)?)?;
            }
            Format::Json => out.write_all(b"[\n")?,
            Format::Ndjson => {}
        }
        self.out = Some(out);
        Ok(())
    }

    fn csv_line(&self, record: &csv::ByteRecord, reason: &str) -> std::io::Result<Vec<u8>> {
        let mut writer = csv::WriterBuilder::new().delimiter(self.delimiter).from_writer(Vec::new());
        let reason = if self.gb18030 { GB18030.encode(reason).0.into_owned() } else { reason.as_bytes().to_vec() };
        let mut row = record.clone();
        row.push_field(&reason);
        writer.write_byte_record(&row)?;
        writer.into_inner().map_err(|error| std::io::Error::other(error.to_string()))
    }

    fn json_line(&self, text: &str, reason: &str) -> Vec<u8> {
        let mut object = match serde_json::from_str(text) {
            Ok(serde_json::Value::Object(object)) => object,
            _ => serde_json::Map::from_iter([("raw".to_owned(), text.into())]),
        };
        object.insert(REASON.to_owned(), reason.into());
        let separator = if self.format == Format::Json && self.count > 1 { ",\n" } else { "" };
        let end = if self.format == Format::Ndjson { "\n" } else { "" };
        format!("{separator}{}{end}", serde_json::Value::Object(object)).into_bytes()
    }

    /// Ends the file.
    pub(super) fn finish(&mut self) -> std::io::Result<()> {
        if let Some(out) = &mut self.out {
            if self.format == Format::Json {
                out.write_all(b"\n]\n")?;
            }
            out.flush()?;
        }
        Ok(())
    }
}

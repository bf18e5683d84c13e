//! Bad rows, handed back with the reason beside each: in a file of the same format, or as CSV where the source is a
//! workbook or Parquet.

use super::mapping::Format;
use super::reader::{Raw, Source};
use super::{FileReport, ImportError, Options};
use crate::home::Home;
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
    /// Rows that are not written down are only counted.
    writes: bool,
    out: Option<BufWriter<File>>,
    format: Format,
    gb18030: bool,
    delimiter: u8,
    header: Option<csv::ByteRecord>,
    /// How many rows were bad.
    count: u64,
    /// The first reasons, for the terminal.
    first: Vec<(u64, String)>,
}

impl Rejects {
    /// Of a file, where the options say, else in the home's `rejected` folder.
    #[must_use]
    pub(super) fn of(home: &Home, path: &Path, source: &Source, options: Options<'_>) -> Self {
        Self {
            path: options.rejects.map_or_else(|| default_path(home, path, source), Path::to_owned),
            writes: !options.dry_run || options.rejects.is_some(),
            out: None,
            format: source.format,
            gb18030: source.gb18030(),
            delimiter: source.delimiter,
            header: source.header(),
            count: 0,
            first: Vec::new(),
        }
    }

    /// Takes a bad row.
    pub(super) fn add(&mut self, line: u64, raw: &Raw, reason: &str) -> Result<(), ImportError> {
        self.count += 1;
        if self.first.len() < 10 {
            self.first.push((line, reason.to_owned()));
        }
        if self.writes { self.write(raw, reason).map_err(|source| self.failed(source)) } else { Ok(()) }
    }

    fn failed(&self, source: std::io::Error) -> ImportError {
        ImportError::Rejects { path: self.path.display().to_string(), source }
    }

    fn write(&mut self, raw: &Raw, reason: &str) -> std::io::Result<()> {
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

    /// Ends the file, and reports it.
    pub(super) fn finish(mut self, report: &mut FileReport) -> Result<(), ImportError> {
        self.end().map_err(|source| self.failed(source))?;
        report.bad = self.count;
        report.rejects = self.out.map(|_| self.path);
        report.reasons = self.first;
        Ok(())
    }

    fn end(&mut self) -> std::io::Result<()> {
        if let Some(out) = &mut self.out {
            if self.format == Format::Json {
                out.write_all(b"\n]\n")?;
            }
            out.flush()?;
        }
        Ok(())
    }
}

fn default_path(home: &Home, path: &Path, source: &Source) -> PathBuf {
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let extension = match source.format {
        Format::Xlsx | Format::Parquet => "csv".into(),
        _ => path.extension().map(std::ffi::OsStr::to_string_lossy).unwrap_or_default(),
    };
    home.folder().join("rejected").join(format!("{name}.rejected.{extension}"))
}

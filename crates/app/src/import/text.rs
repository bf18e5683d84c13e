//! Files of text: CSV, one JSON object a line, or one JSON array.

use super::mapping::{Encoding, Format, Mapping};
use super::reader::{MAX_ROW_BYTES, Raw, RawRow, ReadError, RowResult, find_columns};
use encoding_rs::GB18030;
use serde::de::{DeserializeSeed, Deserializer as _, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fs::File;
use std::io::{BufRead, BufReader, Read as _, Seek as _};
use std::sync::Arc;

/// The byte order mark of UTF-8.
const UTF8_MARK: &[u8] = &[0xef, 0xbb, 0xbf];

/// A file of text.
#[derive(Debug)]
pub(super) struct TextFile {
    path: String,
    file: File,
    format: Format,
    /// Whether cells are GB18030.
    pub gb18030: bool,
    /// The header of a CSV file, undecoded.
    pub header: Option<csv::ByteRecord>,
    delimiter: u8,
    columns: Vec<String>,
    /// For CSV: where each column of the mapping stands.
    positions: Arc<[usize]>,
}

impl TextFile {
    /// Checks a file as a whole: encoding, columns, and that JSON ends where it should.
    pub(super) fn open(path: &str, mut file: File, format: Format, mapping: &Mapping) -> Result<Self, ReadError> {
        let io = |source| ReadError::Io { path: path.to_owned(), source };
        let gb18030 = match mapping.encoding {
            _ if format != Format::Csv => false,
            Encoding::Utf8 => false,
            // Bad rows of a workbook come back with the mark, whatever the mapping says of other files.
            Encoding::Gb18030 => !begins_with_mark(&mut file).map_err(io)?,
            Encoding::Auto => !begins_as_utf8(&mut file).map_err(io)?,
        };
        let mut text = Self {
            path: path.to_owned(),
            file,
            format,
            gb18030,
            header: None,
            delimiter: mapping.delimiter,
            columns: mapping.columns.clone(),
            positions: Arc::from([]),
        };
        match format {
            Format::Csv => text.read_header()?,
            Format::Json => text.check_json()?,
            _ => {}
        }
        Ok(text)
    }

    fn broken(&self, problem: impl std::fmt::Display) -> ReadError {
        ReadError::Broken { path: self.path.clone(), problem: problem.to_string() }
    }

    fn reader(&mut self) -> Result<BufReader<File>, ReadError> {
        let io = |source| ReadError::Io { path: self.path.clone(), source };
        self.file.rewind().map_err(io)?;
        let mut reader = BufReader::with_capacity(1 << 16, self.file.try_clone().map_err(io)?);
        if reader.fill_buf().map_err(io)?.starts_with(UTF8_MARK) {
            reader.consume(UTF8_MARK.len());
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
        self.positions = find_columns(&self.path, &self.columns, &names)?.into();
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

    /// Calls back with every row.
    pub(super) fn each(&mut self, each: &mut dyn FnMut(RowResult)) -> Result<(), ReadError> {
        match self.format {
            Format::Csv => self.each_csv(each),
            Format::Ndjson => self.each_line(each),
            _ => self.each_element(each),
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
        let bad = |problem: String| Err((line, Raw::Cells(record.clone()), problem));
        if record.len() != width {
            return bad(format!("the row has {} cells, the header {width}", record.len()));
        }
        if record.as_slice().len() > MAX_ROW_BYTES {
            return bad(format!("the row has more than {MAX_ROW_BYTES} bytes"));
        }
        // Cell by cell: a character may not begin in one and end in the next.
        let sound = |position: &usize| record.get(*position).is_none_or(|cell| std::str::from_utf8(cell).is_ok());
        if !self.gb18030 && self.positions.iter().all(sound) {
            return Ok(RawRow::within(line, &self.positions, record.clone()));
        }
        let mut cells = Vec::with_capacity(self.positions.len());
        for position in self.positions.iter() {
            match record.get(*position).map(|cell| decode(cell, self.gb18030)) {
                None => cells.push(None),
                Some(Some(cell)) => cells.push(Some(cell)),
                Some(None) => {
                    let name = if self.gb18030 { "GB18030" } else { "UTF-8" };
                    return bad(format!("the row is not {name}; say encoding = \"…\" in the mapping"));
                }
            }
        }
        Ok(RawRow::new(line, cells, Raw::Cells(record.clone())))
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
        let bad = |problem: String| Err((line, Raw::Json(text.to_owned()), problem));
        let object: serde_json::Value = match serde_json::from_str(text) {
            Ok(object) => object,
            Err(error) => return bad(format!("not a JSON object: {error}")),
        };
        if !object.is_object() {
            return bad("not a JSON object".to_owned());
        }
        // A member of this name; or one deeper within, which a pointer leads to.
        let cell = |column: &String| match object.get(column).or_else(|| object.pointer(column))? {
            serde_json::Value::Null => None,
            serde_json::Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        Ok(RawRow::new(line, self.columns.iter().map(cell).collect(), Raw::Json(text.to_owned())))
    }
}

/// The text of a cell, if it is of the encoding.
pub(super) fn decode(bytes: &[u8], gb18030: bool) -> Option<String> {
    if !gb18030 {
        return std::str::from_utf8(bytes).ok().map(str::to_owned);
    }
    GB18030.decode_without_bom_handling_and_without_replacement(bytes).map(std::borrow::Cow::into_owned)
}

fn begins_with_mark(file: &mut File) -> std::io::Result<bool> {
    let mut head = Vec::new();
    file.take(UTF8_MARK.len() as u64).read_to_end(&mut head)?;
    Ok(head == UTF8_MARK)
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

//! The files of a generated city: register, workdays, facts, and the mappings that read them.

use crate::home::Noun;
use city::{City, Report, source_of, telephone};
use model::fact::{Column, Kind, Type, Value};
use model::register::{Halves, Item, Post, Validity};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

/// Facts of all kinds are written through buffers of so many bytes.
const BUFFER_BYTES: usize = 1 << 18;

/// Why the files of a city could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{path} could not be written")]
pub struct WriteError {
    /// The file.
    pub path: String,
    /// The cause.
    pub source: std::io::Error,
}

/// Where the files of a city are.
#[derive(Clone, Copy, Debug)]
pub struct CityFiles<'a> {
    folder: &'a Path,
}

impl<'a> CityFiles<'a> {
    /// The files in a folder.
    #[must_use]
    pub fn in_folder(folder: &'a Path) -> Self {
        Self { folder }
    }

    /// The entries of a noun, in the form that the home's own register has.
    #[must_use]
    pub fn register(self, noun: Noun) -> PathBuf {
        self.folder.join("register").join(format!("{}.csv", noun.name()))
    }

    /// The workdays of the year.
    #[must_use]
    pub fn workdays(self) -> PathBuf {
        self.folder.join("register/workdays.csv")
    }

    /// The facts of a kind.
    #[must_use]
    pub fn facts(self, kind: Kind) -> PathBuf {
        self.folder.join("facts").join(format!("{kind}.csv"))
    }

    /// The mapping that reads a kind of fact, or a noun of the register, by its name.
    #[must_use]
    pub fn mapping(self, name: &str) -> PathBuf {
        self.folder.join("mappings").join(format!("{name}.toml"))
    }
}

/// Writes a city into a folder; files of an earlier one are replaced. Facts stream through: memory does not grow with
/// the city. `progress` is told the number of cases now and then. Returns how many facts of each kind there are.
pub fn write_city(
    city: &City,
    folder: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<BTreeMap<Kind, u64>, WriteError> {
    let files = CityFiles::in_folder(folder);
    for sub in ["register", "facts", "mappings"] {
        let sub = folder.join(sub);
        std::fs::create_dir_all(&sub).map_err(|source| failed(&sub, source))?;
    }
    write_register(city, files)?;
    for kind in Kind::ALL {
        write(&files.mapping(kind.name()), &mapping_of_facts(kind))?;
    }
    let mut sheets = Kind::ALL.into_iter().map(|kind| Sheet::new(kind, files)).collect::<Result<Vec<_>, _>>()?;
    let mut cases = 0;
    for report in city.reports() {
        let Some(sheet) = sheets.iter_mut().find(|sheet| sheet.kind == report.kind) else { continue };
        sheet.add(&report)?;
        if report.kind == Kind::Case {
            cases += 1;
            if cases % 4_096 == 0 {
                progress(cases);
            }
        }
    }
    progress(cases);
    sheets.into_iter().map(Sheet::finish).collect()
}

fn failed(path: &Path, source: std::io::Error) -> WriteError {
    WriteError { path: path.display().to_string(), source }
}

fn write(path: &Path, text: &str) -> Result<(), WriteError> {
    std::fs::write(path, text).map_err(|source| failed(path, source))
}

/// The register as CSV files of the home's own form, with mappings that read them column by column.
fn write_register(city: &City, files: CityFiles<'_>) -> Result<(), WriteError> {
    let entries = city.register();
    let from_to = |valid: Validity| [valid.from.to_string(), valid.to.map(|to| to.to_string()).unwrap_or_default()];
    let centres = entries.centres.iter().map(|entry| vec![entry.centre.to_string(), entry.name.clone()]);
    let windows = entries.windows.iter().map(|entry| {
        let [from, to] = from_to(entry.valid);
        vec![
            entry.window.to_string(),
            from,
            to,
            entry.name.clone(),
            entry.centre.to_string(),
            entry.window_type.to_string(),
        ]
    });
    let staff = entries.staff.iter().map(|entry| {
        let [from, to] = from_to(entry.valid);
        vec![entry.staff.to_string(), from, to, entry.name.clone()]
    });
    let post = |entry: &Post| {
        let [from, to] = from_to(entry.valid);
        let halves = match entry.halves {
            Halves::Morning => "morning",
            Halves::Afternoon => "afternoon",
            Halves::Day => "day",
        };
        vec![entry.staff.to_string(), entry.window.to_string(), from, to, halves.to_owned()]
    };
    let item = |entry: &Item| {
        let [from, to] = from_to(entry.valid);
        let seconds = |limit: Option<i64>| limit.map(|limit| limit.to_string()).unwrap_or_default();
        let category = entry.category.clone().unwrap_or_default();
        let limits = [entry.promised_seconds, entry.legal_seconds].map(seconds);
        [vec![entry.item.to_string(), from, to, entry.name.clone(), category], limits.to_vec()].concat()
    };
    write_entries(files, Noun::Centre, centres)?;
    write_entries(files, Noun::Window, windows)?;
    write_entries(files, Noun::Staff, staff)?;
    write_entries(files, Noun::Post, entries.posts.iter().map(post))?;
    write_entries(files, Noun::Item, entries.items.iter().map(item))?;
    write(&files.workdays(), &city.workdays())
}

fn write_entries(files: CityFiles<'_>, noun: Noun, rows: impl Iterator<Item = Vec<String>>) -> Result<(), WriteError> {
    let path = files.register(noun);
    let bad = |error: csv::Error| failed(&path, error.into());
    let mut writer = csv::Writer::from_path(&path).map_err(bad)?;
    writer.write_record(noun.columns()).map_err(bad)?;
    for row in rows {
        writer.write_record(&row).map_err(bad)?;
    }
    writer.flush().map_err(|source| failed(&path, source))?;
    let mut mapping = format!("kind = \"{}\"\n\n[fields]\n", noun.name());
    for column in noun.columns() {
        let _ = writeln!(mapping, "{column} = \"{column}\"");
    }
    write(&files.mapping(noun.name()), &mapping)
}

/// The columns of a facts file stand under their own names, times as seconds since 1970.
fn mapping_of_facts(kind: Kind) -> String {
    let mut mapping = format!(
        "kind = \"{kind}\"\nsource = \"{}\"\nid = [\"id\"]\ntime = [\"unix\"]\n\n[fields]\nreported_at = \"reported_at\"\n",
        source_of(kind)
    );
    for Column { name, ty, .. } in kind.columns() {
        let _ = match ty {
            Type::Day => writeln!(mapping, "{name} = {{ column = \"{name}\", time = [] }}"),
            _ => writeln!(mapping, "{name} = \"{name}\""),
        };
    }
    mapping
}

/// The facts of a kind on their way into a file.
struct Sheet {
    kind: Kind,
    path: PathBuf,
    writer: csv::Writer<BufWriter<File>>,
    rows: u64,
    /// One cell in the making.
    cell: String,
}

impl Sheet {
    fn new(kind: Kind, files: CityFiles<'_>) -> Result<Self, WriteError> {
        let path = files.facts(kind);
        let file = File::create(&path).map_err(|source| failed(&path, source))?;
        let mut writer = csv::Writer::from_writer(BufWriter::with_capacity(BUFFER_BYTES, file));
        let header = ["id", "reported_at"].into_iter().chain(kind.columns().iter().map(|column| column.name));
        writer.write_record(header).map_err(|error| failed(&path, error.into()))?;
        Ok(Self { kind, path, writer, rows: 0, cell: String::new() })
    }

    fn add(&mut self, report: &Report) -> Result<(), WriteError> {
        self.rows += 1;
        self.row(report).map_err(|error| failed(&self.path, error.into()))
    }

    fn row(&mut self, report: &Report) -> Result<(), csv::Error> {
        self.writer.write_field(&report.source_id)?;
        self.cell.clear();
        if let Some(at) = report.reported_at {
            let _ = write!(self.cell, "{}", at.0);
        }
        self.writer.write_field(&self.cell)?;
        for column in self.kind.columns() {
            self.cell.clear();
            if let Some((_, value)) = report.values.iter().find(|(name, _)| *name == column.name) {
                put(value, &mut self.cell);
            }
            self.writer.write_field(&self.cell)?;
        }
        self.writer.write_record(None::<&[u8]>)
    }

    fn finish(mut self) -> Result<(Kind, u64), WriteError> {
        self.writer.flush().map_err(|source| failed(&self.path, source))?;
        let file =
            self.writer.into_inner().map_err(|error| failed(&self.path, std::io::Error::other(error.to_string())));
        file?.flush().map_err(|source| failed(&self.path, source))?;
        Ok((self.kind, self.rows))
    }
}

/// A value as the text of a cell.
fn put(value: &Value, cell: &mut String) {
    // Writing into a text cannot fail.
    let _ = match value {
        Value::Code(text) => cell.write_str(text),
        Value::Text(text) => cell.write_str(text),
        Value::Person(citizen) => cell.write_str(&telephone(*citizen)),
        Value::Integer(number) => write!(cell, "{number}"),
        Value::Flag(flag) => cell.write_str(if *flag { "1" } else { "0" }),
        Value::Instant(at) => write!(cell, "{}", at.0),
        Value::Day(day) => write!(cell, "{day}"),
        Value::Pauses(pauses) => cell.write_str(&serde_json::to_string(pauses).unwrap_or_default()),
        Value::Stages(stages) => cell.write_str(&serde_json::to_string(stages).unwrap_or_default()),
    };
}

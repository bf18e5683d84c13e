//! The register as files: one CSV per noun, which people keep by hand or import.

use super::read;
use model::id::{CentreId, ItemCode, StaffId, WindowId, WindowType};
use model::register::{Centre, Halves, Item, Post, Register, RegisterError, Staff, Validity, Window};
use model::time::Day;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Something that is registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Noun {
    /// Centres.
    Centre,
    /// Windows.
    Window,
    /// Members of staff.
    Staff,
    /// Posts.
    Post,
    /// Service items.
    Item,
}

impl Noun {
    /// Every noun, those that others name first.
    pub const ALL: [Self; 5] = [Self::Centre, Self::Window, Self::Staff, Self::Post, Self::Item];

    /// The noun with this name, as the command line and mappings use it.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|noun| noun.name() == name)
    }

    /// The name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Centre => "centre",
            Self::Window => "window",
            Self::Staff => "staff",
            Self::Post => "post",
            Self::Item => "item",
        }
    }

    /// The file in the home's `register` folder.
    #[must_use]
    pub fn file(self) -> &'static str {
        match self {
            Self::Centre => "centres.csv",
            Self::Window => "windows.csv",
            Self::Staff => "staff.csv",
            Self::Post => "posts.csv",
            Self::Item => "items.csv",
        }
    }

    /// The columns; the first ones tell entries apart.
    #[must_use]
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Centre => &["centre", "name"],
            Self::Window => &["window", "from", "to", "name", "centre", "type"],
            Self::Staff => &["staff", "from", "to", "name"],
            Self::Post => &["staff", "window", "from", "to", "halves"],
            Self::Item => &["item", "from", "to", "name", "category", "promised", "legal"],
        }
    }

    fn key_columns(self) -> usize {
        match self {
            Self::Centre => 1,
            Self::Window | Self::Staff | Self::Item => 2,
            Self::Post => 3,
        }
    }

    /// The columns that every entry must have.
    #[must_use]
    pub fn required(self) -> &'static [&'static str] {
        match self {
            Self::Centre => &["centre"],
            Self::Window => &["window", "centre", "type"],
            Self::Staff => &["staff"],
            Self::Post => &["staff", "window"],
            Self::Item => &["item"],
        }
    }
}

/// Why a register file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RegisterFileError {
    /// A file cannot be read.
    #[error(transparent)]
    File(#[from] Box<super::HomeError>),
    /// Not CSV.
    #[error("{path}: {problem}")]
    Csv {
        /// The file.
        path: String,
        /// What is wrong.
        problem: String,
    },
    /// A line that makes no entry.
    #[error("{path}, line {line}, column {column}: {problem}")]
    Line {
        /// The file.
        path: String,
        /// Counted from 1, the header included.
        line: usize,
        /// The column.
        column: String,
        /// What is wrong and how to mend it.
        problem: String,
    },
    /// Entries contradict each other.
    #[error("{folder}: {source}")]
    Contradiction {
        /// The register's folder.
        folder: String,
        /// How.
        source: RegisterError,
    },
}

type Entries = BTreeMap<Noun, Vec<Entry>>;

/// One line of a register file.
struct Entry {
    path: PathBuf,
    line: usize,
    cells: BTreeMap<String, String>,
}

impl Entry {
    fn text(&self, column: &str) -> Option<&str> {
        self.cells.get(column).map(|cell| cell.trim()).filter(|cell| !cell.is_empty())
    }

    fn error(&self, column: &str, problem: impl Into<String>) -> RegisterFileError {
        RegisterFileError::Line {
            path: self.path.display().to_string(),
            line: self.line,
            column: column.to_owned(),
            problem: problem.into(),
        }
    }

    fn needed(&self, column: &str) -> Result<&str, RegisterFileError> {
        self.text(column).ok_or_else(|| self.error(column, "must be filled"))
    }

    fn day(&self, column: &str) -> Result<Option<Day>, RegisterFileError> {
        let day = |text| {
            Day::parse(text).ok_or_else(|| self.error(column, format!("`{text}` is not a date like 2026-03-05")))
        };
        self.text(column).map(day).transpose()
    }

    /// From 2000 on if nothing is said.
    fn valid(&self) -> Result<Validity, RegisterFileError> {
        let from = self.day("from")?.or_else(|| Day::from_ymd(2000, 1, 1)).unwrap_or(Day(0));
        let to = self.day("to")?;
        if to.is_some_and(|to| to < from) {
            return Err(self.error("to", "lies before `from`"));
        }
        Ok(Validity { from, to })
    }

    /// A limit in seconds: `1800`, `30m`, `2h`.
    fn seconds(&self, column: &str) -> Result<Option<i64>, RegisterFileError> {
        let Some(text) = self.text(column) else {
            return Ok(None);
        };
        let (digits, unit) = match text.as_bytes().last() {
            Some(b's') => (&text[..text.len() - 1], 1),
            Some(b'm') => (&text[..text.len() - 1], 60),
            Some(b'h') => (&text[..text.len() - 1], 3600),
            _ => (text, 1),
        };
        let seconds = digits.parse::<i64>().ok().and_then(|number| number.checked_mul(unit));
        let seconds = seconds.filter(|seconds| (1..=i64::from(i32::MAX)).contains(seconds));
        let problem = format!("`{text}` is not a limit in office time like 1800, 30m or 2h");
        seconds.map(Some).ok_or_else(|| self.error(column, problem))
    }
}

/// Reads the register of a home. A missing file is an empty one.
pub fn read_register(folder: &Path) -> Result<Register, RegisterFileError> {
    build(folder, &read_entries(folder)?)
}

/// The entries of every file of a register.
fn read_entries(folder: &Path) -> Result<Entries, RegisterFileError> {
    let mut entries = Entries::new();
    for noun in Noun::ALL {
        let path = folder.join(noun.file());
        let text = if path.exists() { read(&path).map_err(Box::new)? } else { String::new() };
        entries.insert(noun, parse_entries(noun, &path, &text)?);
    }
    Ok(entries)
}

/// Reads a register from its texts, by the name of the noun.
pub fn parse_register(texts: &BTreeMap<String, String>) -> Result<Register, RegisterFileError> {
    let mut entries = Entries::new();
    for noun in Noun::ALL {
        let text = texts.get(noun.name()).map(String::as_str).unwrap_or_default();
        entries.insert(noun, parse_entries(noun, Path::new(noun.file()), text)?);
    }
    build(Path::new("register"), &entries)
}

fn parse_entries(noun: Noun, path: &Path, text: &str) -> Result<Vec<Entry>, RegisterFileError> {
    let bad = |problem: String| RegisterFileError::Csv { path: path.display().to_string(), problem };
    let mut reader = csv::ReaderBuilder::new().flexible(true).comment(Some(b'#')).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| bad(error.to_string()))?.clone();
    for header in &headers {
        if !noun.columns().contains(&header.trim()) {
            return Err(bad(format!("unknown column `{header}`; the columns are {}", noun.columns().join(", "))));
        }
    }
    let mut entries = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| bad(error.to_string()))?;
        let line = record.position().map_or(0, |position| usize::try_from(position.line()).unwrap_or(0));
        let cells = headers.iter().zip(&record).map(|(name, cell)| (name.trim().to_owned(), cell.to_owned()));
        entries.push(Entry { path: path.to_owned(), line, cells: cells.collect() });
    }
    Ok(entries)
}

fn build(folder: &Path, entries: &Entries) -> Result<Register, RegisterFileError> {
    let of = |noun| entries.get(&noun).map(Vec::as_slice).unwrap_or_default();
    let register = Register::new(
        of(Noun::Centre).iter().map(centre).collect::<Result<_, _>>()?,
        of(Noun::Window).iter().map(window).collect::<Result<_, _>>()?,
        of(Noun::Staff).iter().map(staff).collect::<Result<_, _>>()?,
        of(Noun::Post).iter().map(post).collect::<Result<_, _>>()?,
        of(Noun::Item).iter().map(item).collect::<Result<_, _>>()?,
    );
    register.map_err(|source| RegisterFileError::Contradiction { folder: folder.display().to_string(), source })
}

fn centre(entry: &Entry) -> Result<Centre, RegisterFileError> {
    let id = entry.needed("centre")?;
    Ok(Centre { centre: CentreId::new(id), name: entry.text("name").unwrap_or(id).to_owned() })
}

fn window(entry: &Entry) -> Result<Window, RegisterFileError> {
    let id = entry.needed("window")?;
    Ok(Window {
        window: WindowId::new(id),
        name: entry.text("name").unwrap_or(id).to_owned(),
        centre: CentreId::new(entry.needed("centre")?),
        window_type: WindowType::new(entry.needed("type")?),
        valid: entry.valid()?,
    })
}

fn staff(entry: &Entry) -> Result<Staff, RegisterFileError> {
    let id = entry.needed("staff")?;
    Ok(Staff { staff: StaffId::new(id), name: entry.text("name").unwrap_or(id).to_owned(), valid: entry.valid()? })
}

fn post(entry: &Entry) -> Result<Post, RegisterFileError> {
    let halves = match entry.text("halves").unwrap_or("day") {
        "morning" => Halves::Morning,
        "afternoon" => Halves::Afternoon,
        "day" => Halves::Day,
        other => {
            return Err(entry.error("halves", format!("`{other}` is not morning, afternoon or day")));
        }
    };
    Ok(Post {
        staff: StaffId::new(entry.needed("staff")?),
        window: WindowId::new(entry.needed("window")?),
        halves,
        valid: entry.valid()?,
    })
}

fn item(entry: &Entry) -> Result<Item, RegisterFileError> {
    let id = entry.needed("item")?;
    Ok(Item {
        item: ItemCode::new(id),
        name: entry.text("name").unwrap_or(id).to_owned(),
        category: entry.text("category").map(str::to_owned),
        promised_seconds: entry.seconds("promised")?,
        legal_seconds: entry.seconds("legal")?,
        valid: entry.valid()?,
    })
}

/// Adds entries to a register file, or replaces those with the same key, after checking that the whole register
/// still makes sense. Returns how many entries are new and how many changed; with `dry_run` nothing is written.
pub fn merge_register(
    folder: &Path,
    noun: Noun,
    new: &[BTreeMap<String, String>],
    dry_run: bool,
) -> Result<(usize, usize), RegisterFileError> {
    let mut entries = read_entries(folder)?;
    let key = |cells: &BTreeMap<String, String>| -> Vec<String> {
        let columns = noun.columns().iter().take(noun.key_columns());
        columns.map(|column| cells.get(*column).map(|cell| cell.trim().to_owned()).unwrap_or_default()).collect()
    };
    let path = folder.join(noun.file());
    let known = entries.remove(&noun).unwrap_or_default();
    let mut merged: BTreeMap<Vec<String>, Entry> = known.into_iter().map(|entry| (key(&entry.cells), entry)).collect();
    let (mut added, mut changed) = (0, 0);
    for (index, cells) in new.iter().enumerate() {
        let cells: BTreeMap<String, String> =
            cells.iter().filter(|(_, cell)| !cell.is_empty()).map(|(k, v)| (k.clone(), v.clone())).collect();
        let entry = Entry { path: path.clone(), line: index + 1, cells };
        let at = key(&entry.cells);
        match merged.get(&at) {
            None => added += 1,
            Some(old) if noun.columns().iter().any(|column| old.text(column) != entry.text(column)) => changed += 1,
            Some(_) => continue,
        }
        merged.insert(at, entry);
    }
    entries.insert(noun, merged.into_values().collect());
    build(folder, &entries)?;
    if !dry_run && added + changed > 0 {
        write_entries(noun, &path, &entries[&noun])?;
    }
    Ok((added, changed))
}

fn write_entries(noun: Noun, path: &Path, entries: &[Entry]) -> Result<(), RegisterFileError> {
    let failed = |problem: String| RegisterFileError::Csv { path: path.display().to_string(), problem };
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(noun.columns()).map_err(|error| failed(error.to_string()))?;
    for entry in entries {
        let cells = noun.columns().iter().map(|column| entry.text(column).unwrap_or(""));
        writer.write_record(cells).map_err(|error| failed(error.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(error.to_string()))?;
    // Through a second file: a half-written register must never be read.
    let temporary = path.with_extension("csv.new");
    std::fs::write(&temporary, bytes)
        .and_then(|()| std::fs::rename(&temporary, path))
        .map_err(|error| failed(error.to_string()))
}

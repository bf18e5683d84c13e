//! Backups: a home as of one moment, in a folder that is a home itself, with a list of what it must hold.

mod make;
mod restore;

pub use make::back_up;
pub use restore::restore;

use crate::AppError;
use crate::home::HomeError;
use lake::LakeError;
use model::canonical::Digest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use store::{CopiedTable, StoreError};

/// The list of what a backup holds.
pub const LIST: &str = "backup.json";

/// Why there is no backup, or none can be restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The home.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// What the home's database refers to.
    #[error(transparent)]
    App(#[from] AppError),
    /// A sealed file.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// A database.
    #[error("{place}")]
    Store {
        /// Which one.
        place: String,
        /// The cause.
        source: StoreError,
    },
    /// The folder to write holds something.
    #[error("{path}: there is something here already; name a folder that is not there yet")]
    Taken {
        /// The folder.
        path: String,
    },
    /// A file could not be read or written.
    #[error("{path}")]
    Io {
        /// The file.
        path: String,
        /// The cause.
        source: io::Error,
    },
    /// What should be a backup is none.
    #[error("{path}: this is no whole backup: {problem}")]
    NotWhole {
        /// The folder.
        path: String,
        /// What is missing or damaged.
        problem: String,
    },
}

/// Where a restored home keeps what does not lie in its folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// PostgreSQL instead of the file `heng.db`.
    pub database_url: Option<String>,
    /// A bucket instead of the folder `lake`.
    pub storage_url: Option<String>,
    /// The bucket's server.
    pub storage_endpoint: Option<String>,
}

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupList {
    /// The version of this list.
    pub format: u32,
    /// The program that wrote it.
    pub version: String,
    /// The last command that is in it.
    pub last_command: i64,
    /// Rows and digest of every table.
    pub tables: BTreeMap<String, (u64, Digest)>,
    /// Bytes and digest of every other file, by its path.
    pub files: BTreeMap<PathBuf, (u64, Digest)>,
}

fn listed(tables: &[CopiedTable]) -> BTreeMap<String, (u64, Digest)> {
    tables.iter().map(|table| (table.name.to_owned(), (table.rows, table.digest))).collect()
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> BackupError + use<> {
    let path = path.display().to_string();
    move |source| BackupError::Io { path, source }
}

/// Writes a file whose bytes are on disk when this returns.
fn write(path: &Path, bytes: &[u8]) -> Result<(), BackupError> {
    let failed = || io_error(path);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed())?;
    }
    fs::write(path, bytes).map_err(failed())?;
    File::open(path).and_then(|file| file.sync_all()).map_err(failed())
}

/// Lets nobody but the owner read the keys of a home.
fn restrict_keys(home: &Path) -> Result<(), BackupError> {
    let keys = home.join("keys");
    for entry in fs::read_dir(&keys).map_err(io_error(&keys))? {
        crate::home::restrict(&entry.map_err(io_error(&keys))?.path())?;
    }
    Ok(())
}

/// Makes a folder that is not there yet, to be filled before it gets its name.
fn fresh(target: &Path) -> Result<PathBuf, BackupError> {
    if target.exists() {
        return Err(BackupError::Taken { path: target.display().to_string() });
    }
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    let partial = target.with_file_name(name);
    // Left by a run that was interrupted.
    if partial.exists() {
        fs::remove_dir_all(&partial).map_err(io_error(&partial))?;
    }
    fs::create_dir_all(&partial).map_err(io_error(&partial))?;
    Ok(partial)
}

/// Gives a filled folder its name.
fn finish(partial: &Path, target: &Path) -> Result<(), BackupError> {
    fs::rename(partial, target).map_err(io_error(target))?;
    let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent).and_then(|folder| folder.sync_all()).map_err(io_error(parent))
}

/// The configuration with another database and another storage; without them, those of a home by itself.
fn with_places(config: &str, places: &Places) -> String {
    // Of the storage nothing stays: what belongs to a bucket makes no sense without it.
    let named = |line: &&str| ["database_url", "storage_"].iter().any(|key| line.trim_start().starts_with(key));
    // At the top, where no table has begun; a string of JSON is one of TOML, too.
    let of = |key: &str, value: &Option<String>| {
        value.as_ref().map(|value| format!("{key} = {}", serde_json::Value::from(value.as_str())))
    };
    let places = [
        of("database_url", &places.database_url),
        of("storage_url", &places.storage_url),
        of("storage_endpoint", &places.storage_endpoint),
    ];
    let lines = config.lines().filter(|line| !named(line)).map(str::to_owned);
    places.into_iter().flatten().chain(lines).collect::<Vec<_>>().join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_moves_to_another_database() {
        let config = "timezone = \"UTC\"\ndatabase_url = \"postgres://a:b@c/d\"\n# database_url = \"x\"\n\
                      storage_url = \"s3://a\"\nstorage_path_style = false\n";
        assert_eq!(with_places(config, &Places::default()), "timezone = \"UTC\"\n# database_url = \"x\"\n");
        let database = Places { database_url: Some("postgres://h/\"q".to_owned()), ..Places::default() };
        let moved = with_places("timezone = \"UTC\"\n", &database);
        assert_eq!(moved, "database_url = \"postgres://h/\\\"q\"\ntimezone = \"UTC\"\n");
    }
}

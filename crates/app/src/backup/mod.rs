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

/// The configuration with another database; without one it is the file `heng.db`.
fn with_database(config: &str, url: Option<&str>) -> String {
    let named = |line: &&str| line.trim_start().starts_with("database_url");
    // At the top, where no table has begun; a string of JSON is one of TOML, too.
    let url = url.map(|url| format!("database_url = {}", serde_json::Value::from(url)));
    let lines = config.lines().filter(|line| !named(line)).map(str::to_owned);
    url.into_iter().chain(lines).collect::<Vec<_>>().join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_moves_to_another_database() {
        let config = "timezone = \"UTC\"\ndatabase_url = \"postgres://a:b@c/d\"\n# database_url = \"x\"\n";
        assert_eq!(with_database(config, None), "timezone = \"UTC\"\n# database_url = \"x\"\n");
        let moved = with_database("timezone = \"UTC\"\n", Some("postgres://h/\"q"));
        assert_eq!(moved, "database_url = \"postgres://h/\\\"q\"\ntimezone = \"UTC\"\n");
    }
}

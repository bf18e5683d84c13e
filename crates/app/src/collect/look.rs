//! A look into a folder: which files are there, which are still being written, which are none of ours.

use super::CollectError;
use super::file::{FileId, open};
use crate::home::{Folder, Home};
use model::canonical::Digest;
use model::time::Instant;
use sha2::{Digest as _, Sha256};
use std::fs::{self, Metadata};
use std::io::Read;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// The most names in a folder.
const MAX_NAMES: usize = 20_000;
/// The longest file.
pub(super) const MAX_BYTES: u64 = 2 << 30;
/// A file that changed less than so many seconds ago may still be written.
const QUIET_SECONDS: i64 = 10;

/// What a look finds.
#[derive(Debug, Default)]
pub struct Look {
    /// Files that nobody has written to for some seconds, by their names.
    pub settled: Vec<Settled>,
    /// Names of files that may still be written.
    pub waiting: Vec<String>,
    /// What cannot be taken, and why.
    pub unfit: Vec<Unfit>,
}

/// A file that is not being written, as far as its times say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Its name.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// When it was changed last, since 1970.
    pub modified: Duration,
}

/// Something of the folder that is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// Its name.
    pub name: String,
    /// Why not.
    pub problem: String,
}

/// Where a folder is.
pub(super) fn place(home: &Home, folder: &Folder) -> PathBuf {
    home.folder().join(&folder.path)
}

/// Looks into a folder. Nothing is opened.
pub fn look(home: &Home, folder: &Folder, now: Instant) -> Result<Look, CollectError> {
    let path = place(home, folder);
    let failed = |problem: String| CollectError::NoFolder { path: path.display().to_string(), problem };
    let mut look = Look::default();
    let mut names = Vec::new();
    for (at, entry) in fs::read_dir(&path).map_err(|error| failed(error.to_string()))?.enumerate() {
        if at >= MAX_NAMES {
            return Err(failed(format!("it has more than {MAX_NAMES} files; move old ones elsewhere")));
        }
        let name = entry.map_err(|error| failed(error.to_string()))?.file_name();
        let shown: String = name.to_string_lossy().chars().filter(|c| !c.is_control()).collect();
        if name.to_str() == Some(&shown) {
            names.push(shown);
        } else {
            look.unfit.push(Unfit { name: shown, problem: "its name is not plain text".to_owned() });
        }
    }
    look.unfit.retain(|unfit| folder.takes(&unfit.name));
    names.retain(|name| folder.takes(name));
    names.sort_unstable();
    for name in names {
        // Of a link it is the link that is looked at.
        let metadata = match fs::symlink_metadata(path.join(&name)) {
            Ok(metadata) => metadata,
            // It was taken away meanwhile.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => {
                look.unfit.push(Unfit { name, problem: error.to_string() });
                continue;
            }
        };
        if metadata.is_dir() {
            continue;
        }
        match fit(&metadata) {
            Err(problem) => look.unfit.push(Unfit { name, problem }),
            Ok(modified) if may_be_written(modified, now) => look.waiting.push(name),
            Ok(modified) => look.settled.push(Settled { name, bytes: metadata.len(), modified }),
        }
    }
    Ok(look)
}

/// When a file was changed last, or why it is not taken.
pub(super) fn fit(metadata: &Metadata) -> Result<Duration, String> {
    if !metadata.is_file() {
        return Err("it is no file of this folder but a link or a device".to_owned());
    }
    if metadata.len() > MAX_BYTES {
        return Err(format!("it has more than {MAX_BYTES} bytes; split it"));
    }
    let modified = metadata.modified().map_err(|error| error.to_string())?;
    Ok(modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default())
}

/// A clock that goes ahead, on the machine of the folder, must not keep a file waiting for ever.
fn may_be_written(modified: Duration, now: Instant) -> bool {
    let seconds = i64::try_from(modified.as_secs()).unwrap_or(i64::MAX);
    now.0.abs_diff(seconds) < QUIET_SECONDS.unsigned_abs()
}

/// Reads a file, to know it again.
pub fn identify(home: &Home, folder: &Folder, file: &Settled) -> Result<FileId, CollectError> {
    let mut content = open(home, folder, &file.name)?;
    let (bytes, digest) = copy(&mut content, &mut std::io::sink()).map_err(|error| CollectError::NoFile {
        path: place(home, folder).join(&file.name).display().to_string(),
        problem: error.to_string(),
    })?;
    Ok(FileId { name: file.name.clone(), bytes, digest: Some(digest) })
}

/// Copies what can be read, up to the longest file, and says how much it was, with its digest.
pub(super) fn copy(from: &mut impl Read, to: &mut impl std::io::Write) -> std::io::Result<(u64, Digest)> {
    let (mut hasher, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 16]);
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            let digest: [u8; 32] = hasher.finalize().into();
            return Ok((bytes, Digest::from(digest)));
        }
        bytes += read as u64;
        if bytes > MAX_BYTES {
            return Err(std::io::Error::other(format!("it has more than {MAX_BYTES} bytes; split it")));
        }
        hasher.update(&buffer[..read]);
        to.write_all(&buffer[..read])?;
    }
}

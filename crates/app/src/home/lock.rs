//! One writer process per home.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

/// Held while a home is open; released when dropped, or when the process ends in whatever way.
#[derive(Debug)]
pub struct HomeLock {
    _file: LockedFile,
}

/// A file with a lock on it, which goes when this is dropped.
#[derive(Debug)]
pub(crate) struct LockedFile(pub(crate) File);

/// Why a home cannot be locked.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process holds it.
    #[error("{path}: the home is in use by {holder}; wait for it to end")]
    Held {
        /// The home.
        path: String,
        /// What the other process wrote about itself.
        holder: String,
    },
    /// The lock file cannot be used.
    #[error("{path}: the home cannot be locked")]
    Io {
        /// The lock file.
        path: String,
        /// The cause.
        source: std::io::Error,
    },
}

impl HomeLock {
    /// Takes a lock that others may share, but nobody who wants the home alone.
    pub fn share(folder: &Path) -> Result<Self, LockError> {
        let path = folder.join("home.lock");
        let failed = |source| LockError::Io { path: path.display().to_string(), source };
        let file = lock_file(&path).map_err(failed)?;
        match file.try_lock_shared() {
            Ok(()) => Ok(Self { _file: LockedFile(file) }),
            Err(TryLockError::WouldBlock) => Err(held(folder, file, failed)),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// Takes the lock of a home, or says who holds it.
    pub fn take(folder: &Path, command: &str) -> Result<Self, LockError> {
        let path = folder.join("home.lock");
        let failed = |source| LockError::Io { path: path.display().to_string(), source };
        let mut file = lock_file(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(held(folder, file, failed)),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let note = format!("heng {command} (process {})\n", std::process::id());
        file.set_len(0).map_err(failed)?;
        file.rewind().map_err(failed)?;
        file.write_all(note.as_bytes()).map_err(failed)?;
        Ok(Self { _file: LockedFile(file) })
    }
}

impl Drop for LockedFile {
    fn drop(&mut self) {
        // A program that is being started at this moment shares the file until it runs: closing alone would not release it.
        let _ = self.0.unlock();
    }
}

fn lock_file(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path)
}

/// Says who holds the lock.
fn held(folder: &Path, file: File, failed: impl FnOnce(std::io::Error) -> LockError) -> LockError {
    let mut holder = String::new();
    match file.take(200).read_to_string(&mut holder) {
        Ok(_) => LockError::Held { path: folder.display().to_string(), holder: holder.trim().to_owned() },
        Err(error) => failed(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_that_is_dropped_is_free_whoever_shares_its_file() {
        let folder = tempfile::tempdir().expect("a folder");
        for take in [HomeLock::share, |folder: &Path| HomeLock::take(folder, "one")] {
            let lock = take(folder.path()).expect("free");
            assert!(matches!(HomeLock::take(folder.path(), "other"), Err(LockError::Held { .. })));
            let HomeLock { _file: LockedFile(file) } = &lock;
            let shared = file.try_clone().expect("the same file");
            drop(lock);
            assert!(HomeLock::take(folder.path(), "other").is_ok());
            drop(shared);
        }
    }
}

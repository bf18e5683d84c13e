//! Where what is fetched lies while it is read: a folder of the home that is gone afterwards.

use super::CollectError;
use crate::home::Home;
use std::fs;
use std::path::{Path, PathBuf};

/// A folder of one attempt.
pub(super) struct Incoming(PathBuf);

impl Incoming {
    /// Makes it. `attempt` names nobody else's work.
    pub(super) fn of(home: &Home, attempt: &str) -> Result<Self, CollectError> {
        let folder = home.folder().join("incoming").join(attempt);
        let failed = |error: std::io::Error| CollectError::NoFolder {
            path: folder.display().to_string(),
            problem: error.to_string(),
        };
        // Of an attempt of the same name that was killed something may be left.
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(failed)?;
        }
        fs::create_dir_all(&folder).map_err(failed)?;
        Ok(Self(folder))
    }

    /// A file in it.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // What cannot be removed now is removed with the next attempt, or by a person; nobody reads it.
        let _ = fs::remove_dir_all(&self.0);
        let _ = self.0.parent().map(fs::remove_dir::<&Path>);
    }
}

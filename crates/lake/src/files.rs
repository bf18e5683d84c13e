//! The storage of sealed files: written once, never overwritten, checked when read.

use crate::error::LakeError;
use bytes::Bytes;
use model::canonical::Digest;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A file that was sealed: where it is and what it must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// The path within the storage.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: Digest,
}

/// A storage of sealed files.
#[derive(Clone, Debug)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
}

impl Files {
    /// The storage in a local folder, which must exist. Every write is on disk, with its folder, before it counts.
    pub fn local(folder: &std::path::Path) -> Result<Self, LakeError> {
        let store = LocalFileSystem::new_with_prefix(folder)
            .map_err(|source| LakeError::Storage { path: folder.display().to_string(), source })?;
        Ok(Self { store: Arc::new(store.with_fsync(true)) })
    }

    /// Writes a file under a name made of its own digest, so that the same bytes written twice (by a retry, or by a
    /// run that was killed) are one file.
    pub async fn put(&self, folder: &str, name: &str, extension: &str, bytes: Vec<u8>) -> Result<Stored, LakeError> {
        let sha256 = Digest::of(&bytes);
        let path = format!("{folder}/{name}-{}.{extension}", sha256.short());
        let stored = Stored { path, bytes: bytes.len() as u64, sha256 };
        let failed = |source| LakeError::Storage { path: stored.path.clone(), source };
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        let location = Path::from(stored.path.as_str());
        match self.store.put_opts(&location, bytes.clone().into(), options).await {
            Ok(_) => Ok(stored),
            Err(object_store::Error::AlreadyExists { .. }) => match self.get(&stored).await {
                Ok(_) => Ok(stored),
                // What lies there is not what its name says: nothing refers to it as sound, so it is replaced.
                Err(LakeError::Damaged { .. }) => {
                    let options = PutOptions { mode: PutMode::Overwrite, ..PutOptions::default() };
                    self.store.put_opts(&location, bytes.into(), options).await.map_err(failed)?;
                    Ok(stored)
                }
                Err(other) => Err(other),
            },
            Err(source) => Err(failed(source)),
        }
    }

    /// Reads a file and checks it against what was sealed.
    pub async fn get(&self, stored: &Stored) -> Result<Bytes, LakeError> {
        let bytes = match self.store.get(&Path::from(stored.path.as_str())).await {
            Ok(found) => found.bytes().await,
            Err(object_store::Error::NotFound { .. }) => {
                return Err(LakeError::Missing { path: stored.path.clone() });
            }
            Err(error) => Err(error),
        };
        let bytes = bytes.map_err(|source| LakeError::Storage { path: stored.path.clone(), source })?;
        let found = Digest::of(&bytes);
        if found != stored.sha256 {
            return Err(LakeError::Damaged { path: stored.path.clone(), expected: stored.sha256, found });
        }
        Ok(bytes)
    }
}

//! The storage of sealed files: written once, never overwritten, checked when read.

use crate::error::LakeError;
use crate::facts::{Batches, FactsFile, read_batches};
use crate::manifest::TableFile;
use crate::parts::{Part, SomeParts};
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use model::canonical::Digest;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use serde::{Deserialize, Serialize};
use std::ops::Range;
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
        let path = stored.path.as_str();
        let found = self.store.get(&Path::from(path)).await.map_err(|error| not_read(path, error))?;
        let bytes = found.bytes().await.map_err(|error| not_read(path, error))?;
        let found = Digest::of(&bytes);
        if found != stored.sha256 {
            return Err(LakeError::Damaged { path: stored.path.clone(), expected: stored.sha256, found });
        }
        Ok(bytes)
    }

    /// The paths of everything that lies below a folder. Readers never ask: they take a manifest's list.
    pub async fn list(&self, folder: &str) -> Result<Vec<String>, LakeError> {
        let failed = |source| LakeError::Storage { path: folder.to_owned(), source };
        let found: Vec<_> = self.store.list(Some(&Path::from(folder))).try_collect().await.map_err(failed)?;
        Ok(found.into_iter().map(|file| file.location.to_string()).collect())
    }

    /// Writes a facts file of a day.
    pub async fn put_facts(&self, folder: &str, facts: FactsFile) -> Result<TableFile, LakeError> {
        let FactsFile { table, rows, bytes, parts } = facts;
        let file = self.put(folder, table.name(), "parquet", bytes).await?;
        Ok(TableFile { table, rows, file, parts })
    }

    /// Reads the named columns of a facts file, and nothing else of it. What is read is checked first.
    pub async fn batches(&self, table: &TableFile, columns: &[&str]) -> Result<Batches, LakeError> {
        let path = table.file.path.as_str();
        let wanted = |part: &&Part| part.column.as_deref().is_none_or(|column| columns.contains(&column));
        let parts: Vec<&Part> = table.parts.iter().filter(wanted).collect();
        let ranges: Vec<Range<u64>> = parts.iter().map(|part| part.offset..part.end()).collect();
        let contents = self.store.get_ranges(&Path::from(path), &ranges).await;
        let contents = contents.map_err(|error| not_read(path, error))?;
        let parts = SomeParts::checked(path, table.file.bytes, parts.into_iter().zip(contents).collect())?;
        read_batches(path, parts, columns)
    }
}

/// Why a file could not be read: that it is not there is a case of its own.
fn not_read(path: &str, source: object_store::Error) -> LakeError {
    let path = path.to_owned();
    match source {
        object_store::Error::NotFound { .. } => LakeError::Missing { path },
        source => LakeError::Storage { path, source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::write_facts;
    use arrow_array::{ArrayRef, BooleanArray, Int32Array};
    use model::fact::Table;
    use std::collections::BTreeSet;

    /// A facts file in a storage of its own.
    struct Sealed {
        files: Files,
        table: TableFile,
        path: std::path::PathBuf,
        sound: Vec<u8>,
        /// Goes with the rest.
        _folder: tempfile::TempDir,
    }

    async fn sealed() -> Sealed {
        let numbers: ArrayRef = Arc::new(Int32Array::from_iter_values(0..1000));
        let flags: ArrayRef = Arc::new((0..1000).map(|row| Some(row % 3 == 0)).collect::<BooleanArray>());
        let batch = arrow_array::RecordBatch::try_from_iter([("handling_seconds", numbers), ("asked", flags)]);
        let facts = write_facts(Table::Case, &batch.expect("a batch")).expect("written");
        let folder = tempfile::tempdir().expect("a folder");
        let files = Files::local(folder.path()).expect("a storage");
        let table = files.put_facts("days", facts).await.expect("stored");
        let path = folder.path().join(&table.file.path);
        Sealed { sound: std::fs::read(&path).expect("there"), files, table, path, _folder: folder }
    }

    #[tokio::test]
    async fn a_flipped_byte_is_found_by_whoever_reads_its_part() {
        let Sealed { files, table, path, sound, _folder } = sealed().await;
        let covered: BTreeSet<u64> = table.parts.iter().flat_map(|part| part.offset..part.end()).collect();
        assert_eq!(covered.len() + 4, sound.len(), "all but the four letters in front belong to a part");
        for part in &table.parts {
            for place in [part.offset, part.end() - 1] {
                let mut damaged = sound.clone();
                damaged[usize::try_from(place).expect("short")] ^= 1;
                std::fs::write(&path, damaged).expect("written");
                for column in ["handling_seconds", "asked"] {
                    let read = files.batches(&table, &[column]).await;
                    if part.column.as_deref().is_none_or(|of| of == column) {
                        assert!(matches!(read, Err(LakeError::Damaged { .. })), "{part:?}");
                    } else {
                        assert_eq!(
                            read.expect("sound").map(|batch| batch.expect("rows").num_rows()).sum::<usize>(),
                            1000
                        );
                    }
                }
                assert!(matches!(files.get(&table.file).await, Err(LakeError::Damaged { .. })));
            }
        }
    }

    #[tokio::test]
    async fn a_short_or_missing_file_is_named() {
        let Sealed { files, table, path, sound, _folder } = sealed().await;
        for length in [sound.len() - 1, sound.len() / 2, 1, 0] {
            std::fs::write(&path, &sound[..length]).expect("written");
            let read = files.batches(&table, &["asked"]).await.err().expect("refused");
            assert!(read.to_string().contains(&table.file.path), "{length}: {read}");
        }
        std::fs::remove_file(&path).expect("removed");
        assert!(matches!(files.batches(&table, &["asked"]).await, Err(LakeError::Missing { .. })));
    }
}

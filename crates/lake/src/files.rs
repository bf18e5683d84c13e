//! The storage of sealed files: written once, never overwritten, checked when read.

use crate::bucket::{Bucket, explain};
use crate::cache::Cache;
use crate::error::LakeError;
use crate::facts::{Batches, FactsFile, read_batches};
use crate::manifest::TableFile;
use crate::parts::{Part, SomeParts};
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use model::canonical::Digest;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload};
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;
use tokio::sync::OnceCell;

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
    /// The bucket, for people, and what is kept of it here; nothing of files that lie here anyway.
    remote: Option<Remote>,
}

#[derive(Clone, Debug)]
struct Remote {
    place: Arc<str>,
    cache: Option<Arc<Cache>>,
    /// Whether it was found to overwrite nothing.
    trusted: Arc<OnceCell<()>>,
}

/// How often a file is created again that is said to be there and is not.
const ATTEMPTS: usize = 2;
/// What is written to see whether a storage refuses to overwrite.
const PROBE: &str = "heng-probe";
const PROBE_TEXT: &[u8] = b"Heng asks here whether a second writer of the same file is refused.\n";

impl Files {
    /// The storage in a local folder, which must exist. Every write is on disk, with its folder, before it counts.
    pub fn local(folder: &std::path::Path) -> Result<Self, LakeError> {
        let store = LocalFileSystem::new_with_prefix(folder)
            .map_err(|source| LakeError::Storage { path: folder.display().to_string(), source })?;
        Ok(Self { store: Arc::new(store.with_fsync(true)), remote: None })
    }

    /// The storage in a bucket, with files that were read lately kept in a folder here, of at most so many bytes. Nothing is
    /// asked of the bucket yet.
    pub fn bucket(bucket: &Bucket, cache: &std::path::Path, cache_bytes: u64) -> Result<Self, LakeError> {
        let cache = (cache_bytes > 0).then(|| Arc::new(Cache::new(cache, cache_bytes)));
        Ok(Self {
            store: bucket.open()?,
            remote: Some(Remote { place: bucket.to_string().into(), cache, trusted: Arc::default() }),
        })
    }

    /// The bucket, for people, if there is one.
    #[must_use]
    pub fn place(&self) -> Option<&str> {
        self.remote.as_ref().map(|remote| &*remote.place)
    }

    /// Asks a bucket whether it answers, takes our keys, and refuses to overwrite, until it has said so once. Nothing is
    /// written before. A local folder needs no asking.
    pub async fn check(&self) -> Result<(), LakeError> {
        match &self.remote {
            Some(remote) => remote.trusted.get_or_try_init(|| self.probe(&remote.place)).await.copied(),
            None => Ok(()),
        }
    }

    async fn probe(&self, place: &str) -> Result<(), LakeError> {
        let location = Path::from(PROBE);
        // The first time there is none yet.
        for _ in 0..2 {
            match self.create(&location, PROBE_TEXT.to_vec()).await {
                Ok(()) => {}
                Err(object_store::Error::AlreadyExists { .. }) => {
                    let found = self.store.get(&location).await.map_err(|error| self.not_read(PROBE, error))?;
                    let found = found.bytes().await.map_err(|error| self.not_read(PROBE, error))?;
                    let (expected, found) = (Digest::of(PROBE_TEXT), Digest::of(&found));
                    let damaged = || LakeError::Damaged { path: format!("{PROBE} in {place}"), expected, found };
                    return if found == expected { Ok(()) } else { Err(damaged()) };
                }
                Err(source) => {
                    return Err(match self.failed(PROBE, source) {
                        // So say servers that know of no condition.
                        LakeError::Unreachable { problem, .. } if problem.starts_with("NotImplemented") => break,
                        other => other,
                    });
                }
            }
        }
        Err(LakeError::Unconditional { place: place.to_owned() })
    }

    /// Writes a file under a name made of its own digest, so that the same bytes written twice (by a retry, or by a
    /// run that was killed) are one file.
    pub async fn put(&self, folder: &str, name: &str, extension: &str, bytes: Vec<u8>) -> Result<Stored, LakeError> {
        let sha256 = Digest::of(&bytes);
        let path = format!("{folder}/{name}-{}.{extension}", sha256.short());
        let stored = Stored { path, bytes: bytes.len() as u64, sha256 };
        self.put_stored(&stored, bytes.into()).await?;
        Ok(stored)
    }

    /// Writes a file where it was stored before, in another storage.
    pub async fn put_stored(&self, stored: &Stored, bytes: Bytes) -> Result<(), LakeError> {
        self.check().await?;
        let location = Path::from(stored.path.as_str());
        let mut attempts = 0..ATTEMPTS;
        loop {
            match self.create(&location, bytes.clone()).await {
                Ok(()) => break,
                Err(object_store::Error::AlreadyExists { .. }) => {}
                Err(source) => return Err(self.failed(&stored.path, source)),
            }
            match self.get_stored(stored).await {
                Ok(_) => break,
                // What lies there is not what its name says: nothing refers to it as sound, so it is replaced.
                Err(LakeError::Damaged { .. }) => {
                    let options = PutOptions { mode: PutMode::Overwrite, ..PutOptions::default() };
                    let put = self.store.put_opts(&location, bytes.clone().into(), options).await;
                    put.map_err(|source| self.failed(&stored.path, source))?;
                    break;
                }
                // A bucket may refuse the second of two writers and then lose the first.
                Err(LakeError::Missing { .. }) if attempts.next().is_some() => {}
                Err(other) => return Err(other),
            }
        }
        self.keep(stored, bytes).await;
        Ok(())
    }

    async fn create(&self, location: &Path, bytes: impl Into<PutPayload>) -> Result<(), object_store::Error> {
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        self.store.put_opts(location, bytes.into(), options).await.map(|_| ())
    }

    /// Reads a file and checks it against what was sealed.
    pub async fn get(&self, stored: &Stored) -> Result<Bytes, LakeError> {
        if let Some(cached) = self.cached(stored, Cache::read).await {
            let cached = Bytes::from(cached);
            if Digest::of(&cached) == stored.sha256 {
                return Ok(cached);
            }
            self.forget(stored);
        }
        let bytes = self.get_stored(stored).await?;
        self.keep(stored, bytes.clone()).await;
        Ok(bytes)
    }

    /// Reads a file where it is stored, whatever is kept of it here, and checks it.
    pub async fn get_stored(&self, stored: &Stored) -> Result<Bytes, LakeError> {
        let path = stored.path.as_str();
        let found = self.store.get(&Path::from(path)).await.map_err(|error| self.not_read(path, error))?;
        let bytes = found.bytes().await.map_err(|error| self.not_read(path, error))?;
        let found = Digest::of(&bytes);
        if found != stored.sha256 {
            return Err(LakeError::Damaged { path: stored.path.clone(), expected: stored.sha256, found });
        }
        Ok(bytes)
    }

    /// What the cache has of a file. It reads from disk, which no other request should wait for.
    async fn cached<T: Send + 'static>(
        &self,
        stored: &Stored,
        read: impl FnOnce(&Cache, &Stored) -> Option<T> + Send + 'static,
    ) -> Option<T> {
        let cache = self.remote.as_ref()?.cache.clone()?;
        let stored = stored.clone();
        tokio::task::spawn_blocking(move || read(&cache, &stored)).await.ok()?
    }

    async fn keep(&self, stored: &Stored, bytes: Bytes) {
        self.cached(stored, move |cache, stored| cache.takes(stored).then(|| cache.keep(stored, &bytes))).await;
    }

    fn forget(&self, stored: &Stored) {
        if let Some(cache) = self.remote.as_ref().and_then(|remote| remote.cache.as_ref()) {
            cache.forget(stored);
        }
    }

    /// Reads ranges of a file. Whoever asks checks what comes.
    pub(crate) async fn ranges(&self, path: &str, ranges: &[Range<u64>]) -> Result<Vec<Bytes>, LakeError> {
        self.store.get_ranges(&Path::from(path), ranges).await.map_err(|error| self.not_read(path, error))
    }

    /// The paths of everything that lies below a folder. Readers never ask: they take a manifest's list.
    pub async fn list(&self, folder: &str) -> Result<Vec<String>, LakeError> {
        let found: Vec<_> =
            self.store.list(Some(&Path::from(folder))).try_collect().await.map_err(|e| self.failed(folder, e))?;
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
        let checked = |contents: Vec<Bytes>| {
            SomeParts::checked(path, table.file.bytes, parts.iter().copied().zip(contents).collect())
        };
        let asked = ranges.clone();
        if let Some(kept) = self.cached(&table.file, move |cache, file| cache.ranges(file, &asked)).await {
            match checked(kept.into_iter().map(Bytes::from).collect()) {
                Ok(parts) => return read_batches(path, parts, columns),
                Err(_) => self.forget(&table.file),
            }
        }
        let contents = if self.keeps(&table.file) {
            // Whole: the next question is often about its other columns.
            let file = self.get_stored(&table.file).await?;
            self.keep(&table.file, file.clone()).await;
            let part = |range: &Range<u64>| Some(usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?);
            let inside = |range: std::ops::Range<usize>| file.get(range).map(|part| file.slice_ref(part));
            let contents: Option<_> = ranges.iter().map(|range| part(range).and_then(inside)).collect();
            contents.ok_or_else(|| LakeError::unreadable(path, "a part lies outside the file"))?
        } else {
            let contents = self.store.get_ranges(&Path::from(path), &ranges).await;
            contents.map_err(|error| self.not_read(path, error))?
        };
        read_batches(path, checked(contents)?, columns)
    }

    fn keeps(&self, stored: &Stored) -> bool {
        let cache = self.remote.as_ref().and_then(|remote| remote.cache.as_ref());
        cache.is_some_and(|cache| cache.takes(stored))
    }

    /// Why a file could not be read: that it is not there is a case of its own.
    fn not_read(&self, path: &str, source: object_store::Error) -> LakeError {
        match source {
            object_store::Error::NotFound { .. } => LakeError::Missing { path: path.to_owned() },
            source => self.failed(path, source),
        }
    }

    fn failed(&self, path: &str, source: object_store::Error) -> LakeError {
        match &self.remote {
            Some(remote) => explain(path, &remote.place, &source),
            None => LakeError::Storage { path: path.to_owned(), source },
        }
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

//! Sealed files of a bucket that were read lately, kept on this machine.
//!
//! A file is kept under its SHA-256, so that what is kept cannot go stale. Whoever reads it checks it: damage means that
//! it is fetched again. Several processes may share a folder: a file gets its name once it is whole.

use crate::files::Stored;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// How much of its limit a process adds before it looks at what all of them have added.
const SHARE: u64 = 8;

/// A folder of files that can be had again.
#[derive(Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
    /// The most bytes.
    limit: u64,
    /// Bytes that may be added before the folder is looked through.
    left: AtomicU64,
    /// Counts files that are being written.
    next: AtomicU64,
}

impl Cache {
    /// A cache of so many bytes. The folder is made when the first file comes.
    pub(crate) fn new(folder: &Path, limit: u64) -> Self {
        Self { folder: folder.to_owned(), limit, left: AtomicU64::new(0), next: AtomicU64::new(0) }
    }

    /// Whether a file is worth keeping.
    pub(crate) fn takes(&self, stored: &Stored) -> bool {
        stored.bytes <= self.limit / SHARE
    }

    /// A whole file, unchecked.
    pub(crate) fn read(&self, stored: &Stored) -> Option<Vec<u8>> {
        fs::read(self.path(stored)).ok()
    }

    /// Parts of a file, unchecked.
    pub(crate) fn ranges(&self, stored: &Stored, ranges: &[Range<u64>]) -> Option<Vec<Vec<u8>>> {
        let mut file = File::open(self.path(stored)).ok()?;
        // A cut file must not make anyone wait for memory that its parts would need.
        let length = file.metadata().ok()?.len();
        let mut read = |range: &Range<u64>| {
            let mut bytes = vec![0; usize::try_from(range.end.checked_sub(range.start)?).ok()?];
            file.seek(SeekFrom::Start(range.start)).ok()?;
            file.read_exact(&mut bytes).ok()?;
            Some(bytes)
        };
        ranges.iter().map(|range| if range.end <= length { read(range) } else { None }).collect()
    }

    /// Keeps a file. That it cannot be kept harms nobody.
    pub(crate) fn keep(&self, stored: &Stored, bytes: &[u8]) {
        if let Err(error) = self.write(stored, bytes) {
            tracing::debug!(path = stored.path, %error, "a file is not kept");
        }
    }

    /// Forgets a file that is not what it should be.
    pub(crate) fn forget(&self, stored: &Stored) {
        tracing::warn!(path = stored.path, folder = %self.folder.display(), "the copy in the cache is damaged");
        let _ = fs::remove_file(self.path(stored));
    }

    fn path(&self, stored: &Stored) -> PathBuf {
        self.folder.join(stored.sha256.to_string())
    }

    fn write(&self, stored: &Stored, bytes: &[u8]) -> io::Result<()> {
        let size = bytes.len() as u64;
        let taken = self.left.try_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(size));
        if taken.is_err() {
            fs::create_dir_all(&self.folder)?;
            self.make_room(size)?;
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let unnamed = self.folder.join(format!("{}-{number}.new", std::process::id()));
        let written = File::create(&unnamed).and_then(|mut file| file.write_all(bytes));
        let named = written.and_then(|()| fs::rename(&unnamed, self.path(stored)));
        if named.is_err() {
            let _ = fs::remove_file(&unnamed);
        }
        named
    }

    /// Removes the oldest files until so many bytes, and a share for what comes next, fit in.
    fn make_room(&self, size: u64) -> io::Result<()> {
        let share = size.max(self.limit / SHARE);
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            // Another process may have removed it since.
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_file() {
                files.push((metadata.modified()?, metadata.len(), entry.path()));
            }
        }
        files.sort_unstable();
        let mut held: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
        for (_, bytes, path) in &files {
            if held + share <= self.limit {
                break;
            }
            match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => held -= bytes,
            }
        }
        self.left.store(share - size, Ordering::Relaxed);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::canonical::Digest;

    fn stored(bytes: &[u8]) -> Stored {
        Stored { path: "days/x".to_owned(), bytes: bytes.len() as u64, sha256: Digest::of(bytes) }
    }

    fn held(folder: &Path) -> (usize, u64) {
        let files =
            fs::read_dir(folder).expect("readable").map(|entry| entry.expect("there").metadata().expect("there"));
        files.fold((0, 0), |(files, bytes), file| (files + 1, bytes + file.len()))
    }

    #[test]
    fn the_oldest_make_room_and_the_limit_holds() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::new(&folder.path().join("cache"), 8_000);
        let content = |number: u32| format!("{number:0>1000}").into_bytes();
        for number in 0..100 {
            let bytes = content(number);
            cache.keep(&stored(&bytes), &bytes);
            assert_eq!(cache.read(&stored(&bytes)), Some(bytes), "{number}");
            assert!(held(&folder.path().join("cache")).1 <= 8_000, "{number}");
        }
        assert!(held(&folder.path().join("cache")).0 >= 6);
        assert_eq!(cache.read(&stored(&content(0))), None);
        assert!(cache.takes(&stored(&content(0))) && !cache.takes(&stored(&[0; 1_001])));
        // What a process that died left behind makes room, too.
        let left = folder.path().join("cache/1-1.new");
        fs::write(&left, [0; 4_000]).expect("written");
        File::options().write(true).open(&left).and_then(|file| file.set_modified(std::time::UNIX_EPOCH)).expect("old");
        let bytes = content(200);
        Cache::new(&folder.path().join("cache"), 8_000).keep(&stored(&bytes), &bytes);
        assert!(!left.exists() && held(&folder.path().join("cache")).1 <= 8_000);
    }

    #[test]
    fn parts_are_read_where_they_are_and_a_cut_file_has_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::new(folder.path(), 8_000);
        let file = stored(b"0123456789");
        assert_eq!(cache.ranges(&file, &[0..1, 1..2]), None);
        cache.keep(&file, b"0123456789");
        assert_eq!(cache.ranges(&file, &[2..4, 9..10]), Some(vec![b"23".to_vec(), b"9".to_vec()]));
        assert_eq!(cache.ranges(&file, &[2..4, 9..11]), None);
        assert_eq!(cache.ranges(&file, &[0..1, Range { start: 5, end: 4 }]), None);
        // A folder that cannot be one harms nobody.
        let file_in_the_way = folder.path().join("way");
        fs::write(&file_in_the_way, "x").expect("written");
        let cache = Cache::new(&file_in_the_way, 8_000);
        cache.keep(&file, b"0123456789");
        assert_eq!(cache.read(&file), None);
    }
}

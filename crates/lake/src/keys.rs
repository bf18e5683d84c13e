//! Key files: which records and cases lie in the files of a batch, found with one small read.
//!
//! Keys are spread over 64 files by their first bits and sorted within each. The *directory* has, for each file, a filter
//! that says of most keys that they are not there, and for each block of the file its first key and its SHA-256: a block
//! is checked like a whole file before anybody goes by it.

use crate::error::LakeError;
use crate::files::{Files, Stored};
use bytes::Bytes;
use model::canonical::Digest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;

/// Key files of a batch.
pub const KEY_FILES: usize = 64;
/// Bytes of an entry.
const ENTRY: usize = 24;
/// Entries of a block: 12 KB, which are hashed in the time that a read takes.
const BLOCK: usize = 512;
/// Bits of the filter for each key: of a hundred unknown keys, one is looked for in vain.
const FILTER_BITS: usize = 10;
/// Odd factors that make four places of the filter of one key.
const PLACES: [u64; 4] = [0x9e37_79b9_7f4a_7c15, 0xc2b2_ae3d_27d4_eb4f, 0x1656_67b1_9e37_79f9, 0x27d4_eb2f_1656_67c5];

/// Where a record or a case is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyEntry {
    /// The key of the record, or of the case.
    pub key: u64,
    /// The key of what a report says; 0 for a case.
    pub says: u64,
    /// The group, by the number of its first report.
    pub group: u32,
    /// The day whose record file has the whole group.
    pub day: i32,
}

/// The file that a key belongs to.
#[must_use]
pub fn key_file_of(key: u64) -> usize {
    usize::try_from(key >> 58).unwrap_or(0)
}

/// The key files of a batch and their directory, as they are stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyFiles {
    /// The files, by the first bits of their keys.
    pub keys: Vec<Stored>,
    /// What finds a key in them.
    pub directory: Stored,
}

/// A key file that is to be stored, and what the directory says of it.
#[derive(Debug)]
pub struct KeyFile {
    /// Its bytes.
    pub bytes: Vec<u8>,
    part: Part,
}

/// What the directory says of a file.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    entries: usize,
    filter: Vec<u8>,
    /// First key and digest of each block.
    blocks: Vec<(u64, Digest)>,
}

/// Makes a key file; the entries need not be in order.
#[must_use]
pub fn write_keys(mut entries: Vec<KeyEntry>) -> KeyFile {
    entries.sort_unstable();
    let mut bytes = Vec::with_capacity(entries.len() * ENTRY);
    let mut filter = vec![0; (entries.len() * FILTER_BITS).div_ceil(8)];
    for KeyEntry { key, says, group, day } in &entries {
        bytes.extend(key.to_le_bytes());
        bytes.extend(says.to_le_bytes());
        bytes.extend(group.to_le_bytes());
        bytes.extend(day.to_le_bytes());
        for bit in bits(*key, filter.len()) {
            filter[bit / 8] |= 1 << (bit % 8);
        }
    }
    let blocks = entries.chunks(BLOCK).zip(bytes.chunks(BLOCK * ENTRY));
    let blocks = blocks.map(|(entries, bytes)| (entries[0].key, Digest::of(bytes))).collect();
    KeyFile { bytes, part: Part { entries: entries.len(), filter, blocks } }
}

/// The places of a key in a filter of so many bytes.
fn bits(key: u64, bytes: usize) -> impl Iterator<Item = usize> {
    let count = bytes as u64 * 8;
    PLACES.into_iter().map(move |factor| {
        let place = (u128::from(key.wrapping_mul(factor)) * u128::from(count)) >> 64;
        usize::try_from(place).unwrap_or(0)
    })
}

/// The bytes of the directory of these files.
#[must_use]
pub fn write_directory(files: &[KeyFile]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for KeyFile { part, .. } in files {
        bytes.extend((part.entries as u64).to_le_bytes());
        bytes.extend(&part.filter);
        for (first, digest) in &part.blocks {
            bytes.extend(first.to_le_bytes());
            bytes.extend(digest.bytes());
        }
    }
    bytes
}

/// The key files of a batch, ready to be asked.
#[derive(Debug)]
pub struct KeyIndex {
    files: Vec<Stored>,
    parts: Vec<Part>,
}

impl KeyIndex {
    /// Reads the directory.
    pub async fn open(files: &Files, stored: &KeyFiles) -> Result<Self, LakeError> {
        let path = &stored.directory.path;
        let bytes = files.get(&stored.directory).await?;
        let mut rest = &bytes[..];
        let short = || LakeError::unreadable(path, "it ends too early");
        let mut parts = Vec::with_capacity(stored.keys.len());
        for file in &stored.keys {
            let part = Part::read(&mut rest).ok_or_else(short)?;
            if part.entries as u64 * ENTRY as u64 != file.bytes {
                return Err(LakeError::unreadable(path, format!("{} has another length", file.path)));
            }
            parts.push(part);
        }
        if !rest.is_empty() || parts.len() != KEY_FILES {
            return Err(LakeError::unreadable(path, "it is not of these files"));
        }
        Ok(Self { files: stored.keys.clone(), parts })
    }

    /// Every entry of these keys.
    pub async fn find(&self, files: &Files, keys: impl IntoIterator<Item = u64>) -> Result<Vec<KeyEntry>, LakeError> {
        let mut wanted: BTreeMap<(usize, usize), Vec<u64>> = BTreeMap::new();
        for key in keys {
            let file = key_file_of(key);
            for block in self.parts[file].blocks_of(key) {
                wanted.entry((file, block)).or_default().push(key);
            }
        }
        let mut found = Vec::new();
        for (file, (stored, part)) in self.files.iter().zip(&self.parts).enumerate() {
            let blocks: Vec<(usize, &Vec<u64>)> =
                wanted.range((file, 0)..(file + 1, 0)).map(|((_, block), keys)| (*block, keys)).collect();
            if blocks.is_empty() {
                continue;
            }
            let ranges: Vec<Range<u64>> = blocks.iter().map(|(block, _)| part.range(*block)).collect();
            let contents = files.ranges(&stored.path, &ranges).await?;
            for ((block, keys), content) in blocks.into_iter().zip(contents) {
                let entries = checked(stored, part.blocks[block].1, &content)?;
                let of_key = |key: &u64| {
                    let from = entries.partition_point(|entry| entry.key < *key);
                    let to = entries.partition_point(|entry| entry.key <= *key);
                    entries[from..to].iter().copied()
                };
                found.extend(keys.iter().flat_map(of_key));
            }
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// Every key, file by file.
    pub async fn every(&self, files: &Files, take: &mut (dyn FnMut(u64) + Send)) -> Result<(), LakeError> {
        for stored in &self.files {
            let bytes = files.get(stored).await?;
            entries(&bytes).for_each(|entry| take(entry.key));
        }
        Ok(())
    }
}

fn checked(stored: &Stored, expected: Digest, content: &Bytes) -> Result<Vec<KeyEntry>, LakeError> {
    let found = Digest::of(content);
    if found != expected {
        return Err(LakeError::Damaged { path: stored.path.clone(), expected, found });
    }
    Ok(entries(content).collect())
}

fn entries(bytes: &[u8]) -> impl Iterator<Item = KeyEntry> {
    let entry = |mut bytes: &[u8]| {
        let (key, says) = (u64::from_le_bytes(*take(&mut bytes)?), u64::from_le_bytes(*take(&mut bytes)?));
        let (group, day) = (u32::from_le_bytes(*take(&mut bytes)?), i32::from_le_bytes(*take(&mut bytes)?));
        Some(KeyEntry { key, says, group, day })
    };
    bytes.chunks_exact(ENTRY).filter_map(entry)
}

fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (taken, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(taken)
}

impl Part {
    fn read(rest: &mut &[u8]) -> Option<Self> {
        let entries = usize::try_from(u64::from_le_bytes(*take(rest)?)).ok()?;
        let bytes = entries.checked_mul(FILTER_BITS)?.div_ceil(8);
        let (filter, after) = rest.split_at_checked(bytes)?;
        *rest = after;
        let block = |rest: &mut &[u8]| Some((u64::from_le_bytes(*take(rest)?), Digest::from(*take(rest)?)));
        let blocks = (0..entries.div_ceil(BLOCK)).map(|_| block(rest)).collect::<Option<Vec<_>>>()?;
        Some(Self { entries, filter: filter.to_vec(), blocks })
    }

    /// The blocks in which a key may be.
    fn blocks_of(&self, key: u64) -> Range<usize> {
        if self.filter.is_empty() || bits(key, self.filter.len()).any(|bit| self.filter[bit / 8] >> (bit % 8) & 1 == 0)
        {
            return 0..0;
        }
        // The block before the first that begins with the key may end with it.
        let from = self.blocks.partition_point(|(first, _)| *first < key).saturating_sub(1);
        from..self.blocks.partition_point(|(first, _)| *first <= key)
    }

    fn range(&self, block: usize) -> Range<u64> {
        let end = ((block + 1) * BLOCK).min(self.entries);
        (block * BLOCK * ENTRY) as u64..(end * ENTRY) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys that are spread like digests.
    fn entry(number: u64) -> KeyEntry {
        let key = number
            .wrapping_add(1)
            .wrapping_mul(0xd134_2543_de82_ef95)
            .rotate_left(31)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15);
        KeyEntry { key, says: number, group: u32::try_from(number).expect("small"), day: -3 }
    }

    async fn stored(files: &Files, entries: &[KeyEntry]) -> KeyFiles {
        let mut of_file = vec![Vec::new(); KEY_FILES];
        for entry in entries {
            of_file[key_file_of(entry.key)].push(*entry);
        }
        let made: Vec<KeyFile> = of_file.into_iter().map(write_keys).collect();
        let directory = files.put("cold", "directory", "bin", write_directory(&made)).await.expect("stored");
        let mut keys = Vec::new();
        for file in made {
            keys.push(files.put("cold", "keys", "bin", file.bytes).await.expect("stored"));
        }
        KeyFiles { keys, directory }
    }

    #[tokio::test]
    async fn every_key_is_found_and_no_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = Files::local(folder.path()).expect("a storage");
        let mut entries: Vec<KeyEntry> = (0..100_000).map(entry).collect();
        // More reports of one record than a block holds.
        let seventh = entries[7];
        entries.extend((0..1_500).map(|says| KeyEntry { says: says + 1_000_000, ..seventh }));
        let index = KeyIndex::open(&files, &stored(&files, &entries).await).await.expect("opened");
        let found = index.find(&files, entries.iter().step_by(97).map(|entry| entry.key)).await.expect("read");
        let mut expect: Vec<KeyEntry> = entries.iter().step_by(97).copied().collect();
        expect.sort_unstable();
        let of_seventh = |entry: &&KeyEntry| entry.key == entries[7].key;
        assert_eq!(found.iter().filter(|entry| !of_seventh(entry)).copied().collect::<Vec<_>>(), {
            expect.retain(|entry| entry.key != entries[7].key);
            expect.dedup();
            expect
        });
        assert_eq!(index.find(&files, [entries[7].key]).await.expect("read").len(), 1_501);
        let strangers = (200_000..300_000).map(|number| entry(number).key);
        let asked = strangers.clone().filter(|key| !index.parts[key_file_of(*key)].blocks_of(*key).is_empty()).count();
        assert!(asked < 3_000, "{asked} of 100000 unknown keys are looked for");
        assert_eq!(index.find(&files, strangers).await.expect("read"), []);
        let mut count = 0;
        index.every(&files, &mut |_| count += 1).await.expect("read");
        assert_eq!(count, entries.len());
    }

    #[tokio::test]
    async fn a_flipped_bit_of_a_block_is_found_and_the_file_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = Files::local(folder.path()).expect("a storage");
        let entries: Vec<KeyEntry> = (0..1_000).map(entry).collect();
        let stored = stored(&files, &entries).await;
        let index = KeyIndex::open(&files, &stored).await.expect("opened");
        let file = &stored.keys[key_file_of(entries[0].key)];
        let path = folder.path().join(&file.path);
        let mut bytes = std::fs::read(&path).expect("there");
        bytes[3] ^= 1;
        std::fs::write(&path, bytes).expect("written");
        let error = index.find(&files, [entries[0].key]).await.expect_err("damaged").to_string();
        assert!(error.contains(&file.path) && error.contains("damaged"), "{error}");
        let directory = folder.path().join(&stored.directory.path);
        std::fs::write(&directory, b"short").expect("written");
        assert!(matches!(KeyIndex::open(&files, &stored).await, Err(LakeError::Damaged { .. })));
    }
}

//! What a backfill has read and not yet put in its place: rows of bytes in files of a folder of its own, each file with
//! the rows of one part. Memory holds one part at a time.

use super::BackfillError;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Bytes of a part that a thread gathers before it writes them.
const BUFFER: usize = 1 << 16;

/// Files of rows. They are open only while they are written to: there are hundreds.
#[derive(Debug)]
pub(super) struct Spill {
    parts: Vec<(PathBuf, Mutex<()>)>,
}

impl Spill {
    /// New files in a folder; older ones of the same name are emptied.
    pub(super) fn create(folder: &Path, name: &str, parts: usize) -> Result<Self, BackfillError> {
        let part = |part: usize| {
            let path = folder.join(format!("{name}-{part:03}"));
            File::create(&path).map_err(BackfillError::io(&path))?;
            Ok((path, Mutex::default()))
        };
        Ok(Self { parts: (0..parts).map(part).collect::<Result<_, BackfillError>>()? })
    }

    /// How many parts there are.
    pub(super) fn parts(&self) -> usize {
        self.parts.len()
    }

    /// The rows of a part, in no order.
    pub(super) fn read(&self, part: usize) -> Result<Vec<u8>, BackfillError> {
        let path = &self.parts[part].0;
        std::fs::read(path).map_err(BackfillError::io(path))
    }

    /// The part of a key: its first bits.
    pub(super) fn part_of(&self, key: u64) -> usize {
        let place = (u128::from(key) * self.parts.len() as u128) >> 64;
        usize::try_from(place).unwrap_or(0)
    }

    fn append(&self, part: usize, rows: &[u8]) -> Result<(), BackfillError> {
        let (path, turn) = &self.parts[part];
        let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
        let file = OpenOptions::new().append(true).open(path);
        file.and_then(|mut file| file.write_all(rows)).map_err(BackfillError::io(path))
    }
}

/// One thread's way into a spill.
#[derive(Debug)]
pub(super) struct SpillWriter<'a> {
    spill: &'a Spill,
    buffers: Vec<Vec<u8>>,
}

impl<'a> SpillWriter<'a> {
    pub(super) fn new(spill: &'a Spill) -> Self {
        Self { spill, buffers: vec![Vec::new(); spill.parts()] }
    }

    /// Writes a row into a part.
    pub(super) fn put(&mut self, part: usize, row: impl FnOnce(&mut Vec<u8>)) -> Result<(), BackfillError> {
        let buffer = &mut self.buffers[part];
        row(buffer);
        if buffer.len() >= BUFFER {
            self.spill.append(part, buffer)?;
            buffer.clear();
        }
        Ok(())
    }

    /// The part of a key.
    pub(super) fn part_of(&self, key: u64) -> usize {
        self.spill.part_of(key)
    }

    /// Writes what is left.
    pub(super) fn finish(self) -> Result<(), BackfillError> {
        let mut left = self.buffers.iter().enumerate().filter(|(_, buffer)| !buffer.is_empty());
        left.try_for_each(|(part, buffer)| self.spill.append(part, buffer))
    }
}

/// Rows that are read again. They were written a moment ago by the same program; `None` says that they were not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rest<'a>(pub(super) &'a [u8]);

impl<'a> Rest<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(super) fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn i32(&mut self) -> Option<i32> {
        self.array().map(i32::from_le_bytes)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    /// Bytes with their length before them.
    pub(super) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.u32()?).ok()?;
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// A text with its length before it.
    pub(super) fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }
}

/// Appends bytes with their length before them.
pub(super) fn put_bytes(row: &mut Vec<u8>, bytes: &[u8]) {
    row.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
    row.extend(bytes);
}

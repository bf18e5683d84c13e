//! Parts of a facts file: what is read of it, each with a digest of its own.
//!
//! A tally reads a third of a file's bytes. Were a file vouched for by one digest alone, all of it would have to be
//! read and hashed for that third to be believed.

use crate::error::LakeError;
use bytes::{Buf, Bytes};
use model::canonical::Digest;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::reader::{ChunkReader, Length};
use serde::{Deserialize, Serialize};

/// A run of bytes within a facts file: one column of one row group, or what follows the last of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The column; nothing for the end of the file, which says where everything is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Where it starts.
    pub offset: u64,
    /// How long it is.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: Digest,
}

impl Part {
    pub(crate) fn end(&self) -> u64 {
        self.offset + self.bytes
    }
}

/// The parts of a file that was just written.
pub(crate) fn parts_of(file: &[u8], metadata: &ParquetMetaData) -> Result<Vec<Part>, LakeError> {
    let part = |column: Option<String>, offset: u64, end: u64| {
        let range = usize::try_from(offset).ok().zip(usize::try_from(end).ok());
        let content = range.and_then(|(offset, end)| file.get(offset..end));
        let content = content.ok_or_else(|| LakeError::encoding("facts file", "a column lies outside the file"))?;
        Ok(Part { column, offset, bytes: end - offset, sha256: Digest::of(content) })
    };
    let mut parts = Vec::new();
    let mut last = 0;
    for chunk in metadata.row_groups().iter().flat_map(RowGroupMetaData::columns) {
        let (offset, bytes) = chunk.byte_range();
        parts.push(part(Some(chunk.column_path().string()), offset, offset + bytes)?);
        last = last.max(offset + bytes);
    }
    parts.push(part(None, last, file.len() as u64)?);
    Ok(parts)
}

/// A file of which only some parts are at hand, each of them checked.
#[derive(Debug)]
pub(crate) struct SomeParts {
    bytes: u64,
    /// By offset.
    parts: Vec<(u64, Bytes)>,
}

impl SomeParts {
    /// Checks each part against its digest.
    pub(crate) fn checked(path: &str, bytes: u64, parts: Vec<(&Part, Bytes)>) -> Result<Self, LakeError> {
        for (part, content) in &parts {
            let found = Digest::of(content);
            if found != part.sha256 {
                return Err(LakeError::Damaged { path: path.to_owned(), expected: part.sha256, found });
            }
        }
        let mut parts: Vec<(u64, Bytes)> = parts.into_iter().map(|(part, content)| (part.offset, content)).collect();
        parts.sort_by_key(|(offset, _)| *offset);
        Ok(Self { bytes, parts })
    }

    /// What is at hand from a place on.
    fn from(&self, start: u64) -> Result<Bytes, ParquetError> {
        let after = self.parts.partition_point(|(offset, _)| *offset <= start);
        let part = after.checked_sub(1).and_then(|at| {
            let (offset, content) = &self.parts[at];
            let skipped = usize::try_from(start - offset).ok().filter(|skipped| *skipped < content.len())?;
            Some(content.slice(skipped..))
        });
        part.ok_or_else(|| ParquetError::EOF(format!("byte {start} is not among the parts that were asked for")))
    }
}

impl Length for SomeParts {
    fn len(&self) -> u64 {
        self.bytes
    }
}

impl ChunkReader for SomeParts {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(self.from(start)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let found = self.from(start)?;
        if found.len() < length {
            return Err(ParquetError::EOF(format!("{length} bytes at {start} pass the end of their part")));
        }
        Ok(found.slice(..length))
    }
}

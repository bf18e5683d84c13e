//! Names in columns of codes, over batches whose dictionaries differ.

use super::texts::Texts;
use crate::error::LakeError;
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, RecordBatch, StringArray};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};
use std::sync::Arc;

/// Hashes what is a hash already, or a pair of positions of our own making, in one multiplication.
#[derive(Debug, Default)]
pub(super) struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = (self.0 ^ key).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Names seen so far, and how the dictionary of the current batch maps to them.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) list: Texts,
    /// Positions in the list by hash; where several names have one hash, the next ones are tried.
    known: HashMap<u64, u32, BuildHasherDefault<KeyHasher>>,
    hashes: RandomState,
    /// Kept alive, so that its address stays its own.
    dictionary: Option<StringArray>,
    mapped: Arc<Vec<u32>>,
}

/// A dictionary column of one batch.
pub(super) struct Coded {
    column: &'static str,
    pub(super) mapped: Arc<Vec<u32>>,
}

impl Names {
    /// The codes of a batch's column, and to which names they map.
    pub(super) fn read(&mut self, batch: &RecordBatch, column: &'static str) -> Result<Coded, LakeError> {
        let missing = || LakeError::encoding("tally", format!("column `{column}` is missing or of another type"));
        let array = batch.column_by_name(column).and_then(|array| array.as_dictionary_opt::<Int32Type>());
        let array = array.ok_or_else(missing)?;
        let texts = array.values().as_string_opt::<i32>().ok_or_else(missing)?;
        // Batches of one row group share the memory of their dictionary, not the array around it.
        let same = self.dictionary.as_ref().is_some_and(|known| same_memory(known, texts));
        if !same {
            self.known.reserve(texts.len());
            let mapped: Option<Vec<u32>> = (0..texts.len()).map(|at| self.intern(texts.value(at))).collect();
            let too_many = || LakeError::encoding("tally", format!("column `{column}` has 4 GB of distinct texts"));
            self.mapped = Arc::new(mapped.ok_or_else(too_many)?);
            self.dictionary = Some(texts.clone());
        }
        Ok(Coded { column, mapped: Arc::clone(&self.mapped) })
    }

    /// The position of a text; `None` once there are too many.
    fn intern(&mut self, text: &str) -> Option<u32> {
        let mut hash = self.hashes.hash_one(text);
        loop {
            match self.known.entry(hash) {
                Entry::Occupied(known) if self.list.get(*known.get()) == text => return Some(*known.get()),
                Entry::Occupied(_) => hash = hash.wrapping_add(1),
                Entry::Vacant(free) => return Some(*free.insert(self.list.push(text)?)),
            }
        }
    }
}

/// Whether two dictionaries are the same bytes at the same place.
fn same_memory(a: &StringArray, b: &StringArray) -> bool {
    std::ptr::eq(a.value_offsets(), b.value_offsets()) && std::ptr::eq(a.value_data(), b.value_data())
}

impl Coded {
    pub(super) fn keys<'b>(&self, batch: &'b RecordBatch) -> &'b [i32] {
        let array = batch.column_by_name(self.column).and_then(|array| array.as_dictionary_opt::<Int32Type>());
        array.map_or(&[], |array| array.keys().values())
    }

    pub(super) fn id(&self, key: i32) -> Result<u32, LakeError> {
        let id = usize::try_from(key).ok().and_then(|key| self.mapped.get(key));
        id.copied().ok_or_else(|| LakeError::encoding("tally", "a dictionary key is out of range"))
    }
}

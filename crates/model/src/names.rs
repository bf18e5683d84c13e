//! Tables by names that stand in the program: asked for every value of every fact.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A table by names of our own.
pub(crate) type ByName<T> = HashMap<&'static str, T, BuildHasherDefault<NameHasher>>;

/// A quick hash. Nobody else chooses the names that are kept under it, so nobody can make them collide.
#[derive(Debug, Default)]
pub(crate) struct NameHasher(u64);

impl Hasher for NameHasher {
    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..part.len()].copy_from_slice(part);
            self.0 = (self.0.rotate_left(23) ^ u64::from_le_bytes(word)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_and_no_other() {
        let names: [&'static str; 5] = ["window", "accepted_at", "finished_at", "", "supplement_notices"];
        let table: ByName<usize> = names.iter().copied().zip(0..).collect();
        for (at, name) in names.iter().enumerate() {
            assert_eq!(table.get(name), Some(&at));
        }
        assert_eq!(table.get("windows"), None);
    }
}

//! Canonical bytes and their digest.
//!
//! Digests are taken over canonical JSON: keys sorted, no white space, and every number written as a
//! decimal string, so that a program in any language gets the same bytes (RFC 8785 agrees on this subset).

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of the canonical JSON of a value.
    #[must_use]
    pub fn of_json(value: &serde_json::Value) -> Self {
        Self::of(canonical_json(value).as_bytes())
    }

    /// The digest of the canonical JSON of a list whose items write their fields in the order of their names, one
    /// after another.
    #[must_use]
    pub fn of_list<T: Serialize>(items: impl Iterator<Item = T>) -> Self {
        let (mut hash, mut text) = (Sha256::new(), vec![b'[']);
        for (at, item) in items.enumerate() {
            text.extend((at > 0).then_some(b','));
            // Text and numbers of our own always become JSON.
            let _ = serde_json::to_writer(&mut text, &item);
            hash.update(&text);
            text.clear();
        }
        text.push(b']');
        hash.update(&text);
        Self(hash.finalize().into())
    }

    /// The digest with this text of 64 hexadecimal digits, if it is one.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// The 32 bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first 16 hexadecimal digits: enough for a file name that people read.
    #[must_use]
    pub fn short(&self) -> String {
        self.to_string()[..16].to_owned()
    }
}

impl From<[u8; 32]> for Digest {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 64];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.0) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_hex(&text).ok_or_else(|| serde::de::Error::custom("not a SHA-256 in hexadecimal"))
    }
}

/// The canonical JSON of a value.
///
/// ```
/// let value = serde_json::json!({"b": "1", "a": ["x", null]});
/// assert_eq!(model::canonical::canonical_json(&value), r#"{"a":["x",null],"b":"1"}"#);
/// ```
#[must_use]
pub fn canonical_json(value: &serde_json::Value) -> String {
    // `serde_json::Map` is a sorted map in this build: the test below fails if a dependency turns on
    // `preserve_order`.
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_whatever_their_order_of_writing() {
        let text = r#"{"z":"1","a":{"d":"2","c":"3"}}"#;
        let value: serde_json::Value = serde_json::from_str(text).expect("valid");
        assert_eq!(canonical_json(&value), r#"{"a":{"c":"3","d":"2"},"z":"1"}"#);
    }

    #[test]
    fn hexadecimal_comes_back() {
        let digest = Digest::of(b"heng");
        assert_eq!(Digest::from_hex(&digest.to_string()), Some(digest));
        assert_eq!(Digest::from_hex("xyz"), None);
    }
}

//! Persons become keyed pseudonyms at the door.

use crate::home::PseudonymKey;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The pseudonym of a person: the first 63 bits of HMAC-SHA-256 under the home's key.
///
/// A phone number has eleven digits; without a key anyone could try them all. 63 bits fit a column of numbers, and
/// among a hundred million people two share one with a chance of one in a thousand.
pub(crate) fn pseudonym(key: &PseudonymKey, person: &str) -> i64 {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key.0) else {
        return 0;
    };
    mac.update(person.trim().as_bytes());
    let bytes = mac.finalize().into_bytes();
    let mut first = [0; 8];
    first.copy_from_slice(&bytes[..8]);
    i64::from_be_bytes(first) & i64::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudonym_depends_on_the_key_and_on_nothing_around_the_number() {
        let (one, other) = (PseudonymKey([1; 32]), PseudonymKey([2; 32]));
        assert_eq!(pseudonym(&one, "13800000000"), pseudonym(&one, " 13800000000 "));
        assert_ne!(pseudonym(&one, "13800000000"), pseudonym(&one, "13800000001"));
        assert_ne!(pseudonym(&one, "13800000000"), pseudonym(&other, "13800000000"));
        // Computed with Python: hmac.digest(bytes([1]*32), b"13800000000", "sha256").
        assert_eq!(pseudonym(&one, "13800000000"), 4_697_340_315_918_528_872);
    }
}

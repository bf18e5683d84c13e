//! Stable keys of 64 bits: of a record, of a case, and of what a report says. Key files of the lake hold them, so they
//! never change.

use model::canonical::Digest;
use model::fact::Kind;

fn short(digest: Digest) -> u64 {
    let mut first = [0; 8];
    first.copy_from_slice(&digest.bytes()[..8]);
    u64::from_be_bytes(first)
}

/// The key of a record: what its source calls it. Two records share one with a chance of one in 10¹⁹; whoever goes by
/// keys compares the names, too, where it matters.
#[must_use]
pub fn record_key(kind: Kind, source: &str, source_id: &str) -> u64 {
    let mut name = Vec::with_capacity(64);
    // No name has a zero in it.
    for part in [kind.name(), source, source_id] {
        name.extend(part.as_bytes());
        name.push(0);
    }
    short(Digest::of(&name))
}

/// The key of a case, by the number that ratings and surveys name.
#[must_use]
pub fn case_key(case: &str) -> u64 {
    let mut name = Vec::with_capacity(64);
    name.push(0);
    name.extend(case.as_bytes());
    short(Digest::of(&name))
}

/// The key of what one revision of a record says, by its digest.
#[must_use]
pub fn report_key(revision: u32, payload: Digest) -> u64 {
    // An odd factor, so that no revision is like another.
    short(payload) ^ u64::from(revision).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_what_files_hold_forever() {
        // Computed with Python: hashlib.sha256(b"case\0hall\0c1\0").hexdigest()[:16], and of b"\0c1".
        assert_eq!(format!("{:016x}", record_key(Kind::Case, "hall", "c1")), "43526a9b0fb5edbb");
        assert_eq!(format!("{:016x}", case_key("c1")), "2f125dbbf456d3eb");
        let digest = Digest::of(b"x");
        assert_eq!(report_key(0, digest), short(digest));
        assert_ne!(report_key(1, digest), report_key(2, digest));
    }
}

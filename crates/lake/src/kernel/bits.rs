//! Bitmaps of one batch, 64 rows a word.

/// One bit per row; bits beyond the last row are zero.
pub(super) type Words = Vec<u64>;

/// Makes room for `rows` bits, all zero.
pub(super) fn clear(words: &mut Words, rows: usize) {
    words.clear();
    words.resize(rows.div_ceil(64), 0);
}

/// Sets each bit by a function of its row.
#[inline]
pub(super) fn fill(words: &mut Words, rows: usize, test: impl Fn(usize) -> bool) {
    words.clear();
    let (whole, rest) = (rows / 64, rows % 64);
    for word in 0..whole {
        let base = word * 64;
        let mut bits = 0_u64;
        for bit in 0..64 {
            bits |= u64::from(test(base + bit)) << bit;
        }
        words.push(bits);
    }
    if rest > 0 {
        let base = whole * 64;
        words.push((0..rest).fold(0, |bits, bit| bits | (u64::from(test(base + bit)) << bit)));
    }
}

/// All rows, or none.
pub(super) fn constant(words: &mut Words, rows: usize, value: bool) {
    clear(words, rows);
    if value {
        words.fill(u64::MAX);
        trim(words, rows);
    }
}

/// Zeroes the bits beyond the last row.
pub(super) fn trim(words: &mut Words, rows: usize) {
    if !rows.is_multiple_of(64)
        && let Some(last) = words.last_mut()
    {
        *last &= (1 << (rows % 64)) - 1;
    }
}

/// The number of rows set in `start..end`.
#[inline]
pub(super) fn count(words: &[u64], start: usize, end: usize) -> u32 {
    let (first, last) = (start / 64, (end - 1) / 64);
    let head = u64::MAX << (start % 64);
    let tail = u64::MAX >> (63 - (end - 1) % 64);
    if first == last {
        return (words[first] & head & tail).count_ones();
    }
    let middle: u32 = words[first + 1..last].iter().map(|word| word.count_ones()).sum();
    (words[first] & head).count_ones() + middle + (words[last] & tail).count_ones()
}

/// Whether a row is set.
#[inline]
pub(super) fn get(words: &[u64], row: usize) -> bool {
    words[row / 64] >> (row % 64) & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn counting_a_range_is_counting_its_rows(rows in proptest::collection::vec(any::<bool>(), 1..300), a in 0_usize..300, b in 0_usize..300) {
            let mut words = Words::new();
            fill(&mut words, rows.len(), |row| rows[row]);
            let (start, end) = (a.min(b).min(rows.len() - 1), a.max(b).clamp(1, rows.len()));
            prop_assume!(start < end);
            let expected = rows[start..end].iter().filter(|set| **set).count();
            prop_assert_eq!(count(&words, start, end) as usize, expected);
            prop_assert!((0..rows.len()).all(|row| get(&words, row) == rows[row]));
        }
    }
}

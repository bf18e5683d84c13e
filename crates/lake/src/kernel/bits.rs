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
    words.extend((0..rows.div_ceil(64)).map(|word| {
        let base = word * 64;
        (base..rows.min(base + 64)).fold(0, |bits, row| bits | (u64::from(test(row)) << (row - base)))
    }));
}

/// Sets each bit by a function of its row's value. A simple test runs on many rows at once.
#[inline]
pub(super) fn fill_from<T>(words: &mut Words, values: &[T], test: impl Fn(&T) -> bool) {
    words.clear();
    let (whole, rest) = values.as_chunks::<64>();
    words.extend(whole.iter().map(|values| {
        let mut flags = [0_u8; 64];
        flags.iter_mut().zip(values).for_each(|(flag, value)| *flag = u8::from(test(value)));
        gather(&flags)
    }));
    if !rest.is_empty() {
        words.push(rest.iter().rev().fold(0, |bits, value| (bits << 1) | u64::from(test(value))));
    }
}

/// 64 bytes that are 0 or 1 as bits.
#[inline]
fn gather(flags: &[u8; 64]) -> u64 {
    let (eights, _) = flags.as_chunks::<8>();
    // The product holds byte `i` of the eight at bit `56 + i`, and nothing else reaches the uppermost byte.
    let byte = |eight: &[u8; 8]| u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    eights.iter().rev().fold(0, |bits, eight| (bits << 8) | byte(eight))
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
    if end - start <= 64 {
        return window(words, start, end).count_ones();
    }
    let (first, last) = (start / 64, (end - 1) / 64);
    let head = u64::MAX << (start % 64);
    let tail = u64::MAX >> (63 - (end - 1) % 64);
    let middle: u32 = words[first + 1..last].iter().map(|word| word.count_ones()).sum();
    (words[first] & head).count_ones() + middle + (words[last] & tail).count_ones()
}

/// The rows `start..end`, at most 64 and at least one, as the lowest bits of a word.
#[inline]
pub(super) fn window(words: &[u64], start: usize, end: usize) -> u64 {
    let (first, shift) = (start / 64, start % 64);
    let low = words[first] >> shift;
    // Shifted twice, so that a whole word may be shifted out.
    let high = words.get(first + 1).map_or(0, |next| next << 1 << (63 - shift));
    (low | high) & (u64::MAX >> (64 - (end - start)))
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
            let mut same = Words::new();
            fill_from(&mut same, &rows, |set| *set);
            prop_assert_eq!(&same, &words);
            let (start, end) = (a.min(b).min(rows.len() - 1), a.max(b).clamp(1, rows.len()));
            prop_assume!(start < end);
            let expected = rows[start..end].iter().filter(|set| **set).count();
            prop_assert_eq!(count(&words, start, end) as usize, expected);
            let near = end.min(start + 64);
            let expected = rows[start..near].iter().rev().fold(0, |bits, set| (bits << 1) | u64::from(*set));
            prop_assert_eq!(window(&words, start, near), expected);
            prop_assert!((0..rows.len()).all(|row| get(&words, row) == rows[row]));
        }
    }
}

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

/// The number of rows that are set.
pub(super) fn count(words: &[u64]) -> u64 {
    words.iter().map(|word| u64::from(word.count_ones())).sum()
}

/// A few consecutive rows, made ready to be cut out of many bitmaps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    word: usize,
    shift: u32,
    mask: u64,
}

impl Span {
    /// The most rows of one span.
    pub(super) const ROWS: usize = 64;

    /// The rows from `start`, so many of them: at least one, at most [`Span::ROWS`].
    pub(super) fn new(start: usize, rows: usize) -> Self {
        Self { word: start / 64, shift: u32::try_from(start % 64).unwrap_or(0), mask: u64::MAX >> (64 - rows) }
    }

    /// These rows of a bitmap, the first one lowest.
    #[inline]
    pub(super) fn of(self, words: &[u64]) -> u64 {
        let low = words[self.word] >> self.shift;
        // Shifted twice, so that a whole word may be shifted out.
        let high = words.get(self.word + 1).map_or(0, |next| next << 1 << (63 - self.shift));
        (low | high) & self.mask
    }
}

/// Sets a row.
#[inline]
pub(super) fn set(words: &mut Words, row: usize) {
    words[row / 64] |= 1 << (row % 64);
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
        fn bits_are_their_rows(rows in proptest::collection::vec(any::<bool>(), 1..300), start in 0_usize..300, length in 1_usize..=Span::ROWS) {
            let mut words = Words::new();
            fill(&mut words, rows.len(), |row| rows[row]);
            let mut same = Words::new();
            fill_from(&mut same, &rows, |set| *set);
            prop_assert_eq!(&same, &words);
            prop_assert_eq!(count(&words), rows.iter().map(|set| u64::from(*set)).sum::<u64>());
            let start = start.min(rows.len() - 1);
            let length = length.min(rows.len() - start);
            let expected = rows[start..start + length].iter().rev().fold(0, |bits, set| (bits << 1) | u64::from(*set));
            prop_assert_eq!(Span::new(start, length).of(&words), expected);
            prop_assert!((0..rows.len()).all(|row| get(&words, row) == rows[row]));
        }
    }
}

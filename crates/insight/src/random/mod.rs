//! Random numbers that are a function of a name: no generator is passed around, so that neither the order of work nor
//! the number of threads can matter.
//!
//! A [`Stream`] is named by a seed and a few words (which unit, which indicator). Its n-th draw reads numbers of its
//! own, however many the draws before it took. Two schemes on the same facts therefore draw alike, and what differs
//! between them is the schemes.

mod philox;
mod sample;

pub use sample::{BetaSampler, GammaSampler, normal};

use model::canonical::Digest;
use philox::{Counter, Key, philox4x64};

/// A named sequence of draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    key: Key,
}

impl Stream {
    /// The stream of this name under a seed: its key is the first half of SHA-256 over the seed and the words, each
    /// led by its length.
    #[must_use]
    pub fn new(seed: Digest, name: &[&str]) -> Self {
        let mut text = seed.bytes().to_vec();
        for word in name {
            text.extend((word.len() as u64).to_le_bytes());
            text.extend(word.as_bytes());
        }
        let digest = Digest::of(&text);
        let half = |from: usize| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&digest.bytes()[from..from + 8]);
            u64::from_le_bytes(bytes)
        };
        Self { key: [half(0), half(8)] }
    }

    /// The numbers of one draw.
    #[must_use]
    pub fn draw(&self, number: u32) -> Numbers {
        Numbers { key: self.key, counter: [0, number.into(), 0, 0], block: [0; 4], used: 4 }
    }
}

/// The numbers that one draw reads, without end.
#[derive(Clone, Debug)]
pub struct Numbers {
    key: Key,
    counter: Counter,
    block: Counter,
    used: usize,
}

impl Numbers {
    /// The next 64 random bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        if self.used == self.block.len() {
            self.block = philox4x64(self.key, self.counter);
            self.counter[0] += 1;
            self.used = 0;
        }
        self.used += 1;
        self.block[self.used - 1]
    }

    /// The next number between 0 and 1, neither of them included: the middle of one of 2⁵³ equal steps.
    #[inline]
    #[expect(clippy::cast_precision_loss, reason = "53 bits are a float's own")]
    pub fn uniform(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
        ((self.bits() >> 11) as f64 + 0.5) * STEP
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_depends_on_its_name_and_number_alone() {
        let seed = Digest::of(b"seed");
        let first = |seed, name: &[&str], draw| Stream::new(seed, name).draw(draw).bits();
        let one = first(seed, &["W1", "on_time"], 7);
        assert_eq!(one, first(seed, &["W1", "on_time"], 7));
        for other in [
            first(Digest::of(b"other"), &["W1", "on_time"], 7),
            first(seed, &["W1on", "_time"], 7),
            first(seed, &["W1", "on_time", ""], 7),
            first(seed, &["W1", "on_time"], 8),
        ] {
            assert_ne!(one, other);
        }
        // The block after the first of one draw is not the first of the next.
        let mut numbers = Stream::new(seed, &["W1"]).draw(0);
        let own: Vec<u64> = (0..8).map(|_| numbers.bits()).collect();
        assert_ne!(own[4], Stream::new(seed, &["W1"]).draw(1).bits());
    }
}

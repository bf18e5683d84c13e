//! Randomness that is the same on every machine: streams of `ChaCha8`, and draws by whole numbers alone.

use chacha20::ChaCha8Rng;
use chacha20::rand_core::{Rng as _, SeedableRng as _};

/// What a stream of random numbers is for. Each has its own, so that a change in one place moves no other.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stream {
    /// Windows, people, items and stories.
    Plan,
    /// How busy the whole city is on a day.
    Day,
    /// Everything that begins at one window on one day.
    Desk {
        /// The position of the window.
        desk: usize,
    },
    /// What is planned at one window for a month.
    Month {
        /// The position of the window.
        desk: usize,
    },
}

/// A stream of random numbers.
#[derive(Debug)]
pub(crate) struct Random(ChaCha8Rng);

impl Random {
    /// The stream of a seed for a purpose at a time: a day, or the number of a month.
    pub(crate) fn new(seed: u64, stream: Stream, time: i32) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let (purpose, desk) = match stream {
            Stream::Plan => (0, 0),
            Stream::Day => (1, 0),
            Stream::Desk { desk } => (2, desk),
            Stream::Month { desk } => (3, desk),
        };
        key[8] = purpose;
        key[16..24].copy_from_slice(&(desk as u64).to_le_bytes());
        let mut random = ChaCha8Rng::from_seed(key);
        random.set_stream(u64::from(time.cast_unsigned()));
        Self(random)
    }

    /// A number from 0 to below `bound`; 0 if there is none. The bias is below one in 2³² for any bound used here.
    pub(crate) fn below(&mut self, bound: i64) -> i64 {
        let product = u128::from(self.0.next_u64()) * u128::from(bound.max(0).unsigned_abs());
        i64::try_from(product >> 64).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below(high - low + 1)
    }

    /// A number from about `low` to about `high` that is mostly near the middle: the mean of four.
    pub(crate) fn near_middle(&mut self, low: i64, high: i64) -> i64 {
        (0..4).map(|_| self.between(low, high)).sum::<i64>() / 4
    }

    /// Yes in so many of a thousand cases.
    pub(crate) fn permille(&mut self, share: i64) -> bool {
        self.below(1_000) < share
    }

    /// Yes in so many of a million cases.
    pub(crate) fn per_million(&mut self, share: i64) -> bool {
        self.below(1_000_000) < share
    }

    /// A position in a list of this length; 0 if it is empty.
    pub(crate) fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(i64::try_from(length).unwrap_or(i64::MAX))).unwrap_or(0)
    }

    /// One of a list that is not empty.
    pub(crate) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.index(list.len())]
    }

    /// The position of one of several weights.
    pub(crate) fn weighted(&mut self, weights: impl Iterator<Item = i64> + Clone) -> usize {
        let mut left = self.below(weights.clone().sum());
        for (index, weight) in weights.enumerate() {
            if left < weight {
                return index;
            }
            left -= weight;
        }
        0
    }

    /// Brings a list into another order.
    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.index(at + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_stay_in_bounds_and_reach_their_ends() {
        let mut random = Random::new(7, Stream::Plan, 0);
        let mut seen = [0; 5];
        for _ in 0..1_000 {
            let drawn = random.between(-2, 2);
            seen[usize::try_from(drawn + 2).expect("in bounds")] += 1;
            assert!((10..=30).contains(&random.near_middle(10, 30)));
        }
        assert!(seen.iter().all(|count| *count > 100), "{seen:?}");
        assert_eq!(random.below(0), 0);
        let weights = [0, 3, 0, 1];
        let drawn: Vec<_> = (0..400).map(|_| random.weighted(weights.iter().copied())).collect();
        let count = |index| drawn.iter().filter(|drawn| **drawn == index).count();
        assert!(count(0) + count(2) == 0 && count(1) > 2 * count(3) && count(3) > 50);
    }

    #[test]
    fn streams_are_apart() {
        let first = |stream, time| Random::new(7, stream, time).below(i64::MAX);
        let all = [
            first(Stream::Plan, 0),
            first(Stream::Day, 0),
            first(Stream::Desk { desk: 0 }, 0),
            first(Stream::Desk { desk: 0 }, 1),
            first(Stream::Desk { desk: 1 }, 0),
            first(Stream::Month { desk: 0 }, 0),
            Random::new(8, Stream::Plan, 0).below(i64::MAX),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(!all[at + 1..].contains(one), "{all:?}");
        }
    }
}

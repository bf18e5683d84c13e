//! How much may be on its way at once: bodies take room before they are read, and who finds none comes back later.

use super::problem::{ApiProblem, Code};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes of one body, unpacked.
pub(crate) const MAX_BODY_BYTES: usize = 8 << 20;
/// Kilobytes of all bodies that are on their way, as they lie in memory: values take more room than their text.
const KILOBYTES: u32 = 64 << 10;
/// A kilobyte.
const KILOBYTE: u32 = 1 << 10;

/// Room for bodies.
#[derive(Debug)]
pub(crate) struct Room(Arc<Semaphore>);

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(KILOBYTES as usize)))
    }
}

impl Room {
    /// Takes room for a body of a stated length; one whose length nobody stated, or which comes packed, may be the
    /// largest there is. It is given back when the permit is dropped.
    pub(crate) fn take(&self, stated: Option<usize>) -> Result<OwnedSemaphorePermit, ApiProblem> {
        let bytes = stated.unwrap_or(MAX_BODY_BYTES).min(MAX_BODY_BYTES);
        let kilobytes = u32::try_from(bytes).unwrap_or(u32::MAX).div_ceil(KILOBYTE).max(1);
        self.0
            .clone()
            .try_acquire_many_owned(kilobytes)
            .map_err(|_| ApiProblem::new(Code::Overloaded, "too many bodies are on their way; send it again"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_finds_no_room_comes_back_later() {
        let room = Room::default();
        let whole: Vec<_> = (0..8).map(|_| room.take(None).expect("room")).collect();
        assert_eq!(room.take(Some(1)).expect_err("no room").code, "overloaded");
        drop(whole);
        let small: Vec<_> = (0..KILOBYTES).map(|_| room.take(Some(100)).expect("room")).collect();
        assert!(room.take(Some(0)).is_err());
        drop(small);
        assert!(room.take(Some(usize::MAX)).is_ok());
    }
}

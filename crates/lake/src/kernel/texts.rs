//! A list of short texts in one piece of memory.

/// Texts by position. Tallies of many days are held at once, each with every window and person: a text costs its bytes
/// and four more.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    bytes: String,
    ends: Vec<u32>,
}

impl Texts {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// A text by position; empty beyond the last.
    #[must_use]
    pub fn get(&self, at: u32) -> &str {
        let at = at as usize;
        let start = at.checked_sub(1).map_or(0, |before| self.end(before));
        self.bytes.get(start..self.end(at)).unwrap_or_default()
    }

    fn end(&self, at: usize) -> usize {
        self.ends.get(at).map_or(self.bytes.len(), |end| *end as usize)
    }

    /// Appends a text; `None` once there are 4 GB of them.
    pub(crate) fn push(&mut self, text: &str) -> Option<u32> {
        let (at, end) = (u32::try_from(self.ends.len()).ok()?, u32::try_from(self.bytes.len() + text.len()).ok()?);
        self.bytes.push_str(text);
        self.ends.push(end);
        Some(at)
    }

    pub(crate) fn shrink_to_fit(&mut self) {
        self.bytes.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

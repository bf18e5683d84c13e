//! The filled columns of a fact.

use super::Value;

/// Values by the name of their column, sorted by it. A fact has a dozen: a list is found through faster than a tree,
/// and copied with one allocation.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Values(Vec<(&'static str, Value)>);

impl Values {
    pub(super) fn with_capacity(columns: usize) -> Self {
        Self(Vec::with_capacity(columns))
    }

    fn place(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| (*known).cmp(name))
    }

    /// Sets a column; the last value that is given counts.
    pub(super) fn insert(&mut self, name: &'static str, value: Value) {
        match self.place(name) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (name, value)),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        // Most names differ in length already.
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    pub(super) fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&str, &Value) -> bool) {
        self.0.retain(|(name, value)| keep(name, value));
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| *known != name);
    }

    /// By name.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.0.iter().map(|(name, value)| (*name, value))
    }
}

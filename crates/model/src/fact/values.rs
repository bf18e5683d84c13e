//! The filled columns of a fact.

use super::{Column, Value};

/// Values with their columns, sorted by name. A fact has a dozen: a list is found through faster than a tree, and copied
/// with one allocation.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Values(Vec<(&'static Column, Value)>);

impl Values {
    /// The last value that is given for a column counts.
    pub(super) fn new(mut values: Vec<(&'static Column, Value)>) -> Self {
        // What was kept in order comes back in order.
        if values.is_sorted_by(|(one, _), (next, _)| one.name < next.name) {
            return Self(values);
        }
        values.sort_by_key(|(column, _)| column.name);
        // Of equals the sort keeps the order, and what is kept below is the first.
        values.reverse();
        values.dedup_by_key(|(column, _)| column.name);
        values.reverse();
        Self(values)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        // Most names differ in length or in their first letter already.
        let first = name.as_bytes().first();
        let same = |column: &Column| {
            column.name.len() == name.len() && column.name.as_bytes().first() == first && column.name == name
        };
        self.0.iter().find(|(column, _)| same(column)).map(|(_, value)| value)
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        self.0.iter_mut().find(|(column, _)| column.name == name).map(|(_, value)| value)
    }

    pub(super) fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&str, &Value) -> bool) {
        self.0.retain(|(column, value)| keep(column.name, value));
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.0.retain(|(column, _)| column.name != name);
    }

    /// By name.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.columns().map(|(column, value)| (column.name, value))
    }

    /// By name.
    pub(super) fn columns(&self) -> impl Iterator<Item = (&'static Column, &Value)> {
        self.0.iter().map(|(column, value)| (*column, value))
    }
}

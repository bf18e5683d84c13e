//! Results that are kept between requests, for as long as nothing was written.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// At most so many results of a kind.
const MOST: usize = 64;

/// Results by what was asked, each with the last command that was in the database when it was computed.
pub(crate) struct Kept<K, V> {
    results: Mutex<HashMap<K, (i64, Arc<V>)>>,
    /// One is computed at a time: two visitors who ask the same wait for one answer.
    turn: tokio::sync::Mutex<()>,
}

impl<K: Eq + Hash + Clone, V> Kept<K, V> {
    pub(crate) fn new() -> Self {
        Self { results: Mutex::new(HashMap::new()), turn: tokio::sync::Mutex::new(()) }
    }

    fn find(&self, key: &K, command: i64) -> Option<Arc<V>> {
        let results = self.results.lock().unwrap_or_else(PoisonError::into_inner);
        results.get(key).filter(|(at, _)| *at == command).map(|(_, value)| value.clone())
    }

    /// What is kept for a key, or what `make` makes of it.
    pub(crate) async fn get<E>(
        &self,
        key: &K,
        command: i64,
        make: impl AsyncFnOnce() -> Result<V, E>,
    ) -> Result<Arc<V>, E> {
        if let Some(value) = self.find(key, command) {
            return Ok(value);
        }
        let _turn = self.turn.lock().await;
        if let Some(value) = self.find(key, command) {
            return Ok(value);
        }
        let value = Arc::new(make().await?);
        let mut results = self.results.lock().unwrap_or_else(PoisonError::into_inner);
        if results.len() >= MOST {
            results.clear();
        }
        results.insert(key.clone(), (command, value.clone()));
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_result_is_made_once_until_something_is_written() {
        let kept: Kept<u8, u8> = Kept::new();
        let ask = async |key: u8, command: i64, value: u8| kept.get(&key, command, async || Ok::<_, ()>(value)).await;
        let check = async |key: u8, command: i64, value: u8, expect: u8| {
            assert_eq!(ask(key, command, value).await.map(|value| *value), Ok(expect));
        };
        check(1, 7, 10, 10).await;
        check(1, 7, 11, 10).await;
        check(2, 7, 12, 12).await;
        check(1, 8, 13, 13).await;
        let failed = kept.get(&3, 8, async || Err::<u8, _>("no")).await;
        assert_eq!(failed.map(|value| *value), Err("no"));
        check(3, 8, 14, 14).await;
    }
}

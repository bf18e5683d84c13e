//! Texts by number: what comes again and again in facts is written once.

use crate::StoreError;
use crate::cold::NameRow;
use crate::sql::{Arg, Table, Tx, Type, statements};
use model::fact::Kind;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

statements! {
    SINCE = "SELECT id, text FROM text WHERE id > $1 ORDER BY id";
}
pub(crate) const TEXT: Table = Table { name: "text", columns: &[("id", Type::Integer), ("text", Type::Text)] };

/// Texts by number, as far as they have been read. What is committed never changes, so what is known stays true.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    /// The text of number 1 stands first.
    texts: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, i64>,
}

impl Texts {
    pub(crate) fn last(&self) -> i64 {
        i64::try_from(self.texts.len()).unwrap_or(i64::MAX)
    }

    pub(crate) fn text(&self, number: i64) -> Option<&Arc<str>> {
        self.texts.get(usize::try_from(number).ok()?.checked_sub(1)?)
    }

    pub(crate) fn number(&self, text: &str) -> Option<i64> {
        self.numbers.get(text).copied()
    }

    /// Forgets the texts after a number.
    fn truncate(&mut self, last: i64) {
        for text in self.texts.drain(usize::try_from(last).unwrap_or(usize::MAX).min(self.texts.len())..) {
            self.numbers.remove(&text);
        }
    }

    /// Takes in texts with their numbers, in order.
    pub(crate) fn extend(&mut self, rows: Vec<(i64, String)>) -> Result<(), StoreError> {
        for (number, text) in rows {
            // Somebody else may have taken them in meanwhile.
            if number <= self.last() {
                continue;
            }
            if number != self.last() + 1 {
                return Err(StoreError::corrupt("text", number, "id", "a number before it is missing"));
            }
            self.push(text.into());
        }
        Ok(())
    }

    /// Takes in a new text, and returns its number.
    pub(crate) fn push(&mut self, text: Arc<str>) -> i64 {
        self.texts.push(Arc::clone(&text));
        let number = self.last();
        self.numbers.insert(text, number);
        number
    }
}

/// The texts that are known, shared by all who read and the one who writes.
#[derive(Debug, Default)]
pub(crate) struct KnownTexts(RwLock<Texts>);

impl KnownTexts {
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Texts> {
        // Texts are only ever added whole, so what a panic left behind is sound.
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn last(&self) -> i64 {
        self.read().last()
    }

    pub(crate) fn add(&self, fresh: Vec<(i64, String)>) -> Result<(), StoreError> {
        self.0.write().unwrap_or_else(PoisonError::into_inner).extend(fresh)
    }

    /// The names of a report: kind, source, own id, and the case that it is or names.
    pub(crate) fn named(
        &self,
        (id, kind, source, source_id, case): &NameRow,
        mut take: impl FnMut(Kind, &str, &str, Option<&str>),
    ) -> Result<(), StoreError> {
        let texts = self.read();
        let kind = texts.text(*kind).and_then(|kind| Kind::parse(kind));
        let kind = kind.ok_or_else(|| StoreError::corrupt("fact", id, "kind", "no kind of fact"))?;
        let source = texts.text(*source).ok_or_else(|| StoreError::corrupt("fact", id, "source", "no known text"))?;
        // A case that names no number goes by its own id.
        let own = (kind == Kind::Case).then_some(source_id.as_str());
        take(kind, source, source_id, case.as_deref().or(own));
        Ok(())
    }

    /// Forgets the texts after a number: the transaction that wrote them failed.
    pub(crate) fn forget_after(&self, last: i64) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).truncate(last);
    }

    /// Takes in what was written since, as a transaction sees it.
    pub(crate) async fn refresh(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let fresh = tx.all(SINCE, &[self.last().into()]).await?;
        self.add(fresh)
    }
}

/// Whoever numbers texts.
pub(crate) trait Number {
    /// The number of a text, a new one if it has none.
    fn number(&mut self, text: &str) -> i64;
}

/// Numbers for texts, those of a command that is not committed yet included.
#[derive(Debug)]
pub(crate) struct Numbering<'a> {
    known: &'a Texts,
    fresh: HashMap<String, i64>,
    next: i64,
}

impl<'a> Numbering<'a> {
    pub(crate) fn new(known: &'a Texts) -> Self {
        Self { known, fresh: HashMap::new(), next: known.last() + 1 }
    }

    /// The new texts with their numbers, in order.
    pub(crate) fn into_fresh(self) -> Vec<(i64, String)> {
        let mut fresh: Vec<(i64, String)> = self.fresh.into_iter().map(|(text, number)| (number, text)).collect();
        fresh.sort_unstable();
        fresh
    }
}

impl Number for Numbering<'_> {
    fn number(&mut self, text: &str) -> i64 {
        if let Some(number) = self.known.number(text).or_else(|| self.fresh.get(text).copied()) {
            return number;
        }
        self.fresh.insert(text.to_owned(), self.next);
        self.next += 1;
        self.next - 1
    }
}

/// Writes new texts down.
pub(crate) async fn insert(tx: &mut Tx, fresh: &[(i64, String)]) -> Result<(), StoreError> {
    let rows: Vec<Vec<Arg<'_>>> = fresh.iter().map(|(number, text)| vec![(*number).into(), text.into()]).collect();
    tx.insert(&TEXT, &rows).await
}

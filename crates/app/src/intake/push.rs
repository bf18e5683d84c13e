//! A source pushes facts.

use super::item::{ItemProblem, Reading};
use crate::AppError;
use crate::cold::{Patience, import_facts};
use crate::home::Home;
use model::fact::{Fact, Kind};
use serde_json::Value as Json;
use store::{Change, SourceToken, StoreError, Taken};

/// The most items of one push.
pub const MAX_ITEMS: usize = 5_000;

/// What became of one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemResult {
    /// It is a report, and this became of it.
    Taken(Taken),
    /// It was refused.
    Refused(ItemProblem),
}

/// What became of a push: one result for each item, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pushed {
    /// Id and revision of each item, as far as they can be read, and what became of it.
    pub results: Vec<(Option<String>, u32, ItemResult)>,
}

/// Why a push as a whole was not taken. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// More items than are taken at once.
    #[error("{found} items; at most {MAX_ITEMS} are taken at once")]
    TooMany {
        /// How many there are.
        found: usize,
    },
    /// The token is not for this kind of fact.
    #[error("the token is not for facts of kind `{kind}`")]
    KindNotAllowed {
        /// The kind.
        kind: Kind,
    },
    /// The database refused, or too many wait already.
    #[error(transparent)]
    Store(StoreError),
    /// A file of known reports cannot be read.
    #[error(transparent)]
    Known(AppError),
}

impl From<AppError> for PushError {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Store(error) => Self::Store(error),
            other => Self::Known(other),
        }
    }
}

/// Takes in what a source reports: the good items in one command, the bad ones back with their reasons. When this returns,
/// what was taken is on disk. The same item twice is one.
pub async fn push(
    home: &Home,
    token: &SourceToken,
    kind: Kind,
    items: &[Json],
    change: Change<'_>,
) -> Result<Pushed, PushError> {
    if items.len() > MAX_ITEMS {
        return Err(PushError::TooMany { found: items.len() });
    }
    if !(token.kinds.is_empty() || token.kinds.contains(&kind)) {
        return Err(PushError::KindNotAllowed { kind });
    }
    let today = home.zone.day_of(change.at);
    let reading = Reading { kind, token, zone: &home.zone, key: &home.key, today };
    let read: Vec<Result<Fact, ItemProblem>> = items.iter().map(|item| reading.fact(item)).collect();
    let names: Vec<(Option<String>, u32)> = read.iter().zip(items).map(|(read, item)| name(read, item)).collect();
    let (mut facts, mut problems) = (Vec::with_capacity(read.len()), Vec::with_capacity(read.len()));
    for one in read {
        match one {
            Ok(fact) => {
                facts.push(fact);
                problems.push(None);
            }
            Err(problem) => problems.push(Some(problem)),
        }
    }
    let mut taken = Vec::new().into_iter();
    if !facts.is_empty() {
        taken = import_facts(home, facts, change, Patience::Hurries).await?.reports.into_iter();
    }
    let results = problems.into_iter().zip(names).filter_map(|(problem, (id, revision))| {
        let result = match problem {
            Some(problem) => ItemResult::Refused(problem),
            None => ItemResult::Taken(taken.next()?),
        };
        Some((id, revision, result))
    });
    Ok(Pushed { results: results.collect() })
}

/// What an item calls itself.
fn name(read: &Result<Fact, ItemProblem>, item: &Json) -> (Option<String>, u32) {
    if let Ok(fact) = read {
        return (Some(fact.identity().source_id.clone()), fact.identity().revision);
    }
    let id = item.get("id").and_then(Json::as_str).map(|id| id.chars().take(200).collect());
    let revision = item.get("revision").and_then(Json::as_u64).and_then(|number| u32::try_from(number).ok());
    (id, revision.unwrap_or(0))
}

//! A source pushes facts.

use super::item::{ItemProblem, Reading, id_of};
use super::refusal::{IntakeError, check_may_send};
use crate::cold::{Patience, import_facts};
use crate::home::Home;
use model::fact::{Fact, Kind};
use serde_json::Value as Json;
use store::{Change, SourceToken, Taken};

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

/// Takes in what a source reports: the good items in one command, the bad ones back with their reasons. When this returns,
/// what was taken is on disk. The same item twice is one.
pub async fn push(
    home: &Home,
    token: &SourceToken,
    kind: Kind,
    items: &[Json],
    change: Change<'_>,
) -> Result<Pushed, IntakeError> {
    check_may_send(token, kind, (items.len(), MAX_ITEMS, "items"))?;
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
    let revision = item.get("revision").and_then(Json::as_u64).and_then(|number| u32::try_from(number).ok());
    (id_of(item), revision.unwrap_or(0))
}

//! Ratings from devices and from citizens' tickets: taken once, whatever is sent again, and matched to their case later
//! where it is not known yet.

use crate::cold;
use crate::door::{Change, Done, Known, Turn};
use crate::fact::{self, Part, Unpacking};
use crate::sql::{Arg, Table, Tx, Type, statements};
use crate::{Store, StoreError};
use model::canonical::Digest;
use model::fact::{Fact, Kind};
use model::time::{Instant, Zone};
use sqlx::FromRow;
use std::collections::{BTreeMap, BTreeSet};

/// What became of one rating.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RatingTaken {
    /// It was not there. `again`: its case was rated before; the one that was given first counts.
    New {
        /// The case has another rating.
        again: bool,
    },
    /// One with its id is there; nothing was changed.
    Known {
        /// With the same level.
        same: bool,
    },
}

/// A rating of which no case is known yet.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct UnmatchedRating {
    /// The system or device that reported.
    pub source: String,
    /// The rating's id there.
    pub source_id: String,
    /// The window at which it was given.
    pub window: String,
    /// When it was given, in seconds since 1970.
    pub rated_at: i64,
    /// When it was taken, in seconds since 1970.
    pub taken_at: i64,
}

pub(crate) const UNMATCHED: Table = Table {
    name: "unmatched_rating",
    columns: &[
        ("source", Type::Text),
        ("source_id", Type::Text),
        ("\"window\"", Type::Text),
        ("rated_at", Type::Integer),
        ("taken_at", Type::Integer),
        ("try_at", Type::Integer),
    ],
};

/// The first look for the case of a rating comes so many seconds after it was taken.
const FIRST_LOOK_SECONDS: i64 = 5;

statements! {
    RATED = "SELECT DISTINCT f.case_id FROM fact AS f \
        WHERE f.current AND f.case_id IN (SELECT value FROM json_each($1)) \
        AND f.kind = (SELECT id FROM text WHERE text = 'rating')";
    IS_UNMATCHED = "SELECT COUNT(*) FROM unmatched_rating WHERE source = $1 AND source_id = $2";
    DELETE = "DELETE FROM unmatched_rating WHERE source = $1 AND source_id = $2";
    DUE = "SELECT source, source_id, \"window\", rated_at, taken_at FROM unmatched_rating WHERE try_at <= $1 \
        ORDER BY try_at, source, source_id LIMIT $2";
    TRY_LATER = "UPDATE unmatched_rating SET try_at = $3 WHERE source = $1 AND source_id = $2";
    COUNT = "SELECT COUNT(*) FROM unmatched_rating";
}

/// Takes the ratings that are not there yet. A second one of a case is taken, too: which was given first is a matter of
/// their times, not of their arrival.
pub(crate) async fn take(
    turn: &mut Turn,
    change: Change<'_>,
    facts: &[Fact],
    concerned: &Known,
    zone: &Zone,
) -> Result<Done, StoreError> {
    cold::thaw(turn, concerned.thawed.iter(), zone).await?;
    let known = known_levels(turn, facts).await?;
    let mut rated = rated_cases(&mut turn.tx, facts).await?;
    let (mut taken, mut fresh) = (Vec::with_capacity(facts.len()), Vec::new());
    let mut seen: BTreeMap<(&str, &str), Level> = BTreeMap::new();
    for fact in facts {
        let (name, level) = (name_of(fact), level_of(fact));
        let before = known.get(&(name.0.to_owned(), name.1.to_owned())).or_else(|| seen.get(&name)).copied();
        taken.push(if let Some(before) = before {
            RatingTaken::Known { same: before == level }
        } else {
            seen.insert(name, level);
            fresh.push(fact.clone());
            let again = fact.case_id().is_some_and(|case| !rated.insert(case.to_owned()));
            RatingTaken::New { again }
        });
    }
    if !fresh.is_empty() {
        import(turn, change, &fresh, zone).await?;
        note_unmatched(&mut turn.tx, &fresh, change.at).await?;
    }
    Ok(Done::Rated(taken))
}

/// Takes the revisions of ratings that found their case, as far as no other node did it before.
pub(crate) async fn matched(
    turn: &mut Turn,
    change: Change<'_>,
    facts: &[Fact],
    concerned: &Known,
    zone: &Zone,
) -> Result<Done, StoreError> {
    cold::thaw(turn, concerned.thawed.iter(), zone).await?;
    let mut fresh = Vec::new();
    for fact in facts {
        let (source, id) = name_of(fact);
        if turn.tx.number(IS_UNMATCHED, &[source.into(), id.into()]).await? > 0 {
            turn.tx.execute(DELETE, &[source.into(), id.into()]).await?;
            fresh.push(fact.clone());
        }
    }
    if fresh.is_empty() {
        return Ok(Done::Nothing);
    }
    import(turn, change, &fresh, zone).await?;
    Ok(Done::Changed)
}

async fn import(turn: &mut Turn, change: Change<'_>, facts: &[Fact], zone: &Zone) -> Result<(), StoreError> {
    let digests: Vec<Digest> = facts.iter().map(Fact::payload_digest).collect();
    turn.import(&[(change, Part { facts, digests: &digests, thawed: &[] })], zone).await.map(|_| ())
}

/// Level and scale.
type Level = (Option<i64>, Option<i64>);

fn level_of(fact: &Fact) -> Level {
    (fact.integer("level"), fact.integer("scale"))
}

fn name_of(fact: &Fact) -> (&str, &str) {
    let identity = fact.identity();
    (identity.source.as_str(), &identity.source_id)
}

/// The levels of those ratings that are there, by source and id.
async fn known_levels(turn: &mut Turn, facts: &[Fact]) -> Result<BTreeMap<(String, String), Level>, StoreError> {
    let texts = turn.texts.clone();
    let rows = fact::known(&texts, &mut turn.tx, &[Part { facts, digests: &[], thawed: &[] }]).await?;
    let texts = texts.read();
    let mut unpacking = Unpacking::new(&texts);
    let mut known = BTreeMap::new();
    for row in rows {
        let fact = unpacking.fact(row)?;
        let (source, id) = name_of(&fact);
        known.insert((source.to_owned(), id.to_owned()), level_of(&fact));
    }
    Ok(known)
}

/// The cases of ratings that have a rating already.
async fn rated_cases(tx: &mut Tx, facts: &[Fact]) -> Result<BTreeSet<String>, StoreError> {
    let cases: BTreeSet<&str> = facts.iter().filter_map(Fact::case_id).collect();
    if cases.is_empty() {
        return Ok(BTreeSet::new());
    }
    let rows: Vec<(String,)> = tx.all(RATED, &[(&serde_json::to_string(&cases)?).into()]).await?;
    Ok(rows.into_iter().map(|(case,)| case).collect())
}

async fn note_unmatched(tx: &mut Tx, facts: &[Fact], at: Instant) -> Result<(), StoreError> {
    let unmatched = facts.iter().filter(|fact| fact.flag("unmatched") == Some(true));
    let row = |fact: &Fact| -> Option<[i64; 2]> { Some([fact.instant("rated_at")?.0, at.0 + FIRST_LOOK_SECONDS]) };
    let rows: Vec<Vec<Arg<'_>>> = unmatched
        .filter_map(|fact| {
            let ((source, id), [rated_at, try_at]) = (name_of(fact), row(fact)?);
            let window = fact.code("window")?;
            Some(vec![source.into(), id.into(), window.into(), rated_at.into(), at.0.into(), try_at.into()])
        })
        .collect();
    tx.insert(&UNMATCHED, &rows).await
}

impl Store {
    /// Ratings whose case is to be looked for again, at most so many.
    pub async fn unmatched_due(&self, now: Instant, limit: u32) -> Result<Vec<UnmatchedRating>, StoreError> {
        self.database.all(DUE, &[now.0.into(), limit.into()]).await
    }

    /// How many ratings are looked for.
    pub async fn unmatched_count(&self) -> Result<i64, StoreError> {
        let found: Option<(i64,)> = self.database.optional(COUNT, &[]).await?;
        Ok(found.map_or(0, |(count,)| count))
    }

    /// Notes when the case of a rating is looked for again; `None`: no more, it stays as it is. It changes nothing that
    /// counts, so it is no command.
    pub async fn look_again(&self, rating: &UnmatchedRating, at: Option<Instant>) -> Result<(), StoreError> {
        let name: [Arg<'_>; 2] = [(&rating.source).into(), (&rating.source_id).into()];
        match at {
            Some(at) => self.database.note_in_turn(TRY_LATER, &[name[0], name[1], at.0.into()]).await,
            None => self.database.note_in_turn(DELETE, &name).await,
        }
        .map(|_| ())
    }

    /// The report of a rating that counts, if one does.
    pub async fn rating(&self, rating: &UnmatchedRating) -> Result<Option<Fact>, StoreError> {
        let source = model::id::Source::new(&rating.source);
        let records = [(Kind::Rating, &source, rating.source_id.as_str())].into_iter().collect();
        let found = self.counting(&BTreeSet::new(), &records).await?;
        Ok(found.into_iter().next().map(|(_, fact)| fact))
    }
}

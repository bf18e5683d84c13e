//! Ratings that were given on a device look for their case, again and again for a week: reports of cases come late.

use super::{match_seconds, of_case};
use crate::AppError;
use crate::cold::{Patience, facts_of, write_concerned};
use crate::home::Home;
use model::fact::{Fact, Matched, case_at};
use model::time::{Day, Instant};
use std::collections::BTreeMap;
use store::{Change, Command, UnmatchedRating};

/// Ratings that are looked at in one go.
const AT_ONCE: u32 = 500;
/// Days whose cases are read for them in one go.
const DAYS_AT_ONCE: usize = 3;
/// Seconds after which the case that is known by then is taken, though another one may be reported yet.
const AT_LAST_SECONDS: i64 = 86_400;
/// Seconds after which a rating is looked for no more. It stays as it is: kept, and not counted.
const GIVE_UP_SECONDS: i64 = 7 * 86_400;
/// The longest pause between two looks.
const LONGEST_SECONDS: i64 = 6 * 3_600;

/// Looks for the cases of ratings that are due, and matches those that have one. Returns how many were.
pub async fn look_for_cases(home: &Home, change: Change<'_>) -> Result<usize, AppError> {
    let mut by_day: BTreeMap<Day, Vec<UnmatchedRating>> = BTreeMap::new();
    for rating in home.store.unmatched_due(change.at, AT_ONCE).await? {
        by_day.entry(home.zone.day_of(Instant(rating.rated_at))).or_default().push(rating);
    }
    let (mut matched, seconds) = (0, if by_day.is_empty() { 0 } else { match_seconds(home) });
    for (day, ratings) in by_day.into_iter().take(DAYS_AT_ONCE) {
        let (facts, _) = facts_of(home, day).await?;
        let mut found = Vec::new();
        for rating in ratings {
            let at_last = change.at.0 - rating.taken_at >= AT_LAST_SECONDS;
            match case_at(&facts.cases, &rating.window, Instant(rating.rated_at), seconds, at_last) {
                Matched::Case(case) => match home.store.rating(&rating).await? {
                    Some(fact) => found.push(next_revision(&fact, case)?),
                    // Somebody retracted it.
                    None => home.store.look_again(&rating, None).await?,
                },
                Matched::Later | Matched::Nothing => {
                    home.store.look_again(&rating, next_look(&rating, change.at)).await?;
                }
            }
        }
        matched += found.len();
        if !found.is_empty() {
            let make = |facts, known| Command::MatchRatings { facts, zone: home.zone.clone(), known };
            write_concerned(home, found, change, Patience::Waits, make).await?;
        }
    }
    Ok(matched)
}

/// Later and later: soon after it was given most cases are known.
fn next_look(rating: &UnmatchedRating, now: Instant) -> Option<Instant> {
    let age = now.0 - rating.taken_at;
    (age < GIVE_UP_SECONDS).then(|| Instant(now.0 + age.clamp(5, LONGEST_SECONDS)))
}

/// The rating with its case: its times stay what they were.
fn next_revision(rating: &Fact, case: &Fact) -> Result<Fact, AppError> {
    of_case(rating, rating.identity().revision + 1, Some(case.case_id().unwrap_or_default()))
        .map_err(|error| AppError::Unreadable { what: "a rating".to_owned(), problem: error.to_string() })
}

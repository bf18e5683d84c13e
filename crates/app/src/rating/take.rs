//! Ratings are taken: from a device, or by the ticket of a case.

use super::ticket::Ticket;
use super::{match_seconds, of_case};
use crate::cold::{Patience, write_concerned};
use crate::home::Home;
use crate::intake::{IntakeError, ItemProblem, ProblemCode, Reading, check_may_send, id_of, problem};
use crate::live::Follower;
use model::fact::{Fact, Identity, Kind, Value};
use model::id::Source;
use model::time::Instant;
use serde_json::{Map, Value as Json};
use std::time::Duration;
use store::{Change, Command, Done, RatingTaken, SourceToken};
use tokio::sync::Mutex;
use tokio::time::timeout;

/// The most ratings that a device sends at once.
pub const MAX_RATINGS: usize = 500;
/// A device whose clock is ahead by more says wrong times.
const AHEAD_SECONDS: i64 = 300;
/// The longest that a rating waits for the open day.
const PATIENCE: Duration = Duration::from_millis(50);
/// The source of ratings by ticket.
const TICKET_SOURCE: &str = "heng-ticket";
/// What a device may say of a rating. Causes are confirmed by people, revisions come from matching.
const FIELDS: [&str; 10] =
    ["id", "window", "staff", "case_id", "rated_at", "level", "scale", "channel", "rater", "comment"];

/// What became of one rating.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rated {
    /// It counts for its case.
    Taken,
    /// It is kept; no case is known for it yet, and until one is found it does not count.
    Waits,
    /// It was there already.
    Same,
    /// Its case was rated before. `kept`: this one is kept, too, and the one that was given first counts.
    AlreadyRated {
        /// Whether it is kept.
        kept: bool,
    },
    /// It was refused.
    Refused(ItemProblem),
}

/// A rating and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatedItem {
    /// Its id, as far as it can be read.
    pub id: Option<String>,
    /// What became of it.
    pub rated: Rated,
}

/// Takes ratings from a device. Those that name no case are matched to one at their window: at once if the open day says for
/// sure which, else when more is known. What a device kept while it was offline has its own times, and says by them how late it came.
pub async fn rate_on_device(
    home: &Home,
    token: &SourceToken,
    items: &[Json],
    change: Change<'_>,
    open_day: &Mutex<Follower>,
) -> Result<Vec<RatedItem>, IntakeError> {
    check_may_send(token, Kind::Rating, (items.len(), MAX_RATINGS, "ratings"))?;
    let today = home.zone.day_of(change.at);
    let reading = Reading { kind: Kind::Rating, token, zone: &home.zone, key: &home.key, today };
    let seconds = match_seconds(home);
    let mut read = Vec::with_capacity(items.len());
    for item in items {
        let mut fact = completed(item, token, change.at).and_then(|item| reading.fact(&item)).and_then(|fact| {
            let ahead = fact.instant("rated_at").is_some_and(|at| at.0 > change.at.0 + AHEAD_SECONDS);
            if ahead {
                Err(problem(ProblemCode::Ahead, "`rated_at` lies ahead: the device's clock is wrong"))
            } else {
                Ok(fact)
            }
        });
        if let Ok(of) = &fact
            && of.case_id().is_none()
        {
            let (window, at) = (of.code("window").unwrap_or(""), of.instant("rated_at").unwrap_or(change.at));
            // While the day is being looked at nothing is sure; whoever pressed a button does not wait for it.
            let day = timeout(PATIENCE, open_day.lock()).await.ok();
            let case = day.and_then(|day| day.case_at(window, at, seconds));
            let revision = of.identity().revision;
            fact = of_case(of, revision, case.as_deref()).map_err(ItemProblem::from);
        }
        read.push(fact);
    }
    let rated = take(home, read, change).await?;
    Ok(items.iter().map(id_of).zip(rated).map(|(id, rated)| RatedItem { id, rated }).collect())
}

/// What a device said, with what it need not say: its window if it has only one, the way, the device, the time of the press.
fn completed(item: &Json, token: &SourceToken, now: Instant) -> Result<Json, ItemProblem> {
    let Json::Object(fields) = item else {
        return Err(problem(ProblemCode::NotAnObject, "a rating must be a JSON object"));
    };
    if let Some(name) = fields.keys().find(|name| !FIELDS.contains(&name.as_str())) {
        let name: String = name.chars().take(60).collect();
        let known = FIELDS.join(", ");
        return Err(problem(ProblemCode::UnknownField, format!("a rating has no field `{name}`; it has {known}")));
    }
    let mut fields: Map<String, Json> = fields.clone();
    fields.retain(|_, value| !(value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())));
    let mut default = |name: &str, value: Json| _ = fields.entry(name).or_insert(value);
    if let (Some(window), 1) = (token.windows.first(), token.windows.len()) {
        default("window", window.as_str().into());
    }
    default("channel", "kiosk".into());
    default("rated_at", now.0.into());
    default("device", token.id.as_str().into());
    default("reported_at", now.0.into());
    let fields = Json::Object(fields);
    if fields.get("case_id").is_none() && fields.get("window").is_none() {
        return Err(problem(ProblemCode::Missing, "say `window` or `case_id`: the token is for more than one window"));
    }
    Ok(fields)
}

/// Takes the rating that a citizen gives by the ticket of a case: one for each.
pub async fn rate_by_ticket(
    home: &Home,
    ticket: &Ticket,
    item: &Json,
    change: Change<'_>,
) -> Result<RatedItem, IntakeError> {
    let read = by_ticket(ticket, item, change.at);
    let mut rated = take(home, vec![read], change).await?;
    let rated = rated.pop().unwrap_or(Rated::Same);
    Ok(RatedItem { id: None, rated })
}

fn by_ticket(ticket: &Ticket, item: &Json, now: Instant) -> Result<Fact, ItemProblem> {
    let bad = |name: &str, expected: &str| problem(ProblemCode::BadValue, format!("`{name}` must be {expected}"));
    let Json::Object(fields) = item else {
        return Err(problem(ProblemCode::NotAnObject, "a rating must be a JSON object"));
    };
    let mut values = vec![
        ("case_id", Value::Code(ticket.case_id.as_str().into())),
        ("window", Value::Code(ticket.window.as_str().into())),
        ("rated_at", Value::Instant(now)),
        ("channel", Value::Code("qr".into())),
    ];
    values.extend(ticket.staff.as_deref().map(|staff| ("staff", Value::Code(staff.into()))));
    for (name, json) in fields.iter().filter(|(_, json)| !json.is_null()) {
        values.push(match name.as_str() {
            "level" => ("level", Value::Integer(json.as_i64().ok_or_else(|| bad("level", "a whole number"))?)),
            "scale" => ("scale", Value::Integer(json.as_i64().ok_or_else(|| bad("scale", "4 or 5"))?)),
            "comment" => ("comment", Value::Text(json.as_str().ok_or_else(|| bad("comment", "a text"))?.into())),
            name => {
                let name: String = name.chars().take(60).collect();
                let said = format!("a rating by ticket has no field `{name}`; it has level, scale, comment");
                return Err(problem(ProblemCode::UnknownField, said));
            }
        });
    }
    let source_id = ticket.case_id.clone();
    let identity = Identity { source: Source::new(TICKET_SOURCE), source_id, revision: 0 };
    Ok(Fact::new(Kind::Rating, identity, false, Some(now), values)?)
}

/// Takes what could be read, and says of each what became of it.
async fn take(
    home: &Home,
    read: Vec<Result<Fact, ItemProblem>>,
    change: Change<'_>,
) -> Result<Vec<Rated>, IntakeError> {
    let facts: Vec<Fact> = read.iter().filter_map(|read| read.as_ref().ok().cloned()).collect();
    let mut taken = Vec::new().into_iter();
    if !facts.is_empty() {
        let make = |facts, known| Command::TakeRatings { facts, zone: home.zone.clone(), known };
        let (same, done) = write_concerned(home, facts, change, Patience::Hurries, make).await?;
        let mut brought = match done {
            Done::Rated(all) => all.into_iter(),
            _ => Vec::new().into_iter(),
        };
        let known = RatingTaken::Known { same: true };
        let all: Option<Vec<RatingTaken>> =
            same.iter().map(|same| if *same { Some(known) } else { brought.next() }).collect();
        taken = all.unwrap_or_default().into_iter();
    }
    let rated = read.into_iter().filter_map(|read| {
        let fact = match read {
            Ok(fact) => fact,
            Err(problem) => return Some(Rated::Refused(problem)),
        };
        let waits = fact.flag("unmatched") == Some(true);
        Some(match taken.next()? {
            RatingTaken::New { again: true } => Rated::AlreadyRated { kept: true },
            RatingTaken::New { again: false } if waits => Rated::Waits,
            RatingTaken::New { again: false } => Rated::Taken,
            RatingTaken::Known { same: true } => Rated::Same,
            RatingTaken::Known { same: false } => Rated::AlreadyRated { kept: false },
        })
    });
    Ok(rated.collect())
}

//! Ratings (评价) as citizens give them: on a device at the window, or by the ticket of their case.
//!
//! Nobody has to rate: there is no way to ask for one that cannot be left unanswered.

mod matching;
mod take;
mod ticket;

pub use matching::look_for_cases;
pub use take::{MAX_RATINGS, Rated, RatedItem, rate_by_ticket, rate_on_device};
pub use ticket::{MAX_TICKETS, Ticket, TicketError, Ticketed, issue_tickets, ticket_of};

use crate::home::Home;
use model::fact::{Fact, FactError, Identity, Kind, Value};
use model::scheme::MATCH_SECONDS;

/// Within how many seconds of its end a case takes a rating that was given at its window, by the home's scheme.
#[must_use]
pub fn match_seconds(home: &Home) -> i64 {
    // A scheme that cannot be read is told of where it is scored by; ratings go on being taken.
    let scheme = home.scheme(None).ok();
    let of_scheme = scheme.and_then(|scheme| scheme.ratings.as_ref()?.match_seconds);
    of_scheme.unwrap_or(MATCH_SECONDS).into()
}

/// A revision of a rating that names its case, or says that none is known yet.
fn of_case(rating: &Fact, revision: u32, case: Option<&str>) -> Result<Fact, FactError> {
    let kept = rating.values().filter(|(name, _)| *name != "unmatched");
    let mut values: Vec<(&str, Value)> = kept.map(|(name, value)| (name, value.clone())).collect();
    values.push(match case {
        Some(case) => ("case_id", Value::Code(case.into())),
        None => ("unmatched", Value::Flag(true)),
    });
    let identity = Identity { revision, ..rating.identity().clone() };
    Fact::new(Kind::Rating, identity, false, Some(rating.reported_at()), values)
}

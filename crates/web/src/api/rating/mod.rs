//! What citizens say.

mod rate;
mod tickets;

pub(crate) use rate::RatingsAnswer;
pub(crate) use tickets::TicketsAnswer;

use super::{Operation, Permission};
use axum::http::Method;
use axum::routing::post;

pub(super) fn operations() -> [Operation; 2] {
    [
        Operation {
            id: "rate".to_owned(),
            method: Method::POST,
            path: "/api/v1/ratings".to_owned(),
            permission: Permission::Rater,
            described: rate::described(),
            handler: post(rate::rate),
        },
        Operation {
            id: "issue_tickets".to_owned(),
            method: Method::POST,
            path: "/api/v1/ratings/tickets".to_owned(),
            permission: Permission::Source,
            described: tickets::described(),
            handler: post(tickets::issue),
        },
    ]
}

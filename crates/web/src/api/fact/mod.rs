//! Facts that sources push.

mod push;

pub(crate) use push::PushAnswer;

use super::{Operation, Permission};
use axum::http::Method;
use axum::routing::post;
use model::fact::Kind;

/// One operation for each kind: their columns differ.
pub(super) fn operations() -> Vec<Operation> {
    let of_kind = |kind: Kind| Operation {
        id: format!("push_{kind}"),
        method: Method::POST,
        path: format!("/api/v1/facts/{kind}"),
        permission: Permission::Source,
        described: push::described(kind),
        handler: post(move |state, request| push::push(kind, state, request)),
    };
    Kind::ALL.into_iter().map(of_kind).collect()
}

//! The open day as it goes.

mod frame;
mod hub;
mod state;
mod stream;

pub(crate) use frame::LiveDay;
pub(crate) use hub::Hub;

use super::{Operation, Permission};
use axum::http::Method;
use axum::routing::{MethodRouter, get};
use serde_json::Value as Json;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

/// How often it is looked, and so how often at most something is told.
const LOOK: Duration = Duration::from_millis(500);
/// How often it is asked whether to score anew.
const SCORE: Duration = Duration::from_secs(5);

pub(super) fn operations() -> [Operation; 2] {
    let operation = |id: &str, path: &str, described: Json, handler: MethodRouter<Arc<super::Api>>| Operation {
        id: id.to_owned(),
        method: Method::GET,
        path: path.to_owned(),
        permission: Permission::Anyone,
        described,
        handler,
    };
    [
        operation("stream", "/api/v1/stream", stream::described(), get(stream::stream)),
        operation("live", "/api/v1/live", state::described(), get(state::show)),
    ]
}

/// Follows the open day until the server ends.
pub(crate) async fn follow(hub: Arc<Hub>, mut over: watch::Receiver<bool>) {
    let (mut look, mut score) = (interval(LOOK), interval(SCORE));
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    score.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let scores = async {
        loop {
            score.tick().await;
            hub.tell_scores().await;
        }
    };
    let looks = async {
        loop {
            look.tick().await;
            hub.tick().await;
        }
    };
    tokio::select! {
        _ = over.wait_for(|over| *over) => {}
        () = scores => {}
        () = looks => {}
    }
}

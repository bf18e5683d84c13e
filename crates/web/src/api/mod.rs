//! The interface for programs. One table of operations makes the router and `/openapi.json`, so neither can have an
//! operation that the other has not, and none can be without a stated permission.

mod body;
mod fact;
mod fact_schema;
mod health;
mod identify;
mod identity;
mod live;
mod metrics;
mod openapi;
mod problem;
mod rating;
mod room;
mod stats;

pub(crate) use identify::identify;
pub(crate) use live::{Hub, follow};
pub(crate) use metrics::Metrics;
pub(crate) use problem::Code;
pub(crate) use room::MAX_BODY_BYTES;

use crate::Site;
use crate::kept::Kept;
use app::home::Home;
use app::stats::WindowStats;
use axum::Router;
use axum::extract::Request;
use axum::http::Method;
use axum::middleware;
use axum::response::IntoResponse as _;
use axum::routing::MethodRouter;
use model::time::{Day, Instant};
use problem::ApiProblem;
use room::Room;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::watch;
use tower_http::decompression::RequestDecompressionLayer;

/// What operations work with.
pub(crate) struct Api {
    pub(crate) home: Arc<Home>,
    pub(crate) now: Arc<dyn Fn() -> Instant + Send + Sync>,
    /// How much may be on its way at once.
    pub(crate) room: Room,
    pub(crate) metrics: Arc<Metrics>,
    /// The open day.
    pub(crate) live: Arc<Hub>,
    /// True once the server ends: streams would go on for ever.
    pub(crate) over: watch::Receiver<bool>,
    /// What windows did, by day and minute, for as long as nothing is written.
    stats: Kept<(Day, i64), BTreeMap<String, WindowStats>>,
}

impl Api {
    /// `over` turns true when the server ends.
    pub(crate) fn new(site: &Site, metrics: Arc<Metrics>, over: watch::Receiver<bool>) -> Self {
        let (home, now) = (site.home.clone(), site.now.clone());
        let live = Arc::new(Hub::new(home.clone(), now.clone(), site.threads));
        Self { home, now, room: Room::default(), metrics, live, over, stats: Kept::new() }
    }
}

/// Who may ask for an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permission {
    /// Everybody who reaches the server.
    Anyone,
    /// A source, by its token.
    Source,
    /// A device by its token, or a citizen by the ticket of a case.
    Rater,
}

/// One operation.
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) permission: Permission,
    /// The operation object of OpenAPI, without its id and what follows from the permission.
    pub(crate) described: Json,
    pub(crate) handler: MethodRouter<Arc<Api>>,
}

/// Every operation.
pub(crate) fn operations() -> Vec<Operation> {
    let mut all = fact::operations();
    all.extend(rating::operations());
    all.extend(live::operations());
    all.extend(health::operations());
    all.extend([stats::operation(), openapi::operation()]);
    all
}

/// The router of every operation. Requests to a known path by another method are answered with those that there are.
pub(crate) fn router(api: Arc<Api>) -> Router {
    let mut router = Router::new();
    for operation in operations() {
        router = router.route(&operation.path, operation.handler.fallback(wrong_method));
    }
    router
        .layer(RequestDecompressionLayer::new())
        .route_layer(middleware::from_fn_with_state(api.clone(), metrics::measure))
        .with_state(api)
}

async fn wrong_method(request: Request) -> axum::response::Response {
    let detail = format!("{} does not take {}", request.uri().path(), request.method());
    ApiProblem::new(Code::MethodNotAllowed, detail).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn what_changes_something_asks_who_it_is_for() {
        let mut ids = BTreeSet::new();
        for operation in operations() {
            assert!(ids.insert(operation.id.clone()), "{} twice", operation.id);
            let safe = operation.method == Method::GET;
            assert!(safe || operation.permission != Permission::Anyone, "{}", operation.id);
        }
    }
}

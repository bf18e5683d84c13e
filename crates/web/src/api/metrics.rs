//! What is counted about the server itself, for Prometheus.

use super::Api;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use std::sync::Arc;

/// Upper bounds of the histogram of durations, in seconds.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Asked {
    route: String,
    method: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Reported {
    kind: &'static str,
    result: &'static str,
}

/// Counters of the server.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Asked, Counter>,
    seconds: Family<Route, Histogram>,
    facts: Family<Reported, Counter>,
    clock: fn() -> f64,
}

impl Metrics {
    /// `clock` says the seconds since some moment.
    pub(crate) fn new(clock: fn() -> f64) -> Self {
        let mut registry = Registry::with_prefix("heng");
        let (requests, facts) = (Family::default(), Family::default());
        let seconds = Family::new_with_constructor((|| Histogram::new(BUCKETS)) as fn() -> Histogram);
        registry.register("requests", "Requests to the interface for programs", requests.clone());
        registry.register_with_unit("request_duration", "Until the answer", Unit::Seconds, seconds.clone());
        registry.register("facts", "Reports that sources pushed, by what became of them", facts.clone());
        Self { registry, requests, seconds, facts, clock }
    }

    /// Counts reports of a kind.
    pub(crate) fn reported(&self, kind: &'static str, result: &'static str, count: usize) {
        if count > 0 {
            self.facts.get_or_create(&Reported { kind, result }).inc_by(count as u64);
        }
    }

    /// The text that Prometheus reads.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

/// Counts a request and how long its answer took.
pub(crate) async fn measure(State(api): State<Arc<Api>>, path: MatchedPath, request: Request, next: Next) -> Response {
    let (route, method) = (path.as_str().to_owned(), request.method().to_string());
    let begun = (api.metrics.clock)();
    let response = next.run(request).await;
    let (seconds, status) = ((api.metrics.clock)() - begun, response.status().as_u16());
    api.metrics.seconds.get_or_create(&Route { route: route.clone() }).observe(seconds);
    tracing::info!(route, status, milliseconds = (seconds * 1000.0).round(), "answered");
    api.metrics.requests.get_or_create(&Asked { route, method, status }).inc();
    response
}

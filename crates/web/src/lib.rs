//! The pages of Heng over HTTP: server-rendered, read-only, and of use without any script.
//!
//! Everything that is shown is computed by `app` and put into words by `render`; what is here is about requests:
//! routes, languages, looks, what is kept between requests, headers, and the refusal of what is not there.

mod api;
mod guard;
mod kept;
mod pages;
mod problem;
mod tls;
mod views;
mod visit;

pub use tls::{Tls, TlsError};

use api::{Api, Metrics};
use app::home::Home;
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::middleware;
use axum::routing::get;
use model::time::{Day, Instant};
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tls::TlsListener;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;
use views::Views;

/// The longest that an answer may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// The form of OpenMetrics that Prometheus asks for.
const METRICS_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What the site is made of.
pub struct Site {
    /// The home whose scores are shown. It is only read.
    pub home: Arc<Home>,
    /// The day on which the site is looked at.
    pub today: Box<dyn Fn() -> Day + Send + Sync>,
    /// The time, from the caller's clock.
    pub now: Arc<dyn Fn() -> Instant + Send + Sync>,
    /// Seconds since some moment, to measure how long answers take.
    pub stopwatch: fn() -> f64,
    /// Whether the home holds a demonstration; every page says so.
    pub demo: bool,
    /// Threads to count and to draw with.
    pub threads: usize,
}

/// Answers requests until `stop` is done; then finishes those that are under way. With `tls` the pages and the operations
/// are answered over TLS alone. Counters of the server are told to
/// whoever asks the other listener for `/metrics`, if there is one.
///
/// The caller binds the listeners to loopback: nobody has to sign in yet.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Arc<Tls>>,
    counters: Option<TcpListener>,
    site: Site,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let metrics = Arc::new(Metrics::new(site.stopwatch));
    let (end, over) = watch::channel(false);
    let api = Arc::new(Api::new(&site, metrics.clone(), over.clone()));
    let followed = tokio::spawn(api::follow(api.live.clone(), over));
    let stop = async move {
        stop.await;
        // Streams end with it, and so does whoever feeds them.
        end.send_replace(true);
    };
    let views = Arc::new(Views::new(site, api.live.clone()));
    let told = counters.map(|counters| tokio::spawn(serve_metrics(counters, metrics)));
    // The first visitor should not wait for what can be known before.
    let warm = tokio::spawn(pages::ranking::warm(views.clone()));
    let router = router(views, api);
    let served = match tls {
        Some(tls) => axum::serve(TlsListener::new(listener, tls)?, router).with_graceful_shutdown(stop).await,
        None => axum::serve(listener, router).with_graceful_shutdown(stop).await,
    };
    warm.abort();
    followed.abort();
    told.inspect(JoinHandle::abort);
    served
}

async fn serve_metrics(listener: TcpListener, metrics: Arc<Metrics>) -> io::Result<()> {
    let text = async move || ([(CONTENT_TYPE, METRICS_TYPE)], metrics.text());
    axum::serve(listener, Router::new().route("/metrics", get(text))).await
}

fn router(views: Arc<Views>, api: Arc<Api>) -> Router {
    let pages = Router::new()
        .route("/", get(pages::ranking::first))
        .route("/ranking", get(pages::ranking::show))
        .route("/units/{unit}/{period}", get(pages::unit::show))
        .route("/units/{unit}/{period}/{indicator}", get(pages::unit::records))
        .route("/scores/{period}/{file}", get(pages::download::show))
        .route("/method", get(pages::method::show))
        .route("/screen", get(pages::screen::first))
        .route("/screen/{centre}", get(pages::screen::show))
        .route("/api/docs", get(pages::api::show))
        .route("/ui", get(pages::ui::show));
    Router::new()
        .merge(pages.clone())
        .nest("/en", pages)
        .route(&pages::assets::css_path(), get(pages::assets::css))
        .route(&pages::assets::icon_path(), get(pages::assets::icon))
        .fallback(pages::missing)
        .with_state(views)
        .merge(api::router(api))
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::new())
        .layer(TimeoutLayer::with_status_code(axum::http::StatusCode::SERVICE_UNAVAILABLE, PATIENCE))
        .layer(middleware::from_fn(api::identify))
        .layer(middleware::from_fn(guard::guard))
}

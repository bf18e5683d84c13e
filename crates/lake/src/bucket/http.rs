//! Requests to a bucket, over plain HTTP or TLS, none of which waits for ever.

use async_trait::async_trait;
use bytes::BytesMut;
use http::Response;
use http_body_util::BodyExt as _;
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector as Sockets;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody, HttpResponse, HttpService,
};
use object_store::{ClientOptions, Error};
use std::time::Duration;
use tokio::time::timeout;

/// The longest that a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// The longest silence; a request that carries bytes may take as much longer as they need at [`SLOWEST`].
const SILENCE: Duration = Duration::from_secs(20);
/// Bytes a second below which a storage counts as gone.
const SLOWEST: u64 = 128 << 10;
/// The most bytes of one answer.
const MAX_ANSWER: usize = 1 << 30;
/// The most bytes of one that says no.
const MAX_REFUSAL: usize = 64 << 10;
/// How long a connection is kept for the next request.
const IDLE: Duration = Duration::from_secs(15);

/// Makes clients.
#[derive(Debug)]
pub(super) struct Connector {
    /// Whether the endpoint speaks TLS.
    pub(super) tls: bool,
}

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        let failed = |error: std::io::Error| Error::Generic { store: "TLS", source: error.into() };
        let mut sockets = Sockets::new();
        sockets.set_connect_timeout(Some(CONNECT));
        sockets.set_nodelay(true);
        sockets.enforce_http(false);
        let config = rustls_config(self.tls).map_err(failed)?;
        let builder = hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(config);
        let connector = builder.https_or_http().enable_http1().wrap_connector(sockets);
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .pool_timer(TokioTimer::new())
            .build(connector);
        Ok(HttpClient::new(Requests { client }))
    }
}

/// Authorities are those of the system, or of the file that `SSL_CERT_FILE` names.
fn rustls_config(tls: bool) -> std::io::Result<rustls::ClientConfig> {
    let provider = rustls::crypto::ring::default_provider();
    let builder = rustls::ClientConfig::builder_with_provider(provider.into());
    let builder = builder.with_safe_default_protocol_versions().map_err(std::io::Error::other)?;
    Ok(if tls {
        builder.with_native_roots()?.with_no_client_auth()
    } else {
        builder.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth()
    })
}

#[derive(Debug)]
struct Requests {
    client: Client<HttpsConnector<Sockets>, HttpRequestBody>,
}

#[async_trait]
impl HttpService for Requests {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let carried = Duration::from_secs(request.body().content_length() as u64 / SLOWEST);
        let answer = timeout(SILENCE + carried, self.client.request(request)).await;
        let answer = answer.map_err(|_| silent())?.map_err(broken)?;
        // Read whole here, so that an answer that breaks off is asked for again as one that never came.
        let (parts, mut body) = answer.into_parts();
        let most = if parts.status.is_success() { MAX_ANSWER } else { MAX_REFUSAL };
        let mut read = BytesMut::new();
        while let Some(frame) = timeout(SILENCE, body.frame()).await.map_err(|_| silent())? {
            let frame = frame.map_err(|error| HttpError::new(HttpErrorKind::Request, error))?;
            let data = frame.into_data().unwrap_or_default();
            if read.len() + data.len() > most {
                let error = std::io::Error::other(format!("status {}, and more than {most} bytes", parts.status));
                return Err(HttpError::new(HttpErrorKind::Decode, error));
            }
            read.extend_from_slice(&data);
        }
        Ok(Response::from_parts(parts, read.freeze().into()))
    }
}

/// Nothing came for too long.
///
/// That a request may be sent again is no question here: a file is created once under a name made of its digest.
fn silent() -> HttpError {
    HttpError::new(HttpErrorKind::Request, std::io::Error::from(std::io::ErrorKind::TimedOut))
}

fn broken(error: hyper_util::client::legacy::Error) -> HttpError {
    let kind = if error.is_connect() { HttpErrorKind::Connect } else { HttpErrorKind::Request };
    HttpError::new(kind, error)
}

//! TLS, for whoever wants it: certificates and handshakes.

use axum::serve::Listener;
use rustls::ServerConfig;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// The longest that a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// The most handshakes at a time; who comes then waits to be accepted.
const MAX_HANDSHAKES: usize = 256;
/// The largest file of certificates or of a key.
const MAX_BYTES: u64 = 1 << 20;

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file could not be read.
    #[error("{path}: the file could not be read; name a PEM file that the server may read")]
    Unreadable {
        /// The file.
        path: String,
        /// The cause.
        source: io::Error,
    },
    /// A file does not hold what it should.
    #[error("{path}: there is no {what} in this file ({problem}); it must be PEM")]
    Empty {
        /// The file.
        path: String,
        /// What it should hold.
        what: &'static str,
        /// What was found instead.
        problem: String,
    },
    /// Certificate and key make no pair.
    #[error("{cert} and {key} cannot be used together: {source}; the key must be that of the first certificate")]
    NoPair {
        /// The file of certificates.
        cert: String,
        /// The file of the key.
        key: String,
        /// The cause.
        source: rustls::Error,
    },
}

/// A certificate with its key, as the files say.
#[derive(Debug)]
pub struct Tls {
    cert: PathBuf,
    key: PathBuf,
    /// What the next handshake is made with.
    current: RwLock<Arc<ServerConfig>>,
}

impl Tls {
    /// Reads a chain of certificates, the server's first, and its key. Both files are PEM.
    pub fn load(cert: &Path, key: &Path) -> Result<Self, TlsError> {
        let current = RwLock::new(Arc::new(config(cert, key)?));
        Ok(Self { cert: cert.to_owned(), key: key.to_owned(), current })
    }

    /// Reads the files again. Connections that are open stay as they are; if something is wrong, everything does.
    pub fn reload(&self) -> Result<(), TlsError> {
        let new = Arc::new(config(&self.cert, &self.key)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    fn acceptor(&self) -> TlsAcceptor {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone().into()
    }
}

fn config(cert: &Path, key: &Path) -> Result<ServerConfig, TlsError> {
    let empty = |path: &Path, what, problem: String| TlsError::Empty { path: shown(path), what, problem };
    let text = read(cert)?;
    let chain: Result<Vec<_>, pem::Error> = CertificateDer::pem_slice_iter(&text).collect();
    let chain = chain.map_err(|error| empty(cert, "certificate", error.to_string()))?;
    if chain.is_empty() {
        return Err(empty(cert, "certificate", "nothing found".to_owned()));
    }
    let of_key = PrivateKeyDer::from_pem_slice(&read(key)?);
    let of_key = of_key.map_err(|error| empty(key, "private key", error.to_string()))?;
    let no_pair = |source| TlsError::NoPair { cert: shown(cert), key: shown(key), source };
    let builder = ServerConfig::builder_with_provider(rustls::crypto::ring::default_provider().into());
    let builder = builder.with_safe_default_protocol_versions().map_err(no_pair)?;
    let mut config = builder.with_no_client_auth().with_single_cert(chain, of_key).map_err(no_pair)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    let failed = |source| TlsError::Unreadable { path: shown(path), source };
    let length = std::fs::metadata(path).map_err(failed)?.len();
    if length > MAX_BYTES {
        return Err(failed(io::Error::other(format!("it has {length} bytes; at most {MAX_BYTES} are read"))));
    }
    std::fs::read(path).map_err(failed)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// A listener whose connections have shaken hands.
pub(crate) struct TlsListener {
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl TlsListener {
    pub(crate) fn new(listener: TcpListener, tls: Arc<Tls>) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (sender, ready) = mpsc::channel(1);
        Ok(Self { ready, address, accepting: tokio::spawn(accept(listener, tls, sender)) })
    }
}

/// Accepts connections. Each shakes hands beside the others, so that nobody waits for one that says nothing.
async fn accept(mut listener: TcpListener, tls: Arc<Tls>, ready: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>) {
    let places = Arc::new(Semaphore::new(MAX_HANDSHAKES));
    while let Ok(place) = places.clone().acquire_owned().await {
        let (stream, address) = Listener::accept(&mut listener).await;
        let (handshake, ready) = (tls.acceptor().accept(stream), ready.clone());
        tokio::spawn(async move {
            match tokio::time::timeout(HANDSHAKE, handshake).await {
                // The server may be ending.
                Ok(Ok(stream)) => drop(ready.send((stream, address)).await),
                Ok(Err(error)) => tracing::debug!(%address, %error, "no handshake"),
                Err(_) => tracing::debug!(%address, "a handshake took too long"),
            }
            drop(place);
        });
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(accepted) => accepted,
            // Nobody accepts any more, which only the end of the server brings about.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(self.address)
    }
}

impl Drop for TlsListener {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

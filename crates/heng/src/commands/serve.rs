//! `heng serve`: the pages of a home, on loopback.

use super::{Session, change, home_folder, of_environment};
use crate::cli::{Cli, PORT, ServeArgs};
use anyhow::{Context as _, Result};
use app::home::Home;
use app::job::{Seen, Ticked, Worker};
use model::time::{Day, Instant};
use render::{Lang, failure};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use web::{Site, Tls};

pub(super) fn run(cli: &Cli, args: &ServeArgs) -> Result<ExitCode> {
    let Session { runtime, home } = Session::open(&home_folder(cli)?, "serve")?;
    show(cli.lang(), &runtime, home, args)?;
    Ok(ExitCode::SUCCESS)
}

/// Shows the pages of a home until somebody stops the program.
pub(super) fn show(lang: Lang, runtime: &Runtime, home: Home, args: &ServeArgs) -> Result<()> {
    let home = Arc::new(home);
    let port = args.port.or(home.config.port).unwrap_or(PORT);
    let metrics_port = args.metrics_port.or(home.config.metrics_port);
    let tls = tls(&home, args)?;
    let today = clock(&home, runtime.block_on(day_of_pages(&home, args.day))?);
    let store = home.store.clone();
    // A clock before 1970 is a broken one; whatever comes in then is dated ahead and refused.
    let now: Arc<dyn Fn() -> Instant + Send + Sync> = Arc::new(|| change().map_or(Instant(0), |change| change.at));
    let working = (!home.config.demonstration && args.day.is_none()).then(|| Worker {
        home: home.clone(),
        name: format!("process {} at {}", std::process::id(), now().0),
        now: now.clone(),
        threads: args.threads.into(),
        environment: Arc::new(of_environment),
        seen: Seen::default(),
    });
    let site = Site { demo: home.config.demonstration, today, now, stopwatch, home, threads: args.threads.into() };
    runtime.block_on(async {
        let listener = bind(port, "--port").await?;
        let counters = match metrics_port {
            Some(port) => Some(bind(port, "--metrics-port").await?),
            None => None,
        };
        let address = listener.local_addr()?;
        let rereading = tls.clone().and_then(reread);
        println!(
            "{} {}://{address}/  ({})",
            lang.pick("请在浏览器打开", "Open in a browser:"),
            if tls.is_some() { "https" } else { "http" },
            lang.pick("Ctrl+C 停止", "Ctrl+C ends it")
        );
        if let Some(counters) = &counters {
            println!("{} http://{}/metrics", lang.pick("服务计数", "counters:"), counters.local_addr()?);
        }
        // Jobs end with the requests: the one that is being done is finished, and no other one is begun.
        let (over, mut told) = watch::channel(());
        let jobs = working.map(|worker| tokio::spawn(async move { work(&worker, &mut told).await }));
        let served = web::serve(listener, tls, counters, site, stopped()).await.context("the server failed");
        rereading.inspect(JoinHandle::abort);
        drop(over);
        if let Some(jobs) = jobs {
            jobs.await.context("the jobs failed")?;
        }
        served
    })?;
    runtime.block_on(store.close());
    Ok(())
}

/// The certificate, if there is one: of the command line or the environment, else of heng.toml, there within the home.
fn tls(home: &Home, args: &ServeArgs) -> Result<Option<Arc<Tls>>> {
    let named = |given: &Option<PathBuf>, config: &Option<String>| {
        given.clone().or_else(|| config.as_ref().map(|name| home.folder().join(name)))
    };
    let cert = named(&args.tls_cert, &home.config.tls_cert);
    let key = named(&args.tls_key, &home.config.tls_key);
    match (cert, key) {
        (Some(cert), Some(key)) => Ok(Some(Arc::new(Tls::load(&cert, &key)?))),
        (None, None) => Ok(None),
        (Some(_), None) => anyhow::bail!("there is a certificate and no key; say --tls-key or tls_key, too"),
        (None, Some(_)) => anyhow::bail!("there is a key and no certificate; say --tls-cert or tls_cert, too"),
    }
}

/// Reads the certificate again whenever somebody asks for it by SIGHUP, as programs do that renew it.
#[cfg(unix)]
fn reread(tls: Arc<Tls>) -> Option<JoinHandle<()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut asked = signal(SignalKind::hangup()).ok()?;
    Some(tokio::spawn(async move {
        while asked.recv().await.is_some() {
            match tls.reload() {
                Ok(()) => tracing::info!("the certificate was read again"),
                Err(error) => {
                    let error = failure::text(Lang::En, &error);
                    tracing::error!(error, "the certificate stays the old one");
                }
            }
        }
    }))
}

#[cfg(not(unix))]
fn reread(_: Arc<Tls>) -> Option<JoinHandle<()>> {
    None
}

/// How often somebody looks for work.
const LOOK: Duration = Duration::from_secs(5);

/// Does jobs until the server ends.
async fn work(worker: &Worker, over: &mut watch::Receiver<()>) {
    loop {
        match worker.tick().await {
            // There may be more.
            Ok(Ticked::Done(..)) if over.has_changed().is_ok() => continue,
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "nobody could look for jobs"),
        }
        tokio::select! {
            _ = over.changed() => break,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
    if let Err(error) = worker.home.store.hand_back(&worker.name).await {
        tracing::warn!(%error, "jobs could not be handed back");
    }
}

async fn bind(port: u16, flag: &str) -> Result<TcpListener> {
    let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpListener::bind(wanted).await.with_context(|| {
        format!("{wanted}: the port could not be taken; say {flag} with another one, or {flag} 0 for any")
    })
}

/// Seconds since the first call.
fn stopwatch() -> f64 {
    static BEGUN: OnceLock<std::time::Instant> = OnceLock::new();
    #[expect(clippy::disallowed_methods, reason = "the binary is where durations are measured")]
    let now = std::time::Instant::now();
    now.duration_since(*BEGUN.get_or_init(|| now)).as_secs_f64()
}

/// The day that pages take for today, if it is not the clock's.
async fn day_of_pages(home: &Home, asked: Option<Day>) -> Result<Option<Day>> {
    if asked.is_some() || !home.config.demonstration {
        return Ok(asked);
    }
    Ok(home.store.last_sealed_day().await?.map(|last| last.plus(1)))
}

/// The day that was fixed, or the one of the system's clock.
fn clock(home: &Home, fixed: Option<Day>) -> Box<dyn Fn() -> Day + Send + Sync> {
    if let Some(day) = fixed {
        return Box::new(move || day);
    }
    let zone = home.zone.clone();
    // A clock before 1970 is a broken one; the pages then say how old their figures are.
    Box::new(move || change().map_or(Day(0), |change| zone.day_of(change.at)))
}

/// Done when somebody presses Ctrl+C or the system ends the program.
async fn stopped() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut ended) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => {}
                _ = ended.recv() => {}
            }
            return;
        }
    }
    // Without a handler the system ends the program at once, which harms nothing: the pages only read.
    let _ = interrupted.await;
}

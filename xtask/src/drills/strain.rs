//! A server whose senders go away, who gets more than it has room for, and whose database is gone for a while.

use super::serving::{Office, stop};
use super::{Ground, Report};
use anyhow::{Context as _, Result};
use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Senders at once, of each of whom the server must believe that it sends the largest body there is: five times what it has
/// room for.
const SENDERS: u32 = 40;
/// Rounds in which they all send.
const ROUNDS: u32 = 10;
/// Megabytes that the server may take under all this.
const MEGABYTES: u64 = 400;
/// Seconds until everything is as before.
const RECOVERY: Duration = Duration::from_secs(10);

pub(super) fn run(ground: &Ground<'_>) -> Result<Report> {
    let mut report = Report::default();
    let work = tempfile::tempdir()?;
    let url = testkit::postgres().map(testkit::Postgres::database);
    for (name, url) in [("SQLite", None), ("PostgreSQL", url)] {
        if name == "PostgreSQL" && url.is_none() {
            report.says("PostgreSQL is not here: skipped");
            continue;
        }
        let office = Office::new(ground, &work.path().join(name), url.as_deref())?;
        let (mut server, address) = office.start(ground)?;
        cut_off(ground, name, &office, &address, &mut report)?;
        overload(name, &office, &address, server.id(), &mut report)?;
        if let Some(url) = &url {
            gone(ground, &office, &address, url, &mut report)?;
        }
        stop(&mut server)?;
        server.wait()?;
        report.expect(ground.heng.run(&office.home, &["doctor"])?.status.success(), || format!("{name}: doctor"));
    }
    Ok(report)
}

/// Status and whole text of an answer.
fn answer(office: &Office, address: &str, batch: u32, headers: &[&str]) -> Result<(u16, String)> {
    let mut text = String::new();
    office.post(address, batch, headers)?.read_to_string(&mut text)?;
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no answer")?;
    Ok((status, text))
}

/// Senders that go away before they hear anything.
fn cut_off(ground: &Ground<'_>, name: &str, office: &Office, address: &str, report: &mut Report) -> Result<()> {
    let count = ground.counts.cut;
    let refused = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let refused = &refused;
            scope.spawn(move || {
                for batch in (thread..count).step_by(4) {
                    drop(office.post(address, batch, &[]));
                    // In between, somebody waits for an answer.
                    if batch % 50 == 0 && !answer(office, address, batch, &[]).is_ok_and(|(status, _)| status == 200) {
                        refused.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let refused = refused.into_inner();
    report.expect(refused == 0, || format!("{name}: {refused} requests beside those that were cut off were refused"));
    // Whoever comes after finds a sound connection; what was cut off counts once when it is sent again.
    for batch in (0..count).step_by(97) {
        let (status, text) = answer(office, address, batch, &[])?;
        report.expect(status == 200, || format!("{name}: after {count} requests that were cut off: {text}"));
    }
    report
        .says(format!("{name}: {count} requests whose sender went away; every one beside and after them was answered"));
    Ok(())
}

/// More than there is room for.
fn overload(name: &str, office: &Office, address: &str, process: u32, report: &mut Report) -> Result<()> {
    let (taken, refused, wrong) = (AtomicU32::new(0), AtomicU32::new(0), AtomicU32::new(0));
    // Whatever calls itself packed may be the largest there is.
    let packed = ["Content-Encoding: identity"];
    std::thread::scope(|scope| {
        for sender in 0..SENDERS {
            let (taken, refused, wrong) = (&taken, &refused, &wrong);
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    match answer(office, address, 1_000_000 + sender * ROUNDS + round, &packed) {
                        Ok((200, _)) => taken.fetch_add(1, Ordering::Relaxed),
                        Ok((429, text)) if text.contains("retry-after: ") => refused.fetch_add(1, Ordering::Relaxed),
                        _ => wrong.fetch_add(1, Ordering::Relaxed),
                    };
                }
            });
        }
    });
    let (taken, refused, wrong) = (taken.into_inner(), refused.into_inner(), wrong.into_inner());
    report.expect(wrong == 0, || format!("{name}: {wrong} answers were neither 200 nor 429 with Retry-After"));
    report.expect(taken > 0 && refused > 0, || format!("{name}: {taken} taken, {refused} refused: no overload"));
    let megabytes = resident(process)?;
    report.expect(megabytes <= MEGABYTES, || format!("{name}: {megabytes} MB"));
    let begun = Instant::now();
    while answer(office, address, 2_000_000, &[])?.0 != 200 {
        if begun.elapsed() > RECOVERY {
            report.fails(format!("{name}: not back after {} s", RECOVERY.as_secs()));
            break;
        }
    }
    report.says(format!(
        "{name}: {SENDERS} senders who ask for five times the room there is: {taken} taken, {refused} refused with Retry-After, \
         {megabytes} MB"
    ));
    Ok(())
}

/// Megabytes of a process.
fn resident(process: u32) -> Result<u64> {
    let text = fs::read_to_string(Path::new("/proc").join(process.to_string()).join("status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes / 1_024)
}

/// The database is gone for a while.
fn gone(ground: &Ground<'_>, office: &Office, address: &str, url: &str, report: &mut Report) -> Result<()> {
    let postgres = testkit::postgres().context("it was here a moment ago")?;
    let database = url.rsplit('/').next().context("a name")?;
    let admin = url.replace(&format!("/{database}"), "/postgres");
    let allow = |yes: bool| postgres.execute(&admin, &format!("ALTER DATABASE {database} ALLOW_CONNECTIONS {yes}"));
    allow(false);
    postgres.execute(
        &admin,
        &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"),
    );
    let (begun, mut refused) = (Instant::now(), 0);
    while begun.elapsed() < Duration::from_secs(ground.counts.gone) {
        let (status, text) = answer(office, address, 3_000_000 + refused, &[])?;
        let said = status == 503 && text.contains("retry-after: ");
        report.expect(said, || format!("without a database: {text}"));
        if !said {
            break;
        }
        refused += 1;
    }
    allow(true);
    let back = Instant::now();
    while answer(office, address, 3_000_000, &[])?.0 != 200 {
        if back.elapsed() > RECOVERY {
            report.fails(format!("not back {} s after the database", RECOVERY.as_secs()));
            break;
        }
    }
    report.says(format!(
        "PostgreSQL gone for {} s: {refused} requests were refused with Retry-After; back {:.1} s after it",
        ground.counts.gone,
        back.elapsed().as_secs_f64()
    ));
    Ok(())
}

//! Two processes at one home: one works, the other is told who does.

use super::program::said;
use super::town::{copy, result};
use super::{Ground, Report};
use anyhow::{Context as _, Result};
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

/// Processes that start at once.
const AT_ONCE: usize = 6;

pub(super) fn run(ground: &Ground<'_>) -> Result<Report> {
    let mut report = Report::default();
    let heng = ground.heng;
    let work = tempfile::tempdir()?;
    let home = work.path().join("home");
    copy(&ground.town.stations[0].before, &home)?;
    // A server holds the home; a writer is refused and told by whom.
    let mut server =
        heng.command(&home, &["serve", "--port", "0"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let mut line = String::new();
    BufReader::new(server.stdout.take().context("its output")?).read_line(&mut line)?;
    let refused = heng.run(&home, &ground.town.stations[0].words())?;
    let text = said(&refused);
    let told = refused.status.code() == Some(1) && text.contains("serve") && text.contains(&server.id().to_string());
    report.expect(told, || format!("beside a server: {}: {text}", refused.status));
    // Killed, it holds nothing any more.
    server.kill()?;
    server.wait()?;
    let mut refusals = 0;
    for station in &ground.town.stations {
        let started: Result<Vec<_>, _> = (0..AT_ONCE)
            .map(|_| {
                heng.command(&home, &station.words())
                    .env("HENG_LOG", "warn")
                    .stdout(Stdio::null())
                    .stderr(Stdio::piped())
                    .spawn()
            })
            .collect();
        let mut done = 0;
        for child in started? {
            let output = child.wait_with_output()?;
            let text = said(&output);
            match output.status.code() {
                Some(0) => done += 1,
                Some(1) if text.contains("another process") || text.contains("holds") || text.contains("in use") => {
                    refusals += 1;
                }
                _ => report.fails(format!("{} at once: {}: {text}", station.name, output.status)),
            }
        }
        report.expect(done > 0, || format!("{}: nobody got to work", station.name));
    }
    report.expect(result(heng, &home)? == ground.town.result, || "another result".to_owned());
    report.says(format!(
        "{AT_ONCE} processes at once for each of {} commands: {refusals} were refused and told who held the home, the result \
         is that of one; a writer beside `heng serve` is refused, and after SIGKILL of the server it works",
        ground.town.stations.len()
    ));
    Ok(report)
}

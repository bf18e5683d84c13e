//! What the system is asked to put on disk, and in which order, as strace sees it: a kill keeps the page cache, a power
//! cut does not.

use super::program::said;
use super::town::copy;
use super::{Ground, Report};
use anyhow::{Context as _, Result};
use std::path::Path;

/// Calls that matter.
const CALLS: &str = "trace=pwrite64,write,fsync,fdatasync,link,linkat,rename,renameat,renameat2";

/// One call of the program.
#[derive(Debug, PartialEq, Eq)]
enum Call {
    /// A file or a folder is put on disk.
    Sync(String),
    /// A file gets its final name.
    Named { from: String, to: String },
    /// Something is written into the database's log.
    Log,
}

pub(super) fn run(ground: &Ground<'_>) -> Result<Report> {
    let mut report = Report::default();
    for station in ground.town.stations.iter().filter(|station| station.words[0] == "close") {
        let work = tempfile::tempdir()?;
        let (home, trace) = (work.path().join("home"), work.path().join("trace"));
        copy(&station.before, &home)?;
        let to = trace.to_str().context("a path of text")?;
        let output =
            ground.heng.under(&["strace", "-f", "-y", "-s", "0", "-e", CALLS, "-o", to], &home, &station.words())?;
        report.expect(output.status.success(), || format!("{}: {}", station.name, said(&output)));
        let calls: Vec<Call> = std::fs::read_to_string(&trace)?.lines().filter_map(call).collect();
        let (files, commits) = check(&calls, &mut report, station.name);
        report.expect(files > 0 && commits > 0, || format!("{}: nothing was seen", station.name));
        report.says(format!(
            "{}: {files} files, each on disk before it got its name, and its folder after, before the database's log was \
             written; {commits} times the log was on disk before anything followed",
            station.name
        ));
    }
    Ok(report)
}

/// Checks the order of calls; returns how many files were named and how often the log was put on disk.
fn check(calls: &[Call], report: &mut Report, name: &str) -> (usize, usize) {
    let mut files = 0;
    for (at, call) in calls.iter().enumerate() {
        let Call::Named { from, to } = call else { continue };
        if !to.contains("/lake/") {
            continue;
        }
        files += 1;
        let before = calls[..at].iter().any(|call| *call == Call::Sync(from.clone()));
        report.expect(before, || format!("{name}: {to} was named before it was on disk"));
        let folder = Path::new(to).parent().unwrap_or(Path::new("/")).to_string_lossy().into_owned();
        let after = calls[at..].iter().position(|call| *call == Call::Sync(folder.clone()));
        report.expect(after.is_some(), || format!("{name}: the folder of {to} was not put on disk"));
        // The last file of a day is its manifest; what follows it is the move of the pointer.
        if to.contains("/manifest-") {
            let log = calls[at..].iter().position(|call| *call == Call::Log);
            report.expect(after < log || log.is_none(), || format!("{name}: the log ran ahead of {to}"));
        }
    }
    let log = |call: &&Call| matches!(call, Call::Sync(path) if path.ends_with("heng.db-wal"));
    let commits = calls.iter().filter(log).count();
    let last_write = calls.iter().rposition(|call| *call == Call::Log);
    let last_sync = calls.iter().rposition(|call| log(&call));
    report.expect(last_write < last_sync, || format!("{name}: the end of the log was not put on disk"));
    (files, commits)
}

/// One line of strace, with `-y`: numbers of files come with their paths.
fn call(line: &str) -> Option<Call> {
    let (_, rest) = line.split_once(' ')?;
    let rest = rest.trim_start();
    let (name, arguments) = rest.split_once('(')?;
    let handle = || Some(arguments.split_once('<')?.1.split_once('>')?.0.to_owned());
    match name {
        // What is interrupted by another thread is resumed on a line of its own, without its arguments.
        "fsync" | "fdatasync" => Some(Call::Sync(handle()?)),
        "pwrite64" | "write" => handle()?.ends_with("heng.db-wal").then_some(Call::Log),
        "link" | "linkat" | "rename" | "renameat" | "renameat2" => {
            let mut quoted = arguments.split('"').skip(1).step_by(2);
            Some(Call::Named { from: quoted.next()?.to_owned(), to: quoted.next()?.to_owned() })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_strace_are_read() {
        let check = |line: &str, expect: Option<Call>| assert_eq!(call(line), expect, "{line}");
        let text = str::to_owned;
        check("28 fsync(20</h/lake/a.parquet#1>) = 0", Some(Call::Sync(text("/h/lake/a.parquet#1"))));
        check("28 fdatasync(12</h/heng.db-wal> <unfinished ...>", Some(Call::Sync(text("/h/heng.db-wal"))));
        check(
            r#"28 linkat(AT_FDCWD</t>, "/h/a#1", AT_FDCWD</t>, "/h/a", 0) = 0"#,
            Some(Call::Named { from: text("/h/a#1"), to: text("/h/a") }),
        );
        check(r#"28 pwrite64(12</h/heng.db-wal>, ""..., 32, 0) = 32"#, Some(Call::Log));
        check(r#"28 pwrite64(12</h/heng.db>, ""..., 32, 0) = 32"#, None);
        check("28 +++ exited with 0 +++", None);
    }

    #[test]
    fn a_name_before_the_disk_is_found() {
        let named = || Call::Named { from: "/h/lake/d/a#1".to_owned(), to: "/h/lake/d/a".to_owned() };
        let sync = |path: &str| Call::Sync(path.to_owned());
        let problems = |calls: &[Call]| {
            let mut report = Report::default();
            check(calls, &mut report, "x");
            report.problems.len()
        };
        let wal = "/h/heng.db-wal";
        assert_eq!(problems(&[sync("/h/lake/d/a#1"), named(), sync("/h/lake/d"), Call::Log, sync(wal)]), 0);
        assert_eq!(problems(&[named(), sync("/h/lake/d/a#1"), sync("/h/lake/d"), Call::Log, sync(wal)]), 1);
        assert_eq!(problems(&[sync("/h/lake/d/a#1"), named(), Call::Log, sync(wal)]), 1);
        assert_eq!(problems(&[sync("/h/lake/d/a#1"), named(), sync("/h/lake/d"), sync(wal), Call::Log]), 1);
    }
}

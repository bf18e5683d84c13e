//! A disk that is full: a clear refusal, and with room again the same result.

use super::program::said;
use super::town::{copy, files, result};
use super::{Ground, Report};
use anyhow::{Result, ensure};
use fastrand::Rng;
use std::path::Path;
use std::process::Command;

/// A small file system in memory, gone when dropped.
struct Small<'a>(&'a Path);

impl<'a> Small<'a> {
    fn mount(at: &'a Path, kilobytes: u64) -> Result<Self> {
        let size = format!("size={kilobytes}k");
        let done = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at).status()?;
        ensure!(done.success(), "a tmpfs could not be mounted; run the drills as root");
        Ok(Self(at))
    }

    fn grow(&self) -> Result<()> {
        let done = Command::new("mount").args(["-o", "remount,size=256m"]).arg(self.0).status()?;
        ensure!(done.success(), "the tmpfs could not grow");
        Ok(())
    }
}

impl Drop for Small<'_> {
    fn drop(&mut self) {
        // Lazily: a process that just ended may still hold it for a moment.
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

pub(super) fn run(ground: &Ground<'_>) -> Result<Report> {
    let mut report = Report::default();
    let (heng, town) = (ground.heng, ground.town);
    let mut rng = Rng::with_seed(ground.seed);
    let (mut refused, mut fitted) = (0, 0);
    for _ in 0..ground.counts.fillings {
        let at = rng.usize(..town.stations.len() - 1);
        let station = &town.stations[at];
        let after = town.stations.get(at + 1).map_or(&town.finished, |next| &next.before);
        let (before, after) = (kilobytes(&station.before)?, kilobytes(after)?);
        let size = before + 8 + rng.u64(..(after.saturating_sub(before) + 64));
        let folder = tempfile::tempdir()?;
        let small = Small::mount(folder.path(), size)?;
        let home = folder.path().join("home");
        if copy(&station.before, &home).is_err() {
            continue;
        }
        let output = heng.run(&home, &station.words())?;
        let text = said(&output);
        if output.status.success() {
            fitted += 1;
        } else {
            refused += 1;
            let clear = ["No space left", "disk is full", "full", "disk I/O"].iter().any(|word| text.contains(word));
            report.expect(output.status.code() == Some(1) && clear && text.len() < 2_000, || {
                format!("{} in {size} kB: {}: {text}", station.name, output.status)
            });
        }
        small.grow()?;
        for station in &town.stations[at..] {
            let again = heng.run(&home, &station.words())?;
            report.expect(again.status.success(), || format!("{} with room again: {}", station.name, said(&again)));
        }
        report.expect(result(heng, &home)? == town.result, || format!("{}: another result", station.name));
    }
    report.says(format!(
        "{} homes on a file system with too little room: {refused} commands were refused with the cause, {fitted} just \
         fitted; with room again all gave the same digests",
        ground.counts.fillings
    ));
    report.expect(refused > 0, || "no disk was ever full".to_owned());
    Ok(report)
}

/// What a folder takes on a disk of pages of 4 kB.
fn kilobytes(folder: &Path) -> Result<u64> {
    let mut sum = 0;
    for file in files(folder)? {
        sum += std::fs::metadata(file)?.len().div_ceil(4096) * 4;
    }
    Ok(sum)
}

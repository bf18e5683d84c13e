//! Files that are not what they were: each is named, and none makes another score.

use super::program::said;
use super::town::{copy, files, result};
use super::{Ground, Report};
use anyhow::Result;
use fastrand::Rng;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Where files lie that nobody edits. Register, scheme and configuration are texts of people: what they said at a close
/// is frozen beside it.
const GROUPS: [&str; 4] = ["lake/days", "lake/periods", "lake/derived", "keys"];

/// What is done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Harm {
    Flipped,
    Truncated,
    Torn,
    Emptied,
    Missing,
}

const HARMS: [Harm; 5] = [Harm::Flipped, Harm::Truncated, Harm::Torn, Harm::Emptied, Harm::Missing];

pub(super) fn run(ground: &Ground<'_>) -> Result<Report> {
    let mut report = Report::default();
    let mut rng = Rng::with_seed(ground.seed);
    let groups = GROUPS.map(|folder| files(&ground.town.finished.join(folder)));
    let groups = groups.into_iter().collect::<Result<Vec<_>>>()?;
    let mut done: BTreeMap<(String, Harm), u32> = BTreeMap::new();
    let (mut named, mut harmless) = (0, 0);
    for round in 0..ground.counts.damages {
        let harm = HARMS[round as usize % HARMS.len()];
        // The database is one file among hundreds, and the one that matters most.
        let file = if rng.u8(..4) == 0 {
            ground.town.finished.join("heng.db")
        } else {
            let group = &groups[rng.usize(..groups.len())];
            group[rng.usize(..group.len())].clone()
        };
        let inside = file.strip_prefix(&ground.town.finished)?;
        let work = tempfile::tempdir()?;
        let home = work.path().join("home");
        copy(&ground.town.finished, &home)?;
        hurt(&home.join(inside), harm, &mut rng)?;
        *done.entry((group(inside), harm)).or_default() += 1;
        let doctor = ground.heng.run(&home, &["doctor"])?;
        let text = String::from_utf8_lossy(&doctor.stdout).into_owned() + &said(&doctor);
        let what = format!("{harm:?} {}", inside.display());
        report.expect(!text.contains("panicked"), || format!("{what}: {text}"));
        let by_name = [inside.to_string_lossy(), inside.file_name().unwrap_or_default().to_string_lossy()];
        let database = inside.starts_with("heng.db") && (text.contains("database") || text.contains("heng.db"));
        if doctor.status.code() == Some(1) && (database || by_name.iter().any(|name| text.contains(name.as_ref()))) {
            named += 1;
            continue;
        }
        // Not named: then it must not matter. Tallies are a cache, texts are read as they are.
        match result(ground.heng, &home) {
            Ok(result) if result == ground.town.result => harmless += 1,
            Ok(_) => report.fails(format!("{what}: another score, and the doctor says {}: {text}", doctor.status)),
            Err(error) => {
                let said = format!("{error:#}");
                report.expect(by_name.iter().any(|name| said.contains(name.as_ref())), || format!("{what}: {said}"));
            }
        }
    }
    report.says(format!("{named} damaged files were named by `heng doctor`, {harmless} changed nothing that counts"));
    let rows: Vec<String> = done.iter().map(|((group, harm), count)| format!("{group} {harm:?} {count}")).collect();
    report.says(rows.join(", "));
    stray(ground, &mut report)?;
    Ok(report)
}

/// Which part of the home a file belongs to.
fn group(inside: &Path) -> String {
    let parts: Vec<_> =
        inside.components().take(2).map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    parts.join("/")
}

fn hurt(file: &Path, harm: Harm, rng: &mut Rng) -> Result<()> {
    let mut bytes = fs::read(file)?;
    let at = rng.usize(..bytes.len());
    match harm {
        Harm::Flipped => bytes[at] ^= 1 << rng.u8(..8),
        Harm::Truncated => bytes.truncate(at),
        // As after a power cut: the end was never written.
        Harm::Torn => bytes[at..].fill(0),
        Harm::Emptied => bytes.clear(),
        Harm::Missing => return Ok(fs::remove_file(file)?),
    }
    Ok(fs::write(file, bytes)?)
}

/// Files that nobody sealed are named and read by nobody.
fn stray(ground: &Ground<'_>, report: &mut Report) -> Result<()> {
    let work = tempfile::tempdir()?;
    let home = work.path().join("home");
    copy(&ground.town.finished, &home)?;
    let strays = [
        "lake/days/2026-01-05/case-0000000000000000.parquet",
        "lake/days/2026-01-05/manifest-ffffffffffffffff.json",
        "lake/periods/2026-01/tally-0123456789abcdef.parquet",
        "lake/days/x.parquet#1",
    ];
    let sample =
        files(&home.join("lake/days"))?.into_iter().find(|file| file.extension().is_some_and(|is| is == "parquet"));
    for stray in strays {
        fs::copy(sample.as_ref().unwrap_or(&home.join("heng.toml")), home.join(stray))?;
    }
    let text = ground.heng.ok(&home, &["doctor"])?;
    for stray in strays.iter().take(3) {
        report.expect(text.contains(stray), || format!("{stray} is not named: {text}"));
    }
    report.expect(result(ground.heng, &home)? == ground.town.result, || "a stray file makes another score".to_owned());
    report.says("Stray files beside the sealed ones are named and read by nobody");
    Ok(())
}

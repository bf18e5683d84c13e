//! Rubbish and malice as input: refused or taken in bounded time and memory, never a panic, and the home stays sound.

use super::corpus::{Input, corpus};
use super::program::{Cost, said};
use super::town::copy;
use super::{Ground, Report};
use anyhow::Result;
use std::collections::BTreeMap;

/// Beyond what the same command takes on an empty input: seconds of the release build, and megabytes. A sample is taken
/// with a build that is several times slower.
const MOST: Cost = Cost { seconds: 20.0, megabytes: 400.0 };
const MOST_OF_SAMPLE: Cost = Cost { seconds: 90.0, ..MOST };

pub(super) fn run(ground: &Ground<'_>) -> Result<Report> {
    let mut report = Report::default();
    let most = if ground.counts.every > 1 { MOST_OF_SAMPLE } else { MOST };
    let parquet = std::fs::read(super::town::files(&ground.town.finished.join("lake/days/2026-01-05"))?.remove(0))?;
    let all = corpus(ground.seed, &parquet)?;
    let inputs: Vec<&Input> = all.iter().step_by(ground.counts.every).collect();
    let work = tempfile::tempdir()?;
    let home = work.path().join("home");
    copy(&ground.town.finished, &home)?;
    let (mut taken, mut refused) = (0, 0);
    let mut worst = [("", 0.0), ("", 0.0)];
    let mut empty: BTreeMap<String, Cost> = BTreeMap::new();
    for input in &inputs {
        let place = work.path().join(format!("input.{}", input.ending));
        let map = work.path().join("map.toml");
        std::fs::write(&map, &input.mapping)?;
        let (file, map) = (place.to_string_lossy().into_owned(), map.to_string_lossy().into_owned());
        let words: Vec<&str> = input
            .words
            .iter()
            .map(|word| match *word {
                "FILE" => file.as_str(),
                "MAP" => map.as_str(),
                word => word,
            })
            .collect();
        let key = format!("{:?} {}", input.words, input.ending);
        if !empty.contains_key(&key) {
            std::fs::write(&place, b"")?;
            empty.insert(key.clone(), ground.heng.measured(&home, &words)?.1);
        }
        let base = empty[&key];
        std::fs::write(&place, &input.bytes)?;
        let (output, cost) = ground.heng.measured(&home, &words)?;
        let text = said(&output);
        match output.status.code() {
            Some(0) => taken += 1,
            Some(1 | 2) => refused += 1,
            _ => report.fails(format!("{}: {}", input.name, output.status)),
        }
        report.expect(!text.contains("panicked") && text.len() < 16_000, || format!("{}: {text:.500}", input.name));
        let (seconds, megabytes) = (cost.seconds - base.seconds, cost.megabytes - base.megabytes);
        report.expect(seconds < most.seconds, || format!("{}: {seconds:.1} s more than on nothing", input.name));
        report.expect(megabytes < most.megabytes, || format!("{}: {megabytes:.0} MB more than on nothing", input.name));
        for (worst, value) in worst.iter_mut().zip([seconds, megabytes]) {
            if value > worst.1 {
                *worst = (&input.name, value);
            }
        }
    }
    let doctor = ground.heng.run(&home, &["doctor"])?;
    let text = String::from_utf8_lossy(&doctor.stdout).into_owned();
    report.expect(doctor.status.success(), || format!("the home is not sound afterwards: {text}"));
    report.says(format!("{} inputs: {taken} taken in or answered with bad rows, {refused} refused", inputs.len()));
    report.says(format!("The slowest: {} with {:.1} s more than on an empty input", worst[0].0, worst[0].1));
    report.says(format!("The largest: {} with {:.0} MB more than on an empty input", worst[1].0, worst[1].1));
    report.expect(ground.counts.every > 1 || inputs.len() >= 150, || format!("only {} inputs", inputs.len()));
    Ok(report)
}

//! SIGKILL. Afterwards nothing is half there, and going on leads where an undisturbed run leads.

use super::program::{Program, said};
use super::town::{PERIOD, Station, copy, files, result};
use super::{Ground, Report};
use anyhow::{Context as _, Result};
use fastrand::Rng;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// What the program says of itself while it works; a kill falls into the last one it said.
const PHASES: [&str; 11] = [
    "reading rows",
    "reading facts",
    "writing files",
    "writing the manifest",
    "gathering",
    "freezing inputs",
    "reading inputs",
    "scoring",
    "transaction begins",
    "commit begins",
    "commit done",
];

/// The phases that must be hit: files of a day on their way, and the pointer that moves to them.
const MUST: [(&str, &str, u32); 2] = [("sealing", "writing files", 10), ("the pointer's move", "commit begins", 10)];

/// What an undisturbed run of a station takes and says.
struct Measured {
    station: usize,
    duration: Duration,
    /// How often each phase was said.
    phases: BTreeMap<&'static str, u32>,
}

/// When to kill.
enum Moment {
    /// After so long.
    After(Duration),
    /// When a phase was said for the so many-th time, and a little later.
    In(&'static str, u32, Duration),
}

pub(super) fn run(ground: &Ground<'_>) -> Result<Report> {
    let stations = &ground.town.stations;
    let measured =
        stations.iter().enumerate().map(|(at, station)| measure(ground, at, station)).collect::<Result<Vec<_>>>()?;
    let (next, found) = (AtomicU32::new(0), Mutex::new((Report::default(), BTreeMap::<String, u32>::new(), 0_u32)));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let kill = next.fetch_add(1, Ordering::Relaxed);
                    if kill >= ground.counts.kills {
                        return;
                    }
                    if kill > 0 && kill.is_multiple_of(100) {
                        println!("  {kill} of {}", ground.counts.kills);
                    }
                    let outcome = one(ground, &measured, kill);
                    let Ok(mut found) = found.lock() else { return };
                    match outcome {
                        Ok((fell, problems)) => {
                            match fell {
                                Some(phase) => *found.1.entry(phase).or_default() += 1,
                                None => found.2 += 1,
                            }
                            for problem in problems {
                                found.0.fails(format!("kill {kill}: {problem}"));
                            }
                        }
                        Err(error) => found.0.fails(format!("kill {kill}: {error:#}")),
                    }
                }
            });
        }
    });
    let (mut report, phases, late) = found.into_inner().ok().context("a worker failed")?;
    report.says(format!(
        "{} runs, {} of them killed, {late} were done before it fell; after each the home was sound, nothing in it was \
         half written, the score was that of a whole day or refused, and going on gave the same digests",
        ground.counts.kills,
        ground.counts.kills - late
    ));
    let rows: Vec<String> = phases.iter().map(|(phase, count)| format!("{phase} {count}")).collect();
    report.says(format!("Where the kills fell: {}", rows.join(", ")));
    for (what, phase, least) in MUST {
        let count: u32 = phases.iter().filter(|(at, _)| at.ends_with(phase)).map(|(_, count)| count).sum();
        // A few kills may miss any phase by chance.
        let least = least.min(ground.counts.kills / 100);
        report.expect(count >= least, || format!("only {count} kills fell into {what}, {least} should"));
    }
    Ok(report)
}

fn measure(ground: &Ground<'_>, at: usize, station: &Station) -> Result<Measured> {
    let work = tempfile::tempdir()?;
    let home = work.path().join("home");
    copy(&station.before, &home)?;
    let started = Instant::now();
    let output = ground.heng.command(&home, &station.words()).output()?;
    let duration = started.elapsed();
    let mut phases = BTreeMap::new();
    for phase in said(&output).lines().filter_map(phase_of) {
        *phases.entry(phase).or_default() += 1;
    }
    Ok(Measured { station: at, duration, phases })
}

fn phase_of(line: &str) -> Option<&'static str> {
    PHASES.into_iter().find(|phase| line.contains(phase))
}

/// One kill: where it fell, if it fell, and what was wrong afterwards.
fn one(ground: &Ground<'_>, measured: &[Measured], kill: u32) -> Result<(Option<String>, Vec<String>)> {
    let mut rng = Rng::with_seed(ground.seed.wrapping_mul(1_000_003).wrapping_add(kill.into()));
    let of = &measured[rng.usize(..measured.len())];
    let station = &ground.town.stations[of.station];
    let moment = moment(&mut rng, of);
    let work = tempfile::tempdir()?;
    let home = work.path().join("home");
    copy(&station.before, &home)?;
    let fell = kill_at(ground.heng.command(&home, &station.words()), &moment)?;
    let fell = fell.map(|phase| format!("{}: {phase}", station.name));
    let mut problems = half_written(&home)?;
    problems.extend(unsound(ground.heng, &home)?);
    // Whoever looks now sees whole days or is told that they are not there.
    let score = ground.heng.run(&home, &["score", PERIOD, "--json"])?;
    let text = said(&score);
    if !score.status.success() && !text.contains("sealed") {
        problems.push(format!("{}: the score failed: {text}", station.name));
    }
    // Going on: the same command again, then the rest of the way.
    for station in &ground.town.stations[of.station..] {
        let again = ground.heng.run(&home, &station.words())?;
        if !again.status.success() {
            problems.push(format!("{} after a kill: {}", station.name, said(&again)));
            return Ok((fell, problems));
        }
    }
    if result(ground.heng, &home)? != ground.town.result {
        problems.push(format!("{}: another result than undisturbed", station.name));
    }
    Ok((fell, problems))
}

/// Half of the kills are blind; the others aim at a phase, whichever, so that short ones are hit too.
fn moment(rng: &mut Rng, of: &Measured) -> Moment {
    let phases: Vec<_> = of.phases.iter().collect();
    if phases.is_empty() || rng.bool() {
        return Moment::After(of.duration.mul_f64(rng.f64()));
    }
    let (phase, count) = phases[rng.usize(..phases.len())];
    Moment::In(phase, rng.u32(1..=*count), Duration::from_micros(rng.u64(..1_500)))
}

/// Starts a command and kills it. Returns the phase it was in, or nothing if it was done before.
fn kill_at(mut command: Command, moment: &Moment) -> Result<Option<&'static str>> {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let stderr = child.stderr.take().context("its standard error")?;
    let (send, lines) = channel();
    let reader = std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            if let Some(phase) = phase_of(&line)
                && send.send(phase).is_err()
            {
                return;
            }
        }
    });
    let mut last = wait_for(&lines, moment);
    let finished = child.try_wait()?.is_some();
    child.kill()?;
    let status = child.wait()?;
    drop(reader.join());
    last = lines.try_iter().last().or(last);
    // A status of its own says that it came first.
    Ok((!finished && status.code().is_none()).then_some(last.unwrap_or("starting")))
}

/// Waits until the moment; returns the last phase that was said.
fn wait_for(lines: &Receiver<&'static str>, moment: &Moment) -> Option<&'static str> {
    let started = Instant::now();
    let mut last = None;
    match moment {
        Moment::After(duration) => loop {
            match lines.recv_timeout(duration.saturating_sub(started.elapsed())) {
                Ok(phase) => last = Some(phase),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return last,
            }
        },
        Moment::In(wanted, count, later) => {
            let mut seen = 0;
            for phase in lines {
                last = Some(phase);
                seen += u32::from(phase == *wanted);
                if seen == *count {
                    std::thread::sleep(*later);
                    return last;
                }
            }
            last
        }
    }
}

/// Sealed files carry their digest in their name: under a final name there is nothing half written.
fn half_written(home: &Path) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for file in files(&home.join("lake"))? {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // What is on its way has a number at its end, and nobody reads it.
        let Some((stem, "parquet" | "json")) = name.rsplit_once('.') else { continue };
        let digest = Sha256::digest(std::fs::read(&file)?);
        let digest = digest.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        if !stem.rsplit('-').next().is_some_and(|short| digest.starts_with(short)) {
            problems.push(format!("{} is not what its name says", file.display()));
        }
    }
    Ok(problems)
}

fn unsound(heng: &Program, home: &Path) -> Result<Option<String>> {
    let doctor = heng.run(home, &["doctor"])?;
    let text = String::from_utf8_lossy(&doctor.stdout).into_owned() + &said(&doctor);
    Ok((!doctor.status.success()).then(|| format!("the doctor: {text}")))
}

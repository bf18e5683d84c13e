//! A server killed under load: what it said it had is there, and nothing is there twice.

use super::{Ground, Report};
use anyhow::{Context as _, Result, ensure};
use fastrand::Rng;
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::Mutex;
use std::time::Duration;

const DAY: &str = "2026-03-05";
/// Batches that are new in the life of a server, and facts in each.
const BATCHES: u32 = 60;
const FACTS: u32 = 5;
const SENDERS: u64 = 4;

pub(super) fn run(ground: &Ground<'_>) -> Result<Report> {
    let mut report = Report::default();
    let work = tempfile::tempdir()?;
    let lives = ground.counts.servers;
    let mut undisturbed = Office::new(ground, &work.path().join("undisturbed"), None)?;
    undisturbed.closes = false;
    let all: BTreeSet<u32> = (0..lives * BATCHES).collect();
    let life = undisturbed.live(ground, all, &BTreeSet::new(), None, ground.seed)?;
    ensure!(life.waiting.is_empty(), "the undisturbed server did not take everything");
    let expected = undisturbed.sealed(ground)?.pop().context("a manifest")?;
    let engines = [("SQLite", None), ("PostgreSQL", testkit::postgres().map(testkit::Postgres::database))];
    for (name, url) in engines {
        if name == "PostgreSQL" && url.is_none() {
            report.says("PostgreSQL is not here: skipped");
            continue;
        }
        let office = Office::new(ground, &work.path().join(name), url.as_deref())?;
        fs::copy(undisturbed.home.join(KEY), office.home.join(KEY))?;
        let mut rng = Rng::with_seed(ground.seed);
        let (mut waiting, mut taken, mut under_way) = (BTreeSet::new(), BTreeSet::new(), 0);
        for life in 0..lives {
            waiting.extend(life * BATCHES..(life + 1) * BATCHES);
            let kill = Duration::from_micros(rng.u64(1_000..120_000));
            let post = office.live(ground, waiting, &taken, Some(kill), rng.u64(..))?;
            under_way += u32::from(post.cut > 0);
            taken.extend(post.taken);
            waiting = post.waiting;
            if life > 0 && life.is_multiple_of(100) {
                println!("  {name}: {life} of {lives}");
            }
        }
        // What nobody was told was taken is sent again; what was said to be taken is not.
        let left = office.live(ground, waiting, &BTreeSet::new(), None, ground.seed)?.waiting;
        report.expect(left.is_empty(), || format!("{name}: {} batches were never taken", left.len()));
        let sealed = office.sealed(ground)?;
        // The servers close days while facts come in: files of fewer facts may lie beside. Facts only come, so whoever once
        // had all of them has all of them.
        report.expect(sealed.contains(&expected), || format!("{name}: the day is not that of the undisturbed server"));
        report.expect(ground.heng.run(&office.home, &["doctor"])?.status.success(), || format!("{name}: doctor"));
        report.says(format!(
            "{name}: {lives} servers killed, {under_way} of them with requests under way; {} facts sent by {SENDERS} clients, \
             some again and again, and the day sealed {} times; every one that was acknowledged is there, none twice, and the \
             day is to the byte that of a server that nothing disturbed",
            lives * BATCHES * FACTS,
            sealed.len()
        ));
    }
    Ok(report)
}

/// The key of pseudonyms: with another one a day has other bytes.
const KEY: &str = "keys/pseudonym.key";

/// A home and the token of a source.
pub(super) struct Office {
    pub(super) home: PathBuf,
    pub(super) token: String,
    /// Whether its servers close days, too.
    pub(super) closes: bool,
}

/// What is still to be sent, and what was acknowledged.
struct Post {
    waiting: BTreeSet<u32>,
    taken: BTreeSet<u32>,
    /// Requests without an answer.
    cut: u32,
    rng: Rng,
    /// The server is gone, or everything was taken.
    over: bool,
}

impl Office {
    pub(super) fn new(ground: &Ground<'_>, home: &Path, url: Option<&str>) -> Result<Self> {
        let words: Vec<&str> = url.iter().flat_map(|url| ["--database-url", url]).collect();
        ground.heng.ok(home, &[&["init"], &words[..]].concat())?;
        let token = ground.heng.ok(home, &["token", "add", "drill"])?.trim().to_owned();
        Ok(Self { home: home.to_owned(), token, closes: true })
    }

    /// Starts a server and sends batches, until it is killed or has taken all. Of what was acknowledged before, some is sent again.
    fn live(
        &self,
        ground: &Ground<'_>,
        waiting: BTreeSet<u32>,
        before: &BTreeSet<u32>,
        kill: Option<Duration>,
        seed: u64,
    ) -> Result<Post> {
        let (mut server, address) = self.start(ground)?;
        let post = Mutex::new(Post { waiting, taken: BTreeSet::new(), cut: 0, rng: Rng::with_seed(seed), over: false });
        let repeats: Vec<u32> = before.iter().copied().collect();
        std::thread::scope(|scope| {
            for _ in 0..SENDERS {
                scope.spawn(|| self.send_all(&address, &post, &repeats, kill.is_none()));
            }
            if let Some(after) = kill {
                // The moment is the drill's; nothing is waited for.
                std::thread::sleep(after);
                let _ = server.kill();
                if let Ok(mut post) = post.lock() {
                    post.over = true;
                }
            }
        });
        if kill.is_none() {
            stop(&mut server)?;
        }
        server.wait()?;
        post.into_inner().ok().context("a sender failed")
    }

    pub(super) fn start(&self, ground: &Ground<'_>) -> Result<(Child, String)> {
        let mut command = ground.heng.command(&self.home, &["serve", "--port", "0"]);
        if !self.closes {
            command.env("HENG_CLOSE_AT", "never");
        }
        let mut server = command.env("HENG_LOG", "error").stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut line = String::new();
        BufReader::new(server.stdout.take().context("its output")?).read_line(&mut line)?;
        let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).context("an address")?;
        Ok((server, address.to_owned()))
    }

    /// Sends one batch after another.
    fn send_all(&self, address: &str, post: &Mutex<Post>, repeats: &[u32], to_the_end: bool) {
        loop {
            let (batch, again) = {
                let Ok(mut post) = post.lock() else { return };
                if post.over {
                    return;
                }
                let again = !repeats.is_empty() && (post.waiting.is_empty() || post.rng.u8(..) < 50);
                if again {
                    (repeats[post.rng.usize(..repeats.len())], true)
                } else if let Some(batch) = post.waiting.pop_first() {
                    (batch, false)
                } else if to_the_end {
                    return;
                } else {
                    continue;
                }
            };
            let taken = self.send(address, batch).unwrap_or(false);
            let Ok(mut post) = post.lock() else { return };
            post.cut += u32::from(!taken);
            match (taken, again) {
                (true, _) => drop(post.taken.insert(batch)),
                (false, true) => {}
                (false, false) => drop(post.waiting.insert(batch)),
            }
        }
    }

    /// Whether a batch was acknowledged.
    fn send(&self, address: &str, batch: u32) -> Result<bool> {
        let mut answer = String::new();
        self.post(address, batch, &[])?.read_to_string(&mut answer)?;
        Ok(answer.starts_with("HTTP/1.1 200 "))
    }

    /// Sends a batch, with more headers; the answer is still to be read.
    pub(super) fn post(&self, address: &str, batch: u32, headers: &[&str]) -> Result<TcpStream> {
        let facts: Vec<String> = (0..FACTS).map(|at| fact(batch * FACTS + at)).collect();
        let body = format!("[{}]", facts.join(","));
        let mut stream = TcpStream::connect(address)?;
        let more = headers.iter().fold(String::new(), |more, header| more + header + "\r\n");
        write!(
            stream,
            "POST /api/v1/facts/case HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\n{more}Content-Length: {}\r\n\r\n{body}",
            self.token,
            body.len()
        )?;
        Ok(stream)
    }

    /// The manifests of the day, closed: the digest of every file that its facts became.
    fn sealed(&self, ground: &Ground<'_>) -> Result<Vec<String>> {
        ground.heng.ok(&self.home, &["close", DAY])?;
        let folder = self.home.join("lake/days").join(DAY);
        let manifests =
            super::town::files(&folder)?.into_iter().filter(|file| file.to_string_lossy().contains("manifest"));
        Ok(manifests.map(fs::read_to_string).collect::<Result<_, _>>()?)
    }
}

/// A case whose every value follows from its number.
fn fact(number: u32) -> String {
    let (window, staff, minute, second) = (number % 7, number % 23, number / 60 % 60, number % 60);
    format!(
        r#"{{"id":"C{number}","window":"W{window}","staff":"S{staff}","client":"138{number:08}","accepted_at":"{DAY}T09:{minute:02}:{second:02}","finished_at":"{DAY}T11:{minute:02}:{second:02}"}}"#
    )
}

/// Asks a server to end, as a service manager does.
pub(super) fn stop(server: &mut Child) -> Result<()> {
    let id = server.id().to_string();
    ensure!(std::process::Command::new("kill").args(["-TERM", &id]).status()?.success(), "kill");
    Ok(())
}

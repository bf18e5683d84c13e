//! A PostgreSQL server from the installed binaries, in a temporary folder, for as long as the tests of a process run.

use super::{found, free_port};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;

/// How the folders of servers begin, followed by the process whose tests use it.
const PREFIX: &str = "heng-postgres-";
/// The account of the server, and its only user.
const USER: &str = "heng";

/// A running server.
#[derive(Debug)]
pub struct Postgres {
    port: u16,
    bin: PathBuf,
    databases: AtomicU32,
}

/// The server of this process, started when first asked for. Without `initdb` on the search path there is none: a printed
/// skip, or a panic if `HENG_REQUIRE` names postgres.
///
/// # Panics
///
/// If the server is required and not here, or does not start.
pub fn postgres() -> Option<&'static Postgres> {
    static SERVER: OnceLock<Option<Postgres>> = OnceLock::new();
    SERVER
        .get_or_init(|| {
            let bin = binaries();
            found("postgres", bin.is_some(), "PostgreSQL (initdb on the search path)").then_some(())?;
            Some(Postgres::start(bin?))
        })
        .as_ref()
}

impl Postgres {
    fn start(bin: PathBuf) -> Self {
        let (started, port) = channel();
        let of_server = bin.clone();
        // The server ends with the thread that started it, which ends with the process, in whatever way.
        std::thread::spawn(move || {
            let (port, mut server, _folder) = launch(&of_server);
            let _ = started.send(port);
            let _ = server.wait();
        });
        let port = port.recv().expect("the server starts");
        Self { port, bin, databases: AtomicU32::new(0) }
    }

    /// A new, empty database. Returns its URL.
    ///
    /// # Panics
    ///
    /// If it cannot be made.
    pub fn database(&self) -> String {
        let name = format!("test{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.run("createdb", &[&name]);
        self.url(&name)
    }

    /// Runs a statement in a database of the server.
    ///
    /// # Panics
    ///
    /// If it fails.
    pub fn execute(&self, url: &str, sql: &str) -> String {
        let database = url.rsplit('/').next().unwrap_or_default();
        self.run("psql", &["-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql, database])
    }

    fn url(&self, name: &str) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/{name}", self.port)
    }

    fn run(&self, program: &str, words: &[&str]) -> String {
        let mut command = Command::new(self.bin.join(program));
        command.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", USER]).args(words);
        let output = command.output().expect("the program starts");
        assert!(output.status.success(), "{program} {words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

/// The folder of the server's binaries.
fn binaries() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let initdb = std::env::split_paths(&path).map(|folder| folder.join("initdb")).find(|file| file.exists())?;
    // On Debian a link leads to where all of them are.
    Some(fs::canonicalize(initdb).ok()?.parent()?.to_owned())
}

/// Makes a cluster and starts a server on it; returns once it listens.
fn launch(bin: &Path) -> (u16, Child, tempfile::TempDir) {
    sweep();
    let prefix = format!("{PREFIX}{}-", std::process::id());
    let folder = tempfile::Builder::new().prefix(&prefix).tempdir().expect("a folder");
    let owner = Owner::of_server();
    owner.give(folder.path());
    let data = folder.path().join("data");
    let words = ["-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "-D"];
    let made = owner.command(&bin.join("initdb")).args(words).arg(&data).output().expect("initdb starts");
    assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
    let port = free_port();
    // A test asks what the program does, not whether the disk keeps it.
    let settings = ["fsync=off", "listen_addresses=127.0.0.1", "log_min_messages=fatal", "max_connections=200"];
    let mut command = owner.command(&bin.join("postgres"));
    command.arg("-D").arg(&data).args(["-p", &port.to_string(), "-k"]).arg(folder.path());
    for setting in settings {
        command.args(["-c", setting]);
    }
    let mut server = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("postgres starts");
    wait_until_ready(bin, port, &mut server);
    (port, server, folder)
}

/// Removes what servers of processes that are gone left behind: a process ends without tidying up after its threads.
fn sweep() {
    let temporary = tempfile::env::temp_dir();
    for entry in fs::read_dir(&temporary).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let process = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next());
        if process.is_some_and(|process| !Path::new("/proc").join(process).exists()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn wait_until_ready(bin: &Path, port: u16, server: &mut Child) {
    let ready = || {
        let words = ["-q", "-t", "1", "-h", "127.0.0.1", "-p", &port.to_string()];
        Command::new(bin.join("pg_isready")).args(words).status().is_ok_and(|status| status.success())
    };
    while !ready() {
        if server.try_wait().is_ok_and(|ended| ended.is_some()) {
            let mut said = Vec::new();
            let lines = server.stderr.take().map(|err| BufReader::new(err).lines());
            said.extend(lines.into_iter().flatten().map_while(Result::ok));
            panic!("postgres ended: {}", said.join("\n"));
        }
    }
}

/// Whose processes and files the server's are: it refuses to run as root.
struct Owner {
    root: bool,
}

impl Owner {
    fn of_server() -> Self {
        let id = Command::new("id").arg("-u").output().map(|output| output.stdout).unwrap_or_default();
        Self { root: id.trim_ascii() == b"0" }
    }

    fn give(&self, folder: &Path) {
        if self.root {
            let given = Command::new("chown").arg("postgres:").arg(folder).status();
            assert!(given.is_ok_and(|status| status.success()), "the account postgres owns the folder");
        }
    }

    /// A command that ends at once with the thread that started it.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("setpriv");
        if self.root {
            command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]);
        }
        command.args(["--pdeathsig=QUIT", "--"]).arg(program);
        command
    }
}

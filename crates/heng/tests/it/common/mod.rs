//! A home in a temporary folder, and the real program run in it.

pub(crate) mod authority;
pub(crate) mod office;

pub(crate) use testkit::found;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};

/// A home that is gone when dropped.
pub(crate) struct TestHome {
    folder: tempfile::TempDir,
}

impl TestHome {
    /// An empty folder with no home in it yet.
    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    /// A new home with a scheme file.
    pub(crate) fn with_scheme(scheme: &Path) -> Self {
        let home = Self::empty();
        home.ok(&["init", "--scheme", path(scheme)]);
        home
    }

    /// Where the home is.
    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// A file beside the home.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let file = self.folder.path().join(name);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        std::fs::write(&file, content).expect("written");
        file
    }

    /// Replaces a file in the home.
    pub(crate) fn home_file(&self, name: &str, content: &str) {
        std::fs::write(self.home().join(name), content).expect("written");
    }

    /// Runs the program.
    pub(crate) fn run(&self, words: &[&str]) -> Output {
        self.run_in(&[], words)
    }

    /// Runs the program with more in its environment.
    pub(crate) fn run_in(&self, environment: &[(&str, &str)], words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_heng"))
            .envs(environment.iter().copied())
            .args(["--home", path(&self.home())])
            .env("LANG", "en_US.UTF-8")
            .env_remove("LC_ALL")
            .args(words)
            .env_remove("RUST_BACKTRACE")
            .env("TZ", "America/New_York")
            .output()
            .expect("the program starts")
    }

    /// Runs the program, which must succeed, and returns what it printed.
    pub(crate) fn ok(&self, words: &[&str]) -> String {
        let output = self.run(words);
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "heng {words:?}: {}\n{out}\n{err}", output.status);
        out
    }

    /// Runs the program, which must fail with this status, and returns what it said.
    pub(crate) fn fails(&self, status: i32, words: &[&str]) -> String {
        let output = self.run(words);
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(status), "heng {words:?}\n{out}\n{err}");
        err
    }

    /// The scores of a period.
    pub(crate) fn scores(&self, words: &[&str]) -> serde_json::Value {
        let mut all = vec!["score"];
        all.extend(words);
        all.push("--json");
        serde_json::from_str(&self.ok(&all)).expect("JSON")
    }
}

/// A Python that has these modules; without one, a printed skip, or a failure if `HENG_REQUIRE` names python.
/// `HENG_PYTHON` names one; `.ci/run` makes it.
#[expect(clippy::disallowed_methods, reason = "tests read what they need from the environment")]
pub(crate) fn python(modules: &[&str]) -> Option<String> {
    let python = std::env::var("HENG_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let imports = format!("import {}", modules.join(", "));
    let here = Command::new(&python).args(["-c", &imports]).output().is_ok_and(|output| output.status.success());
    found("python", here, &format!("{python} with {modules:?}")).then_some(python)
}

/// Runs a script under this Python; it must succeed. Returns what it printed.
pub(crate) fn run_python(python: &str, words: &[&str]) -> String {
    let output = Command::new(python).args(words).output().expect("python starts");
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{words:?}: {}\n{out}\n{err}", output.status);
    out
}

/// Runs an example's `run.sh` with this program, in this home; standard output is the scores and nothing else.
pub(crate) fn run_example(name: &str, words: &[&Path], home: &TestHome) -> serde_json::Value {
    let script = project().join("examples").join(name).join("run.sh");
    let folder = Path::new(env!("CARGO_BIN_EXE_heng")).parent().expect("a folder");
    // The system's own folders have bash and what the scripts call.
    let search = std::env::join_paths([folder, Path::new("/usr/local/bin"), Path::new("/usr/bin"), Path::new("/bin")]);
    let output = Command::new("bash")
        .arg(&script)
        .args(words)
        .env("PATH", search.expect("a search path"))
        .env("HENG_HOME", home.home())
        .output()
        .expect("bash starts");
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{name}: {}\n{out}\n{err}", output.status);
    serde_json::from_str(&out).expect("JSON and nothing else")
}

/// A running server of a home; it is asked to end when dropped.
pub(crate) struct Server {
    process: Child,
    /// `http://127.0.0.1:PORT`
    pub(crate) address: String,
    /// Where the server tells its counters.
    counters: Option<String>,
}

impl Server {
    /// Serves a home on any free port, and waits until it says where.
    pub(crate) fn of(home: &TestHome, words: &[&str]) -> Self {
        Self::with(home, words, &[], Stdio::inherit())
    }

    /// The same, with more in its environment, and its log somewhere else.
    pub(crate) fn with(home: &TestHome, words: &[&str], environment: &[(&str, &str)], log: impl Into<Stdio>) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_heng"))
            .args(["--home", path(&home.home()), "--lang", "en", "serve", "--port", "0"])
            .args(words)
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        let mut out = BufReader::new(process.stdout.take().expect("its output"));
        out.read_line(&mut line).expect("a line");
        let address = |line: &str| {
            let is_address = |word: &&str| word.starts_with("http://") || word.starts_with("https://");
            let address = line.split_whitespace().find(is_address).expect("an address");
            address.trim_end_matches('/').to_owned()
        };
        let pages = address(&line);
        let mut counters = None;
        if words.contains(&"--metrics-port") {
            line.clear();
            out.read_line(&mut line).expect("a line");
            counters = Some(address(&line));
        }
        Self { process, address: pages, counters }
    }

    /// What is counted about the server.
    pub(crate) fn counters(&self) -> String {
        let address = self.counters.as_ref().expect("it was asked for counters");
        let host = address.trim_start_matches("http://").split('/').next().unwrap_or_default();
        let mut stream = TcpStream::connect(host).expect("connected");
        let request = format!("GET /metrics HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("answered");
        text(&answer)
    }

    /// Sends one request as it stands and returns the whole answer.
    pub(crate) fn send(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address.trim_start_matches("http://")).expect("connected");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("answered");
        text(&answer)
    }

    /// The answer to a plain request for a path.
    pub(crate) fn get(&self, path: &str) -> String {
        let host = self.address.trim_start_matches("http://");
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"))
    }

    /// Begins to listen to what the server tells of the open day.
    pub(crate) fn listen(&self) -> Listening {
        let host = self.address.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).expect("connected");
        stream.set_read_timeout(Some(std::time::Duration::from_secs(30))).expect("a socket");
        // In this version an answer comes as it is, not in pieces with their lengths.
        stream.write_all(format!("GET /api/v1/stream HTTP/1.0\r\nHost: {host}\r\n\r\n").as_bytes()).expect("sent");
        let mut lines = BufReader::new(stream);
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            lines.read_line(&mut line).expect("a head");
            assert!(!line.starts_with("HTTP/1") || line.contains(" 200 "), "{line}");
        }
        Listening(lines)
    }

    /// Sends a body with these headers besides. Returns the status, the head and the body of the answer.
    pub(crate) fn post(&self, path: &str, headers: &[&str], body: &[u8]) -> (u16, String, String) {
        let host = self.address.trim_start_matches("http://");
        let mut head =
            format!("POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
        for header in headers {
            head.push_str(header);
            head.push_str("\r\n");
        }
        head.push_str("\r\n");
        let mut stream = TcpStream::connect(host).expect("connected");
        stream.write_all(head.as_bytes()).expect("sent");
        // A server that refuses by the head alone may hang up before the body is through.
        let _ = stream.write_all(body);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = text(&answer);
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        (status, head.to_owned(), body.to_owned())
    }

    /// Sends the server a signal.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().is_ok_and(|status| status.success()));
    }

    /// Asks the server to end, as a service manager does, and waits for it.
    pub(crate) fn stop(mut self) -> ExitStatus {
        self.signal("-TERM");
        self.process.wait().expect("it ends")
    }
}

/// Events as a server sends them.
pub(crate) struct Listening(BufReader<TcpStream>);

impl Listening {
    /// The next event with data, and its data; nothing once the server ends.
    pub(crate) fn next(&mut self) -> Option<(String, serde_json::Value)> {
        let (mut name, mut line) = (String::new(), String::new());
        loop {
            line.clear();
            if self.0.read_line(&mut line).expect("something within half a minute") == 0 {
                return None;
            }
            if let Some(event) = line.trim().strip_prefix("event: ") {
                event.clone_into(&mut name);
            }
            if let Some(data) = line.trim().strip_prefix("data: ") {
                return Some((name, serde_json::from_str(data).expect("JSON")));
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have been stopped already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A path as text.
pub(crate) fn path(path: &Path) -> &str {
    path.to_str().expect("a path of text")
}

/// The project's own folder.
pub(crate) fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the project")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

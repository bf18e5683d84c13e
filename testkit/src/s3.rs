//! A server of buckets that speaks S3, for as long as a test wants it.

use super::{found, free_port};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The name of the key that the server takes.
pub const ACCESS_KEY: &str = "heng-test";
/// The key that it takes.
pub const SECRET_KEY: &str = "not-a-secret-4d1f";
/// The bucket that it begins with.
const BUCKET: &str = "heng";

/// A server, whose objects are files.
#[derive(Debug)]
pub struct S3 {
    program: PathBuf,
    port: u16,
    process: Child,
    folder: tempfile::TempDir,
}

/// A server of the test's own, with an empty bucket. Without `s3s-fs` on the search path there is none: a printed skip, or
/// a panic if `HENG_REQUIRE` names s3.
///
/// # Panics
///
/// If the server is required and not here, or does not start.
#[must_use]
pub fn s3() -> Option<S3> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let program = std::env::split_paths(&path).map(|folder| folder.join("s3s-fs")).find(|file| file.exists());
    found("s3", program.is_some(), "s3s-fs on the search path (.ci/run installs it)").then_some(())?;
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join(BUCKET)).expect("a bucket");
    let (program, port) = (program?, free_port());
    let process = start(&program, port, folder.path());
    Some(S3 { program, port, process, folder })
}

impl S3 {
    /// `http://127.0.0.1:PORT`
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// `s3://` with the bucket and a path in it.
    #[must_use]
    pub fn url(&self, prefix: &str) -> String {
        format!("s3://{BUCKET}/{prefix}")
    }

    /// The folder of the objects.
    #[must_use]
    pub fn objects(&self) -> PathBuf {
        self.folder.path().join(BUCKET)
    }

    /// Ends the server; its objects stay.
    ///
    /// # Panics
    ///
    /// If it cannot be ended.
    pub fn stop(&mut self) {
        self.process.kill().expect("ended");
        self.process.wait().expect("ended");
    }

    /// Starts it again, where it was.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub fn start(&mut self) {
        self.process = start(&self.program, self.port, self.folder.path());
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        // It may have been stopped already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts a server, which ends with the thread that started it, and returns once it listens.
fn start(program: &Path, port: u16, folder: &Path) -> Child {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig=KILL", "--"]).arg(program).args(["--host", "127.0.0.1", "--port", &port.to_string()]);
    command.args(["--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY]).arg(folder);
    let mut process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("s3s-fs starts");
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(process.try_wait().is_ok_and(|ended| ended.is_none()), "s3s-fs ended");
    }
    process
}

//! The program under drill.

use anyhow::{Context as _, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The built program.
#[derive(Debug)]
pub(super) struct Program {
    path: PathBuf,
}

/// What a run took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cost {
    pub(super) seconds: f64,
    pub(super) megabytes: f64,
}

impl Program {
    /// Builds it.
    pub(super) fn build(release: bool) -> Result<Self> {
        let mut build = Command::new("cargo");
        build.args(["build", "--quiet", "-p", "heng"]).args(release.then_some("--release"));
        ensure!(build.current_dir(super::root()).status()?.success(), "the program could not be built");
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| super::root().join("target"), PathBuf::from);
        let path = target.join(if release { "release/heng" } else { "debug/heng" });
        Ok(Self { path: path.canonicalize().with_context(|| path.display().to_string())? })
    }

    /// A command of it at a home, its phases told on standard error.
    pub(super) fn command(&self, home: &Path, words: &[&str]) -> Command {
        let mut command = Command::new(&self.path);
        command.arg("--home").arg(home).args(["--lang", "en"]).args(words);
        command.env("HENG_LOG", "app=debug,store=debug").env_remove("RUST_BACKTRACE").stdin(Stdio::null());
        command
    }

    /// Runs it quietly.
    pub(super) fn run(&self, home: &Path, words: &[&str]) -> Result<Output> {
        Ok(self.command(home, words).env("HENG_LOG", "warn").output()?)
    }

    /// Runs it; it must succeed. Returns what it printed.
    pub(super) fn ok(&self, home: &Path, words: &[&str]) -> Result<String> {
        let output = self.run(home, words)?;
        let err = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "heng {words:?}: {}: {err}", output.status);
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs it under another program, which is given first with its words.
    pub(super) fn under(&self, outer: &[&str], home: &Path, words: &[&str]) -> Result<Output> {
        let (name, rest) = outer.split_first().context("an outer program")?;
        let mut command = Command::new(name);
        command.args(rest).arg(&self.path).arg("--home").arg(home).args(["--lang", "en"]).args(words);
        command.env("HENG_LOG", "warn").env_remove("RUST_BACKTRACE").stdin(Stdio::null());
        command.output().with_context(|| format!("{name}: install it"))
    }

    /// Runs it and measures.
    pub(super) fn measured(&self, home: &Path, words: &[&str]) -> Result<(Output, Cost)> {
        let file = tempfile::NamedTempFile::new()?;
        let to = file.path().to_str().context("a path of text")?;
        let output = self.under(&["/usr/bin/time", "-f", "%e %M", "-o", to], home, words)?;
        let text = std::fs::read_to_string(file.path())?;
        // A line of its own says so if the command failed.
        let line = text.lines().last().context("no measure")?;
        let (seconds, kilobytes) = line.split_once(' ').context("no measure")?;
        Ok((output, Cost { seconds: seconds.parse()?, megabytes: kilobytes.parse::<f64>()? / 1024.0 }))
    }
}

/// What a run said on standard error.
pub(super) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

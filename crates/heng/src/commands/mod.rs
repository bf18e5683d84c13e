//! The commands: each reads its words, calls a use case, and prints.

mod backfill;
mod backup;
mod close;
mod collect;
mod completions;
mod copy_db;
mod demo;
mod differences;
mod doctor;
mod explain;
mod generate;
mod import;
mod init;
mod man;
mod marks;
mod migrate;
mod odd;
mod restore;
mod scheme;
mod score;
mod serve;
mod status;
mod token;
mod whatif;

use crate::cli::{Cli, Command};
use anyhow::{Context as _, Result};
use app::home::{Given, Home, LogFormat, StorageKeys};
use etcetera::BaseStrategy as _;
use indicatif::{ProgressBar, ProgressStyle};
use model::time::Instant;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};
use store::Change;
use tokio::runtime::Runtime;

/// Runs a command. Exit status 0 = done, 1 = failed or found wanting.
pub(crate) fn run(cli: &Cli) -> Result<ExitCode> {
    match &cli.command {
        Command::Demo(args) => demo::run(cli, args),
        Command::Collect(args) => collect::run(cli, args),
        Command::Differences(args) => differences::run(cli, args),
        Command::CopyDb { to } => copy_db::run(cli, to),
        Command::Migrate => migrate::run(cli),
        Command::Backup { to } => backup::run(cli, to),
        Command::Restore(args) => restore::run(cli, args),
        Command::Init(args) => init::run(cli, args),
        Command::Generate(args) => generate::run(cli, args),
        Command::Serve(args) => serve::run(cli, args),
        Command::Status(args) => status::run(cli, args),
        Command::Import(args) => import::run(cli, args),
        Command::Backfill(args) => backfill::run(cli, args),
        Command::Close(args) => close::run(cli, args),
        Command::Score(args) => score::run(cli, args),
        Command::Explain(args) => explain::run(cli, args),
        Command::Marks(args) => marks::run(cli, args),
        Command::Odd(args) => odd::run(cli, args),
        Command::Completions { shell } => completions::run(cli, *shell),
        Command::Man { out } => man::run(cli, out.as_deref()),
        Command::Doctor => doctor::run(cli),
        Command::Whatif(args) => whatif::run(cli, args),
        Command::Token(command) => token::run(cli, command),
        Command::Scheme(command) => scheme::run(cli, command),
    }
}

/// The home that the command line or the environment names, else the one in the XDG data folder.
pub(crate) fn home_folder(cli: &Cli) -> Result<PathBuf> {
    if let Some(home) = cli.named_home() {
        return Ok(home.clone());
    }
    let folders = etcetera::choose_base_strategy().context("no home folder; say --home DIR")?;
    Ok(folders.data_dir().join("heng"))
}

/// The form of the log: of the command line or the environment, else of the home that is there.
pub(crate) fn log_format(cli: &Cli) -> LogFormat {
    let of_home = || app::home::log_format(&home_folder(cli).ok()?);
    cli.log_format.or_else(of_home).unwrap_or_default()
}

/// A home and the runtime that its database lives on.
pub(crate) struct Session {
    /// The runtime.
    pub runtime: Runtime,
    /// The home.
    pub home: Home,
}

impl Session {
    /// Opens a home for a command.
    pub(crate) fn open(folder: &std::path::Path, command: &str) -> Result<Self> {
        let runtime = Runtime::new().context("the runtime could not start")?;
        let home = runtime.block_on(Home::open(folder, command, &given()))?;
        Ok(Self { runtime, home })
    }

    /// Closes the database, so that its files are whole.
    pub(crate) fn close(self) {
        self.runtime.block_on(self.home.store.clone().close());
    }
}

/// What the environment says instead of `heng.toml`.
pub(crate) fn given() -> Given {
    let keys = of_environment("HENG_S3_ACCESS_KEY").zip(of_environment("HENG_S3_SECRET_KEY"));
    Given {
        database_url: of_environment("HENG_DATABASE_URL"),
        storage_url: of_environment("HENG_STORAGE_URL"),
        storage_endpoint: of_environment("HENG_STORAGE_ENDPOINT"),
        storage_keys: keys.map(|(access_key, secret_key)| StorageKeys { access_key, secret_key }),
        close_at: of_environment("HENG_CLOSE_AT"),
    }
}

/// What a variable of the environment says, if it says anything.
pub(crate) fn of_environment(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the binary is where the environment is read")]
    let text = std::env::var(name);
    text.ok().filter(|text| !text.is_empty())
}

/// A sign of life on a terminal, for work whose length nobody knows.
fn progress_bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {elapsed} {msg}");
    ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
}

/// Writes what somebody asked to have in a file.
fn write_file(file: &std::path::Path, content: &[u8]) -> Result<()> {
    std::fs::write(file, content).with_context(|| format!("{} could not be written", file.display()))
}

/// Who changes state from the command line, and when.
pub(crate) fn change() -> Result<Change<'static>> {
    #[expect(clippy::disallowed_methods, reason = "the binary is where the clock is read")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock stands before 1970")?;
    Ok(Change { actor: "cli", at: Instant(i64::try_from(now.as_secs())?) })
}

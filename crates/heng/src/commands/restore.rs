//! `heng restore`

use super::{backup, home_folder, progress_bar};
use crate::cli::Cli;
use anyhow::{Context as _, Result};
use app::backup::restore;
use std::path::Path;
use std::process::ExitCode;
use tokio::runtime::Runtime;

pub(super) fn run(cli: &Cli, from: &Path, database_url: Option<&str>) -> Result<ExitCode> {
    let folder = home_folder(cli)?;
    let runtime = Runtime::new().context("the runtime could not start")?;
    let bar = progress_bar();
    let mut told = |what: &str, count: u64| bar.set_message(format!("{what} {count}"));
    let list = runtime.block_on(restore(from, &folder, database_url, &mut told))?;
    bar.finish_and_clear();
    println!("{}: {}", folder.display(), backup::summary(cli.lang(), &list));
    Ok(ExitCode::SUCCESS)
}

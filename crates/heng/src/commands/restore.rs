//! `heng restore`

use super::{backup, given, home_folder, progress_bar};
use crate::cli::{Cli, RestoreArgs};
use anyhow::{Context as _, Result};
use app::backup::{Places, restore};
use std::process::ExitCode;
use tokio::runtime::Runtime;

pub(super) fn run(cli: &Cli, args: &RestoreArgs) -> Result<ExitCode> {
    let folder = home_folder(cli)?;
    let runtime = Runtime::new().context("the runtime could not start")?;
    let bar = progress_bar();
    let mut told = |what: &str, count: u64| bar.set_message(format!("{what} {count}"));
    let places = Places {
        database_url: args.database_url.clone(),
        storage_url: args.storage_url.clone(),
        storage_endpoint: args.storage_endpoint.clone(),
    };
    let list = runtime.block_on(restore(&args.from, &folder, &places, &given(), &mut told))?;
    bar.finish_and_clear();
    println!("{}: {}", folder.display(), backup::summary(cli.lang(), &list));
    Ok(ExitCode::SUCCESS)
}

//! `heng copy-db`

use super::{given, home_folder, progress_bar};
use crate::cli::Cli;
use anyhow::{Context as _, Result};
use app::home::Home;
use std::path::PathBuf;
use std::process::ExitCode;
use store::{Location, Store};
use tokio::runtime::Runtime;

pub(super) fn run(cli: &Cli, to: &str) -> Result<ExitCode> {
    let lang = cli.lang();
    let runtime = Runtime::new().context("the runtime could not start")?;
    let url = to.contains("://").then_some(to);
    let location = Location::of(url, PathBuf::from(to))?;
    let bar = progress_bar();
    let copied = runtime.block_on(async {
        // Nobody else writes meanwhile: what comes in between would be missed in the copy.
        let home = Home::open(&home_folder(cli)?, "copy-db", &given()).await?;
        let store = Store::create(&location).await.with_context(|| location.to_string())?;
        let mut told = |table: &'static str, rows: u64| bar.set_message(format!("{table} {rows}"));
        let copied = store.copy_from(&home.store, &mut told).await.with_context(|| location.to_string())?;
        store.close().await;
        home.store.clone().close().await;
        anyhow::Ok(copied)
    })?;
    bar.finish_and_clear();
    for table in &copied {
        println!("{:<14} {:>12}  {}", table.name, table.rows, table.digest);
    }
    println!(
        "{}: {location}\n{}",
        lang.pick("已复制并逐表核对", "copied, and every table compared"),
        lang.pick(
            "下一步:在 heng.toml 中写明 database_url(改用文件则删去该行)",
            "next: name it in heng.toml as database_url (or take that line out for the file heng.db)"
        )
    );
    Ok(ExitCode::SUCCESS)
}

//! `heng backup`

use super::{given, home_folder, progress_bar};
use crate::cli::Cli;
use anyhow::{Context as _, Result};
use app::backup::{BackupList, back_up};
use app::home::Home;
use render::Lang;
use std::path::Path;
use std::process::ExitCode;
use tokio::runtime::Runtime;

pub(super) fn run(cli: &Cli, to: &Path) -> Result<ExitCode> {
    let runtime = Runtime::new().context("the runtime could not start")?;
    let bar = progress_bar();
    let list = runtime.block_on(async {
        let home = Home::open_to_read(&home_folder(cli)?, &given()).await?;
        let mut told = |what: &str, count: u64| bar.set_message(format!("{what} {count}"));
        anyhow::Ok(back_up(&home, to, &mut told).await?)
    })?;
    bar.finish_and_clear();
    println!("{}: {}", to.display(), summary(cli.lang(), &list));
    Ok(ExitCode::SUCCESS)
}

/// What a backup holds, in one line.
pub(super) fn summary(lang: Lang, list: &BackupList) -> String {
    let rows: u64 = list.tables.values().map(|(rows, _)| rows).sum();
    let (files, bytes) = (list.files.len(), list.files.values().map(|(bytes, _)| bytes).sum::<u64>());
    let megabytes = bytes.div_ceil(1_000_000);
    match lang {
        Lang::Zh => {
            format!("数据库 {rows} 行(至第 {} 号操作),文件 {files} 个({megabytes} MB),均已核对", list.last_command)
        }
        Lang::En => format!(
            "{rows} rows of the database (up to command {}) and {files} files ({megabytes} MB), all compared",
            list.last_command
        ),
    }
}

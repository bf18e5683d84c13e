//! `heng migrate`

use super::{Session, home_folder};
use crate::cli::Cli;
use anyhow::Result;
use std::process::ExitCode;

pub(super) fn run(cli: &Cli) -> Result<ExitCode> {
    // Opening a home to write in it brings its tables up to date.
    Session::open(&home_folder(cli)?, "migrate")?.close();
    println!("{}", cli.lang().pick("数据库的表已是本程序的版本", "the tables are those of this program"));
    Ok(ExitCode::SUCCESS)
}

//! `heng completions`

use crate::cli::Cli;
use anyhow::Result;
use clap_complete::{Shell, generate};
use std::io::Write as _;
use std::process::ExitCode;

pub(super) fn run(cli: &Cli, shell: Shell) -> Result<ExitCode> {
    let mut script = Vec::new();
    generate(shell, &mut Cli::command_in(cli.lang()), "heng", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(ExitCode::SUCCESS)
}

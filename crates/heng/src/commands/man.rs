//! `heng man`

use crate::cli::Cli;
use anyhow::{Context as _, Result};
use clap::Command;
use clap_mangen::Man;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

pub(super) fn run(cli: &Cli, out: Option<&Path>) -> Result<ExitCode> {
    let mut command = Cli::command_in(cli.lang());
    command.build();
    let Some(folder) = out else {
        std::io::stdout().write_all(&page(command)?)?;
        return Ok(ExitCode::SUCCESS);
    };
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let mut written = 0;
    write(folder, "heng", &command, &mut written)?;
    println!("{}: {written} ({})", cli.lang().pick("已写入手册页", "manual pages written"), folder.display());
    Ok(ExitCode::SUCCESS)
}

/// The page of a command and those of its own commands: `heng-scheme-lint.1`.
fn write(folder: &Path, name: &str, command: &Command, written: &mut usize) -> Result<()> {
    let file = folder.join(format!("{name}.1"));
    std::fs::write(&file, page(command.clone())?).with_context(|| file.display().to_string())?;
    *written += 1;
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        write(folder, &format!("{name}-{}", sub.get_name()), sub, written)?;
    }
    Ok(())
}

fn page(command: Command) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    Man::new(command).render(&mut text)?;
    Ok(text)
}

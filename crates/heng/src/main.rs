//! Heng 衡: fair assessment of government service windows.

mod cli;
mod commands;

use clap::Parser as _;
use std::process::ExitCode;

/// Scoring and JSON ask for many small pieces of memory (ADR 0014).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // clap ends with status 2 by itself when the words are wrong.
    let cli = cli::Cli::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_env("HENG_LOG").unwrap_or_else(|_| "warn,sqlx=error".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match commands::run(&cli) {
        Ok(code) => code,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // The chain without repeats: an outer error often quotes its cause.
            let mut shown = String::new();
            for cause in error.chain() {
                let text = cause.to_string();
                if !shown.contains(&text) {
                    shown = if shown.is_empty() { text } else { format!("{shown}: {text}") };
                }
            }
            eprintln!("{}: {shown}", cli.lang().pick("错误", "error"));
            ExitCode::from(1)
        }
    }
}

/// `heng … | head` is no failure.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error.chain().find_map(|cause| cause.downcast_ref::<std::io::Error>());
    io.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

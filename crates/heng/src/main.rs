//! Heng 衡: fair assessment of government service windows.

mod cli;
mod commands;
mod log;
mod zh;

use anstyle::{AnsiColor, Style};
use app::home::LogFormat;
use render::failure;
use std::process::ExitCode;

/// Scoring and JSON ask for many small pieces of memory (ADR 0014).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Colours appear on a terminal only.
const ERROR: Style = AnsiColor::Red.on_default().bold();

fn main() -> ExitCode {
    // clap ends with status 2 by itself when the words are wrong.
    let cli = cli::Cli::of_words();
    let format = commands::log_format(&cli);
    log::begin(format);
    match commands::run(&cli) {
        Ok(code) => code,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let lang = cli.lang();
            if format == LogFormat::Json {
                tracing::error!(error = failure::text(lang, error.as_ref()), "the command failed");
                return ExitCode::from(1);
            }
            let (red, plain) = (ERROR.render(), ERROR.render_reset());
            anstream::eprintln!("{red}{}{plain}: {}", lang.pick("错误", "error"), failure::text(lang, error.as_ref()));
            ExitCode::from(1)
        }
    }
}

/// `heng … | head` is no failure.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error.chain().find_map(|cause| cause.downcast_ref::<std::io::Error>());
    io.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

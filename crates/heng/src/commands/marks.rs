//! `heng marks`

use super::{Session, home_folder};
use crate::cli::{Cli, MarksArgs};
use crate::render::marks;
use anyhow::Result;
use std::io::Write as _;
use std::process::ExitCode;

pub(super) fn run(cli: &Cli, args: &MarksArgs) -> Result<ExitCode> {
    let session = Session::open(&home_folder(cli)?, "marks")?;
    let (scheme, only) = (args.scheme.as_deref(), args.mark.as_deref());
    // As JSON, everything; on a terminal, the records of one rule.
    let every = args.json && only.is_none();
    let found = app::marks::marks(&session.home, args.period, scheme, only, every, session.runtime.handle())?;
    session.close();
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", found.to_json())?;
    } else {
        write!(out, "{}", marks::text(cli.lang(), &found, only.is_some(), args.all))?;
    }
    Ok(ExitCode::SUCCESS)
}

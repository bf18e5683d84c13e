//! `heng marks`

use super::{Session, home_folder};
use crate::cli::{Cli, MarksArgs};
use anyhow::Result;
use app::marks::{Listed, marks};
use render::marks as render;
use std::io::Write as _;
use std::process::ExitCode;

pub(super) fn run(cli: &Cli, args: &MarksArgs) -> Result<ExitCode> {
    let session = Session::open(&home_folder(cli)?, "marks")?;
    let listed = match &args.mark {
        Some(id) => Listed::Of(id),
        None if args.json => Listed::Everything,
        None => Listed::Nothing,
    };
    let found = marks(&session.home, args.period, args.scheme.as_deref(), listed, session.runtime.handle())?;
    session.close();
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", found.to_json())?;
    } else {
        write!(out, "{}", render::text(cli.lang(), &found, args.mark.is_some(), args.all))?;
    }
    Ok(ExitCode::SUCCESS)
}

//! `heng whatif`

use super::{Session, home_folder};
use crate::cli::{Cli, WhatifArgs};
use anyhow::Result;
use app::whatif::{Question, what_if};
use render::whatif as render;
use std::io::Write as _;
use std::process::ExitCode;

pub(super) fn run(cli: &Cli, args: &WhatifArgs) -> Result<ExitCode> {
    let session = Session::open(&home_folder(cli)?, "whatif")?;
    let question = Question {
        candidate: &args.scheme,
        periods: args.periods,
        kind: args.unit.into(),
        threads: args.threads.into(),
    };
    let answer = what_if(&session.home, &question, session.runtime.handle())?;
    session.close();
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", answer.to_json())?;
    } else {
        write!(out, "{}", render::text(cli.lang(), &answer, args.all))?;
    }
    Ok(ExitCode::SUCCESS)
}

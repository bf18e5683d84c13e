//! `heng odd`

use super::{Session, home_folder};
use crate::cli::{Cli, OddArgs};
use anyhow::Result;
use app::oddities::find_oddities;
use render::oddities;
use std::process::ExitCode;

pub(super) fn run(cli: &Cli, args: &OddArgs) -> Result<ExitCode> {
    let session = Session::open(&home_folder(cli)?, "odd")?;
    let found = find_oddities(&session.home, args.period.days(), args.threads.into(), session.runtime.handle())?;
    print!("{}", oddities::text(cli.lang(), &session.home.register, &found));
    session.close();
    Ok(ExitCode::SUCCESS)
}

//! `heng score`

use super::{Session, home_folder};
use crate::cli::{Cli, ScoreArgs};
use crate::render::{csv, ranking};
use anyhow::Result;
use app::period::{Ask, score_period};
use std::io::Write as _;
use std::process::ExitCode;

pub(super) fn run(cli: &Cli, args: &ScoreArgs) -> Result<ExitCode> {
    let session = Session::open(&home_folder(cli)?, "score")?;
    let ask = Ask {
        period: args.period,
        scheme: args.scheme.as_deref(),
        kind: args.unit.into(),
        threads: args.threads.into(),
    };
    let scores = score_period(&session.home, &ask, session.runtime.handle())?;
    session.close();
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", scores.to_json())?;
    } else if args.csv {
        out.write_all(csv::units(&scores).as_bytes())?;
    } else {
        write!(out, "{}", ranking::table(cli.lang(), &scores))?;
    }
    Ok(ExitCode::SUCCESS)
}

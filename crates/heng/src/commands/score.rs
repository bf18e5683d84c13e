//! `heng score`

use super::{Session, home_folder, write_file};
use crate::cli::{Cli, ScoreArgs};
use crate::render::{csv, ranking, xlsx};
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
    } else if let Some(file) = &args.xlsx {
        write_file(file, &xlsx::workbook(cli.lang(), &scores)?)?;
        writeln!(out, "{}: {}", cli.lang().pick("已写入", "written"), file.display())?;
    } else {
        write!(out, "{}", ranking::table(cli.lang(), &scores))?;
    }
    Ok(ExitCode::SUCCESS)
}

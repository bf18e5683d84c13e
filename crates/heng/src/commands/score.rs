//! `heng score`

use super::{Session, home_folder, write_file};
use crate::cli::{Cli, ScoreArgs};
use anyhow::Result;
use app::period::{Ask, Beside, score_period};
use render::{csv, outcomes, ranking, xlsx};
use std::io::Write as _;
use std::process::ExitCode;

pub(super) fn run(cli: &Cli, args: &ScoreArgs) -> Result<ExitCode> {
    let session = Session::open(&home_folder(cli)?, "score")?;
    let ask = Ask {
        period: args.period,
        scheme: args.scheme.as_deref(),
        kind: args.unit.into(),
        beside: beside(args),
        threads: args.threads.into(),
    };
    let scores = score_period(&session.home, &ask, session.runtime.handle())?;
    session.close();
    let mut out = std::io::stdout().lock();
    if args.format.json {
        writeln!(out, "{}", scores.to_json())?;
    } else if args.format.csv {
        out.write_all(csv::units(&scores).as_bytes())?;
    } else if let Some(file) = &args.format.xlsx {
        write_file(file, &xlsx::workbook(cli.lang(), &scores)?)?;
        writeln!(out, "{}: {}", cli.lang().pick("已写入", "written"), file.display())?;
    } else {
        write!(out, "{}", ranking::table(cli.lang(), &scores))?;
        if let Some(found) = &scores.outcomes {
            write!(out, "{}", outcomes::text(cli.lang(), &scores.scheme, found))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Tables for spreadsheets have no column for intervals.
fn beside(args: &ScoreArgs) -> Beside {
    if args.outcomes {
        Beside::Outcomes
    } else if args.no_intervals || args.format.csv || args.format.xlsx.is_some() {
        Beside::Nothing
    } else {
        Beside::Intervals
    }
}

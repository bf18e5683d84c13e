//! `heng explain`

use super::{Session, home_folder, write_file};
use crate::cli::{Cli, ExplainArgs};
use anyhow::{Result, bail};
use app::explain::explain;
use render::Lang;
use render::html::{Extras, Frame};
use render::{card, html};
use std::io::Write as _;
use std::process::ExitCode;

pub(super) fn run(cli: &Cli, args: &ExplainArgs) -> Result<ExitCode> {
    let session = Session::open(&home_folder(cli)?, "explain")?;
    let scheme = args.scheme.as_deref();
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let explained = explain(&session.home, &args.unit, args.period, scheme, threads, session.runtime.handle())?;
    session.close();
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", explained.to_json())?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(file) = &args.html {
        write_file(file, html::scorecard(cli.lang(), &Frame::File, &explained, &Extras::default())?.as_bytes())?;
        writeln!(out, "{}: {}", cli.lang().pick("已写入", "written"), file.display())?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(id) = &args.indicator {
        let indicators = &explained.scores.scheme.indicators;
        let Some(index) = indicators.iter().position(|indicator| indicator.id.as_str() == id) else {
            let known: Vec<_> = indicators.iter().map(|indicator| indicator.id.as_str()).collect();
            match cli.lang() {
                Lang::Zh => bail!("方案没有指标 `{id}`;有 {}", known.join("、")),
                Lang::En => bail!("there is no indicator `{id}`; the scheme has {}", known.join(", ")),
            }
        };
        write!(out, "{}", card::facts(cli.lang(), &explained, index, args.all))?;
        return Ok(ExitCode::SUCCESS);
    }
    write!(out, "{}", card::text(cli.lang(), &explained))?;
    if args.all {
        for of in &explained.facts {
            write!(out, "\n{}", card::facts(cli.lang(), &explained, of.indicator, true))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

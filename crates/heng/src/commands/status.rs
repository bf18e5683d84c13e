//! `heng status`

use super::{Session, change, home_folder};
use crate::cli::Cli;
use anyhow::Result;
use app::status::status;
use std::process::ExitCode;

pub(super) fn run(cli: &Cli) -> Result<ExitCode> {
    let lang = cli.lang();
    let session = Session::open(&home_folder(cli)?, "status")?;
    let found = session.runtime.block_on(status(&session.home, change()?.at))?;
    println!("{}: {}", lang.pick("家目录", "home"), session.home.folder().display());
    if found.facts.is_empty() {
        println!(
            "{}",
            lang.pick("还没有任何事实;用 heng import 导入", "no facts yet; bring some in with `heng import`")
        );
    }
    for counts in &found.facts {
        println!("  {:<12} {} ({} {})", counts.kind, counts.current, counts.reports, lang.pick("条上报", "reports"));
    }
    if let Some((first, last, days)) = found.sealed {
        println!("{}: {first} … {last} ({days})", lang.pick("已封存", "sealed"));
    }
    if let (Some(first), count) = (found.to_close.first(), found.to_close.len()) {
        println!("{}: {count} ({first} …)", lang.pick("待日结", "to close"));
    }
    if !found.periods.is_empty() {
        println!("{}: {}", lang.pick("已关账周期", "closed periods"), found.periods.join(", "));
    }
    for year in &found.uncovered_years {
        println!(
            "{}: {year} {}",
            lang.pick("提醒", "warning"),
            lang.pick(
                "年的节假日未知,请导入 register/workdays.csv",
                "has no known holidays; add them to register/workdays.csv"
            )
        );
    }
    for conflict in &found.conflicts {
        println!(
            "{}: {} {}/{} r{} × {}",
            lang.pick("冲突", "conflict"),
            conflict.kind,
            conflict.source,
            conflict.source_id,
            conflict.revision,
            conflict.versions
        );
    }
    session.close();
    Ok(ExitCode::SUCCESS)
}

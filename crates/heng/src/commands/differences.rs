//! `heng differences`

use super::{change, given, home_folder};
use crate::cli::{Cli, DifferencesArgs};
use anyhow::{Context as _, Result, bail};
use app::collect::{Reconciled, reconcile};
use app::home::Home;
use render::Lang;
use render::morning::difference;
use std::fmt::Write as _;
use std::process::ExitCode;
use tokio::runtime::Runtime;

pub(super) fn run(cli: &Cli, args: &DifferencesArgs) -> Result<ExitCode> {
    let runtime = Runtime::new().context("the runtime could not start")?;
    let found = runtime.block_on(async {
        // It only reads: a server may be at work.
        let home = Home::open_to_read(&home_folder(cli)?, &given()).await?;
        let yesterday = home.zone.day_of(change()?.at).plus(-1);
        let first = args.day.or(args.from).unwrap_or(yesterday);
        let last = args.day.or(args.to).unwrap_or(yesterday);
        if first > last {
            bail!("{}", cli.lang().pick("--from 晚于 --to", "--from is later than --to"));
        }
        let found = reconcile(&home, first, last).await?;
        home.store.close().await;
        anyhow::Ok(found)
    })?;
    if args.json {
        println!("{}", found.to_json());
    } else {
        print!("{}", text(cli.lang(), &found));
    }
    Ok(if found.differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn text(lang: Lang, found: &Reconciled) -> String {
    let mut out = String::new();
    for of in &found.differences {
        let by = match of.counted.map(|counted| of.reported - counted) {
            Some(by) if by > 0 => format!(" (+{by})"),
            Some(by) => format!(" ({by})"),
            None => String::new(),
        };
        let _ = writeln!(out, "{} {}{by}", of.day, difference(lang, of));
    }
    for of in &found.without_cases {
        let alone = lang.pick("有上报数而无办结办件", "has figures and finished no case");
        let _ = writeln!(out, "{} {} ({}): {alone}", of.day, of.window, of.source);
    }
    let (compared, differ, alone) = (found.compared, found.differences.len(), found.without_cases.len());
    let _ = match lang {
        Lang::Zh => writeln!(out, "比较 {compared} 个数,不符 {differ} 个;{alone} 个窗口日只有上报数"),
        Lang::En => {
            writeln!(out, "{compared} figures compared, {differ} differ; {alone} days of windows have figures alone")
        }
    };
    out
}

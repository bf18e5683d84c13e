//! `heng collect`

use super::{Session, change, home_folder, of_environment};
use crate::cli::{Cli, CollectArgs};
use anyhow::{Result, bail};
use app::collect::{collect, windows_of};
use render::{Lang, failure};
use std::process::ExitCode;

pub(super) fn run(cli: &Cli, args: &CollectArgs) -> Result<ExitCode> {
    let lang = cli.lang();
    let session = Session::open(&home_folder(cli)?, "collect")?;
    let (home, change) = (&session.home, change()?);
    let day = args.day.unwrap_or_else(|| home.zone.day_of(change.at).plus(-1));
    let wanted = |source: &str| args.source.as_ref().is_none_or(|named| named == source);
    let systems: Vec<_> = home.config.collect.iter().filter(|system| wanted(&system.source)).collect();
    if systems.is_empty() {
        bail!("{}", lang.pick("heng.toml 里没有这样的 [[collect]]", "heng.toml has no such [[collect]]"));
    }
    let mut failed = 0;
    for system in systems {
        for window in windows_of(home, system, day) {
            let handle = session.runtime.handle();
            let said = match collect(home, system, &window, day, &of_environment, change, handle) {
                Ok(done) => match lang {
                    Lang::Zh => format!("新 {},已有 {},矛盾 {}", done.new, done.same, done.conflicts),
                    Lang::En => format!("{} new, {} known, {} contradicting", done.new, done.same, done.conflicts),
                },
                Err(error) => {
                    failed += 1;
                    failure::text(lang, &error)
                }
            };
            println!("{} {window} {day}: {said}", system.source);
        }
    }
    session.close();
    Ok(if failed > 0 { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

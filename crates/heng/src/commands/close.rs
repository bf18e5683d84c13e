//! `heng close`

use super::{Session, change, home_folder};
use crate::cli::{Cli, CloseArgs};
use anyhow::Result;
use app::day::{Closed, Sealing, close_day, close_through};
use app::period::{close_period, finalize_period};
use render::Lang;
use std::process::ExitCode;

pub(super) fn run(cli: &Cli, args: &CloseArgs) -> Result<ExitCode> {
    let lang = cli.lang();
    let session = Session::open(&home_folder(cli)?, "close")?;
    let change = change()?;
    let mut progress = |closed: &Closed| print_closed(lang, closed);
    if let Some(day) = args.day {
        progress(&close_day(&session.home, day, change, session.runtime.handle())?);
    } else if let Some(last) = args.through {
        let (threads, handle) = (args.threads.into(), session.runtime.handle());
        let closed = close_through(&session.home, last, change, threads, handle, &mut progress)?;
        if closed.is_empty() {
            println!("{}", lang.pick("没有需要日结的日期", "no day needs closing"));
        }
    } else if let Some(period) = args.period {
        let scheme = args.scheme.as_deref();
        let threads = args.threads.into();
        let (_, changed) =
            close_period(&session.home, scheme, period, change, threads, session.runtime.handle(), &mut progress)?;
        let said = if changed {
            lang.pick("周期已关账,输入已冻结", "the period is closed, its inputs are frozen")
        } else {
            lang.pick("此前已关账,输入没有变化", "closed before, its inputs have not changed")
        };
        println!("{period}: {said}");
        if args.becomes_final {
            session.runtime.block_on(finalize_period(&session.home, scheme, period, change))?;
            println!("{period}: {}", lang.pick("已定稿,得分不再变动", "final, its scores stay"));
        }
    }
    session.close();
    Ok(ExitCode::SUCCESS)
}

fn print_closed(lang: Lang, closed: &Closed) {
    let what = match closed.sealing {
        Sealing::Sealed => lang.pick("已封存", "sealed"),
        Sealing::Unchanged => lang.pick("未变化", "unchanged"),
        Sealing::Empty => lang.pick("没有记录", "nothing on this day"),
    };
    println!("{}  {what}  {} {}", closed.day, closed.rows, lang.pick("行", "rows"));
}

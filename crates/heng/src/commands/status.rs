//! `heng status`

use super::{Session, change, home_folder};
use crate::cli::{Cli, StatusArgs};
use anyhow::Result;
use app::status::{self, status};
use render::Lang;
use render::morning;
use std::process::ExitCode;
use store::JobState;

/// Jobs that are looked through for trouble.
const JOBS: u32 = 30;

pub(super) fn run(cli: &Cli, args: &StatusArgs) -> Result<ExitCode> {
    let lang = cli.lang();
    let session = Session::open(&home_folder(cli)?, "status")?;
    let now = change()?.at;
    let found = session.runtime.block_on(status(&session.home, now))?;
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
    if found.unmatched > 0 {
        println!("{}: {}", lang.pick("还没有对上办件的评价", "ratings that look for their case"), found.unmatched);
    }
    for job in session.runtime.block_on(session.home.store.latest_jobs(JOBS))? {
        let trouble = match job.state {
            JobState::Failed => lang.pick("已放弃", "given up"),
            JobState::Waiting if job.attempts > 0 => lang.pick("将再试", "to be tried again"),
            _ => continue,
        };
        println!("{}: {} {} ({trouble}): {}", lang.pick("后台任务", "job"), job.kind, job.subject, job.said);
    }
    let day = args.day.unwrap_or_else(|| session.home.zone.day_of(now));
    if let Some(until) = session.home.config.trial_until.filter(|until| day <= *until) {
        match lang {
            Lang::Zh => println!("试运行:至 {until};照常计分,结果一概不执行"),
            Lang::En => println!("trial run: until {until}; everything is scored, and nothing comes of it"),
        }
    }
    if !found.facts.is_empty() {
        let found = status::morning(&session.home, day, args.threads.into(), session.runtime.handle())?;
        print!("{}", morning::text(lang, &session.home, &found));
    }
    session.close();
    Ok(ExitCode::SUCCESS)
}

//! `heng status`

use super::{Session, change, home_folder};
use crate::cli::{Cli, StatusArgs};
use anyhow::Result;
use app::job::{api, folder};
use app::status::{self, status};
use render::Lang;
use render::morning;
use std::process::ExitCode;
use store::{Job, JobState};

/// Jobs in trouble that are shown.
const TROUBLED: u32 = 30;
/// Files and days of other systems that were taken last, and among how many of the latest jobs they are looked for.
const TAKEN: usize = 5;
const LATEST: u32 = 100;

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
    jobs(lang, &session)?;
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

/// What was collected last, and what failed.
fn jobs(lang: Lang, session: &Session) -> Result<()> {
    let store = &session.home.store;
    let latest = session.runtime.block_on(store.latest_jobs(LATEST))?;
    let is_taken = |job: &&Job| job.state == JobState::Done && [folder::KIND, api::KIND].contains(&&*job.kind);
    for job in latest.iter().filter(is_taken).take(TAKEN) {
        println!("{}: {} {}: {}", lang.pick("已采集", "collected"), job.kind, subject(job), job.said);
    }
    for job in session.runtime.block_on(store.troubled_jobs(TROUBLED))? {
        let trouble = match job.state {
            JobState::Failed => lang.pick("已放弃", "given up"),
            _ => lang.pick("将再试", "to be tried again"),
        };
        println!("{}: {} {} ({trouble}): {}", lang.pick("后台任务", "job"), job.kind, subject(&job), job.said);
    }
    Ok(())
}

/// What a job is about; of a file without its length and digest.
fn subject(job: &Job) -> String {
    let parts = if job.kind == folder::KIND { 2 } else { usize::MAX };
    job.subject.split('/').take(parts).collect::<Vec<_>>().join("/")
}

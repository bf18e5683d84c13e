//! `heng collect`

use super::{Session, change, home_folder, of_environment};
use crate::cli::{Cli, CollectArgs};
use anyhow::{Result, bail};
use app::collect::{Collected, Found, Taken, collect, collect_api, identify, look, windows_of};
use app::home::{Folder, Home};
use app::job::{self, Said, Seen, TakenUp, Worker};
use model::time::{Day, Instant};
use render::{Lang, failure};
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use store::Change;
use tokio::runtime::Runtime;

pub(super) fn run(cli: &Cli, args: &CollectArgs) -> Result<ExitCode> {
    let Session { runtime, home } = Session::open(&home_folder(cli)?, "collect")?;
    let (home, change) = (Arc::new(home), change()?);
    let day = args.day.unwrap_or_else(|| home.zone.day_of(change.at).plus(-1));
    let mut asking = Asking { lang: cli.lang(), home: &home, runtime: &runtime, change, found: 0, failed: 0 };
    let wanted = |source: &str| args.source.as_ref().is_none_or(|named| named == source);
    asking.systems(day, wanted)?;
    asking.interfaces(day, wanted)?;
    // A file is of no day.
    if args.day.is_none() {
        asking.folders(wanted)?;
    }
    let Asking { found, failed, .. } = asking;
    runtime.block_on(home.store.clone().close());
    if found == 0 {
        bail!(
            "{}",
            cli.lang().pick(
                "heng.toml 里没有这样的 [[collect]]、[[api]] 或 [[folder]]",
                "heng.toml has no such [[collect]], [[api]] or [[folder]]"
            )
        );
    }
    Ok(if failed > 0 { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// Asking one after another.
struct Asking<'a> {
    lang: Lang,
    home: &'a Arc<Home>,
    runtime: &'a Runtime,
    change: Change<'a>,
    /// Entries of heng.toml that were wanted.
    found: usize,
    /// What could not be collected, or not all of it.
    failed: usize,
}

impl Asking<'_> {
    fn say(&mut self, of: &str, said: Result<String, &(dyn Error + 'static)>) {
        let said = said.unwrap_or_else(|error| {
            self.failed += 1;
            failure::text(self.lang, error)
        });
        println!("{of}: {said}");
    }

    /// Systems that say what their windows did.
    fn systems(&mut self, day: Day, wanted: impl Fn(&str) -> bool) -> Result<()> {
        for system in self.home.config.collect.iter().filter(|system| wanted(&system.source)) {
            self.found += 1;
            for window in windows_of(self.home, system, day) {
                let handle = self.runtime.handle();
                let done = collect(self.home, system, &window, day, &of_environment, self.change, handle);
                if let Ok(done) = &done {
                    let subject = job::collect::subject(&system.source, day, &window);
                    self.settle(job::collect::KIND, &subject, &done.to_string())?;
                }
                let said = done.as_ref().map(|done| collected(self.lang, *done));
                self.say(&format!("{} {window} {day}", system.source), said.map_err(|error| error as _));
            }
        }
        Ok(())
    }

    /// Systems that answer in pages.
    fn interfaces(&mut self, day: Day, wanted: impl Fn(&str) -> bool) -> Result<()> {
        for system in self.home.config.api.iter().filter(|system| wanted(&system.source)) {
            self.found += 1;
            let (handle, attempt) = (self.runtime.handle(), format!("process-{}", std::process::id()));
            let done = collect_api(self.home, system, day, &of_environment, &attempt, self.change, handle);
            if let Ok(done) = &done {
                let subject = job::api::subject(&system.source, day);
                self.settle(job::api::KIND, &subject, &done.to_string())?;
                self.failed += usize::from(done.bad > 0);
            }
            let said = done.as_ref().map(|done| taken(self.lang, done));
            self.say(&format!("{} {day}", system.source), said.map_err(|error| error as _));
        }
        Ok(())
    }

    /// What a person collects need not be collected by a server any more.
    fn settle(&self, kind: &str, subject: &str, said: &str) -> Result<()> {
        self.runtime.block_on(self.home.store.settle(kind, subject, said, self.change.at))?;
        Ok(())
    }

    /// Folders with files: each is a job, as for a server.
    fn folders(&mut self, wanted: impl Fn(&str) -> bool) -> Result<()> {
        let home = self.home;
        let now = Arc::new(|| change().map_or(Instant(0), |change| change.at));
        let worker = Worker {
            home: home.clone(),
            name: format!("collect {} at {}", std::process::id(), self.change.at.0),
            now,
            threads: 1,
            environment: Arc::new(of_environment),
            seen: Seen::default(),
        };
        for folder in home.config.folder.iter().filter(|folder| wanted(&folder.source)) {
            self.found += 1;
            self.folder(&worker, folder)?;
        }
        Ok(())
    }

    fn folder(&mut self, worker: &Worker, folder: &Folder) -> Result<()> {
        let (lang, home) = (self.lang, self.home);
        let found = match look(home, folder, self.change.at) {
            Ok(found) => found,
            Err(error) => {
                self.say(&folder.source, Err(&error));
                return Ok(());
            }
        };
        for unfit in &found.unfit {
            self.failed += 1;
            self.say(&format!("{} {}", folder.source, unfit.name), Ok(unfit.problem.clone()));
        }
        let mut before = 0;
        for file in &found.settled {
            let of = format!("{} {}", folder.source, file.name);
            let id = match identify(home, folder, file) {
                Ok(id) => id,
                Err(error) => {
                    self.say(&of, Err(&error));
                    continue;
                }
            };
            match self.runtime.block_on(worker.take_up(job::folder::KIND, &id.subject(&folder.source)))? {
                TakenUp::Before(_) => before += 1,
                TakenUp::Busy => self.say(&of, Ok(lang.pick("服务正在处理", "a server is at it").to_owned())),
                TakenUp::Failed(error) => self.say(&of, Err(&error)),
                TakenUp::Done(Said::File(Found::Taken(done))) => {
                    self.failed += usize::from(done.bad > 0);
                    self.say(&of, Ok(taken(lang, &done)));
                }
                TakenUp::Done(said) => self.say(&of, Ok(said.to_string())),
            }
        }
        let waiting = found.waiting.len();
        let known = match lang {
            Lang::Zh => format!("{before} 个文件此前已导入,{waiting} 个可能仍在写入"),
            Lang::En => format!("{before} files were taken before, {waiting} may still be written"),
        };
        self.say(&folder.source, Ok(known));
        Ok(())
    }
}

fn collected(lang: Lang, done: Collected) -> String {
    match lang {
        Lang::Zh => format!("新 {},已有 {},矛盾 {}", done.new, done.same, done.conflicts),
        Lang::En => done.to_string(),
    }
}

fn taken(lang: Lang, done: &Taken) -> String {
    match lang {
        Lang::Zh => {
            let rejects = done.rejects.as_ref().map_or(String::new(), |path| format!("({})", path.display()));
            format!("{} 行:{},错误 {}{rejects}", done.rows, collected(lang, done.collected), done.bad)
        }
        Lang::En => done.to_string(),
    }
}

//! `heng backfill`

use super::{Session, change, home_folder, progress_bar};
use crate::cli::{BackfillArgs, Cli};
use anyhow::Result;
use app::backfill::{Backfilled, Source, backfill};
use app::import::mapping::Mapping;
use indicatif::HumanCount;
use render::Lang;
use std::io::IsTerminal as _;
use std::process::ExitCode;

pub(super) fn run(cli: &Cli, args: &BackfillArgs) -> Result<ExitCode> {
    let lang = cli.lang();
    // Mappings are checked before a home is touched.
    let mut sources = Vec::new();
    for (path, files) in args.sources().map_err(|word| misplaced(lang, word))? {
        let mapping = Mapping::load(path, None)?;
        sources.push(Source { path: path.to_owned(), mapping, files: files.to_vec() });
    }
    let session = Session::open(&home_folder(cli)?, "backfill")?;
    let bar = if std::io::stderr().is_terminal() { progress_bar() } else { indicatif::ProgressBar::hidden() };
    let threads = args.threads.into();
    let done = backfill(&session.home, &sources, change()?, threads, session.runtime.handle(), &mut |path, rows| {
        bar.set_message(format!("{} {}", path.display(), HumanCount(rows)));
        bar.tick();
    });
    bar.finish_and_clear();
    let done = done?;
    print_done(lang, &done);
    session.close();
    let bad = done.files.iter().any(|file| file.bad > 0);
    Ok(if bad { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

fn misplaced(lang: Lang, word: &std::path::Path) -> anyhow::Error {
    let word = word.display();
    match lang {
        Lang::Zh => anyhow::anyhow!("{word}:先写映射(.toml),再写它所读的文件"),
        Lang::En => anyhow::anyhow!("{word}: name a mapping (.toml), then the files that it reads"),
    }
}

fn print_done(lang: Lang, done: &Backfilled) {
    for file in &done.files {
        super::import::print_read(lang, file);
    }
    let new = done.cold + done.ordinary.new as u64;
    let same = done.same + done.ordinary.same as u64;
    let mut parts = Vec::new();
    let mut part = |count: u64, chinese: &str, english: &str| {
        if count > 0 {
            parts.push(match lang {
                Lang::Zh => format!("{chinese} {count}"),
                Lang::En => format!("{count} {english}"),
            });
        }
    };
    part(new, "新增", "new");
    part(done.ordinary.new as u64, "其中存入数据库的行", "of them as rows of the database");
    part(same, "已存在", "known already");
    part(done.ordinary.conflicts as u64, "冲突(待人工裁定)", "conflicts for a person to decide");
    part(done.days as u64, "涉及天数", "days with a file of them");
    part(done.ordinary.dirty.len() as u64, "需重新日结的天数", "sealed days to close again");
    if new + done.ordinary.conflicts as u64 == 0 {
        parts.push(lang.pick("没有任何变化", "nothing changed").to_owned());
    }
    println!("{}: {}", lang.pick("补录", "backfill"), parts.join(lang.pick(",", ", ")));
}

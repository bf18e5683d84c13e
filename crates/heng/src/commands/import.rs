//! `heng import`

use super::{Session, change, home_folder};
use crate::cli::{Cli, ImportArgs};
use anyhow::Result;
use app::import::mapping::Mapping;
use app::import::{FileReport, Options, import_file};
use indicatif::{ProgressBar, ProgressStyle};
use render::Lang;
use std::io::IsTerminal as _;
use std::process::ExitCode;

pub(super) fn run(cli: &Cli, args: &ImportArgs) -> Result<ExitCode> {
    // The mapping is checked before a home is touched.
    let (kind, paths) = args.kind_and_paths();
    let mapping = Mapping::load(&args.map, kind)?;
    if args.rejects.is_some() && paths.len() > 1 {
        anyhow::bail!("--rejects takes the bad rows of one file; import the files one by one, or leave it out");
    }
    let session = Session::open(&home_folder(cli)?, "import")?;
    let options = Options { change: change()?, dry_run: args.dry_run, rejects: args.rejects.as_deref() };
    let mut bad = false;
    for path in paths {
        let bar = progress();
        let report = import_file(&session.home, &mapping, path, options, session.runtime.handle(), &mut |rows| {
            bar.set_position(rows);
        });
        bar.finish_and_clear();
        let report = report?;
        bad |= report.bad > 0;
        print_report(cli.lang(), &report, args.dry_run);
    }
    session.close();
    Ok(if bad { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// A counter of rows, on a terminal only.
fn progress() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {human_pos} rows · {per_sec} · {elapsed}");
    ProgressBar::no_length().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
}

/// Says what became of a file.
pub(super) fn print_report(lang: Lang, report: &FileReport, dry_run: bool) {
    let zh = lang == Lang::Zh;
    let prefix = match (dry_run, zh) {
        (true, true) => "[试运行,未写入] ",
        (true, false) => "[dry run, nothing written] ",
        _ => "",
    };
    let mut parts = vec![if zh { format!("读取 {} 行", report.rows) } else { format!("{} rows", report.rows) }];
    let mut part = |count: usize, chinese: &str, english: &str| {
        if count > 0 {
            parts.push(if zh { format!("{chinese} {count}") } else { format!("{count} {english}") });
        }
    };
    part(usize::try_from(report.passed_over).unwrap_or(usize::MAX), "略过", "passed over");
    part(report.new, "新增", "new");
    part(report.changed, "变更", "changed");
    part(report.same, "已存在", "known already");
    part(report.conflicts, "冲突(待人工裁定)", "conflicts for a person to decide");
    part(usize::try_from(report.bad).unwrap_or(usize::MAX), "错误", "bad");
    part(report.dirty.len(), "需重新日结的天数", "sealed days to close again");
    if report.new + report.changed + report.conflicts == 0 && report.bad == 0 {
        parts.push(lang.pick("没有任何变化", "nothing changed").to_owned());
    }
    println!("{prefix}{}: {}", report.path.display(), parts.join(lang.pick(",", ", ")));
    print_bad(lang, report);
}

/// Says what was read of a file whose facts are told of together with those of others.
pub(super) fn print_read(lang: Lang, report: &FileReport) {
    let mut parts = vec![lang.pick("读取", "rows").to_owned(), report.rows.to_string()];
    for (count, word) in
        [(report.passed_over, lang.pick("略过", "passed over")), (report.bad, lang.pick("错误", "bad"))]
    {
        if count > 0 {
            parts.extend([word.to_owned(), count.to_string()]);
        }
    }
    println!("{}: {}", report.path.display(), parts.join(" "));
    print_bad(lang, report);
}

fn print_bad(lang: Lang, report: &FileReport) {
    for (line, reason) in &report.reasons {
        eprintln!("  {} {line}: {reason}", lang.pick("第", "line"));
    }
    if let Some(rejects) = &report.rejects {
        eprintln!("  {}: {}", lang.pick("错误行(含错误原因)", "bad rows with their reasons"), rejects.display());
    }
}

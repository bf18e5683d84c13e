//! `heng doctor`

use super::{Session, change, given, home_folder, progress_bar};
use crate::cli::{Cli, PORT};
use anstyle::{AnsiColor, Style};
use anyhow::Result;
use app::doctor::{Examination, examine};
use app::home::LogFormat;
use render::{Lang, failure};
use std::process::ExitCode;

const SOUND: Style = AnsiColor::Green.on_default();
const WRONG: Style = AnsiColor::Red.on_default().bold();

pub(super) fn run(cli: &Cli) -> Result<ExitCode> {
    let lang = cli.lang();
    let session = Session::open(&home_folder(cli)?, "doctor")?;
    settings(lang, &session);
    let bar = progress_bar();
    let mut progress = |day: model::time::Day| bar.set_message(day.to_string());
    let found = session.runtime.block_on(examine(&session.home, change()?.at, &mut progress))?;
    bar.finish_and_clear();
    session.close();
    findings(lang, &found);
    Ok(if found.is_sound() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// What is in force, and where it comes from.
fn settings(lang: Lang, session: &Session) {
    let home = &session.home;
    println!("{}: {}", lang.pick("家目录", "home"), home.folder().display());
    let (config, given) = (&home.config, given());
    let (file, environment) = (lang.pick("heng.toml", "from heng.toml"), lang.pick("环境变量", "from the environment"));
    let say = |name: &str, value: &str, elsewhere: bool| {
        println!("  {name} = {value} ({})", if elsewhere { environment } else { file });
    };
    // The place alone: user and password are nobody's business.
    if let Ok(database) = config.database(home.folder()) {
        say("database", &database.to_string(), given.database_url.is_some());
    }
    let lake = lang.pick("lake/(本机)", "lake/ (this machine)");
    say("storage", home.files.place().unwrap_or(lake), given.storage_url.is_some() || given.storage_endpoint.is_some());
    if home.files.place().is_some() {
        say("storage_region", &config.storage_region, false);
        say("storage_path_style", &config.storage_path_style.to_string(), false);
        say("storage_cache_megabytes", &config.storage_cache_megabytes.to_string(), false);
    }
    say("timezone", &config.timezone, false);
    say("office_hours", &config.office_hours.join(" "), false);
    say("scheme", &config.scheme, false);
    say("close_at", &config.close_at, given.close_at.is_some());
    let port = |port: Option<u16>| port.map_or_else(|| "–".to_owned(), |port| port.to_string());
    say("port", &port(config.port.or(Some(PORT))), false);
    say("metrics_port", &port(config.metrics_port), false);
    let file_of = |name: &Option<String>| name.clone().unwrap_or_else(|| "–".to_owned());
    say("tls_cert", &file_of(&config.tls_cert), false);
    say("tls_key", &file_of(&config.tls_key), false);
    say("log_format", if config.log_format == LogFormat::Json { "json" } else { "text" }, false);
    let trial = config.trial_until.map_or_else(|| "–".to_owned(), |until| until.to_string());
    say("trial_until", &trial, false);
    for system in &config.collect {
        say("collect", &format!("{} · {} · {}", system.source, system.url, system.at), false);
    }
    for system in &config.api {
        say("api", &format!("{} · {} · {}", system.source, system.url, system.at), false);
    }
    for folder in &config.folder {
        let every = if folder.every_seconds > 0 { format!("{} s", folder.every_seconds) } else { "never".to_owned() };
        say("folder", &format!("{} · {} · {every}", folder.source, folder.path), false);
    }
    println!("  {}: {}", lang.pick("语言", "language"), lang.pick("中文", "English"));
}

fn findings(lang: Lang, found: &Examination) {
    let say = |sound: bool, text: String| {
        let (style, sign) = if sound { (SOUND, "✓") } else { (WRONG, "✗") };
        anstream::println!("{}{sign}{} {text}", style.render(), style.render_reset());
    };
    say(
        found.database.is_empty(),
        if found.database.is_empty() {
            lang.pick("数据库完好", "the database is sound").to_owned()
        } else {
            format!(
                "{}: {}",
                lang.pick("数据库损坏,请从备份恢复", "the database is damaged; restore a backup"),
                found.database.join("; ")
            )
        },
    );
    if let Some(storage) = &found.storage {
        say(
            storage.is_ok(),
            match storage {
                Ok(()) => {
                    lang.pick("存储应答,且不覆盖已有文件", "the storage answers, and overwrites nothing").to_owned()
                }
                Err(error) => {
                    let unread = lang.pick("封存文件未检查", "the sealed files were not looked at");
                    format!("{}; {unread}", failure::text(lang, error))
                }
            },
        );
    }
    let (files, megabytes) = (found.files.0, found.files.1 / 1_000_000);
    say(
        found.damaged.is_empty(),
        match lang {
            Lang::Zh => format!("封存文件 {files} 个({megabytes} MB)与封存时一致"),
            Lang::En => format!("{files} sealed files ({megabytes} MB) are what they were sealed as"),
        },
    );
    for damage in &found.damaged {
        let next = lang.pick(
            "封存日可重新日结由数据库重做,其余从备份恢复",
            "a day can be closed again from the database, the rest is restored from a backup",
        );
        println!("    {}: {}; {next}", damage.of, damage.problem);
    }
    if !found.strays.is_empty() {
        let count = found.strays.len();
        println!(
            "· {}",
            match lang {
                Lang::Zh => format!("{count} 个文件无人引用(中断的运行留下,或他人放入;没有程序读它们,可删):"),
                Lang::En => format!(
                    "nothing refers to {count} files (left by interrupted runs, or put there; nobody reads them):"
                ),
            }
        );
        let lake = if found.storage.is_none() { "lake/" } else { "" };
        found.strays.iter().for_each(|path| println!("    {lake}{path}"));
    }
    say(
        found.scheme_errors.is_empty(),
        lang.pick("方案(heng scheme lint 可查细节)", "the scheme (details: heng scheme lint)").to_owned(),
    );
    found.scheme_errors.iter().for_each(|error| println!("    {error}"));
    say(
        found.windows > 0 && found.unknown_types.is_empty(),
        match lang {
            Lang::Zh => format!("登记窗口 {} 个", found.windows),
            Lang::En => format!("{} windows are registered", found.windows),
        },
    );
    for window_type in &found.unknown_types {
        println!("    {} `{window_type}`", lang.pick("方案没有该窗口类型", "the scheme has no type"));
    }
    if let Some(day) = found.ahead {
        say(
            false,
            format!(
                "{}: {day}",
                lang.pick("有晚于今天的事实,请核对时钟", "facts are dated after today; check the clock")
            ),
        );
    }
    for year in &found.uncovered_years {
        say(
            false,
            format!(
                "{year}: {}",
                lang.pick(
                    "节假日未知,请补 register/workdays.csv",
                    "holidays are unknown; add them to register/workdays.csv"
                )
            ),
        );
    }
}

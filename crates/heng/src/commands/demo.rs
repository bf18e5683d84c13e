//! `heng demo`: a made-up city, from files to a ranking and what is odd in it.

use super::init::{ARTICLE, fresh_key};
use super::{change, progress_bar, serve};
use crate::cli::{Cli, DemoArgs, ServeArgs};
use anyhow::{Context as _, Result};
use app::city::{CityFiles, CityHome, Step, make_city_home, write_city};
use app::home::Home;
use app::oddities::find_oddities;
use app::period::{Ask, Beside, score_period};
use city::{City, Size};
use model::fact::Kind;
use model::period::Period;
use model::scheme::UnitKind;
use render::Lang;
use render::{oddities, ranking};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use tokio::runtime::Runtime;

pub(super) fn run(cli: &Cli, args: &DemoArgs) -> Result<ExitCode> {
    let lang = cli.lang();
    let folder = match cli.named_home() {
        Some(home) => home.clone(),
        None => std::env::temp_dir().join(format!("heng-demo-{}", std::process::id())),
    };
    let city = City::new(args.seed, Size::of_cases(args.cases))?;
    let runtime = Runtime::new().context("the runtime could not start")?;
    let months = city.months();
    let period = *months.last().context("a city has a month")?;
    println!("{}\n", opening(lang, &city, &months));
    let home = make(lang, &folder, &city, &months, args.threads.into(), &runtime)?;
    let ask =
        Ask { period, scheme: None, kind: UnitKind::Window, beside: Beside::Intervals, threads: args.threads.into() };
    let scores = score_period(&home, &ask, runtime.handle())?;
    print!("{}", ranking::table(lang, &scores));
    let found = find_oddities(&home, city.span(), ask.threads, runtime.handle())?;
    println!(
        "\n{}",
        lang.pick("── 异常(供人核查,不影响得分)──", "── Odd, for somebody to look at (no score depends on it) ──")
    );
    print!("{}", oddities::text(lang, &home.register, &found));
    println!("\n{}", closing(lang, &folder, period));
    if args.no_serve {
        runtime.block_on(home.store.clone().close());
    } else {
        println!();
        let pages = ServeArgs { port: Some(args.port), threads: args.threads, ..ServeArgs::default() };
        serve::show(lang, &runtime, home, &pages)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn opening(lang: Lang, city: &City, months: &[Period]) -> String {
    let (first, last) = (months.first().map(Period::to_string), months.last().map(Period::to_string));
    let (first, last, windows) = (first.unwrap_or_default(), last.unwrap_or_default(), city.windows());
    match lang {
        Lang::Zh => format!(
            "示例:一座虚构的城市,{windows} 个窗口,{first} 至 {last}。人和事都是编的;同一个种子(--seed)总是同一座城市。"
        ),
        Lang::En => format!(
            "A made-up city: {windows} windows, {first} to {last}. Nobody in it is real; the same --seed is the same city."
        ),
    }
}

/// Writes the city's files, imports them and closes every month; says how far it is.
fn make(lang: Lang, folder: &Path, city: &City, months: &[Period], threads: usize, runtime: &Runtime) -> Result<Home> {
    let bar = progress_bar();
    bar.enable_steady_tick(Duration::from_millis(200));
    bar.set_message(lang.pick("生成办件、评价、投诉……", "making cases, ratings, complaints …"));
    // The files of the sources lie beside the home until they are in.
    let sources: PathBuf = folder.with_file_name(format!("{}.city", folder.file_name().unwrap_or_default().display()));
    let written = write_city(city, &sources, &mut |_| {})?;
    let mut told = |step: &Step| match step {
        Step::Imported(report) if report.rows > 0 => {
            bar.set_message(format!("{} {}", lang.pick("已导入", "imported"), report.path.display()));
        }
        Step::Imported(_) => {}
        Step::Closed(month) => bar.set_message(format!("{} {month}", lang.pick("已关账", "closed"))),
    };
    let wanted = CityHome {
        files: CityFiles::in_folder(&sources),
        months,
        scheme: ARTICLE,
        key: fresh_key()?,
        change: change()?,
        threads,
    };
    let home = make_city_home(folder, &wanted, runtime.handle(), &mut told);
    std::fs::remove_dir_all(&sources).with_context(|| sources.display().to_string())?;
    bar.finish_and_clear();
    let of = |kind: Kind| written.get(&kind).copied().unwrap_or(0);
    let all: u64 = written.values().sum();
    let cases = of(Kind::Case);
    println!(
        "{}\n",
        match lang {
            Lang::Zh => format!("导入 {all} 条事实(办件 {cases}),日结并关账 {} 个月", months.len()),
            Lang::En => format!("{all} facts imported ({cases} cases), {} months closed", months.len()),
        }
    );
    Ok(home?)
}

fn closing(lang: Lang, folder: &Path, period: Period) -> String {
    let home = folder.display();
    let (lies, next) = (lang.pick("家目录", "home"), lang.pick("接着看", "next"));
    format!(
        "{lies}: {home}\n{next}:\n  export HENG_HOME={home}\n  heng score {period} --outcomes\n  heng score {period} --unit staff\n  \
         heng explain W001 {period}\n  heng explain W001 {period} --html W001.html"
    )
}

//! `heng demo`: a kept extract of a published programme, from files to an explained score.

use super::init::make;
use super::{Session, change};
use crate::cli::Cli;
use crate::render::{card, ranking};
use anyhow::{Context as _, Result, ensure};
use app::explain::explain;
use app::home::DEFAULT_CONFIG;
use app::import::mapping::Mapping;
use app::import::{Options, import_file};
use app::period::{Ask, Beside, Cards, close_period, score_period};
use model::period::Period;
use model::scheme::UnitKind;
use std::path::Path;
use std::process::ExitCode;

const SCHEME: &str = include_str!("../../../../schemes/hvbp.toml");

/// A file of the extract, and the mapping that reads it.
struct Source {
    file: &'static str,
    bytes: &'static [u8],
    mapping: &'static str,
}

macro_rules! source {
    ($file:literal, $mapping:literal) => {
        Source {
            file: $file,
            bytes: include_bytes!(concat!("../../../../examples/hvbp/extract/", $file)),
            mapping: include_str!(concat!("../../../../examples/hvbp/", $mapping)),
        }
    };
}

const SOURCES: [Source; 7] = [
    source!("clinical.csv", "centres.toml"),
    source!("clinical.csv", "windows.toml"),
    source!("clinical.csv", "clinical.toml"),
    source!("engagement.csv", "engagement.toml"),
    source!("safety.csv", "safety.toml"),
    source!("safety.csv", "safety_ssi.toml"),
    source!("efficiency.csv", "efficiency.toml"),
];

pub(super) fn run(cli: &Cli) -> Result<ExitCode> {
    let lang = cli.lang();
    let folder = match cli.named_home() {
        Some(home) => home.clone(),
        None => std::env::temp_dir().join(format!("heng-demo-{}", std::process::id())),
    };
    make(&folder, SCHEME, DEFAULT_CONFIG)?;
    println!(
        "{}\n",
        lang.pick(
            "示例:美国医院价值采购计划 2024 财年的 37 家医院。从公布的原始比率出发,重算每一分;每家医院当作一个“窗口”。",
            "Worked example: 37 hospitals of the US Hospital Value-Based Purchasing programme, fiscal year 2024. Every point is\nrecomputed from published rates; each hospital stands for a window.",
        )
    );
    let period = Period::parse("2024").context("a period")?;
    // The register first: a home reads it when it is opened.
    let (register, facts) = SOURCES.split_at(2);
    let session = Session::open(&folder, "demo")?;
    import(&session, &folder, register)?;
    session.close();
    let session = Session::open(&folder, "demo")?;
    import(&session, &folder, facts)?;
    let handle = session.runtime.handle();
    close_period(&session.home, None, period, change()?, 2, handle, &mut |_| {})?;
    let ask = Ask { period, scheme: None, kind: UnitKind::Window, beside: Beside::Nothing, threads: 2 };
    let scores = score_period(&session.home, &ask, handle)?;
    print!("{}", ranking::table(lang, &scores));
    if let Cards::First(cards) = &scores.cards {
        // The middle of the field explains more than its ends: some indicators missing, some points lost.
        let median = cards.iter().find(|card| card.rank.as_ref().is_some_and(|rank| rank.place == rank.of / 2));
        let unit = median.or(cards.first()).map(|card| card.unit.clone()).unwrap_or_default();
        println!("\n── heng explain {unit} 2024 ──\n");
        let explained = explain(&session.home, &unit, period, None, 2, handle)?;
        print!("{}", card::text(lang, &explained));
    }
    session.close();
    let home = folder.display();
    println!("\n{}: {home}", lang.pick("家目录", "home"));
    println!("  heng --home {home} explain 010001 2024\n  heng --home {home} score 2024 --json");
    Ok(ExitCode::SUCCESS)
}

fn import(session: &Session, folder: &Path, sources: &[Source]) -> Result<()> {
    let extract = folder.join("extract");
    std::fs::create_dir_all(&extract).with_context(|| extract.display().to_string())?;
    for source in sources {
        let path = extract.join(source.file);
        std::fs::write(&path, source.bytes).with_context(|| path.display().to_string())?;
        let mapping = Mapping::parse(source.mapping, None).map_err(anyhow::Error::msg)?;
        let options = Options { change: change()?, dry_run: false, rejects: None };
        let report = import_file(&session.home, &mapping, &path, options, session.runtime.handle(), &mut |_| {})?;
        ensure!(report.bad == 0, "{}: {} bad rows", source.file, report.bad);
    }
    Ok(())
}

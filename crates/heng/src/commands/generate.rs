//! `heng generate`

use crate::cli::{Cli, GenerateArgs};
use anyhow::Result;
use app::city::write_city;
use app::home::Noun;
use city::{City, Size};
use indicatif::{ProgressBar, ProgressStyle};
use model::fact::Kind;
use std::io::IsTerminal as _;
use std::process::ExitCode;

pub(super) fn run(cli: &Cli, args: &GenerateArgs) -> Result<ExitCode> {
    let lang = cli.lang();
    let city = City::new(args.seed, Size::of_cases(args.cases))?;
    let bar = progress(args.cases);
    let written = write_city(&city, &args.out, &mut |cases| bar.set_position(cases));
    bar.finish_and_clear();
    for (kind, rows) in written? {
        println!("  {:<12} {rows}", kind.name());
    }
    let (out, (first, last)) = (args.out.display(), city.span());
    println!(
        "{}: {out} ({first} … {last}, {} {})",
        lang.pick("城市", "city"),
        city.windows(),
        lang.pick("个窗口", "windows")
    );
    let nouns = Noun::ALL.map(Noun::name).join(" ");
    let kinds = Kind::ALL.map(Kind::name).join(" ");
    let months = city.months();
    let last = months.last().map(ToString::to_string).unwrap_or_default();
    let months = months.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    println!("{}:", lang.pick("下一步", "next"));
    println!("  heng init");
    println!("  for n in {nouns}; do heng import --map {out}/mappings/$n.toml {out}/register/$n.csv; done");
    println!("  for k in {kinds}; do heng import --map {out}/mappings/$k.toml {out}/facts/$k.csv; done");
    println!("  for m in {months}; do heng close --period $m; done");
    println!("  heng score {last}");
    Ok(ExitCode::SUCCESS)
}

/// How many of the cases there are, on a terminal only.
fn progress(cases: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{wide_bar} {human_pos}/{human_len} · {per_sec} · {eta}");
    ProgressBar::new(cases).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

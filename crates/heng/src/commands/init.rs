//! `heng init`

use super::{change, given, home_folder};
use crate::cli::{Cli, InitArgs};
use anyhow::{Context as _, Result};
use app::home::{DEFAULT_CONFIG, init};
use model::period::{BasePeriod, Period};
use model::time::{Day, Instant, Zone};
use std::fmt::Write as _;
use std::process::ExitCode;
use tokio::runtime::Runtime;

/// Months after the one in which a home is made.
const TRIAL_MONTHS: i16 = 3;

/// The preset of the article.
pub(super) const ARTICLE: &str = include_str!("../../../../schemes/article.toml");

pub(super) fn run(cli: &Cli, args: &InitArgs) -> Result<ExitCode> {
    let folder = home_folder(cli)?;
    let text = match &args.scheme {
        Some(file) => {
            app::home::read_scheme(file)?;
            std::fs::read_to_string(file).with_context(|| file.display().to_string())?
        }
        None => ARTICLE.to_owned(),
    };
    let until = trial_until(change()?.at);
    let mut config = format!(
        "{DEFAULT_CONFIG}\n# 试运行: periods that end by this day are scored and lead to nothing. Remove it to begin in earnest.\ntrial_until = \"{until}\"\n"
    );
    let said = [
        ("The database.", "database_url", &args.database_url),
        ("The bucket of the sealed files.", "storage_url", &args.storage_url),
        ("Its server.", "storage_endpoint", &args.storage_endpoint),
    ];
    for (what, key, value) in said {
        if let Some(value) = value {
            // A string of JSON is one of TOML, too.
            let _ = writeln!(config, "\n# {what}\n{key} = {}", serde_json::to_string(value)?);
        }
    }
    let runtime = Runtime::new().context("the runtime could not start")?;
    runtime.block_on(init(&folder, &text, &config, fresh_key()?, &given()))?;
    let lang = cli.lang();
    println!("{}: {}", lang.pick("新建完成", "a new home"), folder.display());
    println!(
        "{}",
        lang.pick(
            "下一步:在 register/ 下填写中心、窗口、人员、岗位、事项(或用 heng import window 等导入),然后 heng import --map FILE PATH…",
            "next: fill register/ with centres, windows, staff, posts and items (or `heng import window …`), then `heng import --map FILE PATH…`",
        )
    );
    Ok(ExitCode::SUCCESS)
}

/// A new home tries itself out for three whole months (SCORING §8).
fn trial_until(now: Instant) -> Day {
    let today = Zone::named("Asia/Shanghai").unwrap_or_else(Zone::utc).day_of(now);
    let last = Period::containing(today, BasePeriod::Month).before(-TRIAL_MONTHS);
    last.map_or(today, |month| month.days().1)
}

/// A key of pseudonyms.
pub(super) fn fresh_key() -> Result<[u8; 32]> {
    let mut key = [0; 32];
    #[expect(clippy::disallowed_methods, reason = "the binary is where randomness comes from")]
    getrandom::fill(&mut key).context("the system gave no random bytes")?;
    Ok(key)
}

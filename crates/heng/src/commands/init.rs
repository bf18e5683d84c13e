//! `heng init`

use super::home_folder;
use crate::cli::Cli;
use anyhow::{Context as _, Result};
use app::home::{DEFAULT_CONFIG, init};
use std::path::Path;
use std::process::ExitCode;

/// The preset of the article.
pub(super) const ARTICLE: &str = include_str!("../../../../schemes/article.toml");

pub(super) fn run(cli: &Cli, scheme: Option<&Path>) -> Result<ExitCode> {
    let folder = home_folder(cli)?;
    let text = match scheme {
        Some(file) => {
            app::home::read_scheme(file)?;
            std::fs::read_to_string(file).with_context(|| file.display().to_string())?
        }
        None => ARTICLE.to_owned(),
    };
    make(&folder, &text, DEFAULT_CONFIG)?;
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

/// Makes a home with a fresh key.
pub(super) fn make(folder: &Path, scheme: &str, config: &str) -> Result<()> {
    init(folder, scheme, config, fresh_key()?)?;
    Ok(())
}

/// A key of pseudonyms.
pub(super) fn fresh_key() -> Result<[u8; 32]> {
    let mut key = [0; 32];
    #[expect(clippy::disallowed_methods, reason = "the binary is where randomness comes from")]
    getrandom::fill(&mut key).context("the system gave no random bytes")?;
    Ok(key)
}

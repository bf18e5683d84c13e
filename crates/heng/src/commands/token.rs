//! `heng token`

use super::{Session, change, home_folder};
use crate::cli::{Cli, TokenCommand};
use anyhow::{Context as _, Result};
use app::home::Home;
use app::intake::{Scope, issue, revoke};
use model::time::Instant;
use render::Lang;
use std::process::ExitCode;
use store::SourceToken;

pub(super) fn run(cli: &Cli, command: &TokenCommand) -> Result<ExitCode> {
    let lang = cli.lang();
    let session = Session::open(&home_folder(cli)?, "token")?;
    let (runtime, home) = (&session.runtime, &session.home);
    let mut code = ExitCode::SUCCESS;
    match command {
        TokenCommand::Add { source, kind, window, note } => {
            let (kinds, windows) = (kind.iter().copied().collect(), window.iter().cloned().collect());
            let scope = Scope { source: source.clone(), kinds, windows, note: note.clone() };
            let issued = runtime.block_on(issue(home, scope, &random()?, change()?))?;
            println!("{}", issued.token);
            eprintln!(
                "{}",
                match lang {
                    Lang::Zh => format!("令牌 {} 已发放给 {source};只显示这一次,请立即保存", issued.id),
                    Lang::En => format!("token {} is issued to {source}; it is shown only now, keep it", issued.id),
                }
            );
        }
        TokenCommand::List => {
            for token in runtime.block_on(home.store.source_tokens())? {
                println!("{}", line(lang, home, &token));
            }
        }
        TokenCommand::Revoke { id } => {
            let revoked = runtime.block_on(revoke(home, id, change()?))?;
            let said = if revoked {
                lang.pick("已吊销", "revoked")
            } else {
                code = ExitCode::from(1);
                lang.pick("没有这个令牌,或早已吊销", "there is no such token, or it was revoked before")
            };
            println!("{id}: {said}");
        }
    }
    session.close();
    Ok(code)
}

/// A token in one line.
fn line(lang: Lang, home: &Home, token: &SourceToken) -> String {
    let all = lang.pick("全部", "all");
    let list = |names: Vec<&str>| if names.is_empty() { all.to_owned() } else { names.join(",") };
    let kinds = list(token.kinds.iter().map(|kind| kind.name()).collect());
    let windows = list(token.windows.iter().map(String::as_str).collect());
    let day = |at: Instant| home.zone.day_of(at).to_string();
    let used = token.last_used_at.map_or_else(
        || lang.pick("从未使用", "never used").to_owned(),
        |at| match lang {
            Lang::Zh => format!("最近使用 {}", day(at)),
            Lang::En => format!("last used {}", day(at)),
        },
    );
    let revoked = token.revoked_at.map_or_else(String::new, |at| match lang {
        Lang::Zh => format!("  {} 吊销", day(at)),
        Lang::En => format!("  revoked {}", day(at)),
    });
    let note = if token.note.is_empty() { String::new() } else { format!("  {}", token.note) };
    let (kinds, windows) = match lang {
        Lang::Zh => (format!("种类 {kinds}"), format!("窗口 {windows}")),
        Lang::En => (format!("kinds {kinds}"), format!("windows {windows}")),
    };
    format!("{}  {}  {kinds}  {windows}  {}  {used}{revoked}{note}", token.id, token.source, day(token.issued_at))
}

/// What a token is made of.
fn random() -> Result<[u8; 38]> {
    let mut bytes = [0; 38];
    #[expect(clippy::disallowed_methods, reason = "the binary is where randomness comes from")]
    getrandom::fill(&mut bytes).context("the system gave no random bytes")?;
    Ok(bytes)
}

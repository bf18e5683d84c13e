//! `heng scheme`

use super::{Session, home_folder, write_file};
use crate::cli::{Cli, SchemeCommand};
use anyhow::Result;
use app::home::read_scheme;
use model::fact::Kind;
use model::scheme::{Finding, Scheme, Severity, lint, lint_data};
use render::Lang;
use render::html::Frame;
use render::method;
use std::process::ExitCode;

pub(super) fn run(cli: &Cli, command: &SchemeCommand) -> Result<ExitCode> {
    match command {
        SchemeCommand::Lint { file, json } => {
            let scheme = read_scheme(file)?;
            let mut findings = lint(&scheme);
            findings.extend(data_findings(cli, &scheme)?);
            if *json {
                println!("{}", serde_json::to_string(&findings)?);
            } else {
                print_findings(cli.lang(), &findings);
                println!("{} {} · {}", scheme.id, scheme.version, scheme.digest());
            }
            let failed = findings.iter().any(|finding| finding.severity == Severity::Error);
            Ok(if failed { ExitCode::from(1) } else { ExitCode::SUCCESS })
        }
        SchemeCommand::Print { file, html } => {
            let folder = home_folder(cli)?;
            let scheme = read_scheme(&file.clone().unwrap_or_else(|| folder.join("scheme.toml")))?;
            match html {
                Some(page) => {
                    write_file(page, method::html(cli.lang(), &Frame::File, &scheme)?.as_bytes())?;
                    println!("{}: {}", cli.lang().pick("已写入", "written"), page.display());
                }
                None => print!("{}", method::text(cli.lang(), &scheme)),
            }
            Ok(ExitCode::SUCCESS)
        }
        SchemeCommand::Schema => {
            println!("{}", serde_json::to_string_pretty(&model::scheme::json_schema())?);
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// What a home's facts say about the scheme, if there is a home.
fn data_findings(cli: &Cli, scheme: &Scheme) -> Result<Vec<Finding>> {
    let folder = home_folder(cli)?;
    if !folder.join("heng.toml").exists() {
        return Ok(Vec::new());
    }
    let session = Session::open(&folder, "scheme lint")?;
    let counts = session.runtime.block_on(session.home.store.fact_counts())?;
    session.close();
    let kinds = counts.iter().filter(|counts| counts.current > 0).filter_map(|counts| Kind::parse(&counts.kind));
    Ok(lint_data(scheme, &kinds.collect()))
}

fn print_findings(lang: Lang, findings: &[Finding]) {
    for finding in findings {
        let severity = match finding.severity {
            Severity::Error => lang.pick("错误", "error"),
            Severity::Warning => lang.pick("提醒", "warning"),
        };
        println!("{severity}: {}: {}; {}", finding.place, finding.problem, finding.fix);
    }
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    let warnings = findings.len() - errors;
    println!("{} {errors}, {} {warnings}", lang.pick("错误", "errors"), lang.pick("提醒", "warnings"));
}

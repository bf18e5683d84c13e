//! `heng scheme`

use crate::cli::{Cli, SchemeCommand};
use crate::lang::Lang;
use anyhow::Result;
use app::home::read_scheme;
use model::scheme::{Finding, Severity, lint};
use std::process::ExitCode;

pub(super) fn run(cli: &Cli, command: &SchemeCommand) -> Result<ExitCode> {
    match command {
        SchemeCommand::Lint { file, json } => {
            let scheme = read_scheme(file)?;
            let findings = lint(&scheme);
            if *json {
                println!("{}", serde_json::to_string(&findings)?);
            } else {
                print_findings(cli.lang(), &findings);
                println!("{} {} · {}", scheme.id, scheme.version, scheme.digest());
            }
            let failed = findings.iter().any(|finding| finding.severity == Severity::Error);
            Ok(if failed { ExitCode::from(1) } else { ExitCode::SUCCESS })
        }
        SchemeCommand::Schema => {
            println!("{}", serde_json::to_string_pretty(&model::scheme::json_schema())?);
            Ok(ExitCode::SUCCESS)
        }
    }
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

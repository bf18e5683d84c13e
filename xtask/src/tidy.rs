//! Forbidden edges between crates, lints that every crate must take, lengths of files, doors that must stay shut.

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What each crate may depend on within the workspace: arrows only point right in
/// heng → web → render → app → { store, lake, insight, city } → model.
const ALLOWED: [(&str, &[&str]); 11] = [
    ("model", &[]),
    ("insight", &["model"]),
    ("city", &["model"]),
    ("lake", &["model"]),
    ("store", &["model"]),
    ("app", &["store", "lake", "insight", "city", "model"]),
    ("render", &["app", "insight", "model"]),
    ("web", &["render", "app", "store", "insight", "model"]),
    ("heng", &["web", "render", "app", "store", "lake", "city", "model"]),
    ("testkit", &[]),
    ("xtask", &["testkit"]),
];

/// Dependencies by whose absence a crate earns its place.
const BANNED: [(&str, &[&str]); 9] = [
    ("model", &["tokio", "sqlx", "arrow-array", "parquet", "axum", "csv", "object_store", "rayon", "getrandom"]),
    (
        "insight",
        &["tokio", "sqlx", "arrow-array", "parquet", "axum", "csv", "object_store", "rayon", "getrandom", "rand"],
    ),
    ("city", &["tokio", "sqlx", "arrow-array", "parquet", "axum", "csv", "object_store", "rayon", "getrandom"]),
    ("lake", &["sqlx", "axum", "clap"]),
    ("store", &["arrow-array", "parquet", "axum", "clap"]),
    ("app", &["axum", "clap", "sqlx", "arrow-array", "parquet"]),
    ("render", &["axum", "clap", "tokio", "sqlx"]),
    ("web", &["clap", "sqlx", "arrow-array", "parquet"]),
    ("heng", &["axum", "sqlx", "arrow-array", "parquet"]),
];

/// Lines of a source file before its tests.
const MAX_LINES: usize = 600;

pub(crate) fn run() -> Result<()> {
    let metadata = metadata()?;
    let root = PathBuf::from(metadata["workspace_root"].as_str().context("workspace_root")?);
    let mut problems = edges(&metadata)?;
    problems.extend(lints(&metadata)?);
    let mut files = Vec::new();
    for folder in ["crates", "xtask"] {
        sources(&root.join(folder), &mut files)?;
    }
    for file in &files {
        problems.extend(file_problems(&root, file)?);
    }
    for problem in &problems {
        eprintln!("{problem}");
    }
    if !problems.is_empty() {
        bail!("{} problems", problems.len());
    }
    println!("tidy: {} files, no problems", files.len());
    Ok(())
}

fn metadata() -> Result<Value> {
    let output = Command::new("cargo").args(["metadata", "--format-version=1", "--no-deps", "--offline"]).output()?;
    let text = if output.status.success() {
        output.stdout
    } else {
        Command::new("cargo").args(["metadata", "--format-version=1", "--no-deps"]).output()?.stdout
    };
    serde_json::from_slice(&text).context("cargo metadata")
}

fn packages(metadata: &Value) -> Result<&Vec<Value>> {
    metadata["packages"].as_array().context("packages")
}

fn edges(metadata: &Value) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    let names: Vec<&str> = packages(metadata)?.iter().filter_map(|package| package["name"].as_str()).collect();
    for package in packages(metadata)? {
        let name = package["name"].as_str().context("name")?;
        let Some((_, allowed)) = ALLOWED.iter().find(|(known, _)| *known == name) else {
            problems.push(format!("{name}: say in xtask/src/tidy.rs what this crate may depend on"));
            continue;
        };
        let banned = BANNED.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, banned)| banned);
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            if dependency["kind"] == "dev" {
                continue;
            }
            let to = dependency["name"].as_str().context("dependency name")?;
            if names.contains(&to) && !allowed.contains(&to) {
                problems.push(format!("{name} → {to}: this arrow is forbidden (ARCHITECTURE.md, code map)"));
            }
            if banned.contains(&to) {
                problems.push(format!("{name} depends on {to}, by whose absence it earns its place"));
            }
        }
    }
    Ok(problems)
}

fn lints(metadata: &Value) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for package in packages(metadata)? {
        let manifest = package["manifest_path"].as_str().context("manifest_path")?;
        if !fs::read_to_string(manifest)?.contains("[lints]\nworkspace = true") {
            problems.push(format!("{manifest}: add\n[lints]\nworkspace = true"));
        }
    }
    Ok(problems)
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sources(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

fn file_problems(root: &Path, file: &Path) -> Result<Vec<String>> {
    let text = fs::read_to_string(file)?;
    let shown = file.strip_prefix(root).unwrap_or(file).display().to_string();
    let mut problems = Vec::new();
    let lines = text.split("#[cfg(test)]").next().unwrap_or_default().lines().count();
    let is_test = shown.contains("/tests/") || shown.contains("/examples/");
    if lines > MAX_LINES && !is_test {
        problems.push(format!("{shown}: {lines} lines before its tests; at most {MAX_LINES}, split it by operation"));
    }
    if !text.starts_with("//!") {
        problems.push(format!("{shown}: begin with `//!` and say what the file is for"));
    }
    // Floats have no place between a tally and a score.
    let on_the_road = ["crates/model/src/score", "crates/model/src/tally.rs", "crates/model/src/exact.rs"];
    let floats = text.contains("f64") || text.contains("f32");
    if on_the_road.iter().any(|road| shown.starts_with(road)) && floats {
        problems.push(format!("{shown}: a float on the road from a tally to a score"));
    }
    // The last bits of logarithms and powers differ between machines.
    if shown.starts_with("crates/city/src") && floats {
        problems.push(format!("{shown}: a float in what must be the same on every machine"));
    }
    // Writing goes through the door alone, and a copy of a whole database.
    let writes = ["crates/store/src/queue.rs", "crates/store/src/copy.rs", "crates/store/src/sql/"];
    let in_store = shown.starts_with("crates/store/src") && !writes.iter().any(|place| shown.starts_with(place));
    if in_store && text.contains("begin(") {
        problems.push(format!("{shown}: a transaction outside `Store::write`"));
    }
    Ok(problems)
}

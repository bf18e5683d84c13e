//! A town of a month, and a home of it at every station on its way to a score.

use super::program::Program;
use anyhow::{Context as _, Result};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// About so many cases.
const CASES: &str = "9000";
/// The month that is scored.
pub(super) const PERIOD: &str = "2026-01";

/// A command on the way to the score.
#[derive(Clone, Debug)]
pub(super) struct Station {
    pub(super) name: &'static str,
    pub(super) words: Vec<String>,
    /// The home before it.
    pub(super) before: PathBuf,
}

impl Station {
    pub(super) fn words(&self) -> Vec<&str> {
        self.words.iter().map(String::as_str).collect()
    }
}

/// The town.
#[derive(Debug)]
pub(super) struct Town {
    pub(super) stations: Vec<Station>,
    /// The home that has been all the way.
    pub(super) finished: PathBuf,
    /// What its score rests on and comes to.
    pub(super) result: String,
}

impl Town {
    /// Makes the town and goes the way once, undisturbed.
    pub(super) fn build(heng: &Program, work: &Path) -> Result<Self> {
        let (folder, home) = (work.join("town"), work.join("home"));
        let at = |path: &str| folder.join(path).to_string_lossy().into_owned();
        heng.ok(&home, &["generate", "--cases", CASES, "--out", &folder.to_string_lossy()])?;
        heng.ok(&home, &["init"])?;
        for noun in ["centre", "window", "staff", "post", "item"] {
            let (map, file) = (at(&format!("mappings/{noun}.toml")), at(&format!("register/{noun}.csv")));
            heng.ok(&home, &["import", "--map", &map, &file])?;
        }
        fs::copy(folder.join("register/workdays.csv"), home.join("register/workdays.csv"))?;
        let import = |kind: &str, file: &str| {
            [
                "import".to_owned(),
                "--map".to_owned(),
                at(&format!("mappings/{kind}.toml")),
                at(&format!("facts/{file}.csv")),
            ]
        };
        // Half of the ratings come when the days are sealed, so that these must be sealed again.
        halve(&folder.join("facts"), "rating")?;
        for kind in ["complaint", "inspection", "survey", "exam", "activity", "violation", "operation", "statistic"] {
            heng.ok(&home, &import(kind, kind).each_ref().map(String::as_str))?;
        }
        heng.ok(&home, &import("rating", "rating-first").each_ref().map(String::as_str))?;
        let close = ["close", "--through", "2026-01-31"].map(str::to_owned).to_vec();
        let way = [
            ("import", import("case", "case").to_vec()),
            ("close", close.clone()),
            ("import of what is late", import("rating", "rating-second").to_vec()),
            ("second close", close),
            ("close of the period", ["close", "--period", PERIOD].map(str::to_owned).to_vec()),
            ("score", ["score", PERIOD, "--json"].map(str::to_owned).to_vec()),
        ];
        let mut stations = Vec::new();
        for (at, (name, words)) in way.into_iter().enumerate() {
            let before = work.join(format!("before-{at}"));
            copy(&home, &before)?;
            let station = Station { name, words, before };
            heng.ok(&home, &station.words())?;
            stations.push(station);
        }
        let result = result(heng, &home)?;
        Ok(Self { stations, finished: home, result })
    }
}

/// What a score rests on and comes to: every digest that is frozen, and that of the score.
pub(super) fn result(heng: &Program, home: &Path) -> Result<String> {
    let json: Value = serde_json::from_str(&heng.ok(home, &["score", PERIOD, "--json"])?)?;
    Ok(serde_json::json!([json["digest"], json["inputs"], json["uncertainty"]["digest"], json["state"]]).to_string())
}

/// Splits a file of facts into two, each with the head line.
fn halve(folder: &Path, name: &str) -> Result<()> {
    let text = fs::read_to_string(folder.join(format!("{name}.csv")))?;
    let (head, rows) = text.split_once('\n').context("a head line")?;
    let (first, second): (Vec<_>, Vec<_>) = rows.lines().enumerate().partition(|(at, _)| at % 2 == 0);
    for (part, rows) in [("first", first), ("second", second)] {
        let rows: Vec<&str> = rows.into_iter().map(|(_, row)| row).collect();
        fs::write(folder.join(format!("{name}-{part}.csv")), format!("{head}\n{}\n", rows.join("\n")))?;
    }
    Ok(())
}

/// Copies a folder with all that is in it.
pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let place = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &place)?;
        } else {
            fs::copy(entry.path(), place)?;
        }
    }
    Ok(())
}

/// Every file below a folder.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

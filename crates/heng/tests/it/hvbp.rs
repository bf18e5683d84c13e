//! The engine against results that strangers published: CMS Hospital Value-Based Purchasing, fiscal year 2024.
//!
//! Only rates, baselines and the combined SSI score are imported. Every published measure score, domain score and
//! total must come out again, at nine decimals.

use crate::common::{TestHome, path, project};
use model::exact::{Ratio, Rounding};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

type Table = BTreeMap<String, BTreeMap<String, String>>;

const TABLES: [&str; 4] = ["clinical", "engagement", "safety", "efficiency"];
const DOMAINS: [(&str, &str); 4] = [
    ("clinical", "Unweighted Normalized Clinical Outcomes Domain Score"),
    ("engagement", "Unweighted Person And Community Engagement Domain Score"),
    ("safety", "Unweighted Normalized Safety Domain Score"),
    ("efficiency", "Unweighted Normalized Efficiency And Cost Reduction Domain Score"),
];

/// Imports the files of a folder into a new home, closes and scores.
fn score(data: &Path) -> Value {
    let project = project();
    let example = project.join("examples/hvbp");
    let home = TestHome::with_scheme(&project.join("schemes/hvbp.toml"));
    let import = |mapping: &str, table: &str| {
        let (mapping, table) = (example.join(format!("{mapping}.toml")), data.join(format!("{table}.csv")));
        home.ok(&["import", "--map", path(&mapping), path(&table)])
    };
    import("centres", "clinical");
    import("windows", "clinical");
    for table in TABLES {
        import(table, table);
    }
    import("safety_ssi", "safety");
    home.ok(&["close", "--period", "2024"]);
    home.scores(&["2024"])
}

fn read(file: &Path) -> Table {
    let bytes = std::fs::read(file).expect("readable");
    let text = String::from_utf8(bytes).expect("UTF-8");
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header = reader.headers().expect("a header").clone();
    let rows = reader.records().map(|row| {
        let row = row.expect("a row");
        let cells: BTreeMap<String, String> =
            header.iter().zip(&row).map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect();
        (cells["Facility ID"].clone(), cells)
    });
    rows.collect()
}

/// "7 out of 10", "12", "38.333333333333" or "Not Available", as a number at nine decimals.
fn published(cell: &str, times: i128) -> Option<String> {
    let number = cell.split(" out of ").next()?;
    Some(Ratio::parse(number)?.mul(&Ratio::whole(times)).to_decimal(9, Rounding::HalfEven))
}

fn groups(unit: &Value) -> BTreeMap<&str, &Value> {
    let groups = unit["layers"][0]["groups"].as_array().expect("groups");
    groups.iter().map(|group| (group["id"].as_str().expect("id"), group)).collect()
}

fn points(group: &Value) -> Option<String> {
    group["points"].as_str().map(str::to_owned)
}

/// Compares every published number of every hospital; returns how many hospitals and numbers there were.
fn compare(data: &Path, scores: &Value) -> (usize, usize) {
    let tables: BTreeMap<&str, Table> =
        TABLES.iter().map(|table| (*table, read(&data.join(format!("{table}.csv"))))).collect();
    let totals = read(&data.join("total.csv"));
    let units = scores["units"].as_array().expect("units");
    assert_eq!(units.len(), totals.len(), "every hospital is scored");
    let mut compared = 0;
    let mut equal = |hospital: &str, what: &str, ours: Option<String>, theirs: Option<String>| {
        assert_eq!(ours, theirs, "{hospital}: {what}");
        compared += 1;
    };
    for unit in units {
        let hospital = unit["unit"].as_str().expect("unit");
        let groups = groups(unit);
        equal(
            hospital,
            "total",
            unit["exact"].as_str().map(str::to_owned),
            published(&totals[hospital]["Total Performance Score"], 1),
        );
        for (domain, column) in DOMAINS {
            let ours = groups.get(domain).and_then(|group| points(group));
            equal(hospital, column, ours, published(&totals[hospital][column], 1));
            let table = if domain == "efficiency" { "efficiency" } else { domain };
            for indicator in groups[domain]["indicators"].as_array().expect("indicators") {
                let id = indicator["id"].as_str().expect("id");
                let (column, times) = measure_column(id, &tables[table][hospital]);
                // A measure of a domain with too few of them has a published score that counts for nothing.
                let ours = if indicator["state"] == "group_too_small" { continue } else { points(indicator) };
                equal(hospital, &column, ours, published(&tables[table][hospital][&column], times));
            }
        }
    }
    (units.len(), compared)
}

/// The published column of an indicator's score, and what it is multiplied with to be points of 100.
fn measure_column(id: &str, row: &BTreeMap<String, String>) -> (String, i128) {
    match id {
        "ssi" => ("Combined SSI Measure Score".to_owned(), 10),
        "consistency" => ("Hcahps Consistency Score".to_owned(), 5),
        id => {
            let slug = |column: &str| column.to_lowercase().replace(' ', "_");
            let suffixes = [" Measure Score", " Dimension Score"];
            let column = row.keys().find(|column| {
                suffixes.iter().any(|suffix| column.strip_suffix(suffix).is_some_and(|name| slug(name) == id))
            });
            (column.expect("a published column").clone(), 10)
        }
    }
}

#[test]
fn the_kept_extract_gives_every_published_number() {
    let data = project().join("examples/hvbp/extract");
    let (hospitals, numbers) = compare(&data, &score(&data));
    assert_eq!(hospitals, 37);
    assert!(numbers > 800, "{numbers}");
}

#[test]
fn the_whole_release_gives_every_published_number() {
    let data = project().join("../shared/data/hvbp");
    if !data.exists() {
        eprintln!("skipped: the whole release is not here; the kept extract is tested");
        return;
    }
    let (hospitals, numbers) = compare(&data, &score(&data));
    eprintln!("{hospitals} hospitals, {numbers} published numbers, all equal at 9 decimals");
    assert_eq!(hospitals, 1237);
}

#[test]
fn the_score_reads_no_published_points() {
    let data = project().join("examples/hvbp/extract");
    let stripped = TestHome::empty();
    for table in TABLES {
        let rows = read(&data.join(format!("{table}.csv")));
        let keep = |column: &&String| {
            column.as_str() == "Combined SSI Measure Score"
                || !(column.ends_with("Points") || column.ends_with("Score"))
        };
        let columns: Vec<&String> = rows.values().next().expect("a row").keys().filter(keep).collect();
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&columns).expect("written");
        for row in rows.values() {
            writer.write_record(columns.iter().map(|column| &row[*column])).expect("written");
        }
        stripped.file(&format!("data/{table}.csv"), writer.into_inner().expect("bytes"));
    }
    let without = score(&stripped.home().with_file_name("data"));
    assert_eq!(without["digest"], score(&data)["digest"]);
}

#[test]
fn thresholds_and_benchmarks_are_those_of_the_release() {
    let scheme = std::fs::read_to_string(project().join("schemes/hvbp.toml")).expect("readable");
    let scheme = model::scheme::parse(&scheme).expect("valid");
    let shown = serde_json::to_value(&scheme.indicators).expect("JSON").to_string();
    let mut checked = 0;
    for table in TABLES {
        for (column, cell) in
            read(&project().join(format!("examples/hvbp/extract/{table}.csv"))).into_values().next().expect("a row")
        {
            // HAI-3 and HAI-4 enter through the combined SSI score.
            if column.starts_with("HAI-3") || column.starts_with("HAI-4") {
                continue;
            }
            if ["Threshold", "Benchmark", "Floor"].iter().any(|suffix| column.ends_with(suffix)) {
                let number = Ratio::parse(&cell).expect("a number").to_fraction();
                assert!(shown.contains(&format!("\"{number}\"")), "{column} {cell}");
                checked += 1;
            }
        }
    }
    assert_eq!(checked, 2 * (6 + 8 + 4 + 1) + 8);
}

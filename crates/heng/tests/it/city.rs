//! A made-up city through the whole program: generate, import, close, score.

use crate::common::{TestHome, path};
use model::fact::Kind;
use std::collections::BTreeMap;
use std::path::Path;

/// A dozen windows, one month.
const CASES: &str = "5000";
const MONTH: &str = "2026-01";
const NOUNS: [&str; 5] = ["centre", "window", "staff", "post", "item"];

/// Every file of a folder with its bytes, by its path within.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for sub in ["register", "mappings", "facts"] {
        for entry in std::fs::read_dir(folder.join(sub)).expect("a folder") {
            let file = entry.expect("an entry").path();
            let name = file.file_name().expect("a name").to_string_lossy().into_owned();
            found.insert(format!("{sub}/{name}"), std::fs::read(&file).expect("readable"));
        }
    }
    found
}

#[test]
fn a_city_is_imported_closed_and_scored_without_a_rejected_row() {
    let home = TestHome::empty();
    let city = home.file("city/empty", "").with_file_name("");
    let said = home.ok(&["generate", "--cases", CASES, "--seed", "3", "--out", path(&city)]);
    assert!(said.contains("12 windows") && said.contains("heng score 2026-01"), "{said}");
    home.ok(&["init"]);
    let import = |name: &str, folder: &str| {
        let (map, file) = (city.join(format!("mappings/{name}.toml")), city.join(format!("{folder}/{name}.csv")));
        home.ok(&["import", "--map", path(&map), path(&file)])
    };
    for noun in NOUNS {
        import(noun, "register");
    }
    for kind in Kind::ALL {
        import(kind.name(), "facts");
    }
    assert!(!home.home().join("rejected").exists(), "rows were rejected");
    home.ok(&["close", "--period", MONTH]);
    // One month of a dozen windows is too little for some of what is counted over three.
    for (unit, all, least) in [("window", 12, 6), ("staff", 36, 0)] {
        let scores = home.scores(&[MONTH, "--unit", unit]);
        let units = scores["units"].as_array().expect("a list");
        let scored = units.iter().filter(|unit| unit["score"].is_string()).count();
        assert!(units.len() == all && scored >= least, "{unit}: {scored} of {} have a score", units.len());
    }
    // The mapping of a city reads it again to the same end.
    let again = import("case", "facts");
    assert!(again.contains("nothing changed"), "{again}");
}

#[test]
fn a_seed_gives_the_same_files() {
    let home = TestHome::empty();
    let made = |folder: &str, seed: &str| {
        let city = home.file(&format!("{folder}/empty"), "").with_file_name("");
        home.ok(&["generate", "--cases", "600", "--seed", seed, "--out", path(&city)]);
        files(&city)
    };
    let (first, again, other) = (made("a", "5"), made("b", "5"), made("c", "6"));
    assert_eq!(first.len(), 2 * NOUNS.len() + 1 + 2 * Kind::ALL.len());
    assert!(first == again, "the same seed gave other bytes");
    assert_ne!(first["facts/case.csv"], other["facts/case.csv"]);
    assert_ne!(first["register/window.csv"], other["register/window.csv"]);
}

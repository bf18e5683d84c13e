//! `[[folder]]`: folders into which other systems put files.

use super::is_name;
use serde::Deserialize;

/// The longest time between two looks.
const MAX_SECONDS: u32 = 86_400;
/// Ends of names that an import reads, for a folder without a pattern.
const KNOWN: [&str; 9] = [".csv", ".tsv", ".txt", ".ndjson", ".jsonl", ".json", ".xlsx", ".xlsm", ".parquet"];

/// A folder into which another system puts files.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Folder {
    /// The name under which its files stand in `heng status`; the mapping says as whose reports they count.
    pub source: String,
    /// Where it is, relative to the home or absolute.
    pub path: String,
    /// The mapping, as for `heng import`, relative to the home.
    pub mapping: String,
    /// Which files, as `*.xlsx`; without one, all that an import reads.
    pub pattern: Option<String>,
    /// How often the server looks; 0 leaves it to people.
    #[serde(default = "every_seconds")]
    pub every_seconds: u32,
}

fn every_seconds() -> u32 {
    60
}

impl Folder {
    pub(super) fn check(&self) -> Result<(), String> {
        let of = |problem: &str| Err(format!("[[folder]] `{}`: {problem}", self.source));
        if !is_name(&self.source) {
            return of("source is a name without a slash");
        }
        if self.path.is_empty() || self.mapping.is_empty() {
            return of("it needs a path and a mapping");
        }
        if self.pattern.as_ref().is_some_and(|pattern| !is_name(pattern)) {
            return of("pattern is one for names in the folder, as \"*.xlsx\", without a slash");
        }
        if self.every_seconds > MAX_SECONDS {
            return of("every_seconds is from 1 to 86400, or 0 to leave it to people");
        }
        Ok(())
    }

    /// Whether a file of this name is one to take. Hidden ones, and those that a spreadsheet program keeps beside an open
    /// workbook, never are.
    #[must_use]
    pub fn takes(&self, name: &str) -> bool {
        let lower = name.to_ascii_lowercase();
        !name.starts_with('.')
            && !name.starts_with("~$")
            && match &self.pattern {
                Some(pattern) => fits(&pattern.to_ascii_lowercase(), &lower),
                None => KNOWN.iter().any(|end| lower.ends_with(end)),
            }
    }
}

/// Whether a name is as a pattern says, in which `*` stands for anything.
fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = name.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut last = None;
    for part in parts {
        // Of what is between two stars the first place is as good as any.
        if let Some(between) = last.replace(part) {
            let Some(at) = rest.find(between) else { return false };
            rest = &rest[at + between.len()..];
        }
    }
    last.map_or(rest.is_empty(), |end| rest.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_says_which_files_are_taken() {
        let check = |pattern: Option<&str>, name: &str, expect: bool| {
            let folder = Folder {
                source: "s".to_owned(),
                path: "p".to_owned(),
                mapping: "m".to_owned(),
                pattern: pattern.map(str::to_owned),
                every_seconds: 60,
            };
            assert_eq!(folder.takes(name), expect, "{pattern:?} {name}");
        };
        check(None, "工单.xlsx", true);
        check(None, "a.CSV", true);
        check(None, "a.zip", false);
        check(None, ".a.csv", false);
        check(None, "~$工单.xlsx", false);
        check(Some("*.xlsx"), "a.XLSX", true);
        check(Some("*.xlsx"), "a.xlsx.part", false);
        check(Some("工单*.csv"), "工单2026-03-05.csv", true);
        check(Some("工单*.csv"), "回访2026-03-05.csv", false);
        check(Some("a*b*c"), "a1b2b3c", true);
        check(Some("a*b*c"), "a1c", false);
        // The parts of a name may not overlap.
        check(Some("ab*ba"), "aba", false);
        check(Some("a*b*b"), "ab", false);
        check(Some("orders.csv"), "orders.csv", true);
        check(Some("orders.csv"), "orders.csv2", false);
        check(Some("*"), "anything", true);
    }

    #[test]
    fn a_wrong_folder_is_refused() {
        let good = "source = 's'\npath = 'in'\nmapping = 'm.toml'\n";
        let check = |text: &str| toml::from_str::<Folder>(text).map_err(|error| error.to_string())?.check();
        assert_eq!(check(good), Ok(()));
        for (from, to, part) in [
            ("'s'", "'a/b'", "without a slash"),
            ("'in'", "''", "path"),
            ("'m.toml'", "''", "mapping"),
            ("path", "pathe", "pathe"),
            ("mapping", "every_seconds = 86401\nmapping", "every_seconds"),
            ("mapping", "pattern = '../*'\nmapping", "pattern"),
        ] {
            let problem = check(&good.replace(from, to)).expect_err(part);
            assert!(problem.contains(part), "{part}: {problem}");
        }
    }
}

//! `heng.toml`.

use super::HomeError;
use model::period::Period;
use model::time::Day;
use serde::Deserialize;
use std::path::Path;
use store::Location;

/// What `heng init` writes.
pub const DEFAULT_CONFIG: &str = r#"# The configuration of this home.

# The one time zone in which every day begins and ends.
timezone = "Asia/Shanghai"

# When the offices are open on workdays; half open: 09:00 counts, 12:00 does not.
office_hours = ["09:00-12:00", "13:30-17:00"]

# The scheme by which days are tallied and periods scored.
scheme = "scheme.toml"

# The database. Without this line it is the file heng.db beside this one.
# database_url = "postgres://heng:password@127.0.0.1:5432/heng"
"#;

/// The configuration of a home.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The IANA name of the time zone.
    pub timezone: String,
    /// Office hours of a workday, each like `09:00-12:00`.
    pub office_hours: Vec<String>,
    /// The scheme's file, relative to the home.
    pub scheme: String,
    /// The database, if it is not the file `heng.db`: `postgres://user:password@host:5432/heng`.
    #[serde(default)]
    pub database_url: Option<String>,
    /// The last day of the trial run (试运行): periods that end by then lead to nothing.
    #[serde(default)]
    pub trial_until: Option<Day>,
    /// Whether everything in it is made up; pages say so, and for them it is the morning after the last sealed day.
    #[serde(default)]
    pub demonstration: bool,
}

impl Config {
    /// Reads the file's text.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| model::toml_text::line(text, &error))
    }

    /// Where the database of a home in this folder is.
    pub fn database(&self, folder: &Path) -> Result<Location, HomeError> {
        let path = folder.join("heng.toml").display().to_string();
        Location::of(self.database_url.as_deref(), folder.join("heng.db"))
            .map_err(|source| HomeError::Store { path, source })
    }

    /// The end of the trial run, if a period ends within it.
    #[must_use]
    pub fn trial_of(&self, period: Period) -> Option<Day> {
        self.trial_until.filter(|until| period.days().1 <= *until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_valid_and_a_typing_error_is_named() {
        assert!(Config::parse(DEFAULT_CONFIG).is_ok());
        let error = Config::parse(&DEFAULT_CONFIG.replace("timezone", "timezon")).expect_err("typing error");
        assert!(error.contains("timezon"), "{error}");
    }
}

//! `heng.toml`.

mod api;
mod collect;
mod folder;

pub use api::{Api, Paging};
pub use collect::Collect;
pub use folder::Folder;

use super::{HomeError, StorageKeys};
use model::period::Period;
use model::time::Day;
use serde::Deserialize;
use std::collections::BTreeSet;
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

# When the server closes the days that are over (日结); "never" leaves it to people.
close_at = "02:00"

# The database. Without this line it is the file heng.db beside this one.
# HENG_DATABASE_URL says it, too, and keeps a password out of this file.
# database_url = "postgres://heng:password@127.0.0.1:5432/heng"

# Where the sealed files lie. Without these lines it is the folder lake/ beside this file. The keys of the bucket are
# HENG_S3_ACCESS_KEY and HENG_S3_SECRET_KEY, or stand in keys/s3.toml.
# storage_url = "s3://bucket/prefix"
# storage_endpoint = "http://127.0.0.1:9000"

# The port of `heng serve`, and one of its own for its counters (/metrics).
# port = 8180
# metrics_port = 9180

# TLS instead of plain HTTP: a certificate and its key, PEM files beside this one.
# tls_cert = "keys/server.pem"
# tls_key = "keys/server.key"

# What is logged as one JSON object a line, instead of text.
# log_format = "json"

# Business systems that are asked every night what their windows did (docs/intake.md).
# [[collect]]
# source = "hall-a"
# url = "http://127.0.0.1:9000"
# token_env = "HALL_A_TOKEN"

# Folders into which other systems put files, and other interfaces that answer in pages: docs/intake.md.
# [[folder]]
# source = "hotline"
# path = "/srv/12345"
# mapping = "hotline.toml"
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
    /// The bucket of the sealed files, if they do not lie in the folder `lake`: `s3://bucket/prefix`.
    #[serde(default)]
    pub storage_url: Option<String>,
    /// The server of the bucket, as `http://host:port`; without one it is Amazon's.
    #[serde(default)]
    pub storage_endpoint: Option<String>,
    /// The region of the bucket.
    #[serde(default = "storage_region")]
    pub storage_region: String,
    /// Whether the bucket's name stands in the path, as most servers want it; else before the host's name.
    #[serde(default = "storage_path_style")]
    pub storage_path_style: bool,
    /// The most that is kept here of files of the bucket that were read lately, in units of 2^20 bytes; 0 keeps none.
    #[serde(default = "storage_cache_megabytes")]
    pub storage_cache_megabytes: u64,
    /// When the server closes the days that are over, as `02:00`; `never` leaves it to people.
    #[serde(default = "close_at")]
    pub close_at: String,
    /// The port of the server, unless the command line names one.
    #[serde(default)]
    pub port: Option<u16>,
    /// A port of its own for the server's counters, unless the command line names one.
    #[serde(default)]
    pub metrics_port: Option<u16>,
    /// The certificate of the server (PEM), relative to the home; with one the server speaks TLS.
    #[serde(default)]
    pub tls_cert: Option<String>,
    /// The key of the certificate (PEM), relative to the home.
    #[serde(default)]
    pub tls_key: Option<String>,
    /// The form of the log.
    #[serde(default)]
    pub log_format: LogFormat,
    /// Business systems that are asked day by day what their windows did.
    #[serde(default)]
    pub collect: Vec<Collect>,
    /// Folders into which other systems put files.
    #[serde(default)]
    pub folder: Vec<Folder>,
    /// Other systems that answer in pages of JSON.
    #[serde(default)]
    pub api: Vec<Api>,
    /// The last day of the trial run (试运行): periods that end by then lead to nothing.
    #[serde(default)]
    pub trial_until: Option<Day>,
    /// Whether everything in it is made up; pages say so, and for them it is the morning after the last sealed day.
    #[serde(default)]
    pub demonstration: bool,
}

/// The form of a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// What the environment says instead of `heng.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// `HENG_DATABASE_URL`: a password need not stand in a file.
    pub database_url: Option<String>,
    /// `HENG_STORAGE_URL`
    pub storage_url: Option<String>,
    /// `HENG_STORAGE_ENDPOINT`
    pub storage_endpoint: Option<String>,
    /// `HENG_S3_ACCESS_KEY` and `HENG_S3_SECRET_KEY`
    pub storage_keys: Option<StorageKeys>,
    /// `HENG_CLOSE_AT`
    pub close_at: Option<String>,
}

/// Late enough for what comes in on the evening, early enough for the morning.
fn close_at() -> String {
    "02:00".to_owned()
}

/// What servers of one's own take for granted.
fn storage_region() -> String {
    "us-east-1".to_owned()
}

fn storage_path_style() -> bool {
    true
}

fn storage_cache_megabytes() -> u64 {
    1_024
}

impl Config {
    /// With what the environment says instead.
    #[must_use]
    pub fn with(mut self, given: &Given) -> Self {
        self.database_url = given.database_url.clone().or(self.database_url);
        self.storage_url = given.storage_url.clone().or(self.storage_url);
        self.storage_endpoint = given.storage_endpoint.clone().or(self.storage_endpoint);
        self.close_at = given.close_at.clone().unwrap_or(self.close_at);
        self
    }

    /// Seconds after midnight at which the days that are over are closed, if they are.
    pub fn close_seconds(&self) -> Result<Option<i64>, String> {
        clock_seconds("close_at", &self.close_at)
    }

    /// Checks what the form of the file does not.
    pub(crate) fn check(&self) -> Result<(), String> {
        self.close_seconds()?;
        self.check_storage()?;
        self.collect.iter().try_for_each(Collect::check)?;
        self.folder.iter().try_for_each(Folder::check)?;
        self.api.iter().try_for_each(Api::check)?;
        once("collect", self.collect.iter().map(|system| system.source.as_str()))?;
        once("folder", self.folder.iter().map(|folder| folder.source.as_str()))?;
        once("api", self.api.iter().map(|api| api.source.as_str()))?;
        Ok(())
    }

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

/// Every source of a table once: what was asked for and taken is known by it.
fn once<'a>(table: &str, sources: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let mut known = BTreeSet::new();
    for source in sources {
        if !known.insert(source) {
            return Err(format!("two [[{table}]] have the source `{source}`"));
        }
    }
    Ok(())
}

/// Whether a text can be a name within the subject of a job: something, without a slash or a control character.
fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.contains('/') && !text.chars().any(char::is_control)
}

/// Where a system is asked: by HTTP, for this program speaks no TLS.
fn check_url(url: &str) -> Result<(), String> {
    if url.starts_with("https://") {
        return Err("this program speaks plain HTTP; put a proxy that speaks TLS on this machine".to_owned());
    }
    if !url.starts_with("http://") {
        return Err(format!("url `{url}` must begin with http://"));
    }
    Ok(())
}

/// Seconds after midnight of a time like `02:00`; `None` of `never`.
pub(crate) fn clock_seconds(name: &str, text: &str) -> Result<Option<i64>, String> {
    if text == "never" {
        return Ok(None);
    }
    let wrong = || format!("{name} = \"{text}\": write a time like \"02:00\", or \"never\"");
    let (hours, minutes) = text.split_once(':').ok_or_else(wrong)?;
    let number = |text: &str, below: i64| text.parse().ok().filter(|number| (0..below).contains(number));
    let (hours, minutes) = (number(hours, 24).ok_or_else(wrong)?, number(minutes, 60).ok_or_else(wrong)?);
    Ok(Some(hours * 3_600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_valid_and_a_typing_error_is_named() {
        let default = Config::parse(DEFAULT_CONFIG).expect("valid");
        assert_eq!(default.close_seconds(), Ok(Some(7_200)));
        let check = |text: &str, expect: Option<Option<i64>>| {
            let config = Config { close_at: text.to_owned(), ..default.clone() };
            assert_eq!(config.close_seconds().ok(), expect, "{text}");
        };
        check("never", Some(None));
        check("23:59", Some(Some(86_340)));
        for wrong in ["", "24:00", "2", "02:60", "-1:00"] {
            check(wrong, None);
        }
        let error = Config::parse(&DEFAULT_CONFIG.replace("timezone", "timezon")).expect_err("typing error");
        assert!(error.contains("timezon"), "{error}");
    }
}

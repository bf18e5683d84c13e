//! Where the sealed files of a home lie: in its folder, or in a bucket.

use super::config::{Config, Given};
use super::{HomeError, config_error, io_error, read};
use lake::{Bucket, Files};
use serde::Deserialize;
use std::fmt;
use std::fs;
use std::path::Path;

/// The file of the keys of a bucket, within the home.
const KEYS: &str = "keys/s3.toml";
/// The folder of files of a bucket that were read lately, within the home.
const CACHE: &str = "cache";

/// A tebibyte.
const MAX_CACHE_MEGABYTES: u64 = 1 << 20;

/// The keys of a bucket.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StorageKeys {
    /// `HENG_S3_ACCESS_KEY`: the name of the key.
    pub access_key: String,
    /// `HENG_S3_SECRET_KEY`: the key.
    pub secret_key: String,
}

/// Without the key.
impl fmt::Debug for StorageKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StorageKeys({})", self.access_key)
    }
}

impl Config {
    /// Checks what is said about the storage.
    pub(super) fn check_storage(&self) -> Result<(), String> {
        let Some(url) = &self.storage_url else { return Ok(()) };
        if Bucket::name_and_prefix(url).is_none() {
            return Err(format!("storage_url = \"{url}\": write s3://bucket or s3://bucket/prefix"));
        }
        let most = MAX_CACHE_MEGABYTES;
        if self.storage_cache_megabytes > most {
            return Err(format!("storage_cache_megabytes is at most {most}"));
        }
        if let Some(endpoint) = self.storage_endpoint.as_ref().filter(|endpoint| !Bucket::is_endpoint(endpoint)) {
            return Err(format!("storage_endpoint = \"{endpoint}\": write http://host:port or https://host"));
        }
        Ok(())
    }

    /// The bucket, if the sealed files lie in one. Its keys come from the environment, or from `keys/s3.toml`.
    fn bucket(&self, folder: &Path, given: &Given) -> Result<Option<Bucket>, HomeError> {
        let Some(url) = &self.storage_url else { return Ok(None) };
        let StorageKeys { access_key, secret_key } = keys(folder, given)?;
        Ok(Some(Bucket {
            url: url.clone(),
            endpoint: self.storage_endpoint.clone(),
            region: self.storage_region.clone(),
            path_style: self.storage_path_style,
            access_key,
            secret_key,
        }))
    }

    /// The sealed files of a home in this folder, with a cache of at most so many units of 2^20 bytes. A bucket is not asked
    /// anything yet.
    pub(crate) fn files(&self, folder: &Path, given: &Given, cache_megabytes: u64) -> Result<Files, HomeError> {
        if let Some(bucket) = self.bucket(folder, given)? {
            return Ok(Files::bucket(&bucket, &folder.join(CACHE), cache_megabytes << 20)?);
        }
        let lake = folder.join("lake");
        fs::create_dir_all(&lake).map_err(|source| io_error(&lake, source))?;
        Ok(Files::local(&lake)?)
    }
}

fn keys(folder: &Path, given: &Given) -> Result<StorageKeys, HomeError> {
    if let Some(keys) = &given.storage_keys {
        return Ok(keys.clone());
    }
    let file = folder.join(KEYS);
    if !file.exists() {
        let problem = "storage_url names a bucket, and its keys are missing: set HENG_S3_ACCESS_KEY and \
                       HENG_S3_SECRET_KEY, or write access_key and secret_key into this file";
        return Err(config_error(&file, problem.to_owned()));
    }
    // What stands in the line must not be quoted.
    let wrong = |error: toml::de::Error| config_error(&file, format!("not a file of two keys: {}", error.message()));
    toml::from_str(&read(&file)?).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::home::DEFAULT_CONFIG;

    fn config(more: &str) -> Result<Config, String> {
        let config = Config::parse(&format!("{DEFAULT_CONFIG}{more}\n"))?;
        config.check()?;
        Ok(config)
    }

    #[test]
    fn a_storage_is_named_in_full_or_refused() {
        let check = |more: &str, expect: &str| {
            let said = config(more).map_or_else(|error| error, |config| format!("{:?}", config.storage_url));
            assert!(said.contains(expect), "{more}: {said}");
        };
        check("", "None");
        check("storage_url = \"s3://heng/a\"", "s3://heng/a");
        check(
            "storage_url = \"s3://heng/a\"\nstorage_endpoint = \"http://h:9000\"\nstorage_path_style = false",
            "heng",
        );
        check("storage_url = \"/var/lake\"", "write s3://bucket");
        check("storage_url = \"s3://heng\"\nstorage_endpoint = \"h:9000\"", "write http://host:port");
        check("storage_url = \"s3://heng\"\nstorage_secret_key = \"x\"", "storage_secret_key");
        check("storage_url = \"s3://heng\"\nstorage_cache_megabytes = 2000000", "storage_cache_megabytes");
    }

    #[test]
    fn keys_come_from_the_environment_or_from_their_file_and_are_shown_nowhere() {
        let folder = tempfile::tempdir().expect("a folder");
        let config = config("storage_url = \"s3://heng\"").expect("valid");
        let missing = config.bucket(folder.path(), &Given::default()).expect_err("none").to_string();
        assert!(missing.contains("HENG_S3_SECRET_KEY") && missing.contains("s3.toml"), "{missing}");
        fs::create_dir(folder.path().join("keys")).expect("made");
        let write = |text: &str| fs::write(folder.path().join(KEYS), text).expect("written");
        write("access_key = \"name\"\nsecret_key = \"hidden\"\n");
        let bucket = config.bucket(folder.path(), &Given::default()).expect("keys").expect("a bucket");
        assert_eq!((bucket.access_key.as_str(), bucket.secret_key.as_str()), ("name", "hidden"));
        let keys = StorageKeys { access_key: "other".to_owned(), secret_key: "deeper".to_owned() };
        let given = Given { storage_keys: Some(keys), ..Given::default() };
        let bucket = config.bucket(folder.path(), &given).expect("keys").expect("a bucket");
        assert_eq!(bucket.secret_key, "deeper");
        assert!(!format!("{given:?} {bucket:?}").contains("deeper"));
        for wrong in ["access_key = \"name\"\n", "secret_key = hidden\n", "x = \"hidden\"\n"] {
            write(wrong);
            let said = config.bucket(folder.path(), &Given::default()).expect_err("wrong").to_string();
            assert!(said.contains("s3.toml") && !said.contains("hidden"), "{said}");
        }
    }
}

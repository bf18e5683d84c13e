//! The home: a folder that holds configuration, register, database, sealed files and keys.

mod config;
mod lock;
mod register;
mod storage;

pub(crate) use config::clock_seconds;
pub use config::{Api, Collect, Config, DEFAULT_CONFIG, Folder, Given, LogFormat, Paging};
pub(crate) use lock::LockedFile;
pub use lock::{HomeLock, LockError};
pub use register::{Noun, RegisterFileError, merge_register, parse_register, read_register};
pub use storage::StorageKeys;

use crate::cold::Cold;
use lake::{Files, LakeError};
use model::calendar::{Calendar, CalendarError, OfficeClock};
use model::canonical::Digest;
use model::register::Register;
use model::ruling::{RulingError, Rulings};
use model::scheme::{Scheme, SchemeError};
use model::time::Zone;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{Location, Store, StoreError};

/// Why a home cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// There is no home here.
    #[error("{path}: there is no home here; make one with `heng --home {path} init`")]
    NoHome {
        /// Where one was looked for.
        path: String,
    },
    /// A folder already holds something.
    #[error("{path}: there is a home here already; it was left as it is")]
    Exists {
        /// The folder.
        path: String,
    },
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// The cause.
        source: io::Error,
    },
    /// `heng.toml` says something that it cannot.
    #[error("{path}: {problem}")]
    Config {
        /// The file.
        path: String,
        /// What is wrong and how to mend it.
        problem: String,
    },
    /// The scheme cannot be read.
    #[error("{path}: {source}")]
    Scheme {
        /// The file.
        path: String,
        /// What is wrong.
        source: SchemeError,
    },
    /// The calendar cannot be read.
    #[error("{path}: {source}")]
    Calendar {
        /// The file.
        path: String,
        /// What is wrong.
        source: CalendarError,
    },
    /// The rulings cannot be read.
    #[error("{path}: {source}")]
    Rulings {
        /// The file.
        path: String,
        /// What is wrong.
        source: RulingError,
    },
    /// The register cannot be read.
    #[error(transparent)]
    Register(#[from] RegisterFileError),
    /// Somebody else is writing.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The database failed.
    #[error("{path}")]
    Store {
        /// The database.
        path: String,
        /// The cause.
        source: StoreError,
    },
    /// The sealed files failed.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// The key of pseudonyms is not 32 bytes.
    #[error("{path}: the key must have 32 bytes, found {found}; restore it from a backup")]
    Key {
        /// The file.
        path: String,
        /// Its length.
        found: usize,
    },
}

/// An open home.
#[derive(Debug)]
pub struct Home {
    folder: PathBuf,
    /// Held while the home is open for writing.
    _lock: Option<HomeLock>,
    /// Time zone, office hours, the scheme's file.
    pub config: Config,
    /// The time zone of every day.
    pub zone: Zone,
    /// Windows, staff, posts, items.
    pub register: Register,
    /// Workdays.
    pub calendar: Calendar,
    /// The calendar, ready to measure office time.
    pub clock: OfficeClock,
    /// Decisions of people.
    pub rulings: Rulings,
    /// The database.
    pub store: Store,
    /// The sealed files.
    pub files: Files,
    /// The key of pseudonyms.
    pub key: PseudonymKey,
    /// Reports that lie in files.
    pub(crate) cold: Arc<Cold>,
}

/// The key under which persons become pseudonyms.
#[derive(Clone)]
pub struct PseudonymKey(pub(crate) [u8; 32]);

impl PseudonymKey {
    /// A name for the key that says nothing about it.
    #[must_use]
    pub fn id(&self) -> String {
        Digest::of(&self.0).short()
    }
}

impl std::fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PseudonymKey({})", self.id())
    }
}

/// Makes a home in a folder that has none. `scheme` is the text of the scheme it starts with, `key` 32 random bytes.
/// `given` has the keys of a bucket, if the sealed files shall lie in one.
pub async fn init(folder: &Path, scheme: &str, config: &str, key: [u8; 32], given: &Given) -> Result<(), HomeError> {
    if folder.join("heng.toml").exists() {
        return Err(HomeError::Exists { path: folder.display().to_string() });
    }
    let config_file = folder.join("heng.toml");
    let failed = |problem| config_error(&config_file, problem);
    let parsed = Config::parse(config).map_err(failed)?;
    parsed.check().map_err(failed)?;
    if parsed.storage_url.is_some() {
        parsed.files(folder, given, 0)?.check().await?;
    }
    for sub in ["register", "lake", "keys"] {
        let sub = folder.join(sub);
        fs::create_dir_all(&sub).map_err(|source| io_error(&sub, source))?;
    }
    let key_file = folder.join("keys/pseudonym.key");
    write(&key_file, &key)?;
    restrict(&key_file)?;
    write(&folder.join("scheme.toml"), scheme.as_bytes())?;
    for noun in Noun::ALL {
        write(&folder.join("register").join(noun.file()), format!("{}\n", noun.columns().join(",")).as_bytes())?;
    }
    let database = parsed.database(folder)?;
    Store::create(&database).await.map_err(|source| store_error(&database, source))?.close().await;
    // Last: a folder with this file is a home.
    write(&config_file, config.as_bytes())
}

/// Lets nobody but the owner read a file.
#[cfg(unix)]
pub(crate) fn restrict(path: &Path) -> Result<(), HomeError> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(|source| io_error(path, source))
}

#[cfg(not(unix))]
pub(crate) fn restrict(_: &Path) -> Result<(), HomeError> {
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), HomeError> {
    fs::write(path, bytes).map_err(|source| io_error(path, source))
}

pub(crate) fn io_error(path: &Path, source: io::Error) -> HomeError {
    HomeError::Io { path: path.display().to_string(), source }
}

pub(crate) fn config_error(file: &Path, problem: String) -> HomeError {
    HomeError::Config { path: file.display().to_string(), problem }
}

fn store_error(database: &Location, source: StoreError) -> HomeError {
    HomeError::Store { path: database.to_string(), source }
}

impl Home {
    /// Opens a home for one command. `command` is what others are told while this one holds the lock.
    ///
    /// `given` says what the environment says instead of `heng.toml`. A home whose database is a file has one process at
    /// a time. One whose database is a server may have several: there the database lets them take turns.
    pub async fn open(folder: &Path, command: &str, given: &Given) -> Result<Self, HomeError> {
        let config = read_config(folder, given)?;
        let database = config.database(folder)?;
        let lock = match database {
            Location::File(_) => HomeLock::take(folder, command)?,
            Location::Server(_) => HomeLock::share(folder)?,
        };
        let store = Store::open(&database).await.map_err(|source| store_error(&database, source));
        let files = config.files(folder, given, config.storage_cache_megabytes)?;
        // Facts may come in while a bucket is away; before anything is written into it, it is asked again.
        match files.check().await {
            Err(error @ LakeError::Unreachable { .. }) => tracing::warn!("{error}"),
            other => other?,
        }
        Self::with(folder, config, Some(lock), store, files)
    }

    /// Opens a home beside whoever writes in it, to read what it holds.
    pub async fn open_to_read(folder: &Path, given: &Given) -> Result<Self, HomeError> {
        let config = read_config(folder, given)?;
        let database = config.database(folder)?;
        let store = Store::open_to_read(&database).await.map_err(|source| store_error(&database, source));
        let files = config.files(folder, given, config.storage_cache_megabytes)?;
        Self::with(folder, config, None, store, files)
    }

    fn with(
        folder: &Path,
        config: Config,
        lock: Option<HomeLock>,
        store: Result<Store, HomeError>,
        files: Files,
    ) -> Result<Self, HomeError> {
        let config_file = folder.join("heng.toml");
        let zone = Zone::named(&config.timezone).ok_or_else(|| {
            let name = &config.timezone;
            let problem = format!("timezone `{name}` is not in the IANA database; write one like \"Asia/Shanghai\"");
            config_error(&config_file, problem)
        })?;
        let register = read_register(&folder.join("register"))?;
        let calendar = read_calendar(folder, &config)?;
        let clock = OfficeClock::new(&calendar, &zone);
        let rulings_file = folder.join("rulings.toml");
        let rulings = if rulings_file.exists() {
            Rulings::parse(&read(&rulings_file)?)
                .map_err(|source| HomeError::Rulings { path: rulings_file.display().to_string(), source })?
        } else {
            Rulings::default()
        };
        let key = read_key(&folder.join("keys/pseudonym.key"))?;
        let store = store?;
        Ok(Self {
            folder: folder.to_owned(),
            _lock: lock,
            config,
            zone,
            register,
            calendar,
            clock,
            rulings,
            store,
            files,
            key,
            cold: Arc::default(),
        })
    }

    /// The same home with what people have edited since: register, workdays, rulings. The settings stay those that it was
    /// opened with.
    pub fn reread(&self) -> Result<Self, HomeError> {
        let again = Self::with(&self.folder, self.config.clone(), None, Ok(self.store.clone()), self.files.clone())?;
        Ok(Self { cold: Arc::clone(&self.cold), ..again })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The scheme that the home works by, or another one in a file.
    pub fn scheme(&self, file: Option<&Path>) -> Result<Scheme, HomeError> {
        let path = file.map_or_else(|| self.folder.join(&self.config.scheme), Path::to_owned);
        read_scheme(&path)
    }
}

/// The form of the log that a home asks for, before anything of it is opened; none if it cannot be said. What is wrong
/// with the file is told by whoever opens the home.
#[must_use]
pub fn log_format(folder: &Path) -> Option<LogFormat> {
    let text = read(&folder.join("heng.toml")).ok()?;
    Config::parse(&text).ok().map(|config| config.log_format)
}

fn read_config(folder: &Path, given: &Given) -> Result<Config, HomeError> {
    let file = folder.join("heng.toml");
    let failed = |problem| config_error(&file, problem);
    if !file.exists() {
        return Err(HomeError::NoHome { path: folder.display().to_string() });
    }
    let config = Config::parse(&read(&file)?).map_err(failed)?.with(given);
    config.check().map_err(failed)?;
    Ok(config)
}

/// Reads a scheme from a file.
pub fn read_scheme(path: &Path) -> Result<Scheme, HomeError> {
    let text = read(path)?;
    model::scheme::parse(&text).map_err(|source| HomeError::Scheme { path: path.display().to_string(), source })
}

/// Reads a text file of at most 16 MiB, with or without a byte order mark.
pub(crate) fn read(path: &Path) -> Result<String, HomeError> {
    let length = fs::metadata(path).map_err(|source| io_error(path, source))?.len();
    if length > 16 << 20 {
        let source = io::Error::other(format!("the file has {length} bytes; at most 16777216 are read"));
        return Err(io_error(path, source));
    }
    let text = fs::read_to_string(path).map_err(|source| io_error(path, source))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

fn read_calendar(folder: &Path, config: &Config) -> Result<Calendar, HomeError> {
    let config_file = folder.join("heng.toml");
    let failed = |path: &Path, source| HomeError::Calendar { path: path.display().to_string(), source };
    let mut calendar = Calendar::shipped(&config.office_hours).map_err(|source| failed(&config_file, source))?;
    let own = folder.join("register/workdays.csv");
    if own.exists() {
        calendar.add(&read(&own)?).map_err(|source| failed(&own, source))?;
    }
    Ok(calendar)
}

fn read_key(path: &Path) -> Result<PseudonymKey, HomeError> {
    let bytes = fs::read(path).map_err(|source| io_error(path, source))?;
    let found = bytes.len();
    let key = bytes.try_into().map_err(|_| HomeError::Key { path: path.display().to_string(), found })?;
    Ok(PseudonymKey(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEME: &str = include_str!("../../../../schemes/article.toml");

    #[tokio::test]
    async fn a_home_that_stays_open_knows_what_people_edit() {
        let folder = tempfile::tempdir().expect("a folder");
        init(folder.path(), SCHEME, DEFAULT_CONFIG, [1; 32], &Given::default()).await.expect("made");
        let home = Home::open(folder.path(), "test", &Given::default()).await.expect("a home");
        let windows = "window,centre,type,name\nW1,C1,simple,Window 1\n";
        fs::write(folder.path().join("register/centres.csv"), "centre,name\nC1,Centre\n").expect("written");
        fs::write(folder.path().join("register/windows.csv"), windows).expect("written");
        let day = model::time::Day::parse("2026-03-05").expect("a date");
        assert!(home.register.window_on("W1", day).is_none());
        let again = home.reread().expect("readable");
        assert!(again.register.window_on("W1", day).is_some());
        // The lock stays with the first.
        drop(again);
        assert!(matches!(HomeLock::take(folder.path(), "other"), Err(LockError::Held { .. })));
    }
}

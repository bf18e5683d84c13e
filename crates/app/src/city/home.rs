//! A home made of a generated city: register and facts imported, every month closed, ready to be scored.

use super::files::{CityFiles, WriteError};
use crate::AppError;
use crate::home::{DEFAULT_CONFIG, Given, Home, HomeError, Noun, init};
use crate::import::mapping::{Mapping, MappingError};
use crate::import::{FileReport, ImportError, Options, import_file};
use crate::period::close_period;
use model::fact::Kind;
use model::period::Period;
use std::path::Path;
use store::Change;
use tokio::runtime::Handle;

/// What a home is made of.
#[derive(Clone, Copy, Debug)]
pub struct CityHome<'a> {
    /// The files that [`super::write_city`] wrote.
    pub files: CityFiles<'a>,
    /// The months to close, in order.
    pub months: &'a [Period],
    /// The text of the scheme.
    pub scheme: &'a str,
    /// The key of pseudonyms: 32 random bytes.
    pub key: [u8; 32],
    /// Who makes it, and when: after the cut-off of the last month.
    pub change: Change<'a>,
    /// Threads to count with.
    pub threads: usize,
}

/// How far a home is.
#[derive(Clone, Debug)]
pub enum Step {
    /// The facts of a kind are in.
    Imported(FileReport),
    /// A month is closed.
    Closed(Period),
}

/// Why a home could not be made of a city.
#[derive(Debug, thiserror::Error)]
pub enum CityHomeError {
    /// The home.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// A file could not be copied.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A mapping.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// An import failed as a whole.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// Rows that should have been good.
    #[error("{path}: {bad} rows were refused, the first: {first}")]
    Refused {
        /// The file.
        path: String,
        /// How many.
        bad: u64,
        /// Why the first one was.
        first: String,
    },
    /// A close failed.
    #[error(transparent)]
    Close(#[from] AppError),
}

/// Makes a home in a folder that has none. `progress` is told each step. Call it outside the runtime.
pub fn make_city_home(
    folder: &Path,
    city: &CityHome<'_>,
    runtime: &Handle,
    progress: &mut dyn FnMut(&Step),
) -> Result<Home, CityHomeError> {
    let config = format!("{DEFAULT_CONFIG}\n# Everything in this home is made up.\ndemonstration = true\n");
    runtime.block_on(init(folder, city.scheme, &config, city.key, &Given::default()))?;
    // The files of a city's register have the form of a home's own.
    for noun in Noun::ALL {
        copy(&city.files.register(noun), &folder.join("register").join(noun.file()))?;
    }
    copy(&city.files.workdays(), &folder.join("register/workdays.csv"))?;
    let home = runtime.block_on(Home::open(folder, "city", &Given::default()))?;
    for kind in Kind::ALL {
        let mapping = Mapping::load(&city.files.mapping(kind.name()), Some(kind.name()))?;
        let options = Options { change: city.change, dry_run: false, rejects: None };
        let path = city.files.facts(kind);
        let report = import_file(&home, &mapping, &path, options, runtime, &mut |_| {})?;
        if report.bad > 0 {
            let first = report.reasons.first().map(|(line, reason)| format!("{line}: {reason}")).unwrap_or_default();
            return Err(CityHomeError::Refused { path: path.display().to_string(), bad: report.bad, first });
        }
        progress(&Step::Imported(report));
    }
    for month in city.months {
        close_period(&home, None, *month, city.change, city.threads, runtime, &mut |_| {})?;
        progress(&Step::Closed(*month));
    }
    runtime.block_on(home.store.compact()).map_err(AppError::from)?;
    Ok(home)
}

fn copy(from: &Path, to: &Path) -> Result<(), WriteError> {
    match std::fs::copy(from, to) {
        Ok(_) => Ok(()),
        Err(source) => Err(WriteError { path: to.display().to_string(), source }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::write_city;
    use super::*;
    use crate::home::Config;
    use crate::period::{Ask, Beside, score_period};
    use city::{City, OFFICE_HOURS, Size, TIMEZONE};
    use model::scheme::UnitKind;
    use model::time::Instant;

    #[test]
    fn a_home_has_the_hours_of_the_city() {
        let config = Config::parse(DEFAULT_CONFIG).expect("valid");
        assert_eq!(
            (config.timezone.as_str(), &config.office_hours[..]),
            (TIMEZONE, &OFFICE_HOURS.map(String::from)[..])
        );
    }

    #[test]
    fn a_city_becomes_a_home_that_is_ready_to_be_scored() {
        let folder = tempfile::tempdir().expect("a folder");
        let city = City::new(1, Size { windows: 12, months: 2, demand: 150 }).expect("a city");
        let files = folder.path().join("city");
        let written = write_city(&city, &files, &mut |_| {}).expect("written");
        let scheme = include_str!("../../../../schemes/article.toml");
        // 1 December 2026.
        let change = Change { actor: "test", at: Instant(1_796_083_200) };
        let months = city.months();
        let files = CityFiles::in_folder(&files);
        let wanted = CityHome { files, months: &months, scheme, key: [7; 32], change, threads: 2 };
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let mut imported = 0;
        let mut count = |step: &Step| {
            if let Step::Imported(report) = step {
                imported += report.new as u64;
            }
        };
        let home = make_city_home(&folder.path().join("home"), &wanted, runtime.handle(), &mut count).expect("a home");
        assert_eq!(imported, written.values().sum::<u64>());
        let ask = Ask { period: months[1], scheme: None, kind: UnitKind::Window, beside: Beside::Nothing, threads: 2 };
        let scores = score_period(&home, &ask, runtime.handle()).expect("scored");
        let json = scores.to_json().to_string();
        assert_eq!(json.matches("\"unit\":").count(), 12, "{json}");
        runtime.block_on(home.store.clone().close());
    }
}

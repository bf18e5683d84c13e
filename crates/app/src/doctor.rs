//! Whether a home is sound: everything that can be checked without changing it.

use crate::AppError;
use crate::home::Home;
use crate::sealed::{Sealed, sealed};
use lake::{LakeError, Stored};
use model::scheme::{Severity, lint};
use model::time::{Day, Instant};
use std::collections::BTreeSet;

/// A damaged file and what is wrong with it.
#[derive(Debug)]
pub struct Damage {
    /// What it is of.
    pub of: String,
    /// What is wrong, with its path.
    pub problem: String,
}

/// What was looked at and found.
#[derive(Debug)]
pub struct Examination {
    /// What the database says of itself; nothing if it is sound.
    pub database: Vec<String>,
    /// Whether the bucket answers and overwrites nothing, if the sealed files lie in one.
    pub storage: Option<Result<(), LakeError>>,
    /// Sealed files that were read whole, and their bytes.
    pub files: (usize, u64),
    /// Files that are missing or not what they were sealed as.
    pub damaged: Vec<Damage>,
    /// Files to which nothing refers: left by runs that were interrupted, or put there by somebody. Nobody reads them.
    pub strays: Vec<String>,
    /// Errors of the scheme.
    pub scheme_errors: Vec<String>,
    /// Types of windows in the register that the scheme does not have.
    pub unknown_types: BTreeSet<String>,
    /// Windows that are registered.
    pub windows: usize,
    /// A day of facts after today: the clock stands behind, or somebody dates ahead.
    pub ahead: Option<Day>,
    /// This year and the next, where their holidays are not known.
    pub uncovered_years: Vec<i16>,
}

impl Examination {
    /// Whether anything is wrong, beyond what only wants a look.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let storage = !matches!(self.storage, Some(Err(_)));
        storage && self.database.is_empty() && self.damaged.is_empty() && self.scheme_errors.is_empty()
    }
}

/// Reads everything in a home and compares it with what it was sealed as. `progress` is told each day.
pub async fn examine(home: &Home, now: Instant, progress: &mut dyn FnMut(Day)) -> Result<Examination, AppError> {
    let today = home.zone.day_of(now);
    let mut found = Examination {
        database: home.store.verify().await?,
        storage: None,
        files: (0, 0),
        damaged: Vec::new(),
        strays: Vec::new(),
        scheme_errors: Vec::new(),
        unknown_types: BTreeSet::new(),
        windows: home.register.windows_on(today).count(),
        ahead: home.store.days_with_facts(today.plus(1), Day(i32::MAX)).await?.last().copied(),
        uncovered_years: home.calendar.uncovered_years(today),
    };
    if home.files.place().is_some() {
        found.storage = Some(home.files.check().await);
    }
    // One that does not answer would be waited for at every file.
    let readable = !matches!(found.storage, Some(Err(_)));
    let scheme = home.scheme(None)?;
    let errors = lint(&scheme).into_iter().filter(|finding| finding.severity == Severity::Error);
    found.scheme_errors.extend(errors.map(|finding| format!("{}: {}", finding.place, finding.problem)));
    let known = |window_type: &&str| scheme.profile(window_type).is_none();
    let types = home.register.windows_on(today).map(|window| window.window_type.as_str());
    found.unknown_types.extend(types.filter(known).map(str::to_owned));
    let (mut known, mut key) = (BTreeSet::new(), None);
    for Sealed { of, day, key_id, files } in sealed(&home.store).await? {
        day.into_iter().for_each(&mut *progress);
        key = key_id.map(|id| (of.clone(), id)).or(key);
        match files {
            Ok(files) if readable => {
                for file in &files {
                    read(home, &of, file, &mut known, &mut found).await;
                }
            }
            Ok(_) => {}
            Err(error) => found.damaged.push(Damage { of, problem: error.to_string() }),
        }
    }
    // Citizens of the last sealed day must be the same persons in what comes now.
    if let Some((of, _)) = key.filter(|(_, id)| *id != home.key.id()) {
        let problem = "keys/pseudonym.key is another key than the day was sealed with; restore it from a backup";
        found.damaged.push(Damage { of, problem: problem.to_owned() });
    }
    for folder in ["cold", "days", "periods", "references"].into_iter().filter(|_| readable) {
        found.strays.extend(home.files.list(folder).await?.into_iter().filter(|path| !known.contains(path)));
    }
    found.strays.sort_unstable();
    Ok(found)
}

/// Reads a sealed file whole, and notes what is wrong with it.
async fn read(home: &Home, of: &str, file: &Stored, known: &mut BTreeSet<String>, found: &mut Examination) {
    if !known.insert(file.path.clone()) {
        return;
    }
    // What is kept here of a bucket says nothing about the bucket.
    match home.files.get_stored(file).await {
        Ok(bytes) => {
            found.files.0 += 1;
            found.files.1 += bytes.len() as u64;
        }
        Err(error) => found.damaged.push(Damage { of: of.to_owned(), problem: error.to_string() }),
    }
}

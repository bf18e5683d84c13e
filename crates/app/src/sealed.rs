//! Every sealed file that the database refers to.

use crate::AppError;
use crate::cold::cold_files;
use crate::day::{manifest_file, manifest_of};
use crate::period::frozen_files;
use lake::Stored;
use model::time::Day;
use store::{SealedDay, Store};

/// What one row of the database refers to.
pub(crate) struct Sealed {
    /// The day or period it is of.
    pub of: String,
    /// The day, if it is one.
    pub day: Option<Day>,
    /// The key under which persons became pseudonyms on that day.
    pub key_id: Option<String>,
    /// The files, or why the row does not say.
    pub files: Result<Vec<Stored>, AppError>,
}

/// What every sealing of a day, every close of a period, every set of references and every backfill refers to, the days
/// first. Tallies are left out: they can be made again.
pub(crate) async fn sealed(store: &Store) -> Result<Vec<Sealed>, AppError> {
    let mut found: Vec<Sealed> = store.every_seal().await?.iter().map(of_day).collect();
    for (period, inputs) in store.every_close().await? {
        found.push(Sealed { of: period, day: None, key_id: None, files: frozen_files(&inputs) });
    }
    for set in store.reference_sets().await? {
        let of = format!("references from {}", set.from);
        let file = serde_json::from_str(&set.file);
        let files = file.map(|file| vec![file]);
        let files = files.map_err(|error| AppError::Unreadable { what: of.clone(), problem: error.to_string() });
        found.push(Sealed { of, day: None, key_id: None, files });
    }
    for (of, files) in cold_files(store).await? {
        found.push(Sealed { of, day: None, key_id: None, files });
    }
    Ok(found)
}

fn of_day(day: &SealedDay) -> Sealed {
    let manifest = manifest_of(day);
    let key_id = manifest.as_ref().ok().map(|manifest| manifest.key_id.clone());
    let files = manifest.map(|manifest| {
        let mut files: Vec<Stored> = manifest.files.into_iter().map(|table| table.file).collect();
        files.push(manifest_file(day));
        files
    });
    Sealed { of: day.day.to_string(), day: Some(day.day), key_id, files }
}

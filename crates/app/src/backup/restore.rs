//! A backup becomes a home again.

use super::{
    BackupError, BackupList, LIST, Places, finish, fresh, io_error, listed, restrict_keys, with_places, write,
};
use crate::home::{Config, Given, config_error};
use lake::{Files, Stored};
use model::canonical::Digest;
use std::fs;
use std::path::Path;
use store::{Location, Store};

/// Makes a home of a backup, in a folder that is not there yet, with its database in a file or on a server, where it
/// must be empty, and its sealed files in the folder or in a bucket. `given` has the keys of the bucket. Every byte is compared with the backup's list first, and every table again once it is written.
/// `progress` is told what is being copied, and how much of it.
pub async fn restore(
    backup: &Path,
    target: &Path,
    places: &Places,
    given: &Given,
    progress: &mut (dyn FnMut(&str, u64) + Send),
) -> Result<BackupList, BackupError> {
    let list = read_list(backup)?;
    let partial = fresh(target)?;
    let bucket = bucket(backup, places, given).await?;
    let mut count = 0;
    for (path, (size, digest)) in &list.files {
        let from = backup.join(path);
        let bytes = fs::read(&from).map_err(io_error(&from))?;
        if Digest::of(&bytes) != *digest {
            return Err(not_whole(backup, format!("{} is not what was backed up", path.display())));
        }
        match (&bucket, path.strip_prefix("lake").ok().and_then(Path::to_str)) {
            (Some(bucket), Some(within)) => {
                let stored = Stored { path: within.to_owned(), bytes: *size, sha256: *digest };
                bucket.put_stored(&stored, bytes.into()).await?;
            }
            _ => write(&partial.join(path), &bytes)?,
        }
        count += 1;
        progress("files", count);
    }
    restrict_keys(&partial)?;
    let failed = |place: &Location| {
        let place = place.to_string();
        move |source| BackupError::Store { place, source }
    };
    let from = Location::File(backup.join("heng.db"));
    let source = Store::open_to_read(&from).await.map_err(failed(&from))?;
    let to = Location::of(places.database_url.as_deref(), partial.join("heng.db"));
    let to = to.map_err(|source| BackupError::Store { place: "database_url".to_owned(), source })?;
    let store = Store::create(&to).await.map_err(failed(&to))?;
    let tables = store.copy_from(&source, &mut |table, rows| progress(table, rows)).await.map_err(failed(&to))?;
    source.close().await;
    store.close().await;
    if listed(&tables) != list.tables {
        return Err(not_whole(backup, "heng.db is not what was backed up".to_owned()));
    }
    if *places != Places::default() {
        let config = partial.join("heng.toml");
        let text = fs::read_to_string(&config).map_err(io_error(&config))?;
        write(&config, with_places(&text, places).as_bytes())?;
    }
    finish(&partial, target)?;
    Ok(list)
}

/// The bucket to restore into, if one is named. Its keys may stand among those that are restored.
async fn bucket(backup: &Path, places: &Places, given: &Given) -> Result<Option<Files>, BackupError> {
    if places.storage_url.is_none() {
        return Ok(None);
    }
    let file = backup.join("heng.toml");
    let failed = |problem| BackupError::Home(config_error(&file, problem));
    let text = fs::read_to_string(&file).map_err(io_error(&file))?;
    let config = Config::parse(&with_places(&text, places)).map_err(failed)?;
    config.check().map_err(failed)?;
    let files = config.files(backup, given, 0)?;
    files.check().await?;
    Ok(Some(files))
}

fn read_list(backup: &Path) -> Result<BackupList, BackupError> {
    let file = backup.join(LIST);
    if !file.exists() {
        return Err(not_whole(backup, format!("{LIST} is missing")));
    }
    let text = fs::read_to_string(&file).map_err(io_error(&file))?;
    let list: BackupList = serde_json::from_str(&text).map_err(|error| not_whole(backup, error.to_string()))?;
    let inside = |path: &Path| path.components().all(|part| matches!(part, std::path::Component::Normal(_)));
    match list.files.keys().find(|path| !inside(path)) {
        Some(path) => Err(not_whole(backup, format!("{} leads out of it", path.display()))),
        None => Ok(list),
    }
}

fn not_whole(backup: &Path, problem: String) -> BackupError {
    BackupError::NotWhole { path: backup.display().to_string(), problem }
}

//! A backup becomes a home again.

use super::{BackupError, BackupList, LIST, finish, fresh, io_error, listed, with_database, write};
use model::canonical::Digest;
use std::fs;
use std::path::Path;
use store::{Location, Store};

/// Makes a home of a backup, in a folder that is not there yet, with its database in a file or on a server, where it
/// must be empty. Every byte is compared with the backup's list first, and every table again once it is written.
/// `progress` is told what is being copied, and how much of it.
pub async fn restore(
    backup: &Path,
    target: &Path,
    database_url: Option<&str>,
    progress: &mut (dyn FnMut(&str, u64) + Send),
) -> Result<BackupList, BackupError> {
    let list = read_list(backup)?;
    let partial = fresh(target)?;
    let mut count = 0;
    for (path, (_, digest)) in &list.files {
        let from = backup.join(path);
        let bytes = fs::read(&from).map_err(io_error(&from))?;
        if Digest::of(&bytes) != *digest {
            return Err(not_whole(backup, format!("{} is not what was backed up", path.display())));
        }
        write(&partial.join(path), &bytes)?;
        count += 1;
        progress("files", count);
    }
    crate::home::restrict(&partial.join("keys/pseudonym.key"))?;
    let failed = |place: &Location| {
        let place = place.to_string();
        move |source| BackupError::Store { place, source }
    };
    let from = Location::File(backup.join("heng.db"));
    let source = Store::open_to_read(&from).await.map_err(failed(&from))?;
    let to = Location::of(database_url, partial.join("heng.db"));
    let to = to.map_err(|source| BackupError::Store { place: "database_url".to_owned(), source })?;
    let store = Store::create(&to).await.map_err(failed(&to))?;
    let tables = store.copy_from(&source, &mut |table, rows| progress(table, rows)).await.map_err(failed(&to))?;
    source.close().await;
    store.close().await;
    if listed(&tables) != list.tables {
        return Err(not_whole(backup, "heng.db is not what was backed up".to_owned()));
    }
    if database_url.is_some() {
        let config = partial.join("heng.toml");
        let text = fs::read_to_string(&config).map_err(io_error(&config))?;
        write(&config, with_database(&text, database_url).as_bytes())?;
    }
    finish(&partial, target)?;
    Ok(list)
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

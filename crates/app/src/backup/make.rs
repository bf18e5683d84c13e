//! A backup is made while others work on.

use super::{
    BackupError, BackupList, LIST, Places, finish, fresh, io_error, listed, restrict_keys, with_places, write,
};
use crate::home::Home;
use crate::sealed::sealed;
use model::canonical::Digest;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use store::{Location, Store, StoreError};

/// Copies a home, opened to read, into a folder that is not there yet: the database as of one moment, compared with
/// what was read; every sealed file that it refers to, compared with its digest; configuration, register and keys.
/// `progress` is told what is being copied, and how much of it.
pub async fn back_up(
    home: &Home,
    target: &Path,
    progress: &mut (dyn FnMut(&str, u64) + Send),
) -> Result<BackupList, BackupError> {
    let partial = fresh(target)?;
    let database = partial.join("heng.db");
    let failed = |source: StoreError| BackupError::Store { place: database.display().to_string(), source };
    let copy = Store::create(&Location::File(database.clone())).await.map_err(failed)?;
    let tables = copy.copy_from(&home.store, &mut |table, rows| progress(table, rows)).await.map_err(failed)?;
    let mut files = BTreeMap::new();
    copy_files(home, &partial, &mut files)?;
    let mut count = 0;
    // What the copy refers to: it is as old as the copy.
    for of in sealed(&copy).await? {
        for file in of.files? {
            let path = Path::new("lake").join(&file.path);
            if files.contains_key(&path) {
                continue;
            }
            write(&partial.join(&path), &home.files.get_stored(&file).await?)?;
            files.insert(path, (file.bytes, file.sha256));
            count += 1;
            progress("lake", count);
        }
    }
    let last_command = copy.last_command().await.map_err(failed)?;
    copy.close().await;
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let list = BackupList { format: 1, version, last_command, tables: listed(&tables), files };
    let text = serde_json::to_string_pretty(&list).unwrap_or_default();
    // Last, and the folder's name after it: whatever has both is whole.
    write(&partial.join(LIST), text.as_bytes())?;
    finish(&partial, target)?;
    Ok(list)
}

/// Copies what people edit, and the keys.
fn copy_files(home: &Home, partial: &Path, files: &mut BTreeMap<PathBuf, (u64, Digest)>) -> Result<(), BackupError> {
    let mut copy = |path: PathBuf, bytes: Vec<u8>| {
        write(&partial.join(&path), &bytes)?;
        files.insert(path, (bytes.len() as u64, Digest::of(&bytes)));
        Ok::<_, BackupError>(())
    };
    let folder = home.folder();
    let config = folder.join("heng.toml");
    let text = fs::read_to_string(&config).map_err(io_error(&config))?;
    // Within the backup the database is a file, and so is everything that is sealed.
    copy("heng.toml".into(), with_places(&text, &Places::default()).into_bytes())?;
    for path in edited(folder)? {
        let from = folder.join(&path);
        copy(path, fs::read(&from).map_err(io_error(&from))?)?;
    }
    restrict_keys(partial)
}

/// Files of a home beside its configuration, database and sealed files.
fn edited(folder: &Path) -> Result<Vec<PathBuf>, BackupError> {
    let mut found = Vec::new();
    for sub in ["", "register", "keys"] {
        let within = folder.join(sub);
        for entry in fs::read_dir(&within).map_err(io_error(&within))? {
            let entry = entry.map_err(io_error(&within))?;
            let name = PathBuf::from(sub).join(entry.file_name());
            let kept = !sub.is_empty() || name.extension().is_some_and(|extension| extension == "toml");
            if kept && entry.path().is_file() && name != Path::new("heng.toml") {
                found.push(name);
            }
        }
    }
    Ok(found)
}

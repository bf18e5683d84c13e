//! Files that other systems put into folders: each is a job of its own.

use crate::AppError;
use crate::collect::{FileId, Settled, identify, look, take_file};
use crate::home::{Folder, Home};
use crate::job::{Said, unreadable};
use model::time::Instant;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use store::{Change, Job};
use tokio::runtime::Handle;

/// The kind of these jobs.
pub const KIND: &str = "folder";
/// The most files that a look makes jobs of; the next look goes on.
const FILES: usize = 20;
/// A look reads no further file once it has read so many bytes.
const BYTES: u64 = 1 << 30;

/// What a node saw in the folders the last time it looked. It spares reading the same files again and again; which ones
/// were taken is known from the jobs alone.
#[derive(Clone, Debug, Default)]
pub struct Seen(Arc<Mutex<BTreeMap<String, SeenFolder>>>);

#[derive(Clone, Debug, Default)]
struct SeenFolder {
    /// When to look again.
    again: Option<Instant>,
    /// Files by their names, and whether each has its job.
    files: BTreeMap<String, (Settled, bool)>,
}

impl Seen {
    fn get(&self, source: &str) -> SeenFolder {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(source).cloned().unwrap_or_default()
    }

    fn put(&self, source: &str, folder: SeenFolder) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(source.to_owned(), folder);
    }
}

/// Looks into each folder whose time has come, and asks for the work on what is new there.
pub(super) async fn schedule(home: &Arc<Home>, seen: &Seen, now: Instant) -> Result<(), AppError> {
    for folder in home.config.folder.iter().filter(|folder| folder.every_seconds > 0) {
        let before = seen.get(&folder.source);
        if before.again.is_some_and(|again| now < again && again.0 - now.0 <= i64::from(folder.every_seconds)) {
            continue;
        }
        let (at_home, of_folder) = (home.clone(), folder.clone());
        let looked = tokio::task::spawn_blocking(move || files(&at_home, &of_folder, &before, now));
        let Ok((subjects, mut after)) = looked.await else { continue };
        for subject in subjects {
            home.store.enqueue(KIND, &subject, now).await?;
        }
        after.again = Some(Instant(now.0 + i64::from(folder.every_seconds)));
        seen.put(&folder.source, after);
    }
    Ok(())
}

/// The subjects of what is to be done about a folder, and what is seen in it now.
fn files(home: &Home, folder: &Folder, before: &SeenFolder, now: Instant) -> (Vec<String>, SeenFolder) {
    let mut after = SeenFolder::default();
    let found = match look(home, folder, now) {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!(source = folder.source, %error, "a folder cannot be looked into");
            // A job that fails is seen, and done once the folder is there again.
            return (vec![format!("{}/{}", folder.source, home.zone.day_of(now))], before.clone());
        }
    };
    let unread = |name: &str, bytes: u64| FileId { name: name.to_owned(), bytes, digest: None }.subject(&folder.source);
    let mut subjects: Vec<String> = found.unfit.iter().take(FILES).map(|unfit| unread(&unfit.name, 0)).collect();
    let (mut read, mut made) = (0, 0);
    for file in found.settled {
        let (same, mut asked) = match before.files.get(&file.name) {
            Some((known, asked)) => (*known == file, *asked && *known == file),
            None => (false, false),
        };
        // What is as it was at the look before is not being written.
        if same && !asked && made < FILES && read < BYTES {
            (read, made) = (read + file.bytes, made + 1);
            subjects.push(match identify(home, folder, &file) {
                Ok(id) => id.subject(&folder.source),
                Err(_) => unread(&file.name, file.bytes),
            });
            asked = true;
        }
        after.files.insert(file.name.clone(), (file, asked));
    }
    (subjects, after)
}

/// Takes the file that is named.
pub(super) fn run(home: &Home, job: &Job, change: Change<'_>, runtime: &Handle) -> Result<Said, AppError> {
    let wrong = |problem: &str| unreadable(&job.subject, problem);
    let named = |source: &str| {
        let folder = home.config.folder.iter().find(|folder| folder.source == source);
        folder.ok_or_else(|| wrong("heng.toml has no such [[folder]] any more"))
    };
    if let Some((source, file)) = FileId::of_subject(&job.subject) {
        let attempt = format!("{}-{}", job.id, job.attempts);
        return Ok(Said::File(take_file(home, named(source)?, &file, &attempt, change, runtime)?));
    }
    let (source, _) = job.subject.split_once('/').ok_or_else(|| wrong("it is no file of a folder"))?;
    look(home, named(source)?, change.at)?;
    Ok(Said::Looked)
}

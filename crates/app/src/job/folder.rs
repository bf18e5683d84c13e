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
            let id = identify(home, folder, &file);
            // What cannot be read is looked at again: its permissions may change, and its times do not with them.
            asked = id.is_ok();
            subjects.push(id.map_or_else(|_| unread(&file.name, file.bytes), |id| id.subject(&folder.source)));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::home::{DEFAULT_CONFIG, Given, init};
    use crate::job::{Ticked, Worker};
    use std::fs::{self, File};
    use std::path::Path;
    use std::sync::atomic::{AtomicI64, Ordering};
    use std::time::{Duration, SystemTime};

    const SCHEME: &str = include_str!("../../../../schemes/article.toml");
    const CONFIG: &str = "[[folder]]\nsource = 'hotline'\npath = 'in'\nmapping = 'map.toml'\nevery_seconds = 5\n";
    const MAP: &str = "kind = 'case'\nsource = 'hotline'\nid = ['id']\n[fields]\nwindow = 'w'\nfinished_at = 'at'\n";
    const ROW: &str = "W1,2026-03-05 10:00:00\n";
    /// Some moment of April 2026.
    const NOON: i64 = 1_775_102_400;

    /// Writes rows with these ids, at this time.
    fn put(folder: &Path, name: &str, ids: &[&str], modified: i64) {
        let file = folder.join("in").join(name);
        let rows: Vec<String> = ids.iter().map(|id| format!("{id},{ROW}")).collect();
        fs::write(&file, format!("id,w,at\n{}", rows.concat())).expect("written");
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(modified.unsigned_abs());
        File::options().write(true).open(&file).expect("there").set_modified(time).expect("set");
    }

    #[tokio::test]
    async fn a_file_that_is_being_written_waits() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path().join("home");
        let config = DEFAULT_CONFIG.replace("close_at = \"02:00\"", "close_at = \"never\"") + CONFIG;
        init(&folder, SCHEME, &config, [1; 32], &Given::default()).await.expect("made");
        fs::create_dir(folder.join("in")).expect("made");
        fs::write(folder.join("map.toml"), MAP).expect("written");
        let home = Home::open(&folder, "test", &Given::default()).await.expect("a home");
        let time = Arc::new(AtomicI64::new(NOON));
        let clock = time.clone();
        let worker = Worker {
            home: Arc::new(home),
            name: "test".to_owned(),
            now: Arc::new(move || Instant(clock.load(Ordering::Relaxed))),
            threads: 1,
            environment: Arc::new(|_| None),
            seen: Seen::default(),
        };
        let tick = async |second: i64| {
            time.store(NOON + second, Ordering::Relaxed);
            match worker.tick().await.expect("it looks") {
                Ticked::Idle => "idle".to_owned(),
                Ticked::Done(_, said) => said.to_string(),
                Ticked::Failed(what, error) => format!("{what}: {error}"),
            }
        };
        // Seen for the first time; grown by the next look; as it was at the third.
        put(&folder, "a.csv", &["1"], NOON - 60);
        assert_eq!(tick(0).await, "idle");
        put(&folder, "a.csv", &["1", "2"], NOON - 59);
        assert_eq!(tick(5).await, "idle");
        // Not looked at before its time.
        assert_eq!(tick(9).await, "idle");
        assert_eq!(tick(10).await, "2 rows: 2 new, 0 known, 0 contradicting, 0 bad");
        assert_eq!(tick(15).await, "idle");
        // Of the same length, and changed all the same.
        put(&folder, "a.csv", &["1", "3"], NOON - 58);
        assert_eq!(tick(20).await, "idle");
        assert_eq!(tick(25).await, "2 rows: 1 new, 1 known, 0 contradicting, 0 bad");
        // What was written a moment ago waits, however often it looks the same.
        put(&folder, "b.csv", &["4"], NOON + 30);
        for second in [30, 35, 40] {
            assert_eq!(tick(second).await, "idle", "{second}");
        }
        assert_eq!(tick(45).await, "1 rows: 1 new, 0 known, 0 contradicting, 0 bad");
        // A node that knows nothing any more looks twice and finds that all is done.
        let fresh = Worker { seen: Seen::default(), ..worker.clone() };
        for _ in 0..4 {
            time.fetch_add(5, Ordering::Relaxed);
            assert!(matches!(fresh.tick().await.expect("it looks"), Ticked::Idle));
        }
    }
}

//! Taking a file of a folder: what was looked at is what is imported, or nothing is.

use super::incoming::Incoming;
use super::look::{copy, fit, place};
use super::{CollectError, Taken};
use crate::home::{Folder, Home};
use crate::import::mapping::{Mapping, Target};
use crate::import::{Options, import_file};
use model::canonical::Digest;
use std::fs::{self, File};
use std::path::Path;
use store::Change;
use tokio::runtime::Handle;

/// Characters of a file's name that its copy keeps: with digest and ending no file system finds it too long.
const STEM: usize = 40;
/// What stands for the digest of a file that could not be read.
const UNREAD: &str = "unread";

/// By what a file is known: the same content under the same name is taken once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileId {
    /// Its name.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// The digest of its content; none if it could not be read.
    pub digest: Option<Digest>,
}

impl FileId {
    /// As the rest of the subject of a job.
    #[must_use]
    pub fn subject(&self, source: &str) -> String {
        let digest = self.digest.map_or_else(|| UNREAD.to_owned(), |digest| digest.to_string());
        format!("{source}/{}/{}/{digest}", self.name, self.bytes)
    }

    /// The source and the file of the subject of a job.
    pub(crate) fn of_subject(subject: &str) -> Option<(&str, Self)> {
        let mut parts = subject.split('/');
        let (source, name, bytes, digest) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let digest = if digest == UNREAD { None } else { Some(Digest::from_hex(digest)?) };
        let id = Self { name: name.to_owned(), bytes: bytes.parse().ok()?, digest };
        parts.next().is_none().then_some((source, id))
    }
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Its rows were taken.
    Taken(Taken),
    /// It is another one by now, which is looked at for itself.
    Another,
}

/// Takes a file of a folder. It is copied first: what is imported is what has this digest, whatever is done to the file
/// meanwhile. The file stays where it is. `attempt` names nobody else's work. Call it outside the runtime: it waits.
pub fn take_file(
    home: &Home,
    folder: &Folder,
    file: &FileId,
    attempt: &str,
    change: Change<'_>,
    runtime: &Handle,
) -> Result<Found, CollectError> {
    let shown = place(home, folder).join(&file.name).display().to_string();
    let mut content = open(home, folder, &file.name)?;
    let Some(expected) = file.digest else { return Ok(Found::Another) };
    let mapping = facts_mapping(home, &folder.mapping)?;
    let incoming = Incoming::of(home, attempt)?;
    // The bad rows are called by this name.
    let path = Path::new(&file.name);
    let text = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let (stem, extension) = (text(path.file_stem()), text(path.extension()));
    let stem: String = stem.chars().take(STEM).collect();
    let copied = incoming.file(&format!("{}.{stem}.{}.{extension}", folder.source, expected.short()));
    let failed = |error: std::io::Error| CollectError::NoFile { path: shown.clone(), problem: error.to_string() };
    let mut to = File::create(&copied).map_err(failed)?;
    if copy(&mut content, &mut to).map_err(failed)? != (file.bytes, expected) {
        return Ok(Found::Another);
    }
    drop(to);
    let options = Options { change, dry_run: false, rejects: None };
    let report = import_file(home, &mapping, &copied, options, runtime, &mut |_| {});
    let report = report.map_err(|source| CollectError::Import { place: shown, source: source.into() })?;
    Ok(Found::Taken(report.into()))
}

/// A mapping that makes facts.
pub(super) fn facts_mapping(home: &Home, name: &str) -> Result<Mapping, CollectError> {
    let path = home.folder().join(name);
    let mapping = Mapping::load(&path, None)?;
    match mapping.target {
        Target::Fact(_) => Ok(mapping),
        Target::Register(noun) => Err(CollectError::NoFile {
            path: path.display().to_string(),
            problem: format!("it makes entries of the register ({}); these are imported by people", noun.name()),
        }),
    }
}

/// Opens a file of a folder: one that lies in it, not what a link or a name with dots leads to.
pub(super) fn open(home: &Home, folder: &Folder, name: &str) -> Result<File, CollectError> {
    let path = place(home, folder).join(name);
    let failed = |problem: String| CollectError::NoFile { path: path.display().to_string(), problem };
    let plain = !matches!(name, "" | "." | "..") && !name.contains(['/', '\\']) && folder.takes(name);
    if !plain {
        return Err(failed("it is not a file that heng.toml wants of this folder".to_owned()));
    }
    let metadata = fs::symlink_metadata(&path).map_err(|error| failed(error.to_string()))?;
    fit(&metadata).map_err(failed)?;
    let file = File::open(&path).map_err(|error| failed(error.to_string()))?;
    let opened = file.metadata().map_err(|error| failed(error.to_string()))?;
    // Nobody put a link in its place between the look and now.
    if !is_same(&metadata, &opened) {
        return Err(failed("it was replaced while it was opened".to_owned()));
    }
    Ok(file)
}

#[cfg(unix)]
fn is_same(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn is_same(_: &fs::Metadata, other: &fs::Metadata) -> bool {
    other.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_subject() {
        let check = |name: &str, digest: Option<Digest>| {
            let id = FileId { name: name.to_owned(), bytes: 12, digest };
            let subject = id.subject("hotline");
            assert_eq!(FileId::of_subject(&subject), Some(("hotline", id)), "{subject}");
        };
        check("工单 2026-03-05.xlsx", Some(Digest::of(b"x")));
        check("a.csv", None);
        for wrong in ["", "hotline", "hotline/a.csv/x/unread", "hotline/a/1/ff", "hotline/../a/1/unread"] {
            assert_eq!(FileId::of_subject(wrong), None, "{wrong}");
        }
    }
}

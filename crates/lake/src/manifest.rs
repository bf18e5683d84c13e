//! The manifest of a sealed day: which files it is made of, and of what they were made.

use crate::files::Stored;
use crate::parts::Part;
use model::canonical::Digest;
use model::fact::Table;
use model::time::Day;
use serde::{Deserialize, Serialize};

/// The layout of the facts files. It changes when columns change their meaning.
pub const SCHEMA_ID: &str = "heng-facts-3";

/// A facts file of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableFile {
    /// The table.
    pub table: Table,
    /// How many rows it has.
    pub rows: u64,
    /// The file.
    #[serde(flatten)]
    pub file: Stored,
    /// What can be read of it alone.
    pub parts: Vec<Part>,
}

/// What a day was sealed as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayManifest {
    /// The day.
    pub day: Day,
    /// The layout of the files.
    pub schema: String,
    /// The key under which persons became pseudonyms.
    pub key_id: String,
    /// One file per table that has rows, in the order of the tables.
    pub files: Vec<TableFile>,
}

impl DayManifest {
    /// The digest of the facts: of every file's content and the parts of it, whatever the files are called.
    #[must_use]
    pub fn facts_digest(&self) -> Digest {
        let parts = |file: &TableFile| file.parts.iter().map(|part| part.sha256.to_string()).collect::<Vec<_>>();
        let files = self.files.iter().map(|file| (file.table.name(), file.file.sha256.to_string(), parts(file)));
        Digest::of_json(&serde_json::json!({"schema": self.schema, "files": files.collect::<Vec<_>>()}))
    }

    /// The canonical bytes of the manifest.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_value(self).map(|json| json.to_string().into_bytes()).unwrap_or_default()
    }

    /// The file of a table, if the day has one.
    #[must_use]
    pub fn file(&self, table: Table) -> Option<&TableFile> {
        self.files.iter().find(|file| file.table == table)
    }
}

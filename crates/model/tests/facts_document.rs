//! `docs/facts.md` is written by this test, so that the column tables can never be out of date:
//! `UPDATE_DOCS=1 cargo test -p model --test facts_document`.

use model::fact::{Class, Kind, Physical, Table};
use std::fmt::Write as _;
use std::path::Path;

fn document() -> String {
    let mut text = String::from(
        "# Facts: every kind and its columns\n\n\
         What a source may report, and what a sealed day holds. Written from the code by a test.\n\n\
         Every fact also has `source`, `source_id` and `revision` (its identity), `void` (this revision retracts the \
         fact)\nand `reported_at` (default: the time of the event). An instant is a whole second between 2000 and \
         2099; an integer is at\nmost 2,147,483,647 in magnitude. Class **plain** is not about a citizen; a \
         **pseudonym** replaces a citizen at the door; **free\ntext** may name people, is never sealed, and can be \
         erased.\n",
    );
    for kind in Kind::ALL {
        let _ = write!(
            text,
            "\n## {kind}\n\n| column | type | unit | required | class | meaning |\n|---|---|---|---|---|---|\n"
        );
        for column in kind.columns() {
            let class = match column.class {
                Class::Plain => "plain",
                Class::Pseudonym => "pseudonym",
                Class::FreeText => "free text",
            };
            let required = if column.required { "yes" } else { "" };
            let _ = writeln!(
                text,
                "| `{}` | {} | {} | {required} | {class} | {} |",
                column.name,
                column.ty.name(),
                column.unit,
                column.meaning
            );
        }
        let _ = writeln!(
            text,
            "\nDated by the first filled of: {}.",
            kind.time_columns().iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        );
    }
    text.push_str("\n# Sealed tables: the columns that rules may name\n\nOne Parquet file per day and table. A code that is not known is the empty text.\n");
    for table in Table::ALL {
        let _ =
            write!(text, "\n## table {table}\n\n| column | stored as | can be empty | meaning |\n|---|---|---|---|\n");
        for column in table.columns() {
            let physical = match column.physical {
                Physical::Code => "dictionary of UTF-8",
                Physical::Id => "UTF-8",
                Physical::Integer => "INT32",
                Physical::Flag => "BOOLEAN",
                Physical::Instant => "TIMESTAMP (ms, UTC)",
                Physical::Pseudonym => "INT64, not for rules",
            };
            let empty = if column.nullable { "yes" } else { "" };
            let _ = writeln!(text, "| `{}` | {physical} | {empty} | {} |", column.name, column.meaning);
        }
    }
    text
}

#[test]
fn the_document_says_what_the_code_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/facts.md");
    #[expect(clippy::disallowed_methods, reason = "a switch for the person who runs the test")]
    let update = std::env::var("UPDATE_DOCS").is_ok();
    if update {
        std::fs::write(&path, document()).expect("written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == document(),
        "docs/facts.md is out of date: UPDATE_DOCS=1 cargo test -p model --test facts_document"
    );
}

//! What the cleaning rules of a scheme mark: counted per rule, and listed record by record.
//!
//! Nothing is written: a candidate's rules can be tried on days long past.

use crate::AppError;
use crate::day::{manifest_of, rows_of};
use crate::home::Home;
use lake::kernel::{Query, SelectedRow, Selection};
use model::fact::Table;
use model::period::Period;
use model::scheme::{Mark, MarkTarget, Scheme};
use model::time::Day;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tokio::runtime::Handle;

/// The columns that a listed record shows.
const TEXTS: [&str; 6] = ["window", "staff", "source", "source_id", "rating_source", "rating_id"];

/// Which records are listed beside the counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed<'a> {
    /// None.
    Nothing,
    /// Those of one rule, by its id.
    Of(&'a str),
    /// Those of every rule.
    Everything,
}

/// A record that a rule marks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MarkedRecord {
    /// The rule, by position in the scheme.
    pub mark: usize,
    /// The day it is filed under.
    pub day: Day,
    /// The window.
    pub window: String,
    /// The member of staff.
    pub staff: String,
    /// The system that reported it.
    pub source: String,
    /// Its id there.
    pub source_id: String,
}

/// What the rules of a scheme mark in a period.
#[derive(Debug)]
pub struct Marks {
    /// The period.
    pub period: Period,
    /// The scheme.
    pub scheme: Scheme,
    /// Sealed days that were looked at.
    pub days: usize,
    /// Rows that were looked at: cases, and ratings without one.
    pub rows: u64,
    /// Per rule: records by window.
    pub by_window: Vec<BTreeMap<String, u64>>,
    /// The records of the rules that were asked for, by rule, day, window and id.
    pub records: Vec<MarkedRecord>,
}

/// Applies the cleaning rules of the home's scheme, or another one, to the sealed days of a period. Records are counted,
/// and listed as far as `listed` says.
pub fn marks(
    home: &Home,
    period: Period,
    scheme_file: Option<&Path>,
    listed: Listed<'_>,
    runtime: &Handle,
) -> Result<Marks, AppError> {
    let scheme = home.scheme(scheme_file)?;
    let asked = match listed {
        Listed::Of(id) => Some(find(&scheme, id)?),
        Listed::Nothing | Listed::Everything => None,
    };
    let (first, last) = period.days();
    let days = runtime.block_on(home.store.sealed_days(first, last))?;
    let query =
        Query { table: Table::Case, wanted: None, texts: &TEXTS, numbers: &[], tests: &[], marks: &scheme.marks };
    let selection = Selection::new(query);
    let mut by_window = vec![BTreeMap::new(); scheme.marks.len()];
    let (mut rows, mut records) = (0, Vec::new());
    for day in &days {
        let manifest = manifest_of(day)?;
        rows += manifest.file(Table::Case).map_or(0, |file| file.rows);
        // A case has a row for each person for whom a part of it counts; it is one record all the same.
        let mut seen = BTreeSet::new();
        for row in rows_of(home, &manifest, &selection, runtime)? {
            for (index, mark) in scheme.marks.iter().enumerate().filter(|(index, _)| row.marks[*index]) {
                let Some(record) = record_of(mark, index, day.day, &row) else { continue };
                if !seen.insert((index, record.source.clone(), record.source_id.clone())) {
                    continue;
                }
                *by_window[index].entry(record.window.clone()).or_insert(0) += 1;
                if listed == Listed::Everything || asked == Some(index) {
                    records.push(record);
                }
            }
        }
    }
    records.sort();
    Ok(Marks { period, days: days.len(), rows, by_window, records, scheme })
}

fn find(scheme: &Scheme, id: &str) -> Result<usize, AppError> {
    let position = scheme.marks.iter().position(|mark| mark.id == id);
    position.ok_or_else(|| AppError::UnknownMark {
        mark: id.to_owned(),
        known: scheme.marks.iter().map(|mark| mark.id.as_str()).collect::<Vec<_>>().join(", "),
    })
}

/// The record that is marked: the rating where only ratings are, else the row's own. A rule on ratings alone does not
/// touch a row that has none.
fn record_of(mark: &Mark, index: usize, day: Day, row: &SelectedRow) -> Option<MarkedRecord> {
    let [window, staff, source, source_id, rating_source, rating_id] = &row.texts[..] else { return None };
    let of_rating = !mark.targets.contains(&MarkTarget::Case);
    let (source, source_id) = if of_rating { (rating_source, rating_id) } else { (source, source_id) };
    (!source_id.is_empty()).then(|| MarkedRecord {
        mark: index,
        day,
        window: window.clone(),
        staff: staff.clone(),
        source: source.clone(),
        source_id: source_id.clone(),
    })
}

impl Marks {
    /// How many records a rule marks.
    #[must_use]
    pub fn count(&self, mark: usize) -> u64 {
        self.by_window[mark].values().sum()
    }

    /// Everything, as JSON; numbers are decimal strings.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let record = |record: &MarkedRecord| {
            json!({
                "day": record.day, "window": record.window, "staff": record.staff,
                "source": record.source, "source_id": record.source_id,
            })
        };
        let mark = |(index, mark): (usize, &Mark)| {
            let windows =
                self.by_window[index].iter().map(|(window, count)| (window.clone(), count.to_string().into()));
            json!({
                "id": mark.id,
                "reason": mark.reason.zh,
                "targets": mark.targets,
                "effect": mark.effect,
                "records": self.count(index).to_string(),
                "windows": Value::Object(windows.collect()),
                "list": self.records.iter().filter(|record| record.mark == index).map(record).collect::<Vec<_>>(),
            })
        };
        json!({
            "period": self.period,
            "scheme": {"id": self.scheme.id, "version": self.scheme.version, "digest": self.scheme.digest()},
            "days": self.days.to_string(),
            "rows": self.rows.to_string(),
            "marks": self.scheme.marks.iter().enumerate().map(mark).collect::<Vec<_>>(),
        })
    }
}

//! Derived files: the tally of a sealed day under the rules of a scheme.

use crate::AppError;
use crate::home::Home;
use crate::parallel::in_order;
use lake::kernel::{Groups, Overrides, Program, tally};
use lake::{DayManifest, LakeError, Stored, batch_of, read_tally, write_tally};
use model::canonical::Digest;
use model::fact::{Row, Table};
use model::id::{StaffId, WindowId};
use model::ruling::{Effect, Rulings};
use model::scheme::Scheme;
use model::tally::{Tally, TallyRow};
use model::time::Day;
use std::collections::BTreeMap;
use store::SealedDay;
use tokio::runtime::Handle;

/// A day's tally.
#[derive(Clone, Debug)]
pub struct Derived {
    /// The day.
    pub day: Day,
    /// The digest of the facts it was counted from.
    pub facts: Digest,
    /// The tally.
    pub tally: Tally,
}

/// Facts that rulings leave out or bring back.
#[must_use]
pub fn overrides_of(rulings: &Rulings) -> Overrides {
    let mut overrides = Overrides::default();
    for ruling in &rulings.rulings {
        match &ruling.effect {
            Effect::Exclude { source, source_id } => {
                let fact = (source.clone(), source_id.clone());
                overrides.restored.remove(&fact);
                overrides.excluded.insert(fact);
            }
            Effect::Restore { source, source_id } => {
                let fact = (source.clone(), source_id.clone());
                overrides.excluded.remove(&fact);
                overrides.restored.insert(fact);
            }
            Effect::OwnAct { .. } | Effect::Improvement { .. } => {}
        }
    }
    overrides
}

/// The manifest of a sealed day, which must be the one that the day's digest is of.
pub fn manifest_of(day: &SealedDay) -> Result<DayManifest, AppError> {
    let unreadable = |problem| AppError::Unreadable { what: format!("the manifest of {}", day.day), problem };
    let manifest: DayManifest = serde_json::from_str(&day.manifest).map_err(|error| unreadable(error.to_string()))?;
    if manifest.facts_digest() != day.facts_digest {
        return Err(unreadable(format!("it is not the one sealed as {}", day.facts_digest)));
    }
    Ok(manifest)
}

/// Where the manifest of a sealed day lies beside its files, for those who read them without the database.
pub(crate) fn manifest_file(day: &SealedDay) -> Stored {
    let sha256 = Digest::of(day.manifest.as_bytes());
    let path = format!("days/{}/manifest-{}.json", day.day, sha256.short());
    Stored { path, bytes: day.manifest.len() as u64, sha256 }
}

/// What a scheme says about each table, compiled once.
struct Rules<'a> {
    scheme: &'a Scheme,
    programs: Vec<Program>,
    overrides: Overrides,
    /// The key of derived files: the rules, and the rulings on facts if there are any.
    digest: Digest,
}

impl<'a> Rules<'a> {
    fn of(scheme: &'a Scheme, rulings: &Rulings) -> Self {
        let overrides = overrides_of(rulings);
        let mut digest = scheme.rules_digest();
        if !(overrides.excluded.is_empty() && overrides.restored.is_empty()) {
            digest = Digest::of_json(&serde_json::json!([digest.to_string(), rulings.digest().to_string()]));
        }
        let programs = Table::ALL.map(|table| Program::new(table, &scheme.marks, &scheme.measures));
        let programs = programs.into_iter().filter(|program| !program.is_empty()).collect();
        Self { scheme, programs, overrides, digest }
    }
}

/// Gives the tallies of sealed days in order, from derived files where they are sound, else counted now: one by one, so
/// that a year of a province need not be held at once.
///
/// Days are spread over `threads`; the result does not depend on how many. Call it outside the runtime.
pub fn derive_days(
    home: &Home,
    scheme: &Scheme,
    rulings: &Rulings,
    days: &[SealedDay],
    threads: usize,
    runtime: &Handle,
    take: &mut dyn FnMut(Derived) -> Result<(), AppError>,
) -> Result<(), AppError> {
    let rules = Rules::of(scheme, rulings);
    in_order(threads, days.len(), |at| derive(home, &rules, &days[at], runtime), |_, derived| take(derived?))
}

fn derive(home: &Home, rules: &Rules<'_>, day: &SealedDay, runtime: &Handle) -> Result<Derived, AppError> {
    let known = runtime.block_on(home.store.derived(day.day, day.facts_digest, rules.digest))?;
    if let Some(stored) = known.and_then(|file| serde_json::from_str::<Stored>(&file).ok()) {
        match runtime.block_on(home.files.get(&stored)) {
            Ok(bytes) => {
                let tally = read_tally(&stored.path, bytes)?;
                return Ok(Derived { day: day.day, facts: day.facts_digest, tally });
            }
            // A derived file is a cache: what is lost or damaged is counted again from the facts.
            Err(LakeError::Missing { .. } | LakeError::Damaged { .. }) => {}
            Err(other) => return Err(other.into()),
        }
    }
    let tally = count(home, rules, day, runtime)?;
    let ids: Vec<String> = rules.scheme.measures.iter().map(|measure| measure.id.to_string()).collect();
    let bytes = write_tally(&ids, &tally)?;
    let name = format!("tally-{}", rules.digest.short());
    let stored = runtime.block_on(home.files.put(&format!("derived/{}", day.day), &name, "parquet", bytes))?;
    let file = serde_json::json!(stored).to_string();
    runtime.block_on(home.store.remember_derived(day.day, day.facts_digest, rules.digest, &file))?;
    Ok(Derived { day: day.day, facts: day.facts_digest, tally })
}

fn count(home: &Home, rules: &Rules<'_>, day: &SealedDay, runtime: &Handle) -> Result<Tally, AppError> {
    let manifest = manifest_of(day)?;
    let groups = rules.programs.iter().filter_map(|program| {
        let file = manifest.file(program.table())?;
        let open = |columns: &[&'static str]| runtime.block_on(home.files.batches(file, columns));
        Some(tally::<_, LakeError>(program, &rules.overrides, open))
    });
    merged(groups, rules.scheme.measures.len())
}

/// The tally of rows that are not sealed: of a day that is still open.
pub(crate) fn tally_of_rows(
    scheme: &Scheme,
    rulings: &Rulings,
    rows: &BTreeMap<Table, Vec<Row>>,
) -> Result<Tally, AppError> {
    let rules = Rules::of(scheme, rulings);
    let groups = rules.programs.iter().filter_map(|program| {
        let rows = rows.get(&program.table())?;
        let open = |_: &[&'static str]| Ok([batch_of(program.table(), rows)]);
        Some(tally::<_, LakeError>(program, &rules.overrides, open))
    });
    merged(groups, scheme.measures.len())
}

/// Tallies of several tables as one.
fn merged(groups: impl Iterator<Item = Result<Groups, LakeError>>, measures: usize) -> Result<Tally, AppError> {
    let mut merged: BTreeMap<(String, String), Vec<Option<i64>>> = BTreeMap::new();
    for groups in groups {
        merge(&mut merged, &groups?, measures);
    }
    let row = |((window, staff), values): ((String, String), Vec<Option<i64>>)| TallyRow {
        window: WindowId::new(&window),
        staff: StaffId::new(&staff),
        values,
    };
    let rows = merged.into_iter().map(row).filter(|row| row.values.iter().any(Option::is_some));
    Ok(Tally { rows: rows.collect() })
}

fn merge(into: &mut BTreeMap<(String, String), Vec<Option<i64>>>, groups: &Groups, measures: usize) {
    for group in 0..groups.keys.len() {
        let (window, staff) = groups.key(group);
        let values = into.entry((window.to_owned(), staff.to_owned())).or_insert_with(|| vec![None; measures]);
        for (column, measure) in groups.measures.iter().enumerate() {
            values[*measure] = groups.value(column, group);
        }
    }
}

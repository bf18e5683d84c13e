//! What is odd over a span of months, for somebody to look at.

use crate::AppError;
use crate::day::derive_days;
use crate::home::Home;
use insight::odd::{Counts, Oddity, Watch, Watched, oddities};
use model::id::{StaffId, WindowId};
use model::ruling::Rulings;
use model::scheme::Scheme;
use model::time::Day;
use std::collections::BTreeMap;
use tokio::runtime::Handle;

/// What is counted to find it: not a scheme to score by.
const WATCH: &str = include_str!("../../../../schemes/watch.toml");

/// What is odd in the sealed days of a span. Call it outside the runtime.
pub fn find_oddities(home: &Home, span: (Day, Day), threads: usize, runtime: &Handle) -> Result<Vec<Oddity>, AppError> {
    Ok(oddities(&watch(home, span, threads, runtime)?))
}

/// What is looked at over the sealed days of a span. Call it outside the runtime.
pub(crate) fn watch(
    home: &Home,
    (first, last): (Day, Day),
    threads: usize,
    runtime: &Handle,
) -> Result<Watch, AppError> {
    let scheme = model::scheme::parse(WATCH)
        .map_err(|error| AppError::Unreadable { what: "watch.toml".to_owned(), problem: error.to_string() })?;
    let columns = Columns::of(&scheme)?;
    let sealed = runtime.block_on(home.store.sealed_days(first, last))?;
    // Rulings decide what counts in a score; what they leave out may be odd all the same.
    let mut windows: BTreeMap<WindowId, BTreeMap<Day, Counts>> = BTreeMap::new();
    let mut staff: BTreeMap<StaffId, Counts> = BTreeMap::new();
    derive_days(home, &scheme, &Rulings::default(), &sealed, threads, runtime, &mut |day| {
        for row in &day.tally.rows {
            let counts = columns.read(&row.values);
            *windows.entry(row.window.clone()).or_default().entry(day.day).or_default() += counts;
            if !row.staff.as_str().is_empty() {
                *staff.entry(row.staff.clone()).or_default() += counts;
            }
        }
        Ok(())
    })?;
    let watched = |(window, days): (WindowId, BTreeMap<Day, Counts>)| {
        let window_type = home.register.window_on(window.as_str(), last)?.window_type.clone();
        Some(Watched { window, window_type, days })
    };
    let windows = windows.into_iter().filter_map(watched).collect();
    Ok(Watch { windows, staff: staff.into_iter().collect() })
}

/// A field of the counts.
type Field = fn(&mut Counts) -> &mut i64;

/// Which measure of `watch.toml` fills which field.
const FIELDS: [(&str, Field); 15] = [
    ("called", |of| &mut of.called),
    ("waiting_seconds", |of| &mut of.waiting_seconds),
    ("finished", |of| &mut of.finished),
    ("timed", |of| &mut of.timed),
    ("handling_seconds", |of| &mut of.handling_seconds),
    ("handling_permille", |of| &mut of.handling_permille),
    ("off_hours", |of| &mut of.off_hours),
    ("asked", |of| &mut of.asked),
    ("rated", |of| &mut of.rated),
    ("satisfied", |of| &mut of.satisfied),
    ("at_once", |of| &mut of.at_once),
    ("revisited", |of| &mut of.revisited),
    ("revisited_satisfied", |of| &mut of.revisited_satisfied),
    ("founded", |of| &mut of.founded),
    ("rewritten", |of| &mut of.rewritten),
];

/// Where each count stands among the measures.
struct Columns(Vec<(usize, Field)>);

impl Columns {
    fn of(scheme: &Scheme) -> Result<Self, AppError> {
        let place = |(name, field): (&str, Field)| {
            let at = scheme.measures.iter().position(|measure| measure.id.as_str() == name);
            let missing = || AppError::Unreadable { what: "watch.toml".to_owned(), problem: format!("no `{name}`") };
            Ok((at.ok_or_else(missing)?, field))
        };
        Ok(Self(FIELDS.into_iter().map(place).collect::<Result<_, AppError>>()?))
    }

    fn read(&self, values: &[Option<i64>]) -> Counts {
        let mut counts = Counts::default();
        for (at, field) in &self.0 {
            *field(&mut counts) = values.get(*at).copied().flatten().unwrap_or(0);
        }
        counts
    }
}

//! Tallies of record batches by window and person.

use super::bits::{self, Span, Words};
use super::marked::{Marked, Prepass};
use super::names::{KeyHasher, Names};
use super::program::{Around, Overrides, Program, Values, values};
use super::texts::Texts;
use crate::error::LakeError;
use arrow_array::RecordBatch;
use std::collections::HashMap;
use std::hash::BuildHasherDefault;

/// The result of a tally, column by column.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    /// The distinct windows.
    pub windows: Texts,
    /// The distinct people.
    pub staff: Texts,
    /// One pair of positions per group, in order of first appearance.
    pub keys: Vec<(u32, u32)>,
    /// One column per compiled measure, in the order of [`Groups::measures`].
    pub columns: Vec<MeasureColumn>,
    /// The positions of the measures in the scheme.
    pub measures: Vec<usize>,
    /// How many rows each mark of the scheme hit.
    pub marked: Vec<u64>,
    /// How many rows were looked at.
    pub rows: u64,
}

/// A measure over all groups.
#[derive(Clone, Debug)]
pub enum MeasureColumn {
    /// How many rows each group has: fewer than 2³¹ on a day.
    Rows(Vec<u32>),
    /// What the rows of each group add up to, and how many there are.
    Sums(Vec<i64>, Vec<u32>),
}

impl Groups {
    /// The value of a measure (by its place in `columns`) for a group; `None` where no row counted.
    #[must_use]
    pub fn value(&self, column: usize, group: usize) -> Option<i64> {
        let (sum, rows) = match &self.columns[column] {
            MeasureColumn::Rows(rows) => (rows[group].into(), rows[group]),
            MeasureColumn::Sums(sums, rows) => (sums[group], rows[group]),
        };
        (rows > 0).then_some(sum)
    }

    /// The window and the person of a group.
    #[must_use]
    pub fn key(&self, group: usize) -> (&str, &str) {
        let (window, staff) = self.keys[group];
        (self.windows.get(window), self.staff.get(staff))
    }
}

/// Counts a table from its first row to its last: one pass over all columns, and before it, where a rule looks beyond
/// single rows, another over the columns that it looks at. `open` gives the batches with the columns asked for.
pub fn tally<B, E>(
    program: &Program,
    overrides: &Overrides,
    open: impl Fn(&[&'static str]) -> Result<B, E>,
) -> Result<Groups, E>
where
    B: IntoIterator<Item = Result<RecordBatch, LakeError>>,
    E: From<LakeError>,
{
    let marked = marked(program, &open)?;
    let mut tallier = Tallier::new(program, overrides, &marked);
    for batch in open(&program.columns(overrides))? {
        tallier.add(&batch?)?;
    }
    Ok(tallier.finish())
}

/// What the rules of a program mark that look beyond single rows.
pub(super) fn marked<B, E>(program: &Program, open: impl Fn(&[&'static str]) -> Result<B, E>) -> Result<Marked, E>
where
    B: IntoIterator<Item = Result<RecordBatch, LakeError>>,
    E: From<LakeError>,
{
    let Some(mut pass) = Prepass::new(program) else { return Ok(Marked::default()) };
    for batch in open(&pass.columns())? {
        pass.add(&batch?)?;
    }
    Ok(pass.finish())
}

/// A few consecutive rows of one group; a longer run is several of these.
struct Run {
    group: usize,
    start: usize,
    rows: usize,
    span: Span,
}

/// Counts batches, one after another.
#[derive(Debug)]
struct Tallier<'p> {
    program: &'p Program,
    overrides: &'p Overrides,
    marked: &'p Marked,
    buffers: Vec<Words>,
    groups: Groups,
    windows: Names,
    staff: Names,
    by_key: HashMap<u64, usize, BuildHasherDefault<KeyHasher>>,
}

impl<'p> Tallier<'p> {
    /// An empty tally. `marked` is what a [`Prepass`] over the same batches found; empty where none is needed.
    fn new(program: &'p Program, overrides: &'p Overrides, marked: &'p Marked) -> Self {
        let columns = program.measures.iter().map(|measure| match measure.sum {
            None => MeasureColumn::Rows(Vec::new()),
            Some(_) => MeasureColumn::Sums(Vec::new(), Vec::new()),
        });
        let groups = Groups {
            columns: columns.collect(),
            measures: program.measures.iter().map(|measure| measure.measure).collect(),
            marked: vec![0; program.marks.len()],
            ..Groups::default()
        };
        let (windows, staff) = (Names::default(), Names::default());
        Self { program, overrides, marked, buffers: Vec::new(), groups, windows, staff, by_key: HashMap::default() }
    }

    /// Counts a batch.
    fn add(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        let rows = batch.num_rows();
        if rows == 0 {
            return Ok(());
        }
        let offset = usize::try_from(self.groups.rows).unwrap_or(usize::MAX);
        let around = Around { overrides: self.overrides, marked: self.marked, offset };
        self.program.evaluate(batch, &around, &mut self.buffers)?;
        let runs = self.runs(batch)?;
        let size = self.groups.keys.len();
        for (measure, column) in self.program.measures.iter().zip(&mut self.groups.columns) {
            let (words, people) = (&self.buffers[measure.node], self.staff.list.len());
            match (&measure.sum, column) {
                (Some(number), MeasureColumn::Sums(sums, rows)) => {
                    grow(sums, size, people);
                    grow(rows, size, people);
                    sum_up(&values(batch, batch.num_rows(), number)?, &runs, words, sums, rows);
                }
                (_, MeasureColumn::Rows(rows) | MeasureColumn::Sums(_, rows)) => {
                    grow(rows, size, people);
                    for run in &runs {
                        rows[run.group] += run.span.of(words).count_ones();
                    }
                }
            }
        }
        for (hits, node) in self.groups.marked.iter_mut().zip(&self.program.marks) {
            *hits += bits::count(&self.buffers[*node]);
        }
        self.groups.rows += rows as u64;
        Ok(())
    }

    /// The tally of everything added.
    fn finish(mut self) -> Groups {
        self.groups.windows = self.windows.list;
        self.groups.staff = self.staff.list;
        // Tallies of many days are held at once.
        self.groups.windows.shrink_to_fit();
        self.groups.staff.shrink_to_fit();
        self.groups.keys.shrink_to_fit();
        for column in &mut self.groups.columns {
            let (MeasureColumn::Rows(rows) | MeasureColumn::Sums(_, rows)) = column;
            rows.shrink_to_fit();
            if let MeasureColumn::Sums(sums, _) = column {
                sums.shrink_to_fit();
            }
        }
        self.groups
    }

    /// Cuts a batch where window or person changes, and finds each run's group.
    fn runs(&mut self, batch: &RecordBatch) -> Result<Vec<Run>, LakeError> {
        let windows = self.windows.read(batch, "window")?;
        let staff = self.staff.read(batch, "staff")?;
        let (window_keys, staff_keys) = (windows.keys(batch), staff.keys(batch));
        self.by_key.reserve(staff.mapped.len().saturating_sub(self.by_key.len()));
        let mut runs: Vec<Run> = Vec::with_capacity(batch.num_rows() / 8);
        let mut start = 0;
        while start < window_keys.len() {
            let (window, person) = (window_keys[start], staff_keys[start]);
            let same = |at: &usize| window_keys[*at] == window && staff_keys[*at] == person;
            let end = (start + 1..window_keys.len()).find(|at| !same(at)).unwrap_or(window_keys.len());
            let key = (windows.id(window)?, staff.id(person)?);
            let group = self.group(key);
            while start < end {
                let rows = (end - start).min(Span::ROWS);
                runs.push(Run { group, start, rows, span: Span::new(start, rows) });
                start += rows;
            }
        }
        Ok(runs)
    }

    fn group(&mut self, key: (u32, u32)) -> usize {
        let keys = &mut self.groups.keys;
        if keys.last() == Some(&key) {
            return keys.len() - 1;
        }
        *self.by_key.entry((u64::from(key.0) << 32) | u64::from(key.1)).or_insert_with(|| {
            keys.push(key);
            keys.len() - 1
        })
    }
}

/// Makes room for so many groups. Most people have one window a day, so that there are about as many groups as people:
/// room for just these is taken at once, since tallies of many days are held together.
fn grow<T: Clone + Default>(column: &mut Vec<T>, groups: usize, people: usize) {
    if column.capacity() < groups.min(people) {
        column.reserve_exact(people - column.len());
    }
    column.resize(groups, T::default());
}

fn sum_up(values: &Values<'_>, runs: &[Run], words: &[u64], sums: &mut [i64], rows: &mut [u32]) {
    for run in runs {
        let bits = run.span.of(words);
        rows[run.group] += bits.count_ones();
        let span = run.start..run.start + run.rows;
        sums[run.group] += match values {
            Values::Slice(slice) => masked_sum(bits, &slice[span], |value| i64::from(*value)),
            Values::Computed(numbers) => masked_sum(bits, &numbers[span], |value| *value),
        };
    }
}

#[inline]
fn masked_sum<T>(mut bits: u64, values: &[T], value: impl Fn(&T) -> i64) -> i64 {
    let mut sum = 0;
    for each in values {
        // A mask instead of a branch: conditions of people are hard to predict.
        sum += value(each) & -i64::from(bits & 1 == 1);
        bits >>= 1;
    }
    sum
}

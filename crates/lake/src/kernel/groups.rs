//! Tallies of record batches by window and person.

use super::bits::{self, Span, Words};
use super::program::{Overrides, Program, Values, values};
use super::texts::Texts;
use crate::error::LakeError;
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, RecordBatch, StringArray};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};
use std::sync::Arc;

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

/// A few consecutive rows of one group; a longer run is several of these.
struct Run {
    group: usize,
    start: usize,
    rows: usize,
    span: Span,
}

/// Counts batches, one after another.
#[derive(Debug)]
pub struct Tallier<'p> {
    program: &'p Program,
    overrides: &'p Overrides,
    buffers: Vec<Words>,
    groups: Groups,
    windows: Names,
    staff: Names,
    by_key: HashMap<u64, usize, BuildHasherDefault<KeyHasher>>,
}

impl<'p> Tallier<'p> {
    /// An empty tally.
    #[must_use]
    pub fn new(program: &'p Program, overrides: &'p Overrides) -> Self {
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
        Self { program, overrides, buffers: Vec::new(), groups, windows, staff, by_key: HashMap::default() }
    }

    /// Counts a batch.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        let rows = batch.num_rows();
        if rows == 0 {
            return Ok(());
        }
        self.program.evaluate(batch, self.overrides, &mut self.buffers)?;
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
        for (hits, (_, node)) in self.groups.marked.iter_mut().zip(&self.program.marks) {
            *hits += bits::count(&self.buffers[*node]);
        }
        self.groups.rows += rows as u64;
        Ok(())
    }

    /// The tally of everything added.
    #[must_use]
    pub fn finish(mut self) -> Groups {
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

/// Hashes what is a hash already, or a pair of positions of our own making, in one multiplication.
#[derive(Debug, Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = (self.0 ^ key).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Names seen so far, and how the dictionary of the current batch maps to them.
#[derive(Debug, Default)]
struct Names {
    list: Texts,
    /// Positions in the list by hash; where several names have one hash, the next ones are tried.
    known: HashMap<u64, u32, BuildHasherDefault<KeyHasher>>,
    hashes: RandomState,
    /// Kept alive, so that its address stays its own.
    dictionary: Option<StringArray>,
    mapped: Arc<Vec<u32>>,
}

/// A dictionary column of one batch.
struct Coded {
    column: &'static str,
    mapped: Arc<Vec<u32>>,
}

impl Names {
    fn read(&mut self, batch: &RecordBatch, column: &'static str) -> Result<Coded, LakeError> {
        let missing = || LakeError::encoding("tally", format!("column `{column}` is missing or of another type"));
        let array = batch.column_by_name(column).and_then(|array| array.as_dictionary_opt::<Int32Type>());
        let array = array.ok_or_else(missing)?;
        let texts = array.values().as_string_opt::<i32>().ok_or_else(missing)?;
        // Batches of one row group share the memory of their dictionary, not the array around it.
        let same = self.dictionary.as_ref().is_some_and(|known| same_memory(known, texts));
        if !same {
            self.known.reserve(texts.len());
            let mapped: Option<Vec<u32>> = (0..texts.len()).map(|at| self.intern(texts.value(at))).collect();
            let too_many = || LakeError::encoding("tally", format!("column `{column}` has 4 GB of distinct texts"));
            self.mapped = Arc::new(mapped.ok_or_else(too_many)?);
            self.dictionary = Some(texts.clone());
        }
        Ok(Coded { column, mapped: Arc::clone(&self.mapped) })
    }

    /// The position of a text; `None` once there are too many.
    fn intern(&mut self, text: &str) -> Option<u32> {
        let mut hash = self.hashes.hash_one(text);
        loop {
            match self.known.entry(hash) {
                Entry::Occupied(known) if self.list.get(*known.get()) == text => return Some(*known.get()),
                Entry::Occupied(_) => hash = hash.wrapping_add(1),
                Entry::Vacant(free) => return Some(*free.insert(self.list.push(text)?)),
            }
        }
    }
}

/// Whether two dictionaries are the same bytes at the same place.
fn same_memory(a: &StringArray, b: &StringArray) -> bool {
    std::ptr::eq(a.value_offsets(), b.value_offsets()) && std::ptr::eq(a.value_data(), b.value_data())
}

impl Coded {
    fn keys<'b>(&self, batch: &'b RecordBatch) -> &'b [i32] {
        let array = batch.column_by_name(self.column).and_then(|array| array.as_dictionary_opt::<Int32Type>());
        array.map_or(&[], |array| array.keys().values())
    }

    fn id(&self, key: i32) -> Result<u32, LakeError> {
        let id = usize::try_from(key).ok().and_then(|key| self.mapped.get(key));
        id.copied().ok_or_else(|| LakeError::encoding("tally", "a dictionary key is out of range"))
    }
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

//! Rules that look beyond one row: a pass over the key columns of a whole day, before rows are counted.

use super::bits::{self, Span, Words};
use super::names::{KeyHasher, Names};
use super::program::{Around, Overrides, Program};
use crate::error::LakeError;
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMillisecondType};
use model::fact::Table;
use model::rule::Predicate;
use model::scheme::{Mark, MarkKey, MarkRule};
use std::collections::{BTreeSet, HashMap};
use std::hash::BuildHasherDefault;

/// A rule that looks at all rows of a day at once.
#[derive(Clone, Debug)]
pub(super) struct KeyedRule {
    by: MarkKey,
    limit: Limit,
    /// Which rows it looks at: those that the mark names and, where nothing else says so, those with a key and a time.
    of: Program,
}

#[derive(Clone, Copy, Debug)]
enum Limit {
    MoreThan(u32),
    Within { at_least: u32, milliseconds: i64 },
}

impl KeyedRule {
    /// The rule of a mark, if it looks beyond one row.
    pub(super) fn of(mark: &Mark) -> Option<Self> {
        let (by, limit, of) = match &mark.rule {
            MarkRule::Where(_) => return None,
            MarkRule::Repeat(rule) => (rule.by, Limit::MoreThan(rule.more_than), &rule.of),
            MarkRule::Burst(rule) => {
                let milliseconds = i64::from(rule.within_seconds) * 1000;
                (rule.by, Limit::Within { at_least: rule.at_least, milliseconds }, &rule.of)
            }
        };
        let column = |name: &str| Table::Case.column(name).map(|(_, column)| column);
        let known = |name: &str| column(name).map(|column| Predicate::Not(Box::new(Predicate::IsNull(column))));
        let mut parts = vec![of.clone()];
        parts.extend(by.flag_column().and_then(column).map(Predicate::Flag));
        if by == MarkKey::Device {
            parts.extend(known(by.column()));
        }
        if matches!(limit, Limit::Within { .. }) {
            parts.extend(known(by.time_column()));
        }
        Some(Self { by, limit, of: Program::of_predicate(Table::Case, &Predicate::All(parts)) })
    }

    /// The columns it reads.
    fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.of.rule_columns().chain([self.by.column()])
    }
}

/// Which rows of a day are marked by rules that look beyond one row: a bitmap per rule.
#[derive(Clone, Debug, Default)]
pub(super) struct Marked(Vec<Words>);

impl Marked {
    /// The rows of one batch that a rule marks.
    pub(super) fn read(&self, rule: usize, offset: usize, rows: usize, out: &mut Words) {
        out.clear();
        let words = self.0.get(rule).map_or(&[][..], Vec::as_slice);
        out.extend((0..rows).step_by(Span::ROWS).map(|start| {
            let span = Span::new(offset + start, Span::ROWS.min(rows - start));
            if words.is_empty() { 0 } else { span.of(words) }
        }));
    }
}

/// The pass before the count: it sees every batch of a day in order.
#[derive(Debug)]
pub(super) struct Prepass<'p> {
    rules: &'p [KeyedRule],
    seen: Vec<Seen>,
    rows: usize,
    buffers: Vec<Words>,
}

/// What a rule saw: a key per candidate, the row it stands on and, for bursts, its time.
#[derive(Debug, Default)]
struct Seen {
    keys: Vec<i64>,
    rows: Vec<u32>,
    times: Vec<i64>,
    names: Names,
}

impl<'p> Prepass<'p> {
    /// A pass for the rules of a program; `None` if all of its rules look at single rows.
    pub(super) fn new(program: &'p Program) -> Option<Self> {
        let rules = program.keyed.as_slice();
        let seen = rules.iter().map(|_| Seen::default()).collect();
        (!rules.is_empty()).then_some(Self { rules, seen, rows: 0, buffers: Vec::new() })
    }

    /// The columns that the pass reads.
    pub(super) fn columns(&self) -> Vec<&'static str> {
        let columns: BTreeSet<&'static str> = self.rules.iter().flat_map(KeyedRule::columns).collect();
        columns.into_iter().collect()
    }

    /// Looks at a batch.
    pub(super) fn add(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        let offset =
            u32::try_from(self.rows).map_err(|_| LakeError::encoding("marks", "more rows than a day can have"))?;
        let (overrides, marked) = (Overrides::default(), Marked::default());
        let around = Around { overrides: &overrides, marked: &marked, offset: 0 };
        for (rule, seen) in self.rules.iter().zip(&mut self.seen) {
            rule.of.evaluate(batch, &around, &mut self.buffers)?;
            seen.add(rule, batch, &self.buffers[rule.of.root], offset)?;
        }
        self.rows += batch.num_rows();
        Ok(())
    }

    /// What every rule marks.
    pub(super) fn finish(self) -> Marked {
        let rows = self.rows;
        Marked(self.rules.iter().zip(self.seen).map(|(rule, seen)| seen.marked(rule.limit, rows)).collect())
    }
}

fn missing(column: &str) -> LakeError {
    LakeError::encoding("marks", format!("column `{column}` is missing or of another type"))
}

impl Seen {
    fn add(&mut self, rule: &KeyedRule, batch: &RecordBatch, wanted: &Words, offset: u32) -> Result<(), LakeError> {
        let before = self.rows.len();
        let mut push = |row: u32, key: i64| {
            if bits::get(wanted, row as usize) {
                self.keys.push(key);
                self.rows.push(offset + row);
            }
        };
        let name = rule.by.column();
        if rule.by == MarkKey::Device {
            let coded = self.names.read(batch, name)?;
            for (row, key) in (0..).zip(coded.keys(batch)) {
                push(row, coded.id(*key)?.into());
            }
        } else {
            let keys = batch.column_by_name(name).and_then(|column| column.as_primitive_opt::<Int64Type>());
            for (row, key) in (0..).zip(keys.ok_or_else(|| missing(name))?) {
                if let Some(key) = key {
                    push(row, key);
                }
            }
        }
        if matches!(rule.limit, Limit::Within { .. }) {
            let name = rule.by.time_column();
            let times = batch.column_by_name(name).and_then(|at| at.as_primitive_opt::<TimestampMillisecondType>());
            let times = times.ok_or_else(|| missing(name))?;
            self.times.extend(self.rows[before..].iter().map(|row| times.value((row - offset) as usize)));
        }
        Ok(())
    }

    fn marked(self, limit: Limit, rows: usize) -> Words {
        let mut words = Words::new();
        bits::clear(&mut words, rows);
        match limit {
            Limit::MoreThan(most) => self.repeats(most, &mut words),
            Limit::Within { at_least, milliseconds } => self.bursts(at_least as usize, milliseconds, &mut words),
        }
        words
    }

    fn repeats(self, most: u32, words: &mut Words) {
        let mut counts: HashMap<i64, u32, BuildHasherDefault<KeyHasher>> = HashMap::default();
        counts.reserve(self.keys.len());
        for key in &self.keys {
            *counts.entry(*key).or_default() += 1;
        }
        counts.retain(|_, count| *count > most);
        for (key, row) in self.keys.iter().zip(&self.rows) {
            if counts.contains_key(key) {
                bits::set(words, *row as usize);
            }
        }
    }

    fn bursts(self, at_least: usize, milliseconds: i64, words: &mut Words) {
        let mut all: Vec<(i64, i64, u32)> =
            self.keys.into_iter().zip(self.times).zip(self.rows).map(|((key, time), row)| (key, time, row)).collect();
        all.sort_unstable();
        for same in all.chunk_by(|a, b| a.0 == b.0) {
            // Each row is marked once, however many bursts it is part of.
            let mut done = 0;
            for (start, near) in same.windows(at_least).enumerate() {
                if near[at_least - 1].1.saturating_sub(near[0].1) <= milliseconds {
                    let end = start + at_least;
                    same[start.max(done)..end].iter().for_each(|(_, _, row)| bits::set(words, *row as usize));
                    done = end;
                }
            }
        }
    }
}

//! Marks and measures of one table, compiled into a list of conditions.

use super::bits::{self, Words};
use super::columns::Column;
use super::marked::{KeyedRule, Marked};
use crate::error::LakeError;
use arrow_array::RecordBatch;
use model::fact::{Physical, Table};
use model::rule::{ColumnRef, Comparison, Number, Predicate};
use model::scheme::{Mark, MarkEffect, MarkRule, MarkTarget, Measure};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Facts that rulings leave out or bring back, by source and id.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// Left out of every measure.
    pub excluded: HashSet<(String, String)>,
    /// Counted although a rule of the scheme marks them.
    pub restored: HashSet<(String, String)>,
}

impl Overrides {
    pub(super) fn is_empty(&self) -> bool {
        self.excluded.is_empty() && self.restored.is_empty()
    }
}

/// A condition; operands are positions of earlier conditions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Node {
    Constant(bool),
    All(Vec<usize>),
    Any(Vec<usize>),
    Not(usize),
    Flag(ColumnRef),
    IsNull(ColumnRef),
    CodeIn {
        column: ColumnRef,
        codes: BTreeSet<String>,
        negated: bool,
    },
    Compare {
        how: Comparison,
        left: Number,
        right: Number,
    },
    /// A rule that looks beyond one row marks it.
    Keyed(usize),
    /// A ruling leaves the row (its case or its rating) out.
    RuledOut(MarkTarget),
    /// A ruling brings it back.
    Restored(MarkTarget),
}

/// What a measure adds up where its condition holds.
#[derive(Clone, Debug)]
pub(super) struct CompiledMeasure {
    /// Position in the scheme.
    pub(super) measure: usize,
    /// The condition.
    pub(super) node: usize,
    /// The number; `None` counts rows.
    pub(super) sum: Option<Number>,
}

/// The marks and measures of one table.
#[derive(Clone, Debug)]
pub struct Program {
    table: Table,
    nodes: Vec<Node>,
    pub(super) measures: Vec<CompiledMeasure>,
    /// Conditions of the marks, in the order of the scheme.
    pub(super) marks: Vec<usize>,
    /// Rules that look beyond one row.
    pub(super) keyed: Vec<KeyedRule>,
    columns: Vec<ColumnRef>,
    /// For a program of one predicate: its position.
    pub(super) root: usize,
}

impl Program {
    /// Compiles what a scheme says about a table.
    #[must_use]
    pub fn new(table: Table, marks: &[Mark], measures: &[Measure]) -> Self {
        let mut compiler = Compiler::default();
        let on_table = if table == Table::Case { marks } else { &[] };
        let mut keyed = Vec::new();
        let conditions: Vec<usize> = on_table.iter().map(|mark| compiler.mark(mark, &mut keyed)).collect();
        let mut compiled = Vec::new();
        for (index, measure) in measures.iter().enumerate().filter(|(_, measure)| measure.table == table) {
            let target = measure.mark_target().unwrap_or(MarkTarget::Case);
            let left_out = compiler.left_out(target, on_table, &conditions);
            let counted = compiler.push(Node::Not(left_out));
            let sum = Some(measure.sum.clone()).filter(|sum| *sum != Number::literal(1));
            let mut parts = compiler.parts(&measure.condition);
            // As in SQL, an empty value adds nothing and does not count.
            for (_, column) in sum.iter().flat_map(|sum| &sum.terms).filter(|(_, column)| column.nullable) {
                let null = compiler.push(Node::IsNull(column));
                parts.push(compiler.push(Node::Not(null)));
            }
            parts.push(counted);
            let node = compiler.all(parts);
            compiler.columns.extend(sum.iter().flat_map(|sum| sum.terms.iter().map(|(_, column)| column.name)));
            compiled.push(CompiledMeasure { measure: index, node, sum });
        }
        let columns = table.columns().filter(|column| compiler.columns.contains(column.name)).collect();
        Self { table, nodes: compiler.nodes, measures: compiled, marks: conditions, keyed, columns, root: 0 }
    }

    /// A program of one condition.
    pub(super) fn of_predicate(table: Table, predicate: &Predicate) -> Self {
        Self::of_query(table, Some(predicate), &[], &[]).0
    }

    /// A program that selects rows (`wanted`, else those that a mark hits) and says which conditions hold there, by
    /// their positions, and which marks hit.
    pub(super) fn of_query(
        table: Table,
        wanted: Option<&Predicate>,
        tests: &[Predicate],
        marks: &[Mark],
    ) -> (Self, Vec<usize>) {
        let (mut compiler, mut keyed) = (Compiler::default(), Vec::new());
        let marks: Vec<usize> = marks.iter().map(|mark| compiler.mark(mark, &mut keyed)).collect();
        let tests = tests.iter().map(|test| compiler.predicate(test)).collect();
        let root = match wanted {
            Some(wanted) => compiler.predicate(wanted),
            None => compiler.push(Node::Any(marks.clone())),
        };
        let columns = table.columns().filter(|column| compiler.columns.contains(column.name)).collect();
        (Self { table, nodes: compiler.nodes, measures: Vec::new(), marks, keyed, columns, root }, tests)
    }

    /// The table.
    #[must_use]
    pub fn table(&self) -> Table {
        self.table
    }

    /// Whether no measure looks at the table.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.measures.is_empty()
    }

    /// The columns that conditions and sums look at.
    pub(super) fn rule_columns(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().map(|column| column.name)
    }

    /// The columns that must be read: those of the rules, those of the group, and with rulings those of identity.
    #[must_use]
    pub fn columns(&self, overrides: &Overrides) -> Vec<&'static str> {
        let mut names = BTreeSet::from(["window", "staff"]);
        names.extend(self.rule_columns());
        if !overrides.is_empty() {
            names.extend(["source", "source_id"]);
            if self.table == Table::Case {
                names.extend(["rating_source", "rating_id"]);
            }
        }
        names.into_iter().collect()
    }

    /// Evaluates every condition on a batch. The buffers are kept from batch to batch.
    pub(super) fn evaluate(
        &self,
        batch: &RecordBatch,
        around: &Around<'_>,
        buffers: &mut Vec<Words>,
    ) -> Result<(), LakeError> {
        let rows = batch.num_rows();
        buffers.resize_with(self.nodes.len(), Words::new);
        for (at, node) in self.nodes.iter().enumerate() {
            let (done, rest) = buffers.split_at_mut(at);
            evaluate_node(node, batch, rows, around, done, &mut rest[0])?;
        }
        Ok(())
    }
}

/// What conditions look at beside the rows of a batch.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) overrides: &'a Overrides,
    pub(super) marked: &'a Marked,
    /// How many rows came before the batch.
    pub(super) offset: usize,
}

#[derive(Default)]
struct Compiler {
    nodes: Vec<Node>,
    known: HashMap<Node, usize>,
    columns: BTreeSet<&'static str>,
}

impl Compiler {
    fn push(&mut self, node: Node) -> usize {
        if let Some(at) = self.known.get(&node) {
            return *at;
        }
        self.nodes.push(node.clone());
        self.known.insert(node, self.nodes.len() - 1);
        self.nodes.len() - 1
    }

    fn all(&mut self, mut parts: Vec<usize>) -> usize {
        parts.sort_unstable();
        parts.dedup();
        if parts.len() == 1 { parts[0] } else { self.push(Node::All(parts)) }
    }

    /// The parts of a conjunction, so that they are shared between measures.
    fn parts(&mut self, predicate: &Predicate) -> Vec<usize> {
        match predicate {
            Predicate::Constant(true) => Vec::new(),
            Predicate::All(parts) => parts.iter().map(|part| self.predicate(part)).collect(),
            other => vec![self.predicate(other)],
        }
    }

    /// Rows that a mark of the scheme or a ruling leaves out.
    fn left_out(&mut self, target: MarkTarget, marks: &[Mark], conditions: &[usize]) -> usize {
        let excludes = |mark: &&Mark| mark.effect == MarkEffect::Exclude && mark.targets.contains(&target);
        let marked: Vec<usize> =
            marks.iter().zip(conditions).filter(|(mark, _)| excludes(mark)).map(|(_, condition)| *condition).collect();
        let ruled_out = self.push(Node::RuledOut(target));
        if marked.is_empty() {
            return ruled_out;
        }
        let marked = self.push(Node::Any(marked));
        let restored = self.push(Node::Restored(target));
        let not_restored = self.push(Node::Not(restored));
        let stands = self.all(vec![marked, not_restored]);
        self.push(Node::Any(vec![ruled_out, stands]))
    }

    /// The condition of a mark.
    fn mark(&mut self, mark: &Mark, keyed: &mut Vec<KeyedRule>) -> usize {
        match (&mark.rule, KeyedRule::of(mark)) {
            (MarkRule::Where(condition), _) => self.predicate(condition),
            (_, rule) => {
                keyed.extend(rule);
                self.push(Node::Keyed(keyed.len() - 1))
            }
        }
    }

    fn predicate(&mut self, predicate: &Predicate) -> usize {
        let node = match predicate {
            Predicate::Constant(value) => Node::Constant(*value),
            Predicate::All(parts) => {
                let parts = parts.iter().map(|part| self.predicate(part)).collect();
                return self.all(parts);
            }
            Predicate::Any(parts) => Node::Any(parts.iter().map(|part| self.predicate(part)).collect()),
            Predicate::Not(part) => Node::Not(self.predicate(part)),
            Predicate::Flag(column) => Node::Flag(self.column(column)),
            Predicate::IsNull(column) => Node::IsNull(self.column(column)),
            Predicate::CodeIn { column, codes, negated } => {
                Node::CodeIn { column: self.column(column), codes: codes.clone(), negated: *negated }
            }
            Predicate::Compare { how, left, right } => {
                self.columns.extend(left.terms.iter().chain(&right.terms).map(|(_, column)| column.name));
                Node::Compare { how: *how, left: left.clone(), right: right.clone() }
            }
        };
        self.push(node)
    }

    fn column(&mut self, column: ColumnRef) -> ColumnRef {
        self.columns.insert(column.name);
        column
    }
}

fn evaluate_node(
    node: &Node,
    batch: &RecordBatch,
    rows: usize,
    around: &Around<'_>,
    done: &[Words],
    out: &mut Words,
) -> Result<(), LakeError> {
    match node {
        Node::Constant(value) => bits::constant(out, rows, *value),
        Node::All(parts) => {
            bits::constant(out, rows, true);
            for part in parts {
                out.iter_mut().zip(&done[*part]).for_each(|(word, other)| *word &= other);
            }
        }
        Node::Any(parts) => {
            bits::constant(out, rows, false);
            for part in parts {
                out.iter_mut().zip(&done[*part]).for_each(|(word, other)| *word |= other);
            }
        }
        Node::Not(part) => {
            out.clear();
            out.extend(done[*part].iter().map(|word| !word));
            bits::trim(out, rows);
        }
        Node::Flag(column) => Column::of(batch, column)?.flags(out, rows),
        Node::IsNull(column) => Column::of(batch, column)?.nulls(out, rows),
        Node::CodeIn { column, codes, negated } => {
            Column::of(batch, column)?.codes(out, rows, |code| codes.contains(code) != *negated);
        }
        Node::Compare { how, left, right } => compare(batch, rows, *how, left, right, out)?,
        Node::Keyed(rule) => around.marked.read(*rule, around.offset, rows, out),
        Node::RuledOut(target) => ruled(batch, rows, *target, &around.overrides.excluded, out)?,
        Node::Restored(target) => ruled(batch, rows, *target, &around.overrides.restored, out)?,
    }
    Ok(())
}

fn ruled(
    batch: &RecordBatch,
    rows: usize,
    target: MarkTarget,
    facts: &HashSet<(String, String)>,
    out: &mut Words,
) -> Result<(), LakeError> {
    if facts.is_empty() {
        bits::constant(out, rows, false);
        return Ok(());
    }
    let table = if batch.column_by_name("rating_id").is_some() { Table::Case } else { Table::Complaint };
    let names = match target {
        MarkTarget::Rating if table == Table::Case => ("rating_source", "rating_id"),
        _ => ("source", "source_id"),
    };
    let column = |name: &str| {
        let found = table.column(name).map(|(_, column)| Column::of(batch, column));
        found.unwrap_or_else(|| Err(LakeError::encoding("tally", "an identity column is missing")))
    };
    let (sources, ids) = (column(names.0)?, column(names.1)?);
    bits::clear(out, rows);
    if let (Column::Code(codes, names), Column::Id(ids)) = (sources, ids) {
        bits::fill(out, rows, |row| {
            let source = usize::try_from(codes.keys().values()[row]).map_or("", |key| names.value(key));
            facts.contains(&(source.to_owned(), ids.value(row).to_owned()))
        });
    }
    Ok(())
}

/// A number of one batch: a slice where it is one column, else computed row by row.
pub(super) enum Values<'a> {
    Slice(&'a [i32]),
    Computed(Vec<i64>),
}

fn compare(
    batch: &RecordBatch,
    rows: usize,
    how: Comparison,
    left: &Number,
    right: &Number,
    out: &mut Words,
) -> Result<(), LakeError> {
    match (values(batch, rows, left)?, right.terms.is_empty()) {
        (Values::Slice(column), true) => {
            // A bound beyond 32 bits compares as one just outside them.
            let bound = right.constant.clamp(i64::from(i32::MIN), i64::from(i32::MAX));
            if bound == right.constant {
                slice_against(column, how, i32::try_from(bound).unwrap_or(i32::MAX), out);
            } else {
                bits::fill(out, rows, |row| how.holds(column[row].into(), right.constant));
            }
        }
        (left, _) => {
            let right = values(batch, rows, right)?;
            let at = |values: &Values<'_>, row: usize| match values {
                Values::Slice(slice) => i64::from(slice[row]),
                Values::Computed(numbers) => numbers[row],
            };
            bits::fill(out, rows, |row| how.holds(at(&left, row), at(&right, row)));
        }
    }
    let mut null = Words::new();
    for (_, column) in left.terms.iter().chain(&right.terms).filter(|(_, column)| column.nullable) {
        Column::of(batch, column)?.nulls(&mut null, rows);
        out.iter_mut().zip(&null).for_each(|(word, null)| *word &= !null);
    }
    Ok(())
}

/// One loop per comparison, so that each is a vector compare.
fn slice_against(column: &[i32], how: Comparison, bound: i32, out: &mut Words) {
    match how {
        Comparison::Equal => bits::fill_from(out, column, |value| *value == bound),
        Comparison::NotEqual => bits::fill_from(out, column, |value| *value != bound),
        Comparison::Less => bits::fill_from(out, column, |value| *value < bound),
        Comparison::LessOrEqual => bits::fill_from(out, column, |value| *value <= bound),
        Comparison::Greater => bits::fill_from(out, column, |value| *value > bound),
        Comparison::GreaterOrEqual => bits::fill_from(out, column, |value| *value >= bound),
    }
}

/// The values of a number. Where a column is empty the value is meaningless; callers mask such rows.
pub(super) fn values<'a>(batch: &'a RecordBatch, rows: usize, number: &Number) -> Result<Values<'a>, LakeError> {
    if let ([(true, column)], 0) = (number.terms.as_slice(), number.constant)
        && column.physical == Physical::Integer
        && let Column::Integer(array) = Column::of(batch, column)?
    {
        return Ok(Values::Slice(array.values()));
    }
    let mut sums = vec![number.constant; rows];
    // Milliseconds of instants are added apart, so that pairs cancel before they become seconds.
    let mut millis: Vec<i64> = Vec::new();
    for (plus, column) in &number.terms {
        match Column::of(batch, column)? {
            Column::Integer(array) => add(&mut sums, array.values().iter().map(|value| i64::from(*value)), *plus),
            Column::Instant(array) => {
                millis.resize(rows, 0);
                // An empty cell may hold anything: keep it within what arithmetic bears.
                let bounded = array.values().iter().map(|value| (*value).clamp(0, 1 << 53));
                add(&mut millis, bounded, *plus);
            }
            _ => {
                return Err(LakeError::encoding("tally", format!("column `{}` is not a number", column.name)));
            }
        }
    }
    for (sum, millis) in sums.iter_mut().zip(&millis) {
        *sum += millis / 1000;
    }
    Ok(Values::Computed(sums))
}

fn add(sums: &mut [i64], values: impl Iterator<Item = i64>, plus: bool) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += if plus { value } else { -value };
    }
}

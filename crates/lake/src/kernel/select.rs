//! The rows behind a number: what an explanation lists.

use super::bits::{self, Words};
use super::groups::marked;
use super::marked::Prepass;
use super::program::{Around, Overrides, Program, Values, values};
use crate::error::LakeError;
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, RecordBatch};
use model::fact::Table;
use model::rule::{Number, Predicate};
use model::scheme::Mark;
use std::collections::BTreeSet;

/// Which rows are wanted, and what is asked about each.
#[derive(Clone, Copy, Debug)]
pub struct Query<'a> {
    /// The table.
    pub table: Table,
    /// The rows; `None` = those that any of the marks hits.
    pub wanted: Option<&'a Predicate>,
    /// Columns of codes or ids.
    pub texts: &'a [&'static str],
    /// Numbers.
    pub numbers: &'a [Number],
    /// Conditions that hold or do not.
    pub tests: &'a [Predicate],
    /// Rules that mark the row or do not.
    pub marks: &'a [Mark],
}

/// A row that a query selects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectedRow {
    /// The columns asked for, as text; empty if absent.
    pub texts: Vec<String>,
    /// The numbers asked for; `None` where a column is empty.
    pub numbers: Vec<Option<i64>>,
    /// Which of the conditions hold.
    pub holds: Vec<bool>,
    /// Which of the rules mark the row.
    pub marks: Vec<bool>,
}

/// A query, compiled once for many days.
#[derive(Clone, Debug)]
pub struct Selection<'a> {
    query: Query<'a>,
    program: Program,
    tests: Vec<usize>,
}

impl<'a> Selection<'a> {
    /// Compiles a query.
    #[must_use]
    pub fn new(query: Query<'a>) -> Self {
        let (program, tests) = Program::of_query(query.table, query.wanted, query.tests, query.marks);
        Self { query, program, tests }
    }

    /// The table that is looked at.
    #[must_use]
    pub fn table(&self) -> Table {
        self.query.table
    }

    /// The rows of a table that the query selects. `open` gives the batches with the columns asked for.
    pub fn rows<B, E>(&self, open: impl Fn(&[&'static str]) -> Result<B, E>) -> Result<Vec<SelectedRow>, E>
    where
        B: IntoIterator<Item = Result<RecordBatch, LakeError>>,
        E: From<LakeError>,
    {
        let (marked, overrides) = (marked(&self.program, &open)?, Overrides::default());
        let (mut found, mut buffers, mut offset) = (Vec::new(), Vec::new(), 0);
        for batch in open(&self.row_columns())? {
            let batch = batch?;
            let around = Around { overrides: &overrides, marked: &marked, offset };
            self.program.evaluate(&batch, &around, &mut buffers)?;
            found.extend(self.of_batch(&batch, &buffers)?);
            offset += batch.num_rows();
        }
        Ok(found)
    }

    /// Every column that [`Self::rows`] asks for, so that one reading can serve several selections.
    pub fn columns(&self) -> impl Iterator<Item = &'static str> + use<> {
        let mut columns = self.row_columns();
        columns.extend(Prepass::new(&self.program).iter().flat_map(Prepass::columns));
        columns.into_iter()
    }

    fn row_columns(&self) -> Vec<&'static str> {
        let mut columns: BTreeSet<&'static str> = self.program.rule_columns().collect();
        columns.extend(self.query.texts);
        columns.extend(self.query.numbers.iter().flat_map(|number| number.terms.iter().map(|(_, column)| column.name)));
        columns.into_iter().collect()
    }

    fn of_batch(&self, batch: &RecordBatch, buffers: &[Words]) -> Result<Vec<SelectedRow>, LakeError> {
        let rows = batch.num_rows();
        let numbers = self.query.numbers.iter().map(|number| number_of(batch, rows, number));
        let numbers = numbers.collect::<Result<Vec<_>, _>>()?;
        let wanted = (0..rows).filter(|row| bits::get(&buffers[self.program.root], *row));
        let selected = wanted.map(|row| SelectedRow {
            texts: self.query.texts.iter().map(|name| text(batch, name, row)).collect(),
            numbers: numbers.iter().map(|numbers| numbers[row]).collect(),
            holds: self.tests.iter().map(|node| bits::get(&buffers[*node], row)).collect(),
            marks: self.program.marks.iter().map(|node| bits::get(&buffers[*node], row)).collect(),
        });
        Ok(selected.collect())
    }
}

fn number_of(batch: &RecordBatch, rows: usize, number: &Number) -> Result<Vec<Option<i64>>, LakeError> {
    let values = values(batch, rows, number)?;
    let null = |row: usize| {
        let columns = number.terms.iter().filter_map(|(_, column)| batch.column_by_name(column.name));
        columns.into_iter().any(|array| array.is_null(row))
    };
    let at = |row: usize| match &values {
        Values::Slice(slice) => i64::from(slice[row]),
        Values::Computed(numbers) => numbers[row],
    };
    Ok((0..rows).map(|row| (!null(row)).then(|| at(row))).collect())
}

fn text(batch: &RecordBatch, name: &str, row: usize) -> String {
    let Some(array) = batch.column_by_name(name) else {
        return String::new();
    };
    if let Some(codes) = array.as_dictionary_opt::<Int32Type>() {
        let names = codes.values().as_string_opt::<i32>();
        let key = usize::try_from(codes.keys().value(row)).unwrap_or(usize::MAX);
        return names.filter(|names| key < names.len()).map_or_else(String::new, |names| names.value(key).to_owned());
    }
    array.as_string_opt::<i32>().map_or_else(String::new, |ids| ids.value(row).to_owned())
}

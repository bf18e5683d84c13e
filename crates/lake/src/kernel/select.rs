//! The rows behind a number: what an explanation lists.

use super::bits::{self, Words};
use super::program::{Overrides, Program, Values, values};
use crate::error::LakeError;
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, RecordBatch};
use model::rule::{Number, Predicate};

/// A row that a condition selects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectedRow {
    /// Window, staff, source, `source_id`, and with ratings `rating_source` and `rating_id`: as text, empty if absent.
    pub texts: Vec<String>,
    /// The numbers asked for; `None` where a column is empty.
    pub numbers: Vec<Option<i64>>,
    /// Which of the conditions asked about hold.
    pub holds: Vec<bool>,
}

/// The rows of a batch for which a condition holds.
///
/// `texts` are columns of codes or ids, `numbers` and `tests` are evaluated beside them.
pub fn select(
    program: &Program,
    batch: &RecordBatch,
    texts: &[&str],
    numbers: &[Number],
    tests: &[Predicate],
) -> Result<Vec<SelectedRow>, LakeError> {
    let none = Overrides::default();
    let mut buffers = Vec::new();
    program.evaluate(batch, &none, &mut buffers)?;
    let rows = batch.num_rows();
    let wanted = &buffers[program.root];
    let numbers = numbers.iter().map(|number| number_of(batch, rows, number)).collect::<Result<Vec<_>, _>>()?;
    let mut held = Vec::new();
    for test in tests {
        let test = Program::of_predicate(program.table(), test);
        let mut buffers: Vec<Words> = Vec::new();
        test.evaluate(batch, &none, &mut buffers)?;
        held.push(buffers.swap_remove(test.root));
    }
    let selected = (0..rows).filter(|row| bits::get(wanted, *row)).map(|row| SelectedRow {
        texts: texts.iter().map(|name| text(batch, name, row)).collect(),
        numbers: numbers.iter().map(|numbers| numbers[row]).collect(),
        holds: held.iter().map(|words| bits::get(words, row)).collect(),
    });
    Ok(selected.collect())
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

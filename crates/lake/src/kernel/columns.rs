//! The columns of a batch, as the kernel reads them.

use super::bits::{self, Words};
use crate::error::LakeError;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, TimestampMillisecondType};
use arrow_array::{
    Array, BooleanArray, DictionaryArray, Int32Array, RecordBatch, StringArray, TimestampMillisecondArray,
};
use model::fact::Physical;
use model::rule::ColumnRef;

/// A column of one batch by its physical type.
pub(super) enum Column<'a> {
    Code(&'a DictionaryArray<Int32Type>, &'a StringArray),
    Id(&'a StringArray),
    Integer(&'a Int32Array),
    Flag(&'a BooleanArray),
    Instant(&'a TimestampMillisecondArray),
}

impl<'a> Column<'a> {
    /// The column in a batch.
    pub(super) fn of(batch: &'a RecordBatch, column: ColumnRef) -> Result<Self, LakeError> {
        let array = batch.column_by_name(column.name);
        let found = array.and_then(|array| match column.physical {
            Physical::Code => {
                let codes = array.as_dictionary_opt::<Int32Type>()?;
                Some(Self::Code(codes, codes.values().as_string_opt::<i32>()?))
            }
            Physical::Id => array.as_string_opt::<i32>().map(Self::Id),
            Physical::Integer => array.as_primitive_opt::<Int32Type>().map(Self::Integer),
            Physical::Flag => array.as_boolean_opt().map(Self::Flag),
            Physical::Instant => array.as_primitive_opt::<TimestampMillisecondType>().map(Self::Instant),
            Physical::Pseudonym => None,
        });
        found.ok_or_else(|| {
            LakeError::encoding("tally", format!("column `{}` is missing or of another type", column.name))
        })
    }

    /// The rows whose code passes a test; the empty code never does.
    pub(super) fn codes(&self, words: &mut Words, rows: usize, test: impl Fn(&str) -> bool) {
        match self {
            Self::Code(codes, names) => {
                // The test runs once per distinct code, not once per row.
                let passes: Vec<bool> = (0..names.len())
                    .map(|at| names.is_valid(at) && !names.value(at).is_empty() && test(names.value(at)))
                    .collect();
                let keys = codes.keys().values();
                // Codes often stand against one other: then rows compare keys and look nothing up.
                let sole = |sought: bool| {
                    let mut found = (0_i32..).zip(&passes).filter(|(_, pass)| **pass == sought).map(|(key, _)| key);
                    found.next().filter(|_| found.next().is_none())
                };
                match (passes.iter().any(|pass| *pass), passes.iter().all(|pass| *pass), sole(true), sole(false)) {
                    (false, ..) => bits::constant(words, rows, false),
                    (_, true, ..) => bits::constant(words, rows, true),
                    (.., Some(only), _) => bits::fill_from(words, keys, |key| *key == only),
                    (.., Some(other)) => bits::fill_from(words, keys, |key| *key != other),
                    _ => bits::fill_from(words, keys, |key| {
                        usize::try_from(*key).is_ok_and(|key| passes.get(key).copied().unwrap_or(false))
                    }),
                }
            }
            Self::Id(names) => bits::fill(words, rows, |row| !names.value(row).is_empty() && test(names.value(row))),
            _ => bits::constant(words, rows, false),
        }
    }

    /// The rows where the column is empty.
    pub(super) fn nulls(&self, words: &mut Words, rows: usize) {
        let array: &dyn Array = match self {
            Self::Code(..) | Self::Id(_) => {
                self.codes(words, rows, |_| true);
                for word in words.iter_mut() {
                    *word = !*word;
                }
                bits::trim(words, rows);
                return;
            }
            Self::Integer(array) => *array,
            Self::Flag(array) => *array,
            Self::Instant(array) => *array,
        };
        match array.nulls() {
            None => bits::constant(words, rows, false),
            Some(nulls) => copy(words, rows, nulls.inner(), true),
        }
    }

    /// The rows where a yes-or-no column says yes.
    pub(super) fn flags(&self, words: &mut Words, rows: usize) {
        let Self::Flag(array) = self else {
            return bits::constant(words, rows, false);
        };
        copy(words, rows, array.values(), false);
        if let Some(nulls) = array.nulls() {
            let mut valid = Words::new();
            copy(&mut valid, rows, nulls.inner(), false);
            words.iter_mut().zip(&valid).for_each(|(word, valid)| *word &= valid);
        }
    }
}

fn copy(words: &mut Words, rows: usize, buffer: &arrow_buffer::BooleanBuffer, negate: bool) {
    words.clear();
    let chunks = buffer.bit_chunks();
    words.extend(chunks.iter());
    if chunks.remainder_len() > 0 {
        words.push(chunks.remainder_bits());
    }
    if negate {
        for word in words.iter_mut() {
            *word = !*word;
        }
    }
    bits::trim(words, rows);
}

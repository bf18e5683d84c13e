//! Values of Parquet columns as text: exact, and dates and times as ISO 8601.

use crate::foreign::ForeignCell;
use arrow_array::Array;
use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, DecimalType,
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_schema::{DataType, Field, TimeUnit};
use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};

/// How the cells of a column become text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Text stays as it is.
    Text,
    /// `true` or `false`.
    Flag,
    /// Whole numbers, exact fractions, and floats as the shortest text that gives them back.
    Number,
    /// Days since 1970.
    Date,
    /// A wall clock without a zone.
    Local(TimeUnit),
    /// An instant, with `Z`.
    Instant(TimeUnit),
    /// A column without any value.
    Nothing,
}

/// How a column is read, or why it cannot be.
pub(crate) fn reading_of(field: &Field) -> Result<Reading, String> {
    Ok(match field.data_type() {
        DataType::Null => Reading::Nothing,
        DataType::Utf8 | DataType::Binary => Reading::Text,
        DataType::Boolean => Reading::Flag,
        DataType::Date32 => Reading::Date,
        DataType::Timestamp(unit, None) => Reading::Local(*unit),
        DataType::Timestamp(unit, Some(_)) => Reading::Instant(*unit),
        DataType::Decimal32(..) | DataType::Decimal64(..) | DataType::Decimal128(..) | DataType::Decimal256(..) => {
            Reading::Number
        }
        ty if ty.is_integer() || matches!(ty, DataType::Float32 | DataType::Float64) => Reading::Number,
        ty if ty.is_nested() => {
            return Err(format!("column `{}` is nested; write its parts as columns of their own", field.name()));
        }
        ty => return Err(format!("column `{}` is of type {ty}, which is not read; write it as text", field.name())),
    })
}

impl Reading {
    pub(crate) fn text(self, column: &dyn Array, row: usize) -> ForeignCell {
        if self == Self::Nothing || column.is_null(row) {
            return Ok(None);
        }
        match self {
            Self::Nothing => Ok(None),
            Self::Text => Ok(column.as_string_view_opt().map(|texts| texts.value(row).to_owned())),
            Self::Flag => Ok(Some(column.as_boolean().value(row).to_string())),
            Self::Number => number(column, row).map(Some),
            Self::Date => date(column, row).map(Some),
            Self::Local(unit) => {
                let (instant, raw) = instant(column, row, unit);
                let local = instant.map(|instant| TimeZone::UTC.to_datetime(instant).to_string());
                local.map(Some).ok_or((raw, OUTSIDE))
            }
            Self::Instant(unit) => {
                let (instant, raw) = instant(column, row, unit);
                instant.map(|instant| Some(instant.to_string())).ok_or((raw, OUTSIDE))
            }
        }
    }
}

const OUTSIDE: &str = "a time outside the years that are known";

fn number(column: &dyn Array, row: usize) -> Result<String, (String, &'static str)> {
    fn of<T: ArrowPrimitiveType>(column: &dyn Array, row: usize) -> String
    where
        T::Native: std::fmt::Display,
    {
        column.as_primitive::<T>().value(row).to_string()
    }
    fn decimal<T: DecimalType + ArrowPrimitiveType>(column: &dyn Array, row: usize) -> String {
        column.as_primitive::<T>().value_as_string(row)
    }
    let finite = |finite: bool, text: String| if finite { Ok(text) } else { Err((text, "not a number")) };
    match column.data_type() {
        DataType::Int8 => Ok(of::<Int8Type>(column, row)),
        DataType::Int16 => Ok(of::<Int16Type>(column, row)),
        DataType::Int32 => Ok(of::<Int32Type>(column, row)),
        DataType::Int64 => Ok(of::<Int64Type>(column, row)),
        DataType::UInt8 => Ok(of::<UInt8Type>(column, row)),
        DataType::UInt16 => Ok(of::<UInt16Type>(column, row)),
        DataType::UInt32 => Ok(of::<UInt32Type>(column, row)),
        DataType::UInt64 => Ok(of::<UInt64Type>(column, row)),
        DataType::Decimal32(..) => Ok(decimal::<Decimal32Type>(column, row)),
        DataType::Decimal64(..) => Ok(decimal::<Decimal64Type>(column, row)),
        DataType::Decimal128(..) => Ok(decimal::<Decimal128Type>(column, row)),
        DataType::Decimal256(..) => Ok(decimal::<Decimal256Type>(column, row)),
        DataType::Float32 => {
            finite(column.as_primitive::<Float32Type>().value(row).is_finite(), of::<Float32Type>(column, row))
        }
        DataType::Float64 => {
            finite(column.as_primitive::<Float64Type>().value(row).is_finite(), of::<Float64Type>(column, row))
        }
        other => Err((other.to_string(), "not a number")),
    }
}

fn date(column: &dyn Array, row: usize) -> Result<String, (String, &'static str)> {
    let days = i64::from(column.as_primitive::<Date32Type>().value(row));
    let date = civil::date(1970, 1, 1).checked_add(SignedDuration::from_hours(days * 24));
    date.map(|date| date.to_string()).map_err(|_| (days.to_string(), OUTSIDE))
}

/// The instant, if there is one, and the number that stands for it.
fn instant(column: &dyn Array, row: usize, unit: TimeUnit) -> (Option<Timestamp>, String) {
    let (instant, raw) = match unit {
        TimeUnit::Second => {
            let raw = column.as_primitive::<TimestampSecondType>().value(row);
            (Timestamp::from_second(raw), raw)
        }
        TimeUnit::Millisecond => {
            let raw = column.as_primitive::<TimestampMillisecondType>().value(row);
            (Timestamp::from_millisecond(raw), raw)
        }
        TimeUnit::Microsecond => {
            let raw = column.as_primitive::<TimestampMicrosecondType>().value(row);
            (Timestamp::from_microsecond(raw), raw)
        }
        TimeUnit::Nanosecond => {
            let raw = column.as_primitive::<TimestampNanosecondType>().value(row);
            (Timestamp::from_nanosecond(raw.into()), raw)
        }
    };
    (instant.ok(), raw.to_string())
}

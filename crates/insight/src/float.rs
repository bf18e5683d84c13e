//! From exact numbers to floats.

use model::exact::{Ratio, Rounding};

/// A count as a float: exact up to 2⁵³, rounded to the nearest beyond.
#[expect(clippy::cast_precision_loss, reason = "counts beyond 2⁵³ do not occur, and rounding them would not matter")]
pub(crate) fn of_count(count: u64) -> f64 {
    count as f64
}

/// A sum as a float.
#[expect(clippy::cast_precision_loss, reason = "what an interval is made of needs no more than 53 bits")]
pub(crate) fn of_sum(sum: i64) -> f64 {
    sum as f64
}

/// A fraction as a float, within two units of the last place.
#[expect(clippy::cast_precision_loss, reason = "what an interval is made of needs no more than 53 bits")]
pub(crate) fn of_ratio(ratio: &Ratio) -> f64 {
    match ratio.pair() {
        Some((above, below)) => above as f64 / below as f64,
        None => ratio.to_decimal(30, Rounding::HalfEven).parse().unwrap_or(0.0),
    }
}

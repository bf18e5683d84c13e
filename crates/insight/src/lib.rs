//! Statistics, pure and seeded: what a score's chance part is, and what follows from it.
//!
//! Nothing here is on the road from a tally to a score. Numbers are `f64`, made by the four operations, the square
//! root (which IEEE 754 defines to the last bit) and the functions of the `libm` crate, never by the platform's: so
//! results are the same bytes on every machine.

pub mod distribution;
pub mod proportion;

/// A count as a float: exact up to 2⁵³, rounded to the nearest beyond.
#[expect(clippy::cast_precision_loss, reason = "counts beyond 2⁵³ do not occur, and rounding them would not matter")]
fn float(count: u64) -> f64 {
    count as f64
}

//! Statistics, pure and seeded: what a score's chance part is, and what follows from it.
//!
//! Nothing here is on the road from a tally to a score. Numbers are `f64`, made by the four operations, the square
//! root (which IEEE 754 defines to the last bit) and the functions of the `libm` crate, never by the platform's: so
//! results are the same bytes on every machine.

pub mod distribution;
mod float;
pub mod odd;
pub mod proportion;
pub mod random;
pub mod uncertainty;

//! The real program, from outside.

mod common;
mod hostile;
mod hvbp;
mod office;
mod readme;

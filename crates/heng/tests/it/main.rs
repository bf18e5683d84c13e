//! The real program, from outside.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod city;
mod common;
mod hostile;
mod hvbp;
mod marks;
mod office;
mod readme;

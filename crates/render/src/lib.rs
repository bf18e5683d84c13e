//! Results in words: texts for terminals, tables for spreadsheets, pages for browsers and paper.
//!
//! Chinese first, English second. Everything here is a function from results to text; nothing reads a file, a clock or
//! a request.

pub mod card;
pub mod csv;
mod curve;
mod error;
pub mod failure;
pub mod html;
mod lang;
pub mod marks;
pub mod method;
pub mod morning;
pub mod oddities;
pub mod outcomes;
pub mod ranking;
mod silence;
mod table;
mod uncertainty;
pub mod whatif;
pub mod xlsx;

pub use error::RenderError;
pub use lang::Lang;

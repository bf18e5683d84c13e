//! Results for people and spreadsheets.

pub mod card;
pub mod csv;
pub mod ranking;
mod table;

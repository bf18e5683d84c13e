//! Results for people and spreadsheets.

pub(crate) mod card;
pub(crate) mod csv;
mod curve;
pub(crate) mod html;
pub(crate) mod marks;
pub(crate) mod method;
pub(crate) mod morning;
pub(crate) mod oddities;
pub(crate) mod outcomes;
pub(crate) mod ranking;
mod silence;
mod table;
mod uncertainty;
pub(crate) mod whatif;
pub(crate) mod xlsx;

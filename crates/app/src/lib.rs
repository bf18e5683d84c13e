//! Use cases of Heng: what a person asks for, one operation per file, on the nouns of the model.

pub mod city;
pub mod day;
pub mod doctor;
mod error;
pub mod explain;
pub mod home;
pub mod import;
pub mod marks;
pub mod oddities;
pub mod period;
pub mod status;
pub mod whatif;

pub use error::AppError;

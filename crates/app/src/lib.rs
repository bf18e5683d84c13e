//! Use cases of Heng: what a person asks for, one operation per file, on the nouns of the model.

pub mod backfill;
pub mod backup;
pub mod city;
mod cold;
pub mod collect;
pub mod day;
pub mod doctor;
mod error;
pub mod explain;
pub mod hall;
pub mod home;
pub mod import;
pub mod intake;
pub mod job;
pub mod live;
pub mod marks;
pub mod oddities;
mod parallel;
pub mod period;
pub mod rating;
mod sealed;
pub mod stats;
pub mod status;
pub mod whatif;

pub use error::{AppError, PeriodFix, causes};
pub use lake::LakeError;
pub use store::StoreError;

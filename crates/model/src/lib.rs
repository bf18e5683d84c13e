//! The domain of Heng, pure.
//!
//! Facts, rules, schemes, tallies and scores, as types and functions without IO, clock or randomness:
//! everything that decides about people's pay can be read, tested and recomputed from this crate alone.

pub mod calendar;
pub mod canonical;
pub mod exact;
pub mod fact;
pub mod finals;
pub mod id;
pub mod live;
mod names;
pub mod outcome;
pub mod period;
pub mod reference;
pub mod register;
pub mod rule;
pub mod ruling;
pub mod scheme;
pub mod score;
pub mod silence;
pub mod tally;
pub mod time;
pub mod toml_text;

//! Intake: facts that sources push, and who may push them.

mod item;
mod push;
mod token;

pub use item::{ItemProblem, ProblemCode};
pub(crate) use item::{Reading, problem};
pub use push::{ItemResult, MAX_ITEMS, PushError, Pushed, push};
pub use token::{Issued, Scope, issue, revoke, token_of};

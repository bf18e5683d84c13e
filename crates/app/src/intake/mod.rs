//! Intake: facts that sources push, and who may push them.

mod item;
mod push;
mod refusal;
mod token;

pub use item::{ItemProblem, ProblemCode};
pub(crate) use item::{Reading, id_of, problem};
pub use push::{ItemResult, MAX_ITEMS, Pushed, push};
pub use refusal::IntakeError;
pub(crate) use refusal::check_may_send;
pub use token::{Issued, Scope, issue, revoke, token_of};

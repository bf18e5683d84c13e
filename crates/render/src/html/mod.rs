//! Pages for browsers and paper: no script, and nothing is fetched from elsewhere.
//!
//! A page is the same in a file and on the site; only its [`Frame`] differs.

mod api;
mod frame;
mod problem;
mod ranking;
mod ratings;
mod records;
mod scorecard;
mod screen;
mod steps;
mod ui;

pub use api::{ApiCode, ApiOperation, Asker, api};
pub use frame::{Choice, Frame, Site};
pub use problem::problem;
pub use ranking::{Ranking, ranking};
pub use records::{Records, records};
pub use scorecard::{Extras, scorecard};
pub use screen::{Hall, screen};
pub use ui::ui;

/// The style sheet of every page.
pub const CSS: &str = include_str!("../../templates/heng.css");
/// The icon: 衡 as a beam in balance.
pub const ICON: &str = include_str!("../../templates/heng.svg");

//! A generated city: its files as sources would hand them over, and a home made of them.

mod files;
mod home;

pub use files::{CityFiles, WriteError, write_city};
pub use home::{CityHome, CityHomeError, Step, make_city_home};

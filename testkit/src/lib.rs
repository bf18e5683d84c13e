//! Real components for tests: whether one is here, and a PostgreSQL or a server of buckets of the test's own.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod postgres;
mod s3;

pub use postgres::{Postgres, postgres};
pub use s3::{ACCESS_KEY, S3, SECRET_KEY, s3};

use std::net::TcpListener;

/// Whether a real component is here; if it is not, a printed skip, or a panic if `HENG_REQUIRE` names it.
///
/// # Panics
///
/// If the component is required and not here.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "tests read what they need from the environment")]
pub fn found(component: &str, here: bool, what: &str) -> bool {
    let required = std::env::var("HENG_REQUIRE").unwrap_or_default();
    assert!(here || !required.split(',').any(|name| name == component), "{what} is required and not here");
    if !here {
        eprintln!("skipped: no {what}");
    }
    here
}

/// A port that nothing listens at.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its address").port()
}

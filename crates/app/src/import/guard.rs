//! A panic in a library that reads strangers' files is an error about the file.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs a reader. What it was reading is not used again after a panic, so nothing half done is seen.
pub(super) fn guarded<T>(read: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(read)).map_err(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        format!("the file is damaged in a way that its reader cannot handle ({})", said.unwrap_or("no reason given"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_with_its_reason() {
        let failed = guarded(|| -> u8 { panic!("no such page") });
        assert!(failed.is_err_and(|error| error.contains("no such page")));
    }
}

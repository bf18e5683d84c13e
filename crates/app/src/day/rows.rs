//! Rows of a sealed day.

use crate::AppError;
use crate::home::Home;
use lake::DayManifest;
use lake::kernel::{SelectedRow, Selection};
use tokio::runtime::Handle;

/// The rows of a sealed day that a query selects; none if the day has no such table.
pub(crate) fn rows_of(
    home: &Home,
    day: &DayManifest,
    selection: &Selection<'_>,
    runtime: &Handle,
) -> Result<Vec<SelectedRow>, AppError> {
    let Some(file) = day.file(selection.table()) else { return Ok(Vec::new()) };
    selection.rows(|columns| Ok(runtime.block_on(home.files.batches(file, columns))?))
}

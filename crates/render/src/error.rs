//! Why results could not be written.

/// Why results could not be written.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A page's template failed.
    #[error("the page could not be made: {0}")]
    Page(#[from] askama::Error),
    /// The workbook's writer failed.
    #[error("the workbook could not be made: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// A sheet has no room for all rows.
    #[error("sheet `{sheet}` would have {rows} rows, a sheet has {most}; take --json or --csv")]
    TooManyRows {
        /// The sheet.
        sheet: &'static str,
        /// The rows it would have.
        rows: usize,
        /// The rows that a sheet can have.
        most: usize,
    },
    /// Scores are means of base periods; a card is explained where it was scored.
    #[error("there is no card of first hand")]
    NoCard,
}

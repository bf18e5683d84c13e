//! Workbooks (XLSX), row by row. Cells become text that loses nothing: what a person sees in the sheet, without its
//! formatting.

use super::guard::guarded;
use super::mapping::Mapping;
use super::reader::{ReadError, RowResult, find_columns};
use super::table::{Cell, TableRow};
use super::unpacked::check_unpacked;
use calamine::{DataRef, ExcelDateTime, Reader as _, SheetType, Xlsx, XlsxError};
use jiff::civil;
use std::fs::File;
use std::io::{BufReader, Seek as _};

/// The last row that a sheet can have.
pub(super) const MAX_ROWS: u32 = 1_048_576;
/// The most columns that a sheet can have.
const MAX_COLUMNS: u32 = 16_384;
/// From here on a spreadsheet has dropped digits: it keeps fifteen.
const MAX_NUMBER: f64 = 1e15;
/// The day after the last one that a spreadsheet can show, 9999-12-31.
const MAX_DATE: f64 = 2_958_466.0;

/// One sheet of a workbook.
pub(super) struct Workbook {
    path: String,
    book: Xlsx<BufReader<File>>,
    sheet: String,
    /// Counted from 1.
    header_row: u32,
    /// The names in the header row, up to the last one that is filled.
    header: Vec<String>,
    positions: Vec<usize>,
}

impl std::fmt::Debug for Workbook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workbook").field("sheet", &self.sheet).field("header", &self.header).finish_non_exhaustive()
    }
}

impl Workbook {
    /// Opens a workbook and reads it through once, so that a broken one is refused before its first row is taken.
    pub(super) fn open(path: &str, file: File, mapping: &Mapping) -> Result<Self, ReadError> {
        let broken = |problem| ReadError::Broken { path: path.to_owned(), problem };
        let (book, sheet) = open_sheet(file, mapping.sheet.as_deref()).map_err(broken)?;
        let (path, header_row) = (path.to_owned(), mapping.header_row);
        let mut workbook = Self { path, book, sheet, header_row, header: Vec::new(), positions: Vec::new() };
        workbook.header = workbook.read_header().map_err(broken)?;
        workbook.positions = find_columns(&workbook.path, &mapping.columns, &workbook.header)?;
        workbook.each(&mut |_| {})?;
        Ok(workbook)
    }

    /// The names of the columns.
    pub(super) fn header(&self) -> &Vec<String> {
        &self.header
    }

    fn read_header(&mut self) -> Result<Vec<String>, String> {
        let mut header = Vec::new();
        let header_row = self.header_row;
        self.each_row(MAX_COLUMNS, &mut |row| {
            if row.line == u64::from(header_row) {
                header = row.cells.into_iter().map(|cell| cell.shown().trim().to_owned()).collect();
            }
            row.line < u64::from(header_row)
        })?;
        let width = header.iter().rposition(|name: &String| !name.is_empty()).map_or(0, |last| last + 1);
        header.truncate(width);
        if header.is_empty() {
            return Err(format!(
                "sheet `{}`: row {header_row} is empty; say header_row = … in the mapping",
                self.sheet
            ));
        }
        Ok(header)
    }

    /// Calls back with every row below the header that has a filled cell. Cells beyond the header are nobody's.
    pub(super) fn each(&mut self, each: &mut dyn FnMut(RowResult)) -> Result<(), ReadError> {
        let width = u32::try_from(self.header.len()).unwrap_or(MAX_COLUMNS);
        let header_row = u64::from(self.header_row);
        let (header, positions) = (self.header.clone(), self.positions.clone());
        let read = self.each_row(width, &mut |row| {
            if row.line > header_row && !row.is_empty() {
                each(row.into_row(&header, &positions));
            }
            true
        });
        read.map_err(|problem| ReadError::Broken { path: self.path.clone(), problem })
    }

    /// Calls back with every row of the sheet, cut to `width` columns, until the callback says to stop.
    fn each_row(&mut self, width: u32, each: &mut dyn FnMut(TableRow) -> bool) -> Result<(), String> {
        let sheet = self.sheet.clone();
        let failed = |row: u32, error: &XlsxError| format!("sheet `{sheet}`, row {}: {}", row + 1, shown(error));
        let mut cells = guarded(|| self.book.worksheet_cells_reader(&sheet))?.map_err(|error| failed(0, &error))?;
        let mut open: Option<(u32, TableRow)> = None;
        loop {
            let at = open.as_ref().map_or(0, |(row, _)| *row);
            let next = guarded(|| cells.next_cell_with_formula_metadata())?.map_err(|error| failed(at, &error))?;
            let Some(cell) = next else { break };
            let (row, column) = cell.pos;
            if row >= MAX_ROWS || column >= MAX_COLUMNS {
                return Err(format!("sheet `{sheet}`: more than {MAX_ROWS} rows or {MAX_COLUMNS} columns"));
            }
            if row < at {
                return Err(format!("sheet `{sheet}`: row {} stands after row {}", row + 1, at + 1));
            }
            if let Some((_, done)) = open.take_if(|(current, _)| *current != row)
                && !each(done)
            {
                return Ok(());
            }
            let (_, current) = open.get_or_insert_with(|| (row, TableRow::new(u64::from(row) + 1)));
            if column < width {
                current.put(column as usize, text_of(&cell.value, cell.formula.is_some()));
            }
        }
        if let Some((_, done)) = open {
            each(done);
        }
        Ok(())
    }
}

fn open_sheet(mut file: File, sheet: Option<&str>) -> Result<(Xlsx<BufReader<File>>, String), String> {
    check_unpacked(&file)?;
    file.rewind().map_err(|error| error.to_string())?;
    let book = guarded(|| Xlsx::new(BufReader::new(file)))?.map_err(|error| shown(&error))?;
    let sheet = sheet_of(&book, sheet)?;
    Ok((book, sheet))
}

/// The sheet that is asked for, or the first one.
fn sheet_of(book: &Xlsx<BufReader<File>>, asked: Option<&str>) -> Result<String, String> {
    let sheets = book.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let names: Vec<&str> = sheets.map(|sheet| sheet.name.as_str()).collect();
    let found = match asked {
        Some(asked) => names.iter().find(|name| **name == asked),
        None => names.first(),
    };
    found.map(|name| (*name).to_owned()).ok_or_else(|| match asked {
        Some(asked) => {
            let known: Vec<String> =
                names.iter().take(20).map(|name| format!("`{}`", super::value::shorten(name))).collect();
            format!("the workbook has no sheet `{asked}`; it has: {}", known.join(", "))
        }
        None => "not a workbook (XLSX): it has no sheet".to_owned(),
    })
}

fn shown(error: &XlsxError) -> String {
    // An error may quote what it found, however long that is.
    let error: String = error.to_string().chars().take(200).collect();
    format!("not readable as a workbook (XLSX): {error}")
}

/// The text of a cell.
fn text_of(value: &DataRef<'_>, is_formula: bool) -> Cell {
    match value {
        DataRef::Empty if is_formula => {
            Cell::bad(String::new(), "a formula without its result; open the workbook in a spreadsheet and save it")
        }
        DataRef::Empty => Cell::Empty,
        DataRef::SharedString(text) => Cell::text(text),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Cell::text(text),
        DataRef::Bool(flag) => Cell::text(if *flag { "true" } else { "false" }),
        #[expect(clippy::cast_precision_loss, reason = "a number beyond 2⁵³ is refused all the same")]
        DataRef::Int(number) => number_text(*number as f64),
        DataRef::Float(number) => number_text(*number),
        DataRef::DateTime(time) => time_text(time),
        DataRef::Error(error) => Cell::bad(error.to_string(), "an error of the workbook; mend the formula"),
    }
}

/// A number as a spreadsheet shows it: fifteen digits, without the noise of binary fractions and without exponents.
fn number_text(number: f64) -> Cell {
    if !number.is_finite() {
        return Cell::bad(number.to_string(), "not a number");
    }
    if number.abs() >= MAX_NUMBER {
        let problem = "a number of more than 15 digits, of which a spreadsheet keeps 15; write it as text";
        return Cell::bad(format!("{number:.0}"), problem);
    }
    let exponent = format!("{number:.14e}");
    let exponent: i32 = exponent.split('e').nth(1).and_then(|text| text.parse().ok()).unwrap_or(0);
    let decimals = usize::try_from(14 - exponent).unwrap_or(0);
    let text = format!("{number:.decimals$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    Cell::text(if text == "-0" { "0" } else { text })
}

/// A date or a time in the workbook's own wall clock; a date at midnight is a date alone.
fn time_text(time: &ExcelDateTime) -> Cell {
    let days = time.as_f64();
    if !(0.0..MAX_DATE).contains(&days) {
        return Cell::bad(days.to_string(), "not a date: it lies outside 1900 to 9999");
    }
    let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
    let clock = i8::try_from(hour).ok().zip(i8::try_from(minute).ok()).zip(i8::try_from(second).ok());
    let clock = clock
        .and_then(|((hour, minute), second)| civil::Time::new(hour, minute, second, i32::from(milli) * 1_000_000).ok());
    let date = i16::try_from(year).ok().zip(i8::try_from(month).ok()).zip(i8::try_from(day).ok());
    let date = date.and_then(|((year, month), day)| civil::Date::new(year, month, day).ok());
    match (date, clock) {
        (_, Some(clock)) if time.is_datetime() && days < 1.0 => Cell::text(&clock.to_string()),
        (Some(date), Some(clock)) if time.is_datetime() => {
            let text = if clock == civil::Time::midnight() { date.to_string() } else { format!("{date} {clock}") };
            Cell::text(&text)
        }
        _ => Cell::bad(days.to_string(), "neither a date nor a time of day"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::ExcelDateTimeType;

    #[test]
    fn numbers_are_what_a_spreadsheet_shows() {
        let check = |number: f64, expect: &str| assert_eq!(number_text(number), Cell::text(expect), "{number:?}");
        check(12.0, "12");
        check(12.000_000_000_000_002, "12");
        check(0.1 + 0.2, "0.3");
        check(1e5, "100000");
        check(1.5e-7, "0.00000015");
        check(-0.0, "0");
        check(-2.50, "-2.5");
        check(1.0 / 3.0, "0.333333333333333");
        check(999_999_999_999_999.0, "999999999999999");
        check(13_800_000_000.0, "13800000000");
        check(0.999_999_999_999_999_9, "1");
        for refused in [1e15, 110_101_199_003_071_234.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(number_text(refused), Cell::Bad { .. }), "{refused}");
        }
    }

    #[test]
    fn dates_are_the_wall_clock_of_the_workbook() {
        let check = |days: f64, is_1904: bool, expect: &str| {
            let time = ExcelDateTime::new(days, ExcelDateTimeType::DateTime, is_1904);
            assert_eq!(time_text(&time), Cell::text(expect), "{days}");
        };
        check(46_086.0, false, "2026-03-05");
        check(46_086.375, false, "2026-03-05 09:00:00");
        check(46_086.381_944_444_445, false, "2026-03-05 09:10:00");
        check(46_086.999_999_999_9, false, "2026-03-06");
        check(44_624.375, true, "2026-03-05 09:00:00");
        check(0.375, false, "09:00:00");
        for refused in [-1.0, 60.0, 3e6, f64::NAN] {
            let time = ExcelDateTime::new(refused, ExcelDateTimeType::DateTime, false);
            assert!(matches!(time_text(&time), Cell::Bad { .. }), "{refused}");
        }
        let hours = ExcelDateTime::new(1.25, ExcelDateTimeType::TimeDelta, false);
        assert!(matches!(time_text(&hours), Cell::Bad { .. }), "thirty hours are no time of day");
    }
}

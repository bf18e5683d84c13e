//! From the text of a cell to the value of a field.

use super::mapping::{Field, Otherwise};
use super::person::pseudonym;
use crate::home::PseudonymKey;
use jiff::civil;
use jiff::fmt::strtime::BrokenDownTime;
use model::exact::{Ratio, Rounding};
use model::fact::{Kind, Type, Value};
use model::time::{Day, Instant, Zone};

/// Reads a cell. `Ok(None)` leaves the field empty; an error is the reason that stands beside the row.
pub(super) fn read_value(
    field: &Field,
    kind: Option<Kind>,
    text: &str,
    zone: &Zone,
    key: &PseudonymKey,
) -> Result<Option<Value>, String> {
    let bad = |problem: &str| Err(format!("`{}`: `{}` {problem}", field.name, shorten(text)));
    let mut cell = text.trim();
    if let Some(prefix) = &field.strip_prefix {
        cell = cell.strip_prefix(prefix.as_str()).unwrap_or(cell);
    }
    if let Some(suffix) = &field.strip_suffix {
        cell = cell.strip_suffix(suffix.as_str()).unwrap_or(cell);
    }
    if let Some(codes) = &field.codes {
        match (codes.get(cell), field.otherwise) {
            (Some(code), _) => cell = code,
            (None, Otherwise::Keep) => {}
            (None, Otherwise::Empty) => return Ok(None),
            (None, Otherwise::Reject) => {
                return bad("is not in the table of codes; add it to the mapping");
            }
        }
    }
    if cell.is_empty() {
        return Ok(None);
    }
    let value = match field.ty {
        Type::Code => Value::Code(cell.into()),
        Type::Text => Value::Text(cell.into()),
        Type::Person => Value::Person(pseudonym(key, cell)),
        Type::Integer => match number(cell, field) {
            Some(number) => Value::Integer(number),
            None => return bad("is not a whole number (after scale and percent)"),
        },
        Type::Flag => match flag(cell) {
            Some(flag) => Value::Flag(flag),
            None => return bad("is neither yes nor no; map it with codes"),
        },
        Type::Instant => match instant(cell, &field.time, zone) {
            Some(instant) => Value::Instant(instant),
            None => return bad("is not a time of the mapping's formats"),
        },
        Type::Day => match day(cell, &field.time, zone) {
            Some(day) => Value::Day(day),
            None => return bad("is not a date of the mapping's formats"),
        },
        Type::Pauses | Type::Stages => {
            let json: Result<serde_json::Value, _> = serde_json::from_str(cell);
            let column = kind.and_then(|kind| kind.column(&field.name));
            let (Ok(json), Some(column)) = (json, column) else {
                return bad("is not a JSON list");
            };
            Value::from_json(column, &json).map_err(|error| error.to_string())?
        }
    };
    Ok(Some(value))
}

pub(super) fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// An exact decimal times the scale, if that is whole.
fn number(cell: &str, field: &Field) -> Option<i64> {
    // Nearly all are plain digits.
    if field.scale == 1 && !field.percent && cell.len() < 19 && cell.bytes().all(|byte| byte.is_ascii_digit()) {
        return cell.parse().ok();
    }
    let exact = match cell.strip_suffix('%') {
        Some(_) if !field.percent => return None,
        _ => Ratio::parse(cell)?,
    };
    let exact = if field.percent && !cell.ends_with('%') { exact.div(&Ratio::whole(100))? } else { exact };
    let scaled = exact.mul(&Ratio::whole(field.scale.into()));
    let whole = scaled.round_small(0, Rounding::Floor)?;
    (Ratio::whole(whole) == scaled).then(|| i64::try_from(whole).ok())?
}

fn flag(cell: &str) -> Option<bool> {
    match cell {
        "1" => return Some(true),
        "0" => return Some(false),
        _ => {}
    }
    match cell.to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "是" | "有" => Some(true),
        "false" | "no" | "n" | "否" | "无" => Some(false),
        _ => None,
    }
}

/// A point in time as people and programs write it: ISO 8601 with a zone, or local without one.
pub(crate) fn instant_of_text(text: &str, zone: &Zone) -> Option<Instant> {
    instant(text, &[], zone)
}

/// A date as people and programs write it.
pub(crate) fn day_of_text(text: &str, zone: &Zone) -> Option<Day> {
    day(text, &[], zone)
}

/// Whether a format can be read with at all.
pub(super) fn check_time_format(format: &str) -> Result<(), String> {
    if matches!(format, "unix" | "unix_ms" | "excel") {
        return Ok(());
    }
    let sample = civil::date(2026, 3, 5).at(9, 8, 7, 0).to_zoned(jiff::tz::TimeZone::UTC);
    let sample = sample.map_err(|error| error.to_string())?;
    jiff::fmt::strtime::format(format, &sample).map(|_| ()).map_err(|error| format!("time format `{format}`: {error}"))
}

fn instant(cell: &str, formats: &[String], zone: &Zone) -> Option<Instant> {
    if formats.is_empty() {
        return iso(cell, zone);
    }
    formats.iter().find_map(|format| match format.as_str() {
        "unix" => cell.parse().ok().map(Instant),
        "excel" => zone.from_civil(serial(cell)?),
        "unix_ms" => cell.parse::<i64>().ok().map(|millis| Instant(millis.div_euclid(1000))),
        format => {
            let time = BrokenDownTime::parse(format, cell).ok()?;
            match time.to_timestamp() {
                Ok(timestamp) => Some(floor(timestamp)),
                Err(_) => zone.from_civil(time.to_datetime().or_else(|_| time.to_date().map(midnight)).ok()?),
            }
        }
    })
}

/// The number that a spreadsheet keeps for a date: days since 1899-12-30, to the nearest second. Right from March 1900
/// on; before, spreadsheets count a day that there never was.
fn serial(cell: &str) -> Option<civil::DateTime> {
    let seconds = Ratio::parse(cell)?.mul(&Ratio::whole(86_400)).round_small(0, Rounding::HalfUp)?;
    let seconds = i64::try_from(seconds).ok().filter(|seconds| (61 * 86_400..=2_958_465 * 86_400).contains(seconds))?;
    civil::date(1899, 12, 30).at(0, 0, 0, 0).checked_add(jiff::SignedDuration::from_secs(seconds)).ok()
}

fn midnight(date: civil::Date) -> civil::DateTime {
    date.at(0, 0, 0, 0)
}

/// ISO 8601 with a zone, or local without one; a bare date is its midnight.
fn iso(cell: &str, zone: &Zone) -> Option<Instant> {
    if let Ok(timestamp) = cell.parse::<jiff::Timestamp>() {
        return Some(floor(timestamp));
    }
    zone.from_civil(cell.parse::<civil::DateTime>().ok()?)
}

/// Floored to whole seconds, also before 1970.
fn floor(timestamp: jiff::Timestamp) -> Instant {
    let seconds = timestamp.as_second();
    Instant(if timestamp.subsec_nanosecond() < 0 { seconds - 1 } else { seconds })
}

fn day(cell: &str, formats: &[String], zone: &Zone) -> Option<Day> {
    if formats.is_empty() {
        return Day::parse(cell).or_else(|| iso(cell, zone).map(|instant| zone.day_of(instant)));
    }
    let date = |format: &String| match format.as_str() {
        "excel" => serial(cell).map(|time| Day::from_date(time.date())),
        format => BrokenDownTime::parse(format, cell).ok()?.to_date().ok().map(Day::from_date),
    };
    formats.iter().find_map(date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::mapping::Mapping;

    /// Reads a cell by a field written as in a mapping file.
    fn check(field: &str, cell: &str, expect: Result<Option<Value>, &str>) {
        let text = format!(
            "kind = 'case'\nsource = 's'\nid = ['n']\ntimezone = 'Asia/Shanghai'\n[fields]\naccepted_at = 'a'\n{field}\n"
        );
        let mapping = Mapping::parse(&text, None).unwrap_or_else(|error| panic!("{error}"));
        let field =
            mapping.fields.iter().find(|f| text.contains(&format!("\n{} = ", f.name)) && f.name != "accepted_at");
        let field = field.unwrap_or(&mapping.fields[0]);
        let zone = Zone::named("Asia/Shanghai").expect("bundled");
        let read = read_value(field, Some(Kind::Case), cell, &zone, &PseudonymKey([7; 32]));
        match expect {
            Ok(value) => assert_eq!(read, Ok(value), "{cell}"),
            Err(part) => assert!(read.as_ref().is_err_and(|e| e.contains(part)), "{cell}: {read:?}"),
        }
    }

    #[test]
    fn cells_become_values_or_reasons() {
        let nine = Some(Value::Instant(Instant(1_772_672_400)));
        check("called_at = 'c'", "2026-03-05 09:00:00", Ok(nine.clone()));
        check("called_at = 'c'", "2026-03-05T09:00:00.999+08:00", Ok(nine.clone()));
        check("called_at = 'c'", "2026-03-05T01:00:00Z", Ok(nine.clone()));
        check("called_at = { column = 'c', time = ['%Y/%m/%d %H:%M'] }", "2026/3/5 9:00", Ok(nine.clone()));
        check("called_at = { column = 'c', time = ['unix'] }", "1772672400", Ok(nine.clone()));
        check("called_at = { column = 'c', time = ['unix_ms'] }", "1772672400999", Ok(nine));
        let nine = Some(Value::Instant(Instant(1_772_672_400)));
        check("called_at = { column = 'c', time = ['excel'] }", "46086.375", Ok(nine));
        check(
            "called_at = { column = 'c', time = ['excel'] }",
            "46086.3819444444",
            Ok(Some(Value::Instant(Instant(1_772_673_000)))),
        );
        check("called_at = { column = 'c', time = ['excel'] }", "2026-03-05", Err("formats"));
        check("called_at = { column = 'c', time = ['excel'] }", "1e99", Err("formats"));
        check("called_at = 'c'", "昨天", Err("formats"));
        check("called_at = 'c'", "2026-02-30 09:00:00", Err("formats"));
        check("called_at = 'c'", "", Ok(None));
        check("supplement_notices = 'n'", "3", Ok(Some(Value::Integer(3))));
        check("supplement_notices = 'n'", "3.5", Err("whole number"));
        check("supplement_notices = 'n'", "5%", Err("whole number"));
        check(
            "supplement_notices = { column = 'n', percent = true, scale = 1000000 }",
            "73.8343%",
            Ok(Some(Value::Integer(738_343))),
        );
        check(
            "supplement_notices = { column = 'n', strip_suffix = ' out of 10' }",
            "7 out of 10",
            Ok(Some(Value::Integer(7))),
        );
        check("asked = 'n'", "是", Ok(Some(Value::Flag(true))));
        check("asked = 'n'", "maybe", Err("neither yes nor no"));
        check(
            "channel = { column = 'n', codes = { '窗口' = 'window' } }",
            "窗口",
            Ok(Some(Value::Code("window".into()))),
        );
        check("channel = { column = 'n', codes = { '窗口' = 'window' } }", "网上", Err("table of codes"));
        check(
            "channel = { column = 'n', codes = {}, otherwise = 'keep' }",
            "网上",
            Ok(Some(Value::Code("网上".into()))),
        );
        check("channel = { column = 'n', codes = {}, otherwise = 'empty' }", "网上", Ok(None));
        check(
            "pauses = 'n'",
            "[{\"from\": 1772672400, \"to\": 1772672300}]",
            Ok(Some(Value::Pauses(Box::new([model::fact::Pause {
                from: Instant(1_772_672_400),
                to: Some(Instant(1_772_672_300)),
                document: None,
            }])))),
        );
        check("pauses = 'n'", "{}", Err("must be a list"));
    }
}

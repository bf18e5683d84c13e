//! What a workbook is when it is unpacked, looked at before anything reads it: a few bytes may pretend to be a lot.

use quick_xml::Reader;
use quick_xml::events::Event;
use std::fs::File;
use std::io::{BufRead, BufReader};
use zip::ZipArchive;

/// The most bytes that the parts of a workbook may have together.
const MAX_UNPACKED_BYTES: u64 = 1 << 30;
/// Above this size a part may not be packed tighter than [`MAX_RATIO`].
const FREE_BYTES: u64 = 16 << 20;
/// How many times smaller a large part may be while it is packed. Sheets reach 50; bombs reach 1,000.
const MAX_RATIO: u64 = 200;
/// The most bytes between two tags, and so the longest text that is held at once.
const MAX_TEXT_BYTES: usize = super::MAX_ROW_BYTES;

/// Refuses a workbook that is no zip, is damaged, or would unpack to more than a workbook can be.
pub(super) fn check_unpacked(file: &File) -> Result<(), String> {
    let failed = |error: zip::result::ZipError| format!("not a workbook (XLSX): {error}");
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(failed)?;
    let mut unpacked: u64 = 0;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(failed)?;
        let (name, bytes, packed) = (part.name().map_err(failed)?.into_owned(), part.size(), part.compressed_size());
        let lower = name.to_ascii_lowercase();
        let named = |problem: String| format!("part `{}` {problem}", super::value::shorten(&name));
        unpacked = unpacked.saturating_add(bytes);
        if unpacked > MAX_UNPACKED_BYTES {
            return Err(format!("the workbook unpacks to more than {MAX_UNPACKED_BYTES} bytes; split it"));
        }
        if bytes > FREE_BYTES && bytes / packed.max(1) > MAX_RATIO {
            return Err(named(format!("is packed more than {MAX_RATIO} times tighter, which no sheet is")));
        }
        let xml = [".xml", ".rels"].iter().any(|end| lower.ends_with(end));
        check_part(BufReader::new(part), bytes, xml).map_err(&named)?;
        if lower.ends_with("sharedstrings.xml") {
            let part = archive.by_index(index).map_err(failed)?;
            check_declared_texts(BufReader::new(part), bytes).map_err(named)?;
        }
    }
    Ok(())
}

/// Reads a part to its end: it must be whole, have the size that it says, and no text longer than a row.
fn check_part(part: impl BufRead, declared_bytes: u64, xml: bool) -> Result<(), String> {
    let mut part = part.take(declared_bytes + 1);
    let (mut bytes, mut text_bytes) = (0_u64, 0_usize);
    loop {
        let chunk = part.fill_buf().map_err(|error| format!("cannot be unpacked: {error}"))?;
        if chunk.is_empty() {
            break;
        }
        if xml {
            for byte in chunk {
                text_bytes = if *byte == b'<' { 0 } else { text_bytes + 1 };
                if text_bytes > MAX_TEXT_BYTES {
                    return Err(format!("has a text of more than {MAX_TEXT_BYTES} bytes"));
                }
            }
        }
        let length = chunk.len();
        bytes += length as u64;
        part.consume(length);
    }
    if bytes == declared_bytes { Ok(()) } else { Err("has another size than it says".to_owned()) }
}

/// The number of texts that the table declares is reserved at once by whoever reads it.
fn check_declared_texts(part: impl BufRead, bytes: u64) -> Result<(), String> {
    let mut reader = Reader::from_reader(part);
    reader.config_mut().expand_empty_elements = true;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(start)) if start.local_name().as_ref() == "sst" => {
                let declared = start.try_get_attribute("uniqueCount").map_err(|error| error.to_string())?;
                let declared: u64 = declared.and_then(|count| count.value.trim().parse().ok()).unwrap_or(0);
                // No entry is shorter than `<si/>`.
                return if declared <= bytes / 5 { Ok(()) } else { Err(format!("cannot hold {declared} texts")) };
            }
            Ok(Event::Eof) => return Ok(()),
            Ok(_) => {}
            Err(error) => return Err(error.to_string()),
        }
    }
}

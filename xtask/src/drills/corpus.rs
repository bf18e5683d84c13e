//! The hostile inputs.

use anyhow::Result;
use fastrand::Rng;
use std::io::{Cursor, Write as _};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A file that somebody feeds to a command.
pub(super) struct Input {
    pub(super) name: String,
    /// What the file is called behind the dot.
    pub(super) ending: &'static str,
    /// The command; `FILE` and `MAP` stand for the file and the mapping.
    pub(super) words: &'static [&'static str],
    pub(super) mapping: String,
    pub(super) bytes: Vec<u8>,
}

const IMPORT: &[&str] = &["import", "--map", "MAP", "FILE", "--rejects", "/dev/null"];
const MAPPING: &str = "kind = 'case'\nsource = 'drill'\nid = ['id']\ntime = ['unix', '%Y-%m-%d %H:%M:%S']\n[fields]\n\
    window = 'window'\naccepted_at = 'accepted'\nfinished_at = 'finished'\nsupplement_notices = 'k'\n";
const HEAD: &str = "id,window,accepted,finished,k\n";
const ROW: &str = "1,W001,2026-01-05 09:00:00,2026-01-05 09:10:00,1\n";
const ARTICLE: &str = include_str!("../../../schemes/article.toml");

/// Every input.
pub(super) fn corpus(seed: u64, parquet: &[u8]) -> Result<Vec<Input>> {
    let mut all = Vec::new();
    let mut add = |ending: &'static str, list: Vec<(&str, Vec<u8>)>| {
        for (name, bytes) in list {
            let mapping = MAPPING.to_owned();
            all.push(Input { name: format!("{ending}: {name}"), ending, words: IMPORT, mapping, bytes });
        }
    };
    add("csv", tables());
    add("json", documents());
    add("ndjson", lines());
    add("xlsx", workbooks()?);
    let broken = columns(seed, parquet);
    add("parquet", broken.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect());
    for (at, bytes) in mappings().into_iter().enumerate() {
        let name = format!("mapping {at}");
        let row = format!("{HEAD}{ROW}").into_bytes();
        all.push(Input { name, ending: "csv", words: IMPORT, mapping: bytes, bytes: row });
    }
    for (at, bytes) in schemes().into_iter().enumerate() {
        for words in
            [&["scheme", "lint", "FILE"][..], &["scheme", "print", "FILE"], &["marks", "2026-01", "--scheme", "FILE"]]
        {
            let (name, mapping) = (format!("scheme {at}: {}", words[..2].join(" ")), String::new());
            all.push(Input { name, ending: "toml", words, mapping, bytes: bytes.clone() });
        }
    }
    Ok(all)
}

fn rows(count: usize, row: impl Fn(usize) -> String) -> Vec<u8> {
    (HEAD.to_owned() + &(0..count).map(row).collect::<String>()).into_bytes()
}

fn field(column: usize, value: &str) -> Vec<u8> {
    let mut fields = ROW.trim_end().split(',').map(str::to_owned).collect::<Vec<_>>();
    value.clone_into(&mut fields[column]);
    format!("{HEAD}{}\n", fields.join(",")).into_bytes()
}

fn tables() -> Vec<(&'static str, Vec<u8>)> {
    let both = |row: &str| format!("{HEAD}{row}").into_bytes();
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    vec![
        ("a byte order mark alone", b"\xef\xbb\xbf".to_vec()),
        ("a head line alone", HEAD.into()),
        ("line feeds alone", vec![b'\n'; 2_000_000]),
        ("zero bytes", vec![0; 5_000_000]),
        ("not UTF-8", [HEAD.as_bytes(), &[0xff, 0xfe, 0x80, b','], b"\n"].concat()),
        ("UTF-16", wide(&format!("\u{feff}{HEAD}{ROW}"))),
        ("a quote that never ends", both(&format!("\"{}", "x".repeat(8_000_000)))),
        ("one line of 20 MB", vec![b'a'; 20_000_000]),
        ("a field of 9 MB", both(&format!("1,W001,{},,\n", "9".repeat(9_000_000)))),
        ("a million commas", both(&",".repeat(1_000_000))),
        (
            "a hundred thousand columns",
            (0..100_000).map(|at| format!("c{at},")).collect::<Vec<_>>().concat().into_bytes(),
        ),
        ("the same column twice", b"id,id,window,accepted,finished,k\n1,2,W,,,\n".to_vec()),
        ("no id", b"window,accepted\nW001,2026-01-05 09:00:00\n".to_vec()),
        ("carriage returns alone", format!("{HEAD}{ROW}").replace('\n', "\r").into_bytes()),
        ("mixed ends of lines", both("1,W001,,,\r2,W001,,,\r\n3,W001,,,\n")),
        ("quotes inside fields", both("1,W\"0\"01,\"\"\"\",\"\n\",\"\n")),
        ("an id of nothing", field(0, "")),
        ("an id of a megabyte", field(0, &"i".repeat(1_000_000))),
        ("an id with a zero", field(0, "a\u{0}b")),
        ("an id that climbs", field(0, "../../../../etc/passwd")),
        ("an id that writes on terminals", field(0, "\u{1b}[2J\u{1b}]0;x\u{7}")),
        ("an id that turns around", field(0, "\u{202e}100\u{200b}")),
        ("an id that is SQL", field(0, "'); DROP TABLE fact; --")),
        ("an id that is a formula", field(0, "=cmd|'/c calc'!A1")),
        ("an id that is a page", field(0, "<script>alert(1)</script>")),
        ("a window nobody knows", field(1, "W999999")),
        ("a day that is not", field(2, "2026-02-30 09:00:00")),
        ("the year zero", field(2, "0000-00-00 00:00:00")),
        ("the year 9999", field(2, "9999-12-31 23:59:59")),
        ("the year 292277026596", field(2, "9223372036854775807")),
        ("before time", field(2, "-9223372036854775808")),
        ("a number that is not one", field(2, "NaN")),
        ("an hour that was skipped", field(2, "1986-05-04 00:30:00")),
        ("a finish before the start", field(3, "2020-01-01 00:00:00")),
        ("a count below nothing", field(4, "-1")),
        ("a count beyond 64 bits", field(4, "99999999999999999999999")),
        ("a count with an exponent", field(4, "1e9")),
        ("a count in other digits", field(4, "١٢٣")),
        ("the same row two hundred thousand times", rows(200_000, |_| ROW.to_owned())),
        ("a record with twenty thousand versions", rows(20_000, |at| format!("1,W001,2026-01-05 09:00:00,,{at}\n"))),
        ("a hundred thousand bad rows", rows(100_000, |at| format!("{at},W001,never,,\n"))),
        ("a hundred thousand windows", rows(100_000, |at| format!("{at},X{at},2026-01-05 09:00:00,,\n"))),
        ("rows of other lengths", rows(10_000, |at| ",".repeat(at % 50) + "\n")),
        ("a compressed file", vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xcb, 0x48]),
    ]
}

fn documents() -> Vec<(&'static str, Vec<u8>)> {
    let one = |value: &str| format!("[{{\"id\":{value},\"window\":\"W001\",\"accepted\":1767603600}}]").into_bytes();
    vec![
        ("an open bracket", b"[".to_vec()),
        ("a hundred thousand brackets", vec![b'['; 100_000]),
        ("a hundred thousand objects inside each other", "{\"a\":".repeat(100_000).into_bytes()),
        ("a list of numbers", b"[1,2,3]".to_vec()),
        ("a single object", b"{\"id\":1}".to_vec()),
        ("a text", b"\"id\"".to_vec()),
        ("null", b"null".to_vec()),
        ("a comma too many", b"[{\"id\":1},]".to_vec()),
        ("rubbish at the end", b"[{\"id\":1}]x".to_vec()),
        ("the same key twice", b"[{\"id\":1,\"id\":2,\"window\":\"W001\"}]".to_vec()),
        ("a byte order mark", b"\xef\xbb\xbf[]".to_vec()),
        ("not UTF-8", b"[{\"id\":\"\xff\"}]".to_vec()),
        ("half a surrogate", one("\"\\ud800\"")),
        ("a zero in a text", one("\"\\u0000\"")),
        ("a number beyond every float", one("1e400")),
        ("a number of a million digits", one(&"9".repeat(1_000_000))),
        ("an id that is a list", one("[1]")),
        ("an id that is an object", one("{}")),
        ("an id that is true", one("true")),
        ("a text of 20 MB", one(&format!("\"{}\"", "x".repeat(20_000_000)))),
        ("a million empty objects", format!("[{}{{}}]", "{},".repeat(999_999)).into_bytes()),
        (
            "a million keys",
            format!("[{{{}\"id\":1}}]", (0..1_000_000).map(|at| format!("\"k{at}\":0,")).collect::<Vec<_>>().concat())
                .into_bytes(),
        ),
        ("NaN", b"[NaN]".to_vec()),
        ("a comment", b"[/* */]".to_vec()),
    ]
}

fn lines() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("empty lines", vec![b'\n'; 2_000_000]),
        ("a list", b"[{\"id\":1}]\n".to_vec()),
        ("two objects on a line", b"{\"id\":1}{\"id\":2}\n".to_vec()),
        ("half an object", b"{\"id\":1}\n{\"id\":".to_vec()),
        ("one line of 20 MB", format!("{{\"id\":\"{}\"}}", "x".repeat(20_000_000)).into_bytes()),
        ("deep", format!("{}1{}\n", "{\"a\":".repeat(50_000), "}".repeat(50_000)).into_bytes()),
        ("two hundred thousand bad lines", "x\n".repeat(200_000).into_bytes()),
        ("zero bytes", vec![0; 2_000_000]),
        (
            "a hundred thousand good ones",
            (0..100_000)
                .map(|at| format!("{{\"id\":\"n{at}\",\"window\":\"W001\",\"accepted\":1767603600}}\n"))
                .collect::<Vec<_>>()
                .concat()
                .into_bytes(),
        ),
    ]
}

/// A workbook of these files.
fn book(files: &[(&str, &[u8])]) -> Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default())?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

fn workbooks() -> Result<Vec<(&'static str, Vec<u8>)>> {
    let types = br#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#;
    let rels = br#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    let workbook = br#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>"#;
    let sheets = br#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
    let with = |sheet: &[u8]| {
        book(&[
            ("[Content_Types].xml", types),
            ("_rels/.rels", rels),
            ("xl/workbook.xml", workbook),
            ("xl/_rels/workbook.xml.rels", sheets),
            ("xl/worksheets/sheet1.xml", sheet),
        ])
    };
    let sheet = |inside: &str| {
        format!("<?xml version=\"1.0\"?><worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">{inside}</worksheet>").into_bytes()
    };
    let cell = |reference: &str| format!("<sheetData><row r=\"1\"><c r=\"{reference}\"><v>1</v></c></row></sheetData>");
    let laughs = (1..20).fold("<!ENTITY a0 \"ha\">".to_owned(), |all, at| {
        all + &format!("<!ENTITY a{at} \"{}\">", format!("&a{};", at - 1).repeat(10))
    });
    let sound = with(&sheet(&cell("A1")))?;
    Ok(vec![
        ("a text", HEAD.into()),
        ("a page", b"<html><table><tr><td>id</td></tr></table></html>".to_vec()),
        ("an old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".repeat(1_000)),
        ("an archive of nothing", book(&[])?),
        ("another document", book(&[("word/document.xml", b"<w/>")])?),
        ("half a file", sound[..sound.len() / 2].to_vec()),
        ("the end alone", sound[sound.len() - 30..].to_vec()),
        ("300 MB of spaces", with(&sheet(&" ".repeat(300_000_000)))?),
        ("a million rows of nothing", with(&sheet(&format!("<sheetData>{}</sheetData>", "<row/>".repeat(1_000_000))))?),
        ("a cell at the far corner", with(&sheet(&format!("<dimension ref=\"A1:XFD1048576\"/>{}", cell("XFD1048576"))))?),
        ("a dimension beyond every sheet", with(&sheet(&format!("<dimension ref=\"A1:ZZZZZZ99999999999\"/>{}", cell("A1"))))?),
        ("a cell without a place", with(&sheet(&cell("1A!")))?),
        ("a shared text that is not there", with(&sheet("<sheetData><row><c r=\"A1\" t=\"s\"><v>4000000000</v></c></row></sheetData>"))?),
        ("a day beyond time", with(&sheet("<sheetData><row><c r=\"A1\" t=\"d\"><v>99999-99-99</v></c></row></sheetData>"))?),
        ("a billion laughs", with(format!("<?xml version=\"1.0\"?><!DOCTYPE x [{laughs}]><worksheet><sheetData><row><c r=\"A1\" t=\"str\"><v>&a19;</v></c></row></sheetData></worksheet>").as_bytes())?),
        ("an entity from a file", with(b"<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY f SYSTEM \"file:///etc/passwd\">]><worksheet><sheetData><row><c r=\"A1\" t=\"str\"><v>&f;</v></c></row></sheetData></worksheet>")?),
        ("not XML", with(b"\x00\x01\x02")?),
        ("tags that never close", with("<a>".repeat(1_000_000).as_bytes())?),
        ("a name that climbs", book(&[("../../xl/workbook.xml", workbook)])?),
        ("ten thousand files", {
            let names: Vec<String> = (0..10_000).map(|at| format!("xl/{at}.xml")).collect();
            book(&names.iter().map(|name| (name.as_str(), &b"<a/>"[..])).collect::<Vec<_>>())?
        }),
    ])
}

fn columns(seed: u64, sound: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut rng = Rng::with_seed(seed);
    let mut all = vec![
        ("the mark alone".to_owned(), b"PAR1".to_vec()),
        ("both marks".to_owned(), b"PAR1PAR1".to_vec()),
        ("a foot of 4 GB".to_owned(), b"PAR1\xff\xff\xff\xffPAR1".to_vec()),
        ("a foot of rubbish".to_owned(), [b"PAR1", &[7_u8; 4_000][..], &4_000_u32.to_le_bytes(), b"PAR1"].concat()),
        ("an encrypted one".to_owned(), b"PARE\x01\0\0\0PARE".to_vec()),
        ("the end cut off".to_owned(), sound[..sound.len() - 9].to_vec()),
        ("the beginning cut off".to_owned(), sound[9..].to_vec()),
    ];
    for at in 0..12 {
        let mut bytes = sound.to_vec();
        // Mostly in the foot, where the lengths are.
        let foot = bytes.len() - 2_000.min(bytes.len());
        let range = if at % 3 == 0 { 0..bytes.len() } else { foot..bytes.len() };
        for _ in 0..=at {
            let place = rng.usize(range.clone());
            bytes[place] = rng.u8(..);
        }
        all.push((format!("{} bytes changed ({at})", at + 1), bytes));
    }
    all
}

fn mappings() -> Vec<String> {
    let change = |from: &str, to: &str| MAPPING.replacen(from, to, 1);
    vec![
        String::new(),
        "\u{0}".to_owned(),
        "[".repeat(100_000),
        "kind = 'case'\n".repeat(1_000),
        change("'drill'", &format!("'{}'", "s".repeat(1_000_000))),
        change("'id'", "'nothing'"),
        change("kind = 'case'", "kind = '../case'"),
        change("time = [", "time = ['%%%%%%', '%Q',"),
        change("time = [", &format!("time = ['{}',", "%Y".repeat(100_000))),
        change("[fields]", "unpivot = { columns = { a = 'b' } }\n[fields]"),
        change("[fields]", "timezone = '/etc/passwd'\n[fields]"),
        change("[fields]", "encoding = 'utf-7'\n[fields]"),
        change("[fields]", "delimiter = ''\n[fields]"),
        change("window = 'window'", &(0..5_000).map(|at| format!("f{at} = 'x'\n")).collect::<Vec<_>>().concat()),
    ]
}

fn schemes() -> Vec<Vec<u8>> {
    let change = |from: &str, to: &str| ARTICLE.replacen(from, to, 1).into_bytes();
    let rule = |rule: &str| change("where = \"elapsed_seconds < 0\"", &format!("where = '''{rule}'''"));
    vec![
        vec![0; 1_000],
        vec![b'['; 1_000_000],
        "a = {".repeat(200_000).into_bytes(),
        "a.".repeat(500_000).into_bytes(),
        vec![b'#'; 3_000_000],
        change("weight = 60", "weight = 1e308"),
        change("floor = \"1.40\"", &format!("floor = \"1/{}\"", "7".repeat(4_000))),
        change("min_n = 25", "min_n = 9223372036854775807"),
        rule("elapsed_seconds < 0; DROP TABLE fact"),
        rule(&"(".repeat(4_000)),
        rule(&format!("{}overdue", "NOT ".repeat(1_000))),
        rule(&vec!["overdue"; 500].join(" OR ")),
        rule("elapsed_seconds + 9223372036854775807 > 0"),
        rule(&format!("channel IN ({})", (0..800).map(|at| format!("'{at}'")).collect::<Vec<_>>().join(","))),
        change("id = \"finished\"", "id = \"\u{202e}x\""),
        ARTICLE.repeat(40).into_bytes(),
    ]
}

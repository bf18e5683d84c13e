//! The mapping file: how the columns of a source become the fields of a fact. Checked before the first row.

use crate::home::Noun;
use model::fact::{Column, Kind, Type};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// The longest mapping file.
pub const MAX_MAPPING_BYTES: usize = 1 << 20;

/// A mapping file as it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    kind: String,
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    format: Option<Format>,
    #[serde(default)]
    sheet: Option<String>,
    #[serde(default)]
    header_row: Option<u32>,
    #[serde(default)]
    encoding: Encoding,
    #[serde(default)]
    delimiter: Option<char>,
    #[serde(default)]
    timezone: Option<String>,
    #[serde(default)]
    time: Vec<String>,
    #[serde(default = "default_nulls")]
    null: Vec<String>,
    #[serde(default)]
    id: Vec<String>,
    #[serde(default)]
    id_prefix: Option<String>,
    #[serde(default)]
    only: BTreeMap<String, OneOrMany>,
    #[serde(default)]
    unpivot: Option<Unpivot>,
    #[serde(default)]
    group: Option<Group>,
    fields: BTreeMap<String, FieldFile>,
}

fn default_nulls() -> Vec<String> {
    vec![String::new()]
}

/// The shape of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Comma-separated values with a header.
    Csv,
    /// One JSON object per line.
    Ndjson,
    /// One JSON array of objects.
    Json,
    /// A sheet of a workbook.
    Xlsx,
    /// A Parquet file.
    Parquet,
}

/// How bytes become text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Encoding {
    /// UTF-8 if the beginning of the file is, else GB18030.
    #[default]
    #[serde(rename = "auto")]
    Auto,
    /// UTF-8, with or without a byte order mark.
    #[serde(rename = "utf-8")]
    Utf8,
    /// GB18030, which contains GBK and GB2312.
    #[serde(rename = "gb18030")]
    Gb18030,
}

/// Wide to long: each of these columns makes a record of its own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unpivot {
    /// Column → the name under which its records go; fields read it as `$name` and the cell as `$value`.
    pub columns: BTreeMap<String, String>,
}

/// Several rows to one record.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Rows that agree in these columns are one record.
    pub by: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum FieldFile {
    Column(String),
    Full(Box<FieldSpec>),
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldSpec {
    column: Option<String>,
    #[serde(rename = "const")]
    constant: Option<String>,
    scale: Option<i64>,
    #[serde(default)]
    percent: bool,
    strip_prefix: Option<String>,
    strip_suffix: Option<String>,
    codes: Option<BTreeMap<String, CodeTo>>,
    #[serde(default)]
    otherwise: Otherwise,
    time: Option<Vec<String>>,
    pick: Option<Pick>,
    #[serde(rename = "where")]
    condition: Option<BTreeMap<String, OneOrMany>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum CodeTo {
    Text(String),
    Number(i64),
    Flag(bool),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn into_texts(self) -> Vec<String> {
        match self {
            Self::One(text) => vec![text],
            Self::Many(texts) => texts,
        }
    }
}

/// What happens to a code that the table does not list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Otherwise {
    /// The row is bad: an unknown code is for a person to look at.
    #[default]
    Reject,
    /// It is taken as it is.
    Keep,
    /// The field stays empty.
    Empty,
}

/// Which row of a group gives a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pick {
    /// The first row in the file that has the cell filled.
    #[default]
    First,
    /// The last one.
    Last,
}

/// Where a field's text comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A column, by its position in [`Mapping::columns`].
    Column(usize),
    /// The same for every record.
    Constant(String),
    /// The name of an unpivoted column.
    UnpivotName,
    /// The cell of an unpivoted column.
    UnpivotValue,
}

/// A field of the record.
#[derive(Clone, Debug)]
pub struct Field {
    /// The name: a column of the kind, or `revision`, `void`, `reported_at`.
    pub name: String,
    /// What it holds.
    pub ty: Type,
    /// The column of the kind, if it is one.
    pub column: Option<&'static Column>,
    /// Where its text comes from.
    pub origin: Origin,
    /// A number is multiplied with this and must then be whole.
    pub scale: i64,
    /// A trailing `%` is read, and divides by 100.
    pub percent: bool,
    /// Cut from the front.
    pub strip_prefix: Option<String>,
    /// Cut from the end.
    pub strip_suffix: Option<String>,
    /// What a code becomes.
    pub codes: Option<BTreeMap<String, String>>,
    /// What happens to a code that is not listed.
    pub otherwise: Otherwise,
    /// Time formats to try, in order; none = ISO 8601.
    pub time: Vec<String>,
    /// Which row of a group gives the field.
    pub pick: Pick,
    /// Only rows whose columns hold one of these texts give the field.
    pub condition: Vec<(usize, Vec<String>)>,
}

/// What a mapping makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Facts.
    Fact(Kind),
    /// Entries of the register.
    Register(Noun),
}

/// A mapping, checked.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// What it makes.
    pub target: Target,
    /// The system that reports.
    pub source: String,
    /// The shape of the file, if it says so.
    pub format: Option<Format>,
    /// The sheet of a workbook; the first one if left out.
    pub sheet: Option<String>,
    /// The row of a sheet in which the names of the columns stand, counted from 1.
    pub header_row: u32,
    /// How bytes become text.
    pub encoding: Encoding,
    /// The delimiter of CSV.
    pub delimiter: u8,
    /// The zone of times without one; the home's if left out.
    pub timezone: Option<String>,
    /// Texts that mean "empty".
    pub nulls: Vec<String>,
    /// What the record's own id is made of.
    pub id: Vec<Origin>,
    /// Stands before the id.
    pub id_prefix: String,
    /// Rows whose columns hold other texts than these are passed over.
    pub only: Vec<(usize, Vec<String>)>,
    /// Every column that is read, without those of `unpivot`.
    pub columns: Vec<String>,
    /// Wide to long: the position of each column in `columns`, and its name.
    pub unpivot: Vec<(usize, String)>,
    /// Positions of the columns in which rows of one record agree.
    pub group: Option<Vec<usize>>,
    /// The fields.
    pub fields: Vec<Field>,
}

/// Why a mapping cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct MappingError {
    /// The file.
    pub path: String,
    /// What is wrong and how to mend it.
    pub problem: String,
}

/// Fields of facts that are not columns of their kind.
const ENVELOPE: [(&str, Type); 3] = [("revision", Type::Integer), ("void", Type::Flag), ("reported_at", Type::Instant)];

impl Mapping {
    /// Reads and checks a mapping file. `kind` is what the command line asked for, if it did.
    pub fn load(path: &Path, kind: Option<&str>) -> Result<Self, MappingError> {
        let failed = |problem: String| MappingError { path: path.display().to_string(), problem };
        let text = crate::home::read(path).map_err(|error| failed(error.to_string()))?;
        Self::parse(&text, kind).map_err(failed)
    }

    /// Reads and checks the text of a mapping.
    pub fn parse(text: &str, kind: Option<&str>) -> Result<Self, String> {
        if text.len() > MAX_MAPPING_BYTES {
            return Err(format!("the mapping has {} bytes; at most {MAX_MAPPING_BYTES} are read", text.len()));
        }
        let file: File = toml::from_str(text).map_err(|error| model::toml_text::line(text, &error))?;
        if let Some(asked) = kind.filter(|asked| *asked != file.kind) {
            return Err(format!("the mapping makes `{}`, the command asks for `{asked}`", file.kind));
        }
        let target = match (Kind::parse(&file.kind), Noun::parse(&file.kind)) {
            (Some(kind), _) => Target::Fact(kind),
            (None, Some(noun)) => Target::Register(noun),
            (None, None) => return Err(unknown_kind(&file.kind)),
        };
        Checker { columns: Vec::new(), unpivot: file.unpivot.is_some(), target }.check(file)
    }
}

fn unknown_kind(kind: &str) -> String {
    let facts = Kind::ALL.map(Kind::name);
    let nouns = Noun::ALL.map(Noun::name);
    format!("kind `{kind}` is unknown; facts: {}; register: {}", facts.join(", "), nouns.join(", "))
}

struct Checker {
    columns: Vec<String>,
    unpivot: bool,
    target: Target,
}

impl Checker {
    fn check(mut self, file: File) -> Result<Mapping, String> {
        let mut fields = Vec::new();
        for (name, spec) in file.fields {
            let spec = match spec {
                FieldFile::Column(column) => FieldSpec { column: Some(column), ..FieldSpec::default() },
                FieldFile::Full(spec) => *spec,
            };
            let field = self.field(&name, spec, &file.time).map_err(|problem| format!("field `{name}`: {problem}"))?;
            fields.push(field);
        }
        self.check_required(&fields)?;
        let source = file.source.unwrap_or_default();
        let is_fact = matches!(self.target, Target::Fact(_));
        if is_fact && source.is_empty() {
            return Err("say which system reports: source = \"hall-a\"".to_owned());
        }
        if is_fact && file.id.is_empty() {
            return Err("say what a record's own id is made of: id = [\"办件编号\"]".to_owned());
        }
        let only = self.condition(file.only);
        let id = file.id.iter().map(|column| self.origin(column)).collect::<Result<_, _>>()?;
        let unpivot = match file.unpivot {
            Some(unpivot) if unpivot.columns.is_empty() => {
                return Err("unpivot names no columns".to_owned());
            }
            Some(unpivot) => unpivot.columns.into_iter().map(|(column, name)| (self.column(&column), name)).collect(),
            None => Vec::new(),
        };
        let group = match file.group {
            Some(group) if group.by.is_empty() => {
                return Err("group.by names no columns".to_owned());
            }
            Some(_) if self.unpivot => {
                return Err("unpivot and group do not go together".to_owned());
            }
            Some(group) => Some(group.by.iter().map(|column| self.column(column)).collect()),
            None => None,
        };
        let delimiter = match file.delimiter {
            None => b',',
            Some(c @ (',' | ';' | '\t')) => u8::try_from(c).unwrap_or(b','),
            Some(other) => {
                return Err(format!("delimiter `{other}`: use a comma, a semicolon or a tab"));
            }
        };
        let of_sheets = file.sheet.is_some() || file.header_row.is_some();
        if of_sheets && file.format.is_some_and(|format| format != Format::Xlsx) {
            return Err("sheet and header_row are for workbooks: format = \"xlsx\"".to_owned());
        }
        let header_row = file.header_row.unwrap_or(1);
        if !(1..=super::workbook::MAX_ROWS).contains(&header_row) {
            return Err(format!("header_row is a row from 1 to {}", super::workbook::MAX_ROWS));
        }
        if let Some(zone) = &file.timezone
            && model::time::Zone::named(zone).is_none()
        {
            return Err(format!("timezone `{zone}` is not in the IANA database"));
        }
        Ok(Mapping {
            target: self.target,
            source,
            format: file.format,
            sheet: file.sheet,
            header_row,
            encoding: file.encoding,
            delimiter,
            timezone: file.timezone,
            nulls: file.null,
            id,
            id_prefix: file.id_prefix.unwrap_or_default(),
            only,
            columns: self.columns,
            unpivot,
            group,
            fields,
        })
    }

    /// The position of a column among those that are read.
    fn column(&mut self, name: &str) -> usize {
        if let Some(at) = self.columns.iter().position(|column| column == name) {
            return at;
        }
        self.columns.push(name.to_owned());
        self.columns.len() - 1
    }

    /// Columns with the texts that they may hold.
    fn condition(&mut self, columns: BTreeMap<String, OneOrMany>) -> Vec<(usize, Vec<String>)> {
        columns.into_iter().map(|(column, texts)| (self.column(&column), texts.into_texts())).collect()
    }

    fn origin(&mut self, column: &str) -> Result<Origin, String> {
        match column {
            "$name" | "$value" if !self.unpivot => Err(format!("`{column}` needs [unpivot]")),
            "$name" => Ok(Origin::UnpivotName),
            "$value" => Ok(Origin::UnpivotValue),
            column => Ok(Origin::Column(self.column(column))),
        }
    }

    fn type_of(&self, name: &str) -> Result<Type, String> {
        let unknown = |known: Vec<&str>| format!("there is no such field; the fields are {}", known.join(", "));
        match self.target {
            Target::Fact(kind) => match (kind.column(name), ENVELOPE.iter().find(|(field, _)| *field == name)) {
                (Some(column), _) => Ok(column.ty),
                (None, Some((_, ty))) => Ok(*ty),
                (None, None) => Err(unknown(
                    kind.columns().iter().map(|column| column.name).chain(ENVELOPE.map(|(name, _)| name)).collect(),
                )),
            },
            Target::Register(noun) if noun.columns().contains(&name) => Ok(Type::Code),
            Target::Register(noun) => Err(unknown(noun.columns().to_vec())),
        }
    }

    fn field(&mut self, name: &str, spec: FieldSpec, times: &[String]) -> Result<Field, String> {
        let ty = self.type_of(name)?;
        let origin = match (spec.column, spec.constant) {
            (Some(column), None) => self.origin(&column)?,
            (None, Some(constant)) => Origin::Constant(constant),
            _ => return Err("give either column = \"…\" or const = \"…\"".to_owned()),
        };
        let scale = spec.scale.unwrap_or(1);
        if !(1..=1_000_000_000).contains(&scale) {
            return Err("scale is a whole number from 1 to 1000000000".to_owned());
        }
        if (scale != 1 || spec.percent) && ty != Type::Integer {
            return Err("scale and percent are for numbers".to_owned());
        }
        let code = |code: CodeTo| match code {
            CodeTo::Text(text) => text,
            CodeTo::Number(number) => number.to_string(),
            CodeTo::Flag(flag) => flag.to_string(),
        };
        let condition = self.condition(spec.condition.unwrap_or_default());
        let time = spec.time.unwrap_or_else(|| times.to_vec());
        for format in time.iter().filter(|_| matches!(ty, Type::Instant | Type::Day)) {
            super::value::check_time_format(format)?;
        }
        Ok(Field {
            name: name.to_owned(),
            ty,
            column: match self.target {
                Target::Fact(kind) => kind.column(name),
                Target::Register(_) => None,
            },
            origin,
            scale,
            percent: spec.percent,
            strip_prefix: spec.strip_prefix,
            strip_suffix: spec.strip_suffix,
            codes: spec.codes.map(|codes| codes.into_iter().map(|(from, to)| (from, code(to))).collect()),
            otherwise: spec.otherwise,
            time,
            pick: spec.pick.unwrap_or_default(),
            condition,
        })
    }

    fn check_required(&self, fields: &[Field]) -> Result<(), String> {
        let has = |name: &str| fields.iter().any(|field| field.name == name);
        match self.target {
            Target::Fact(kind) => {
                let missing = kind.columns().iter().find(|column| column.required && !has(column.name));
                if let Some(column) = missing {
                    return Err(format!(
                        "field `{}` ({}) is missing: every {kind} needs it",
                        column.name, column.meaning
                    ));
                }
                if !kind.time_columns().iter().any(|name| has(name)) {
                    return Err(format!("a {kind} needs one of the fields {}", kind.time_columns().join(", ")));
                }
            }
            Target::Register(noun) => {
                if let Some(name) = noun.required().iter().find(|name| !has(name)) {
                    return Err(format!("field `{name}` is missing: every {} needs it", noun.name()));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "kind = 'rating'\nsource = 'kiosk'\nid = ['编号']\n[fields]\nrated_at = '时间'\nscale = { const = '4' }\n\
        level = { column = '评价', codes = { '非常满意' = 4, '不满意' = 1 } }\n";

    #[test]
    fn a_good_mapping_is_read() {
        let mapping = Mapping::parse(GOOD, Some("rating")).expect("valid");
        assert_eq!(mapping.columns, ["评价", "时间", "编号"]);
        assert_eq!(mapping.target, Target::Fact(Kind::Rating));
    }

    #[test]
    fn a_wrong_mapping_is_refused_before_the_first_row() {
        let check = |from: &str, to: &str, expect: &str| {
            assert!(GOOD.contains(from), "{from}");
            let error = Mapping::parse(&GOOD.replacen(from, to, 1), None).expect_err(expect);
            assert!(error.contains(expect), "{expect}: {error}");
        };
        check("kind = 'rating'", "kind = 'ratings'", "is unknown; facts: case");
        check("source = 'kiosk'\n", "", "which system reports");
        check("id = ['编号']\n", "", "own id");
        check("rated_at = '时间'\n", "", "`rated_at`");
        check("level = {", "levle = {", "no such field");
        check("column = '评价', ", "", "either column");
        check("column = '评价'", "column = '$value'", "needs [unpivot]");
        check("column = '评价'", "column = '评价', scale = 0", "from 1 to");
        check("column = '评价'", "column = '评价', scael = 1", "");
        check("rated_at = '时间'", "rated_at = { column = '时间', time = ['%'] }", "time format");
        check("id = ['编号']", "id = ['编号']\ndelimiter = '|'", "a comma");
        check("id = ['编号']", "id = ['编号']\ntimezone = 'Mars'", "IANA");
        check("id = ['编号']", "id = ['编号']\nformat = 'csv'\nsheet = 'x'", "are for workbooks");
        check("id = ['编号']", "id = ['编号']\nheader_row = 0", "from 1 to");
        check("id = ['编号']", "id = ['编号']\nonly = { '状态' = 3 }", "");
        check("id = ['编号']", "id = ['编号']\ngroup = { by = [] }", "names no columns");
        assert!(Mapping::parse(GOOD, Some("case")).expect_err("other kind").contains("asks for `case`"));
        assert!(Mapping::parse(&"#".repeat(MAX_MAPPING_BYTES + 1), None).expect_err("long").contains("at most"));
        for text in ["", "[[", "kind = 3", "kind = 'case'\nfields = 3"] {
            assert!(Mapping::parse(text, None).is_err(), "{text}");
        }
    }
}

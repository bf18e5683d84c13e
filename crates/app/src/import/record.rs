//! From rows to records: one row to one, one row to several, several rows to one.

use super::mapping::{Field, Mapping, Origin, Pick, Target};
use super::reader::RawRow;
use super::value::read_value;
use crate::home::{Home, PseudonymKey};
use model::fact::{Column, Fact, Identity, Value};
use model::id::Source;
use model::time::{Day, Instant, Zone};
use std::collections::{BTreeMap, HashMap};

/// The most rows that are held at once to be brought together.
pub(super) const MAX_GROUPED_ROWS: usize = 20_000_000;

/// What records are made with.
#[derive(Debug)]
pub(super) struct Making<'a> {
    /// The mapping.
    pub mapping: &'a Mapping,
    /// The zone of times without one.
    pub zone: Zone,
    /// The home's zone, in which days are counted.
    pub home_zone: &'a Zone,
    /// The key of pseudonyms.
    pub key: &'a PseudonymKey,
    /// Today; a fact dated more than a day ahead is refused.
    pub today: Day,
}

/// A record before its values are read: where each field's text comes from.
struct Texts<'a> {
    rows: &'a [RawRow],
    /// For an unpivoted record: its name and its cell.
    unpivoted: Option<(&'a str, &'a str)>,
}

impl<'a> Making<'a> {
    /// What records of a mapping are made with at a time.
    pub(super) fn of(home: &'a Home, mapping: &'a Mapping, at: Instant) -> Self {
        let mapping_zone = mapping.timezone.as_deref().and_then(Zone::named);
        Self {
            mapping,
            zone: mapping_zone.unwrap_or_else(|| home.zone.clone()),
            home_zone: &home.zone,
            key: &home.key,
            today: home.zone.day_of(at),
        }
    }
}

impl Making<'_> {
    /// Whether a text means "empty".
    fn is_null(&self, text: &str) -> bool {
        let text = text.trim();
        // Most cells are empty. An empty `String` points nowhere, and there some processors take long to compare nothing.
        self.mapping.nulls.iter().any(|null| if text.is_empty() { null.is_empty() } else { null == text })
    }

    fn cell<'r>(&self, row: &'r RawRow, column: usize) -> Option<&'r str> {
        row.cell(column).filter(|text| !self.is_null(text))
    }

    /// The facts of rows that belong together, or why there are none.
    pub(super) fn facts(&self, rows: &[RawRow]) -> Result<Vec<Fact>, String> {
        self.each_record(rows, |texts| self.fact(&texts))
    }

    /// The register entries of rows that belong together, or why there are none.
    pub(super) fn entries(&self, rows: &[RawRow]) -> Result<Vec<BTreeMap<String, String>>, String> {
        self.each_record(rows, |texts| self.entry(&texts))
    }

    fn each_record<T>(&self, rows: &[RawRow], make: impl Fn(Texts<'_>) -> Result<T, String>) -> Result<Vec<T>, String> {
        if self.mapping.unpivot.is_empty() {
            return Ok(vec![make(Texts { rows, unpivoted: None })?]);
        }
        let mut made = Vec::new();
        for row in rows {
            for (column, name) in &self.mapping.unpivot {
                if let Some(cell) = self.cell(row, *column) {
                    let texts = Texts { rows: std::slice::from_ref(row), unpivoted: Some((name, cell)) };
                    made.push(make(texts)?);
                }
            }
        }
        Ok(made)
    }

    fn text<'t>(&'t self, texts: &Texts<'t>, origin: &'t Origin, field: Option<&Field>) -> Option<&'t str> {
        match origin {
            Origin::Constant(text) => Some(text),
            Origin::UnpivotName => texts.unpivoted.map(|(name, _)| name),
            Origin::UnpivotValue => texts.unpivoted.map(|(_, cell)| cell),
            Origin::Column(column) => {
                // Nearly always a row is a record.
                if let ([row], true) = (texts.rows, field.is_none_or(|field| field.condition.is_empty())) {
                    return self.cell(row, *column);
                }
                let wanted = |row: &&RawRow| field.is_none_or(|field| row.holds(&field.condition));
                let mut cells = texts.rows.iter().filter(wanted).filter_map(|row| self.cell(row, *column));
                if field.is_some_and(|field| field.pick == Pick::Last) { cells.next_back() } else { cells.next() }
            }
        }
    }

    /// Gives each filled field with its value.
    fn values<'m>(&'m self, texts: &Texts<'_>, take: &mut dyn FnMut(&'m Field, Value)) -> Result<(), String> {
        let kind = match self.mapping.target {
            Target::Fact(kind) => Some(kind),
            Target::Register(_) => None,
        };
        for field in &self.mapping.fields {
            if let Some(text) = self.text(texts, &field.origin, Some(field))
                && let Some(value) = read_value(field, kind, text, &self.zone, self.key)?
            {
                take(field, value);
            }
        }
        Ok(())
    }

    fn fact(&self, texts: &Texts<'_>) -> Result<Fact, String> {
        let Target::Fact(kind) = self.mapping.target else {
            return Err("the mapping makes no facts".to_owned());
        };
        let mut values: Vec<(&'static Column, Value)> = Vec::with_capacity(self.mapping.fields.len());
        let (mut revision, mut void, mut reported_at) = (0, false, None);
        self.values(texts, &mut |field, value| match (field.column, value) {
            (Some(column), value) => values.push((column, value)),
            (None, Value::Integer(number)) => revision = number,
            (None, Value::Flag(flag)) => void = flag,
            (None, Value::Instant(at)) => reported_at = Some(at),
            (None, _) => {}
        })?;
        let bad = |_| format!("`revision`: {revision} is not a whole number from 0 on");
        let revision = u32::try_from(revision).map_err(bad)?;
        let identity = Identity { source: Source::new(&self.mapping.source), source_id: self.id(texts)?, revision };
        let fact = Fact::of_columns(kind, identity, void, reported_at, values).map_err(|error| error.to_string())?;
        check_not_ahead(&fact, self.home_zone, self.today)?;
        Ok(fact)
    }

    fn id(&self, texts: &Texts<'_>) -> Result<String, String> {
        let parts = self.mapping.id.iter().map(|origin| {
            self.text(texts, origin, None).map(str::trim).ok_or_else(|| "the record's own id is empty".to_owned())
        });
        let parts = parts.collect::<Result<Vec<_>, _>>()?;
        Ok(format!("{}{}", self.mapping.id_prefix, parts.join("/")))
    }

    fn entry(&self, texts: &Texts<'_>) -> Result<BTreeMap<String, String>, String> {
        let Target::Register(noun) = self.mapping.target else {
            return Err("the mapping makes no entries".to_owned());
        };
        let mut entry = BTreeMap::new();
        self.values(texts, &mut |field, value| {
            if let Value::Code(text) = value {
                entry.insert(field.name.clone(), text.to_string());
            }
        })?;
        match noun.required().iter().find(|name| !entry.contains_key(**name)) {
            Some(name) => Err(format!("`{name}` is missing: every {} needs it", noun.name())),
            None => Ok(entry),
        }
    }
}

/// Refuses a fact that is dated more than a day ahead.
pub(crate) fn check_not_ahead(fact: &Fact, zone: &Zone, today: Day) -> Result<(), String> {
    let tomorrow = today.plus(1);
    if let Some(day) = fact.latest_day(zone).filter(|day| *day > tomorrow) {
        return Err(format!("dated {day}, more than a day ahead of today ({today})"));
    }
    if !fact.reported_at().in_range() || fact.reported_at() >= zone.start_of(tomorrow.plus(1)) {
        return Err("`reported_at` lies ahead of today".to_owned());
    }
    Ok(())
}

/// Rows collected until all that belong together are known, in order of first appearance.
#[derive(Debug, Default)]
pub(super) struct Grouped {
    order: Vec<Vec<RawRow>>,
    by_key: HashMap<Vec<Option<String>>, usize>,
    rows: usize,
}

impl Grouped {
    /// Adds a row; `false` if there are too many.
    pub(super) fn add(&mut self, row: RawRow, by: &[usize]) -> bool {
        self.rows += 1;
        let key = by.iter().map(|column| row.cell(*column).map(str::to_owned)).collect();
        let at = *self.by_key.entry(key).or_insert_with(|| {
            self.order.push(Vec::new());
            self.order.len() - 1
        });
        self.order[at].push(row);
        self.rows <= MAX_GROUPED_ROWS
    }

    /// The groups.
    pub(super) fn into_groups(self) -> impl Iterator<Item = Vec<RawRow>> {
        self.order.into_iter()
    }
}

//! A fact's values as a few dozen bytes, and back.
//!
//! The *shape* of a fact names its filled columns, in order, separated by spaces. A name that ends in `#` says that the
//! column holds the numbers of texts ([`super::texts`]) instead of the texts. Few shapes serve millions of facts, so a
//! fact says in one number what it holds, and its payload is the values alone:
//!
//! | type | bytes |
//! |---|---|
//! | whole number, day | zigzag LEB128 |
//! | instant | zigzag LEB128 of the seconds since the report |
//! | flag | one byte, 0 or 1 |
//! | person | eight bytes, the least significant first |
//! | code with `#` | LEB128 of the number of its text |
//! | code | LEB128 of the length, then the text |
//! | pauses, stages | LEB128 of how many; then of each its parts, an absent one as 0 |
//!
//! Free text is not packed: it lies in a table of its own, where it can be erased.

use super::texts::{Number, Texts};
use model::fact::{Class, Column, Fact, FactError, Identity, Kind, Pause, Physical, Stage, Table, Type, Value};
use model::time::{Day, Instant};
use std::sync::{Arc, LazyLock};

/// The mark of a column whose texts are numbered.
const NUMBERED: char = '#';

/// Why bytes are no fact.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnpackError {
    /// The payload ends too early, or goes on.
    #[error("the payload has another length than its shape says")]
    Length,
    /// A number that stands for no text.
    #[error("there is no text {0}")]
    Text(u64),
    /// A column that the kind does not have.
    #[error("the shape names an unknown column `{0}`")]
    Column(String),
    /// Not UTF-8.
    #[error("a code is not UTF-8")]
    Utf8,
    /// Not JSON, where it should be.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The values make no fact.
    #[error(transparent)]
    Fact(#[from] FactError),
}

/// Packs the values of a fact. Returns the number of its shape, and the payload.
pub(crate) fn pack(fact: &Fact, texts: &mut impl Number) -> (i64, Vec<u8>) {
    let (mut shape, mut bytes) = (String::with_capacity(128), Vec::with_capacity(96));
    let base = fact.reported_at();
    for (column, value) in fact.columns().filter(|(column, _)| column.class != Class::FreeText) {
        if !shape.is_empty() {
            shape.push(' ');
        }
        shape.push_str(column.name);
        match value {
            Value::Code(code) if repeats(fact.kind(), column.name) => {
                shape.push(NUMBERED);
                put(&mut bytes, texts.number(code).unsigned_abs());
            }
            Value::Code(code) => put_text(&mut bytes, code),
            Value::Text(text) => put_text(&mut bytes, text),
            Value::Person(person) => bytes.extend(person.to_le_bytes()),
            Value::Integer(number) => put_signed(&mut bytes, *number),
            Value::Flag(flag) => bytes.push(u8::from(*flag)),
            Value::Instant(at) => put_signed(&mut bytes, at.0 - base.0),
            Value::Day(day) => put_signed(&mut bytes, day.0.into()),
            Value::Pauses(pauses) => put_pauses(&mut bytes, pauses, base),
            Value::Stages(stages) => put_stages(&mut bytes, stages, base, texts),
        }
    }
    (texts.number(&shape), bytes)
}

/// Whether the texts of a column come again and again, so that sealed files keep a dictionary of them.
fn repeats(kind: Kind, column: &str) -> bool {
    // Asked for every code of every fact: the few others are listed once.
    static IDS: LazyLock<[Vec<&'static str>; Kind::ALL.len()]> = LazyLock::new(|| {
        Kind::ALL.map(|kind| {
            let ids = Table::of(kind).columns().filter(|column| column.physical == Physical::Id);
            ids.map(|column| column.name).collect()
        })
    });
    !IDS[kind as usize].contains(&column)
}

fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

fn put_signed(bytes: &mut Vec<u8>, number: i64) {
    put(bytes, ((number << 1) ^ (number >> 63)).cast_unsigned());
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    put(bytes, text.len() as u64);
    bytes.extend(text.as_bytes());
}

/// Something that may be absent: 0, or 1 and the rest.
fn put_some<T>(bytes: &mut Vec<u8>, value: Option<T>, put: impl FnOnce(&mut Vec<u8>, T)) {
    bytes.push(u8::from(value.is_some()));
    if let Some(value) = value {
        put(bytes, value);
    }
}

fn put_pauses(bytes: &mut Vec<u8>, pauses: &[Pause], base: Instant) {
    put(bytes, pauses.len() as u64);
    for pause in pauses {
        put_signed(bytes, pause.from.0 - base.0);
        put_some(bytes, pause.to, |bytes, to| put_signed(bytes, to.0 - base.0));
        put_some(bytes, pause.document.as_deref(), put_text);
    }
}

fn put_stages(bytes: &mut Vec<u8>, stages: &[Stage], base: Instant, texts: &mut impl Number) {
    put(bytes, stages.len() as u64);
    for stage in stages {
        put(bytes, texts.number(&stage.staff).unsigned_abs());
        put_some(bytes, stage.window.as_deref(), |bytes, window| put(bytes, texts.number(window).unsigned_abs()));
        put_signed(bytes, stage.from.0 - base.0);
        put_some(bytes, stage.to, |bytes, to| put_signed(bytes, to.0 - base.0));
        put_some(bytes, stage.limit_seconds, put_signed);
    }
}

/// A shape, read once for many facts.
#[derive(Clone, Debug)]
pub(crate) struct Shape(Vec<(&'static Column, bool)>);

impl Shape {
    pub(crate) fn parse(kind: Kind, text: &str) -> Result<Self, UnpackError> {
        let column = |word: &str| {
            let name = word.trim_end_matches(NUMBERED);
            let column = kind.column(name).ok_or_else(|| UnpackError::Column(name.to_owned()))?;
            Ok::<_, UnpackError>((column, name.len() < word.len()))
        };
        Ok(Self(text.split_ascii_whitespace().map(column).collect::<Result<_, _>>()?))
    }

    /// The fact that was packed.
    pub(crate) fn unpack(
        &self,
        kind: Kind,
        identity: Identity,
        void: bool,
        reported_at: Instant,
        payload: &[u8],
        texts: &Texts,
    ) -> Result<Fact, UnpackError> {
        let mut reader = Reader { bytes: payload, base: reported_at, texts };
        let mut values = Vec::with_capacity(self.0.len());
        for (column, numbered) in &self.0 {
            values.push((*column, reader.value(column.ty, *numbered)?));
        }
        if !reader.bytes.is_empty() {
            return Err(UnpackError::Length);
        }
        Ok(Fact::of_columns(kind, identity, void, Some(reported_at), values)?)
    }
}

/// The rest of a payload.
struct Reader<'a> {
    bytes: &'a [u8],
    base: Instant,
    texts: &'a Texts,
}

impl<'a> Reader<'a> {
    fn value(&mut self, ty: Type, numbered: bool) -> Result<Value, UnpackError> {
        Ok(match ty {
            Type::Code if numbered => Value::Code(Arc::clone(self.numbered()?)),
            Type::Code => Value::Code(self.text()?.into()),
            Type::Text => Value::Text(self.text()?.into()),
            Type::Person => Value::Person(i64::from_le_bytes(*self.array()?)),
            Type::Integer => Value::Integer(self.signed()?),
            Type::Flag => Value::Flag(self.byte()? != 0),
            Type::Instant => Value::Instant(self.instant()?),
            Type::Day => Value::Day(Day(i32::try_from(self.signed()?).map_err(|_| UnpackError::Length)?)),
            Type::Pauses => Value::Pauses(self.list(Self::pause)?),
            Type::Stages => Value::Stages(self.list(Self::stage)?),
        })
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], UnpackError> {
        let Some((taken, rest)) = self.bytes.split_at_checked(length) else { return Err(UnpackError::Length) };
        self.bytes = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<&'a [u8; N], UnpackError> {
        // Asked for every byte: an error that is made for nothing costs more than the rest.
        let Some((taken, rest)) = self.bytes.split_first_chunk() else { return Err(UnpackError::Length) };
        self.bytes = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, UnpackError> {
        Ok(self.array::<1>()?[0])
    }

    fn number(&mut self) -> Result<u64, UnpackError> {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = self.byte()?;
            let Some(part) = u64::from(byte & 0x7f).checked_shl(shift) else { return Err(UnpackError::Length) };
            number |= part;
            if byte < 0x80 {
                return Ok(number);
            }
            shift += 7;
        }
    }

    fn signed(&mut self) -> Result<i64, UnpackError> {
        let number = self.number()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    fn instant(&mut self) -> Result<Instant, UnpackError> {
        Ok(Instant(self.base.0.wrapping_add(self.signed()?)))
    }

    fn text(&mut self) -> Result<&'a str, UnpackError> {
        let length = usize::try_from(self.number()?).map_err(|_| UnpackError::Length)?;
        std::str::from_utf8(self.take(length)?).map_err(|_| UnpackError::Utf8)
    }

    fn numbered(&mut self) -> Result<&'a Arc<str>, UnpackError> {
        let number = self.number()?;
        i64::try_from(number).ok().and_then(|number| self.texts.text(number)).ok_or(UnpackError::Text(number))
    }

    fn some<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, UnpackError>) -> Result<Option<T>, UnpackError> {
        if self.byte()? == 0 { Ok(None) } else { read(self).map(Some) }
    }

    fn list<T>(&mut self, read: impl Fn(&mut Self) -> Result<T, UnpackError>) -> Result<Box<[T]>, UnpackError> {
        (0..self.number()?).map(|_| read(self)).collect()
    }

    fn pause(&mut self) -> Result<Pause, UnpackError> {
        Ok(Pause {
            from: self.instant()?,
            to: self.some(Self::instant)?,
            document: self.some(Self::text)?.map(str::to_owned),
        })
    }

    fn stage(&mut self) -> Result<Stage, UnpackError> {
        Ok(Stage {
            staff: self.numbered()?.to_string(),
            window: self.some(Self::numbered)?.map(ToString::to_string),
            from: self.instant()?,
            to: self.some(Self::instant)?,
            limit_seconds: self.some(Self::signed)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::texts::Numbering;
    use super::*;
    use model::id::Source;
    use proptest::prelude::*;

    fn value(column: &'static Column) -> BoxedStrategy<Value> {
        let instant = || (Instant::FIRST.0..Instant::END.0).prop_map(Instant);
        let code = || "[^\\p{Cc}]{1,20}";
        // From and to, in order.
        let span = move || {
            (instant(), 0_i64..1 << 30, any::<bool>()).prop_map(|(from, length, ends)| {
                (from, ends.then_some(Instant((from.0 + length).min(Instant::END.0 - 1))))
            })
        };
        match column.ty {
            Type::Code => code().prop_map(|code| Value::Code(code.into())).boxed(),
            Type::Text => ".{0,9}".prop_map(|text| Value::Text(text.into())).boxed(),
            Type::Person => any::<i64>().prop_map(Value::Person).boxed(),
            // What a kind asks of its numbers together is left out of what is drawn here.
            Type::Integer => (0_i64..=1).prop_map(Value::Integer).boxed(),
            Type::Flag => any::<bool>().prop_map(Value::Flag).boxed(),
            Type::Instant => instant().prop_map(Value::Instant).boxed(),
            Type::Day => (11_000_i32..47_000).prop_map(|day| Value::Day(Day(day))).boxed(),
            Type::Pauses => {
                let pause = (span(), proptest::option::of(code())).prop_map(|((from, to), document)| Pause {
                    from,
                    to,
                    document,
                });
                proptest::collection::vec(pause, 0..4).prop_map(|pauses| Value::Pauses(pauses.into())).boxed()
            }
            Type::Stages => {
                let stage =
                    (code(), proptest::option::of(code()), span(), proptest::option::of(0_i64..1 << 31)).prop_map(
                        |(staff, window, (from, to), limit_seconds)| Stage { staff, window, from, to, limit_seconds },
                    );
                proptest::collection::vec(stage, 0..4).prop_map(|stages| Value::Stages(stages.into())).boxed()
            }
        }
    }

    fn facts() -> impl Strategy<Value = Fact> {
        let kind = proptest::sample::select(Kind::ALL.to_vec());
        let reported = Instant::FIRST.0..Instant::END.0;
        (kind, reported).prop_flat_map(|(kind, reported)| {
            let column = |column: &'static Column| {
                let filled = value(column).prop_map(Some).boxed();
                let value = if column.required { filled } else { prop_oneof![Just(None), filled].boxed() };
                value.prop_map(|value| (column.name, value))
            };
            let columns: Vec<_> = kind.columns().iter().map(column).collect();
            columns.prop_filter_map("a fact", move |values| {
                let values = values.into_iter().filter_map(|(name, value)| Some((name, value?)));
                let identity = Identity { source: Source::new("s"), source_id: "1".to_owned(), revision: 3 };
                let mut values: Vec<_> = values.collect();
                // What a kind asks of its numbers together.
                for (name, value) in &mut values {
                    match *name {
                        "level" | "scale" => *value = Value::Integer(4),
                        "due" | "asked" | "checked" | "answered" if matches!(value, Value::Integer(_)) => {
                            *value = Value::Integer(1);
                        }
                        _ => {}
                    }
                }
                Fact::new(kind, identity, false, Some(Instant(reported)), values).ok()
            })
        })
    }

    fn without_texts(fact: &Fact) -> Vec<(&'static str, Value)> {
        let kept = fact.values().filter(|(_, value)| !matches!(value, Value::Text(_)));
        kept.map(|(name, value)| (name, value.clone())).collect()
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back(facts in proptest::collection::vec(facts(), 1..5)) {
            let mut texts = Texts::default();
            for fact in facts {
                let (shape, payload, fresh) = {
                    let mut numbering = Numbering::new(&texts);
                    let (shape, payload) = pack(&fact, &mut numbering);
                    (shape, payload, numbering.into_fresh())
                };
                texts.extend(fresh).expect("no gap");
                let shape = Shape::parse(fact.kind(), texts.text(shape).expect("written")).expect("known columns");
                let unpack = |payload: &[u8]| {
                    shape.unpack(fact.kind(), fact.identity().clone(), false, fact.reported_at(), payload, &texts)
                };
                let back = unpack(&payload).expect("the same");
                prop_assert_eq!(without_texts(&fact), without_texts(&back));
                prop_assert_eq!(fact.payload_digest(), back.payload_digest());
                // A byte less or more is no fact.
                prop_assert!(payload.is_empty() || unpack(&payload[..payload.len() - 1]).is_err());
                prop_assert!(unpack(&[payload.as_slice(), &[0]].concat()).is_err());
            }
        }
    }

    #[test]
    fn a_case_takes_a_few_dozen_bytes() {
        let at = |seconds: i64| Value::Instant(Instant(1_772_700_000 + seconds));
        let code = |text: &str| Value::Code(text.into());
        let values = vec![
            ("window", code("W012")),
            ("staff", code("110023")),
            ("item", code("S004")),
            ("channel", code("window")),
            ("client", Value::Person(4_697_340_315_918_528_872)),
            ("ticketed_at", at(-900)),
            ("called_at", at(-600)),
            ("accepted_at", at(-580)),
            ("finished_at", at(0)),
            ("due_at", at(600)),
            ("asked", Value::Flag(true)),
        ];
        let identity = Identity { source: Source::new("s"), source_id: "1".to_owned(), revision: 0 };
        let fact = Fact::new(Kind::Case, identity, false, None, values).expect("valid");
        let texts = Texts::default();
        assert_eq!(pack(&fact, &mut Numbering::new(&texts)).1.len(), 22);
    }
}

//! The kernel against a slow, obvious oracle that shares no code with it.
//!
//! Rules are made as trees of this file's own, written out as text for the real parser, and evaluated here row by
//! row in the plainest way. Nothing below the marker is imported from the kernel.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use lake::kernel::{self, Groups, Overrides, Program};
use lake::{LakeError, batch_of, read_batches, write_facts};
use model::fact::{Cell, Code, Physical, Row, Table};
use model::id::MeasureId;
use model::rule::{Predicate, parse_predicate, parse_sum};
use model::scheme::{Burst, Mark, MarkEffect, MarkKey, MarkRule, MarkTarget, Measure, Merge, Name, On, Repeat};
use proptest::prelude::*;
use std::collections::BTreeMap;

// ── The oracle: rows, rules, and what they mean ──

const EVENTS: [On; 6] = [On::Finish, On::Call, On::Due, On::Rating, On::Notice, On::Stage];
const CODES: [&str; 3] = ["channel", "item", "window_type"];
const INTEGERS: [&str; 4] = ["elapsed_seconds", "handling_seconds", "rating_level", "minute_of_day"];
const INSTANTS: [&str; 3] = ["accepted_at", "finished_at", "due_at"];
const FLAGS: [&str; 4] = ["overdue", "transferred", "asked", "finished"];
const VALUES: [&str; 4] = ["", "a", "b", "o'c"];
const WINDOWS: [&str; 3] = ["", "W1", "窗口2"];
const STAFF: [&str; 3] = ["", "S1", "S2"];

#[derive(Clone, Debug)]
struct Fact {
    id: String,
    window: usize,
    staff: usize,
    codes: [usize; 3],
    integers: [Option<i32>; 4],
    instants: [Option<u32>; 3],
    flags: [bool; 4],
    on: [bool; EVENTS.len()],
    rater: Option<i64>,
    client: Option<i64>,
    device: usize,
    rated_at: Option<u32>,
}

/// Seconds since the epoch of the oracle's clock.
const EPOCH: i64 = 1_700_000_000;

#[derive(Clone, Debug)]
enum Sum {
    Literal(i32),
    Integer(usize),
    Span(usize, usize),
    Plus(Box<Sum>, Box<Sum>),
    Minus(Box<Sum>, Box<Sum>),
}

#[derive(Clone, Debug)]
enum Rule {
    Flag(usize),
    CodeIs(usize, usize, bool),
    CodeIn(usize, Vec<usize>, bool),
    CodeNull(usize, bool),
    IntegerNull(usize, bool),
    Compare(Sum, &'static str, Sum),
    Before(usize, &'static str, usize),
    Between(usize, i32, i32, bool),
    And(Box<Rule>, Box<Rule>),
    Or(Box<Rule>, Box<Rule>),
    Not(Box<Rule>),
}

impl Sum {
    fn text(&self) -> String {
        match self {
            Self::Literal(number) => format!("{number}"),
            Self::Integer(column) => INTEGERS[*column].to_owned(),
            Self::Span(to, from) => format!("({} - {})", INSTANTS[*to], INSTANTS[*from]),
            Self::Plus(a, b) => format!("({} + {})", a.text(), b.text()),
            Self::Minus(a, b) => format!("({} - ({}))", a.text(), b.text()),
        }
    }

    fn value(&self, fact: &Fact) -> Option<i64> {
        match self {
            Self::Literal(number) => Some(i64::from(*number)),
            Self::Integer(column) => fact.integers[*column].map(i64::from),
            Self::Span(to, from) => Some(i64::from(fact.instants[*to]?) - i64::from(fact.instants[*from]?)),
            Self::Plus(a, b) => Some(a.value(fact)? + b.value(fact)?),
            Self::Minus(a, b) => Some(a.value(fact)? - b.value(fact)?),
        }
    }
}

fn compare(a: i64, how: &str, b: i64) -> bool {
    match how {
        "=" => a == b,
        "<>" => a != b,
        "<" => a < b,
        "<=" => a <= b,
        ">" => a > b,
        _ => a >= b,
    }
}

fn quoted(value: usize) -> String {
    format!("'{}'", VALUES[value].replace('\'', "''"))
}

fn not(negated: bool) -> &'static str {
    if negated { "NOT " } else { "" }
}

impl Rule {
    fn text(&self) -> String {
        match self {
            Self::Flag(column) => FLAGS[*column].to_owned(),
            Self::CodeIs(column, value, equal) => {
                format!("{} {} {}", CODES[*column], if *equal { "=" } else { "<>" }, quoted(*value))
            }
            Self::CodeIn(column, values, negated) => {
                let list: Vec<_> = values.iter().map(|value| quoted(*value)).collect();
                format!("{} {}IN ({})", CODES[*column], not(*negated), list.join(", "))
            }
            Self::CodeNull(column, negated) => format!("{} IS {}NULL", CODES[*column], not(*negated)),
            Self::IntegerNull(column, negated) => format!("{} IS {}NULL", INTEGERS[*column], not(*negated)),
            Self::Compare(a, how, b) => format!("{} {how} {}", a.text(), b.text()),
            Self::Before(a, how, b) => format!("{} {how} {}", INSTANTS[*a], INSTANTS[*b]),
            Self::Between(column, low, high, negated) => {
                format!("{} {}BETWEEN {low} AND {high}", INTEGERS[*column], not(*negated))
            }
            Self::And(a, b) => format!("({}) AND ({})", a.text(), b.text()),
            Self::Or(a, b) => format!("({}) OR ({})", a.text(), b.text()),
            Self::Not(a) => format!("NOT ({})", a.text()),
        }
    }

    /// Two-valued: whatever touches an empty value is false, and its negation true.
    fn holds(&self, fact: &Fact) -> bool {
        match self {
            Self::Flag(column) => fact.flags[*column],
            Self::CodeIs(column, value, equal) => fact.codes[*column] != 0 && (fact.codes[*column] == *value) == *equal,
            Self::CodeIn(column, values, negated) => {
                (fact.codes[*column] != 0 && values.contains(&fact.codes[*column])) != *negated
            }
            Self::CodeNull(column, negated) => (fact.codes[*column] == 0) != *negated,
            Self::IntegerNull(column, negated) => fact.integers[*column].is_none() != *negated,
            Self::Compare(a, how, b) => match (a.value(fact), b.value(fact)) {
                (Some(a), Some(b)) => compare(a, how, b),
                _ => false,
            },
            Self::Before(a, how, b) => match (fact.instants[*a], fact.instants[*b]) {
                (Some(a), Some(b)) => compare(a.into(), how, b.into()),
                _ => false,
            },
            Self::Between(column, low, high, negated) => {
                fact.integers[*column].is_some_and(|value| *low <= value && value <= *high) != *negated
            }
            Self::And(a, b) => a.holds(fact) && b.holds(fact),
            Self::Or(a, b) => a.holds(fact) || b.holds(fact),
            Self::Not(a) => !a.holds(fact),
        }
    }
}

#[derive(Clone, Debug)]
struct Count {
    on: usize,
    rule: Rule,
    sum: Option<Sum>,
}

/// What facts have in common: who rated, the device, the citizen.
#[derive(Clone, Copy, Debug)]
enum Key {
    Rater,
    Device,
    Client,
}

impl Key {
    /// The key of a fact and its time, for facts that have one.
    fn of(self, fact: &Fact) -> Option<(i64, Option<u32>)> {
        match self {
            Self::Rater => Some((fact.rater?, fact.rated_at)),
            Self::Device if fact.device == 0 => None,
            Self::Device => Some((i64::try_from(fact.device).ok()?, fact.rated_at)),
            Self::Client if fact.on[0] => Some((fact.client?, fact.instants[1])),
            Self::Client => None,
        }
    }
}

/// What a rule of the scheme marks.
#[derive(Clone, Debug)]
enum MarkIs {
    Where(Rule),
    Repeat(Key, u32, Option<Rule>),
    Burst(Key, u32, u32, Option<Rule>),
}

impl MarkIs {
    fn hits(&self, facts: &[Fact], fact: &Fact) -> bool {
        let same = |by: Key, of: &Option<Rule>| -> Vec<Option<u32>> {
            let looked_at = |fact: &&Fact| of.as_ref().is_none_or(|rule| rule.holds(fact));
            let Some((mine, _)) = by.of(fact).filter(|_| looked_at(&fact)) else { return Vec::new() };
            facts
                .iter()
                .filter(looked_at)
                .filter_map(|other| by.of(other))
                .filter(|(key, _)| *key == mine)
                .map(|(_, at)| at)
                .collect()
        };
        match self {
            Self::Where(rule) => rule.holds(fact),
            Self::Repeat(by, most, of) => same(*by, of).len() > *most as usize,
            Self::Burst(by, at_least, within, of) => {
                let times: Vec<u32> = same(*by, of).into_iter().flatten().collect();
                let Some(mine) = by.of(fact).and_then(|(_, at)| at) else { return false };
                times.iter().filter(|start| **start <= mine && mine <= **start + within).any(|start| {
                    times.iter().filter(|at| *start <= **at && **at <= *start + within).count() >= *at_least as usize
                })
            }
        }
    }
}

#[derive(Clone, Debug)]
struct World {
    facts: Vec<Fact>,
    counts: Vec<Count>,
    marks: Vec<(MarkIs, bool, bool)>,
    excluded: Vec<usize>,
    restored: Vec<usize>,
}

type Result_ = BTreeMap<(String, String), Vec<Option<i64>>>;

/// What the tally must be: one loop over facts, one over measures.
fn oracle(world: &World) -> Result_ {
    let mut result = Result_::new();
    for (index, fact) in world.facts.iter().enumerate() {
        let key = (WINDOWS[fact.window].to_owned(), STAFF[fact.staff].to_owned());
        let sums = result.entry(key).or_insert_with(|| vec![None; world.counts.len()]);
        for (sum, count) in sums.iter_mut().zip(&world.counts) {
            let on_rating = count.on == 3;
            let marked = world.marks.iter().any(|(mark, excludes, of_rating)| {
                *excludes && *of_rating == on_rating && mark.hits(&world.facts, fact)
            });
            // A rating has an identity of its own; rulings here name cases.
            let ruled_out = !on_rating && world.excluded.contains(&index);
            let restored = !on_rating && world.restored.contains(&index);
            if ruled_out || (marked && !restored) || !fact.on[count.on] || !count.rule.holds(fact) {
                continue;
            }
            let value = match &count.sum {
                None => Some(1),
                Some(sum) => sum.value(fact),
            };
            if let Some(value) = value {
                *sum = Some(sum.unwrap_or(0) + value);
            }
        }
    }
    result.retain(|_, sums| sums.iter().any(Option::is_some));
    result
}

// ── The worlds ──

fn any_sum() -> impl Strategy<Value = Sum> {
    let leaf = prop_oneof![
        (-2000_i32..2000).prop_map(Sum::Literal),
        (0..4_usize).prop_map(Sum::Integer),
        (0..3_usize, 0..3_usize).prop_map(|(a, b)| Sum::Span(a, b)),
    ];
    leaf.prop_recursive(2, 4, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Sum::Plus(a.into(), b.into())),
            (inner.clone(), inner).prop_map(|(a, b)| Sum::Minus(a.into(), b.into())),
        ]
    })
}

/// A number small enough to be summed: the compiler refuses what it cannot bound.
fn summable() -> impl Strategy<Value = Sum> {
    prop_oneof![
        (0..4_usize).prop_map(Sum::Integer),
        (0..3_usize, 0..3_usize).prop_map(|(a, b)| Sum::Span(a, b)),
        (0..4_usize, -9_i32..9).prop_map(|(a, n)| Sum::Plus(Sum::Integer(a).into(), Sum::Literal(n).into())),
        (-9_i32..9).prop_filter("1 counts records", |n| *n != 1).prop_map(Sum::Literal),
    ]
}

fn comparison() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["=", "<>", "<", "<=", ">", ">="])
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let leaf = prop_oneof![
        (0..4_usize).prop_map(Rule::Flag),
        (0..3_usize, 1..4_usize, any::<bool>()).prop_map(|(c, v, e)| Rule::CodeIs(c, v, e)),
        (0..3_usize, prop::collection::vec(1..4_usize, 1..3), any::<bool>())
            .prop_map(|(c, v, n)| Rule::CodeIn(c, v, n)),
        (0..3_usize, any::<bool>()).prop_map(|(c, n)| Rule::CodeNull(c, n)),
        (0..4_usize, any::<bool>()).prop_map(|(c, n)| Rule::IntegerNull(c, n)),
        (any_sum(), comparison(), any_sum()).prop_map(|(a, how, b)| Rule::Compare(a, how, b)),
        (0..3_usize, comparison(), 0..3_usize).prop_map(|(a, how, b)| Rule::Before(a, how, b)),
        (0..4_usize, -50_i32..50, -50_i32..50, any::<bool>()).prop_map(|(c, a, b, n)| Rule::Between(c, a, b, n)),
    ];
    leaf.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Rule::And(a.into(), b.into())),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Rule::Or(a.into(), b.into())),
            inner.prop_map(|a| Rule::Not(a.into())),
        ]
    })
}

fn any_fact() -> impl Strategy<Value = Fact> {
    let integer =
        || prop_oneof![2 => (-50_i32..50).prop_map(Some), 1 => Just(None), 1 => (-i32::MAX..i32::MAX).prop_map(Some)];
    (
        (0..3_usize, 0..3_usize),
        prop::array::uniform3(0..4_usize),
        prop::array::uniform4(integer()),
        prop::array::uniform3(prop::option::of(0..300_u32)),
        any::<[bool; 4]>(),
        any::<[bool; EVENTS.len()]>(),
        (prop::option::of(0..9_i64), prop::option::of(-4..4_i64), 0..4_usize, prop::option::of(0..60_u32)),
    )
        .prop_map(|((window, staff), codes, integers, instants, flags, on, keys)| Fact {
            id: String::new(),
            window,
            staff,
            codes,
            integers,
            instants,
            flags,
            on,
            rater: keys.0,
            client: keys.1,
            device: keys.2,
            rated_at: keys.3,
        })
}

fn any_mark() -> impl Strategy<Value = MarkIs> {
    let key = || prop::sample::select(vec![Key::Rater, Key::Device, Key::Client]);
    let of = || prop::option::of(any_rule());
    prop_oneof![
        any_rule().prop_map(MarkIs::Where),
        (key(), 1..9_u32, of()).prop_map(|(by, most, of)| MarkIs::Repeat(by, most, of)),
        (key(), 2..6_u32, 0..12_u32, of()).prop_map(|(by, least, within, of)| MarkIs::Burst(by, least, within, of)),
    ]
}

fn any_world() -> impl Strategy<Value = World> {
    let count =
        (0..EVENTS.len(), any_rule(), prop::option::of(summable())).prop_map(|(on, rule, sum)| Count { on, rule, sum });
    (
        prop::collection::vec(any_fact(), 0..150),
        prop::collection::vec(count, 1..5),
        prop::collection::vec((any_mark(), any::<bool>(), any::<bool>()), 0..3),
        prop::collection::vec(0..150_usize, 0..4),
        prop::collection::vec(0..150_usize, 0..4),
    )
        .prop_map(|(mut facts, counts, marks, excluded, restored)| {
            for (index, fact) in facts.iter_mut().enumerate() {
                fact.id = format!("f{index}");
            }
            World { facts, counts, marks, excluded, restored }
        })
}

// ── The real thing ──

fn name() -> Name {
    Name { zh: String::new(), en: String::new() }
}

fn row(fact: &Fact) -> Row {
    let mut cells: Vec<Cell> = Table::Case
        .columns()
        .map(|column| match (column.nullable, column.physical) {
            (true, _) => Cell::Null,
            (false, Physical::Flag) => Cell::Flag(false),
            (false, _) => Cell::Code(Code::from("")),
        })
        .collect();
    let mut set = |name: &str, cell: Cell| cells[Table::Case.column(name).expect("a column").0] = cell;
    set("source", Cell::Code(Code::from("s")));
    set("source_id", Cell::Code(Code::from(fact.id.as_str())));
    set("window", Cell::Code(Code::from(WINDOWS[fact.window])));
    set("staff", Cell::Code(Code::from(STAFF[fact.staff])));
    for (column, value) in CODES.iter().zip(fact.codes) {
        set(column, Cell::Code(Code::from(VALUES[value])));
    }
    set("rater", fact.rater.map_or(Cell::Null, Cell::Integer));
    set("client", fact.client.map_or(Cell::Null, Cell::Integer));
    set("device", Cell::Code(Code::from(VALUES[fact.device])));
    set("rated_at", fact.rated_at.map_or(Cell::Null, |value| Cell::Integer(EPOCH + i64::from(value))));
    for (column, value) in INTEGERS.iter().zip(fact.integers) {
        set(column, value.map_or(Cell::Null, |value| Cell::Integer(value.into())));
    }
    for (column, value) in INSTANTS.iter().zip(fact.instants) {
        set(column, value.map_or(Cell::Null, |value| Cell::Integer(EPOCH + i64::from(value))));
    }
    for (column, value) in FLAGS.iter().zip(fact.flags) {
        set(column, Cell::Flag(value));
    }
    for (column, value) in EVENTS.iter().map(|event| On::column(*event)).zip(fact.on) {
        set(column, Cell::Flag(value));
    }
    Row { cells }
}

fn program(world: &World) -> Program {
    let measures: Vec<Measure> = world
        .counts
        .iter()
        .map(|count| {
            let event = parse_predicate(EVENTS[count.on].column(), Table::Case).expect("a flag");
            let rule = parse_predicate(&count.rule.text(), Table::Case)
                .unwrap_or_else(|error| panic!("{}: {error}", count.rule.text()));
            Measure {
                id: MeasureId::new("m"),
                name: name(),
                table: Table::Case,
                on: Some(EVENTS[count.on]),
                condition: event.and(rule),
                sum: parse_sum(&count.sum.as_ref().map_or_else(|| "1".to_owned(), Sum::text), Table::Case)
                    .expect("a sum"),
                merge: Merge::Sum,
                trail_months: 0,
            }
        })
        .collect();
    let marks: Vec<Mark> = world
        .marks
        .iter()
        .map(|(mark, excludes, of_rating)| Mark {
            id: "k".to_owned(),
            reason: name(),
            targets: vec![if *of_rating { MarkTarget::Rating } else { MarkTarget::Case }],
            effect: if *excludes { MarkEffect::Exclude } else { MarkEffect::Flag },
            rule: rule_of(mark),
        })
        .collect();
    Program::new(Table::Case, &marks, &measures)
}

fn rule_of(mark: &MarkIs) -> MarkRule {
    let parsed = |rule: &Rule| parse_predicate(&rule.text(), Table::Case).expect("a rule");
    let of = |rule: &Option<Rule>| rule.as_ref().map_or(Predicate::Constant(true), parsed);
    let key = |by: &Key| match by {
        Key::Rater => MarkKey::Rater,
        Key::Device => MarkKey::Device,
        Key::Client => MarkKey::Client,
    };
    match mark {
        MarkIs::Where(rule) => MarkRule::Where(parsed(rule)),
        MarkIs::Repeat(by, more_than, rule) => {
            MarkRule::Repeat(Repeat { by: key(by), more_than: *more_than, of: of(rule) })
        }
        MarkIs::Burst(by, at_least, within, rule) => {
            MarkRule::Burst(Burst { by: key(by), at_least: *at_least, within_seconds: *within, of: of(rule) })
        }
    }
}

fn result(groups: &Groups) -> Result_ {
    let mut result = Result_::new();
    for group in 0..groups.keys.len() {
        let (window, staff) = groups.key(group);
        let values: Vec<_> = (0..groups.columns.len()).map(|column| groups.value(column, group)).collect();
        if values.iter().any(Option::is_some) {
            result.insert((window.to_owned(), staff.to_owned()), values);
        }
    }
    result
}

fn tally(program: &Program, overrides: &Overrides, batches: &[Vec<Row>]) -> Result_ {
    let open = |_: &[&str]| Ok(batches.iter().map(|rows| batch_of(Table::Case, rows)));
    result(&kernel::tally::<_, LakeError>(program, overrides, open).expect("counted"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_kernel_counts_what_the_oracle_counts(world in any_world(), cut in 1..40_usize, turn in 0..150_usize) {
        let expected = oracle(&world);
        let program = program(&world);
        let named = |indices: &[usize]| indices.iter().map(|index| ("s".to_owned(), format!("f{index}"))).collect();
        let overrides = Overrides { excluded: named(&world.excluded), restored: named(&world.restored) };
        let rows: Vec<Row> = world.facts.iter().map(row).collect();

        // In memory: as they come, cut into batches, in another order.
        prop_assert_eq!(&tally(&program, &overrides, std::slice::from_ref(&rows)), &expected);
        let cuts: Vec<Vec<Row>> = rows.chunks(cut).map(<[Row]>::to_vec).collect();
        prop_assert_eq!(&tally(&program, &overrides, &cuts), &expected);
        let mut turned = rows.clone();
        let by = if turned.is_empty() { 0 } else { turn % turned.len() };
        turned.rotate_left(by);
        turned.reverse();
        prop_assert_eq!(&tally(&program, &overrides, &[turned]), &expected);

        // Through a sealed file: the same code on what was read back.
        let facts = write_facts(Table::Case, &batch_of(Table::Case, &rows).expect("a batch")).expect("written");
        let bytes = bytes::Bytes::from(facts.bytes);
        let open = |columns: &[&str]| read_batches("f", bytes.clone(), columns);
        prop_assert_eq!(&result(&kernel::tally(&program, &overrides, open).expect("counted")), &expected);
    }
}

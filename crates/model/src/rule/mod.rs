//! The language of rules: a small, typed tree that both the local kernel and any other engine evaluate alike.
//!
//! The text of a rule is parsed once, lowered to this tree through an allow-list, and never reaches a database or
//! a query engine. Logic is two-valued: a comparison with an empty value is false and its `NOT` is true.

mod parse;

pub(crate) use parse::nearest;
pub use parse::{MAX_DEPTH, MAX_NODES, MAX_ROWS_PER_DAY, MAX_RULE_BYTES, RuleError, parse_predicate, parse_sum};

use crate::fact::{Physical, SealedColumn};
use crate::time::Instant;
use std::collections::BTreeSet;
use std::fmt;

/// A column that a rule names.
pub type ColumnRef = &'static SealedColumn;

/// How two numbers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparison {
    /// The comparison of a number on the left with one on the right.
    #[must_use]
    pub fn holds(self, left: i64, right: i64) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }

    fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

/// A sum of columns and a constant, each column added or taken away.
///
/// Instants appear alone, or in pairs of one added and one taken away, which makes them seconds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Number {
    /// Columns with their sign.
    pub terms: Vec<(bool, ColumnRef)>,
    /// What is added to them.
    pub constant: i64,
}

impl Number {
    /// A constant.
    #[must_use]
    pub fn literal(constant: i64) -> Self {
        Self { terms: Vec::new(), constant }
    }

    /// The largest magnitude this can take.
    #[must_use]
    pub fn bound(&self) -> i128 {
        let of = |column: ColumnRef| match column.physical {
            Physical::Instant => 0,
            _ => i128::from(i32::MAX),
        };
        // Facts lie within one century, so a pair of instants differs by less than that.
        let century = i128::from(Instant::END.0 - Instant::FIRST.0);
        let instants = self.terms.iter().filter(|(_, column)| column.physical == Physical::Instant).count();
        let pairs = i128::try_from(instants.div_ceil(2)).unwrap_or(i128::MAX);
        let columns: i128 = self.terms.iter().map(|(_, column)| of(column)).sum();
        columns + pairs * century + i128::from(self.constant).abs()
    }
}

/// A condition on a row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Predicate {
    /// Always or never.
    Constant(bool),
    /// Every part holds.
    All(Vec<Self>),
    /// Some part holds.
    Any(Vec<Self>),
    /// The part does not hold.
    Not(Box<Self>),
    /// A yes-or-no column says yes.
    Flag(ColumnRef),
    /// A column is empty.
    IsNull(ColumnRef),
    /// A code is filled and is (or, negated, is not) one of these.
    CodeIn {
        /// The column.
        column: ColumnRef,
        /// The codes.
        codes: BTreeSet<String>,
        /// Whether the code must be none of them.
        negated: bool,
    },
    /// Two numbers compare; false if either is empty.
    Compare {
        /// How.
        how: Comparison,
        /// The left side.
        left: Number,
        /// The right side.
        right: Number,
    },
}

impl Predicate {
    /// Both conditions.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let mut parts = Vec::new();
        for part in [self, other] {
            match part {
                Self::Constant(true) => {}
                Self::All(more) => parts.extend(more),
                part => parts.push(part),
            }
        }
        match parts.len() {
            0 => Self::Constant(true),
            1 => parts.swap_remove(0),
            _ => Self::All(parts),
        }
    }
}

impl fmt::Display for Number {
    /// The canonical text, from which the digest of a scheme is taken.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (plus, column)) in self.terms.iter().enumerate() {
            match (index, plus) {
                (0, true) => f.write_str(column.name)?,
                (0, false) => write!(f, "-{}", column.name)?,
                (_, true) => write!(f, " + {}", column.name)?,
                (_, false) => write!(f, " - {}", column.name)?,
            }
        }
        match (self.terms.is_empty(), self.constant) {
            (true, constant) => write!(f, "{constant}"),
            (false, 0) => Ok(()),
            (false, constant) if constant < 0 => write!(f, " - {}", constant.unsigned_abs()),
            (false, constant) => write!(f, " + {constant}"),
        }
    }
}

impl fmt::Display for Predicate {
    /// The canonical text, from which the digest of a scheme is taken.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let join = |f: &mut fmt::Formatter<'_>, parts: &[Self], word: &str| {
            f.write_str("(")?;
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    write!(f, " {word} ")?;
                }
                part.fmt(f)?;
            }
            f.write_str(")")
        };
        match self {
            Self::Constant(value) => write!(f, "{value}"),
            Self::All(parts) => join(f, parts, "AND"),
            Self::Any(parts) => join(f, parts, "OR"),
            Self::Not(part) => write!(f, "NOT {part}"),
            Self::Flag(column) => f.write_str(column.name),
            Self::IsNull(column) => write!(f, "{} IS NULL", column.name),
            Self::CodeIn { column, codes, negated } => {
                let quoted: Vec<_> = codes.iter().map(|code| format!("'{}'", code.replace('\'', "''"))).collect();
                match (quoted.as_slice(), negated) {
                    ([one], false) => write!(f, "{} = {one}", column.name),
                    ([one], true) => write!(f, "{} <> {one}", column.name),
                    (_, false) => write!(f, "{} IN ({})", column.name, quoted.join(", ")),
                    // `<>` with several codes: filled and none of them.
                    (_, true) => write!(f, "({0} IS NOT NULL AND {0} NOT IN ({1}))", column.name, quoted.join(", ")),
                }
            }
            Self::Compare { how, left, right } => write!(f, "{left} {} {right}", how.symbol()),
        }
    }
}

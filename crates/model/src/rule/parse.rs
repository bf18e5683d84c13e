//! From the text of a rule to its typed tree, through an allow-list.

use super::{ColumnRef, Comparison, Number, Predicate};
use crate::fact::{Physical, Table};
use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator, Value};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::Token;
use std::collections::BTreeSet;

/// The longest text of a rule, looked at before anything is parsed.
pub const MAX_RULE_BYTES: usize = 4096;
/// The most nodes of a rule, counted after chains of AND, OR and + are flattened.
pub const MAX_NODES: usize = 256;
/// The deepest nesting of a rule, counted likewise.
pub const MAX_DEPTH: usize = 16;
/// The most rows of one table on one day; with it the compiler bounds every sum.
pub const MAX_ROWS_PER_DAY: i128 = 1 << 31;

/// Why a text is not a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// More text than any rule needs.
    #[error("the rule has {bytes} bytes; at most {MAX_RULE_BYTES} are read")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// Not an expression.
    #[error("not an expression: {0}")]
    Syntax(String),
    /// Something stands after the end of the expression.
    #[error("`{0}` stands after the end of the expression; write one condition only")]
    Trailing(String),
    /// The tree is too large.
    #[error("the rule has more than {MAX_NODES} parts; split it into several rules")]
    TooManyNodes,
    /// The tree is too deep.
    #[error("the rule nests deeper than {MAX_DEPTH} levels; split it into several rules")]
    TooDeep,
    /// A name that the table does not have.
    #[error("{table} has no column `{name}`{}", hint(.near.as_deref()))]
    UnknownColumn {
        /// The table.
        table: Table,
        /// The name.
        name: String,
        /// The column that it may have meant.
        near: Option<String>,
    },
    /// A form that rules do not have.
    #[error(
        "`{0}` is not allowed; rules have columns, whole numbers, 'codes', comparisons, AND, OR, NOT, IN, BETWEEN, IS NULL, + and -"
    )]
    NotAllowed(String),
    /// Types that do not go together.
    #[error("`{text}`: {problem}")]
    Type {
        /// The part of the rule.
        text: String,
        /// What is wrong with it, and how to mend it.
        problem: &'static str,
    },
    /// A sum that could pass 2⁶³.
    #[error("the sum of `{0}` over a day could pass 2^63; sum fewer columns")]
    CouldOverflow(String),
}

fn hint(near: Option<&str>) -> String {
    near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}

/// The condition that a text states on the rows of a table.
///
/// ```
/// use model::{fact::Table, rule::parse_predicate};
/// let late = parse_predicate("late_seconds > 0 AND channel IN ('window', 'phone')", Table::Case)?;
/// assert_eq!(late.to_string(), "(late_seconds > 0 AND channel IN ('phone', 'window'))");
/// assert!(parse_predicate("late_seconds > 0; DROP TABLE fact", Table::Case).is_err());
/// # Ok::<(), model::rule::RuleError>(())
/// ```
pub fn parse_predicate(text: &str, table: Table) -> Result<Predicate, RuleError> {
    let expr = parse(text)?;
    let mut lowering = Lowering { table, nodes: 0 };
    lowering.predicate(&expr, 1)
}

/// The number that a text adds up over the rows of a table, with the proof that it cannot overflow.
pub fn parse_sum(text: &str, table: Table) -> Result<Number, RuleError> {
    let expr = parse(text)?;
    let mut lowering = Lowering { table, nodes: 0 };
    let (number, ty) = lowering.number(&expr)?;
    if ty != NumberType::Integer {
        return Err(type_error(&expr, "an instant cannot be summed; take the difference of two"));
    }
    if number.bound().saturating_mul(MAX_ROWS_PER_DAY) >= 1 << 63 {
        return Err(RuleError::CouldOverflow(shorten(text)));
    }
    Ok(number)
}

fn parse(text: &str) -> Result<Expr, RuleError> {
    if text.len() > MAX_RULE_BYTES {
        return Err(RuleError::TooLong { bytes: text.len() });
    }
    let syntax = |error: sqlparser::parser::ParserError| RuleError::Syntax(shorten(&error.to_string()));
    let mut parser = Parser::new(&GenericDialect {}).with_recursion_limit(64).try_with_sql(text).map_err(syntax)?;
    let expr = parser.parse_expr().map_err(syntax)?;
    match parser.peek_token().token {
        Token::EOF => Ok(expr),
        token => Err(RuleError::Trailing(shorten(&token.to_string()))),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NumberType {
    Integer,
    Instant,
}

struct Lowering {
    table: Table,
    nodes: usize,
}

impl Lowering {
    fn count(&mut self, nodes: usize) -> Result<(), RuleError> {
        self.nodes += nodes;
        if self.nodes > MAX_NODES { Err(RuleError::TooManyNodes) } else { Ok(()) }
    }

    fn predicate(&mut self, expr: &Expr, depth: usize) -> Result<Predicate, RuleError> {
        if depth > MAX_DEPTH {
            return Err(RuleError::TooDeep);
        }
        self.count(1)?;
        match strip(expr) {
            Expr::BinaryOp { op: op @ (BinaryOperator::And | BinaryOperator::Or), .. } => {
                let parts = chain(strip(expr), op);
                let parts = parts.into_iter().map(|part| self.predicate(part, depth + 1)).collect::<Result<_, _>>()?;
                Ok(if *op == BinaryOperator::And { Predicate::All(parts) } else { Predicate::Any(parts) })
            }
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => {
                Ok(Predicate::Not(Box::new(self.predicate(expr, depth + 1)?)))
            }
            Expr::BinaryOp { left, op, right } => {
                let how = comparison(op).ok_or_else(|| RuleError::NotAllowed(shorten(&op.to_string())))?;
                self.compare(how, left, right)
            }
            Expr::IsNull(inner) => Ok(Predicate::IsNull(self.any_column(inner)?)),
            Expr::IsNotNull(inner) => Ok(Predicate::Not(Box::new(Predicate::IsNull(self.any_column(inner)?)))),
            Expr::InList { expr: inner, list, negated } => self.in_list(inner, list, *negated),
            Expr::Between { expr: inner, negated, low, high } => {
                let low = self.compare(Comparison::GreaterOrEqual, inner, low)?;
                let high = self.compare(Comparison::LessOrEqual, inner, high)?;
                let both = Predicate::All(vec![low, high]);
                Ok(if *negated { Predicate::Not(Box::new(both)) } else { both })
            }
            Expr::Value(value) => match &value.value {
                Value::Boolean(flag) => Ok(Predicate::Constant(*flag)),
                _ => Err(type_error(expr, "a condition is needed here, such as `late_seconds > 0`")),
            },
            Expr::Identifier(_) => {
                let column = self.any_column(expr)?;
                if column.physical == Physical::Flag {
                    return Ok(Predicate::Flag(column));
                }
                Err(type_error(expr, "this column is not yes-or-no; compare it with something"))
            }
            other => Err(not_allowed(other)),
        }
    }

    fn compare(&mut self, how: Comparison, left: &Expr, right: &Expr) -> Result<Predicate, RuleError> {
        for (one, other) in [(left, right), (right, left)] {
            if let Some(column) = self.code_column(one)? {
                let negated = match how {
                    Comparison::Equal => false,
                    Comparison::NotEqual => true,
                    _ => {
                        return Err(type_error(one, "a code has no order; it takes =, <> and IN only"));
                    }
                };
                let codes = BTreeSet::from([text_literal(other)?]);
                self.count(2)?;
                return Ok(Predicate::CodeIn { column, codes, negated });
            }
        }
        let ((left_number, left_type), (right_number, right_type)) = (self.number(left)?, self.number(right)?);
        if left_type != right_type {
            return Err(type_error(left, "an instant compares only with an instant"));
        }
        Ok(Predicate::Compare { how, left: left_number, right: right_number })
    }

    fn in_list(&mut self, inner: &Expr, list: &[Expr], negated: bool) -> Result<Predicate, RuleError> {
        self.count(list.len() + 1)?;
        let found = if let Some(column) = self.code_column(inner)? {
            let codes = list.iter().map(text_literal).collect::<Result<_, _>>()?;
            Predicate::CodeIn { column, codes, negated: false }
        } else {
            let equal = |item| self.compare(Comparison::Equal, inner, item);
            Predicate::Any(list.iter().map(equal).collect::<Result<_, _>>()?)
        };
        Ok(if negated { Predicate::Not(Box::new(found)) } else { found })
    }

    /// A sum of columns and whole numbers; chains of + and - are walked, not recursed into, however long they are.
    fn number(&mut self, expr: &Expr) -> Result<(Number, NumberType), RuleError> {
        let mut number = Number::literal(0);
        let mut constant: i128 = 0;
        let mut pending = vec![(true, expr)];
        while let Some((plus, part)) = pending.pop() {
            self.count(1)?;
            match strip(part) {
                Expr::BinaryOp { left, op: BinaryOperator::Plus, right } => {
                    pending.extend([(plus, &**right), (plus, &**left)]);
                }
                Expr::BinaryOp { left, op: BinaryOperator::Minus, right } => {
                    pending.extend([(!plus, &**right), (plus, &**left)]);
                }
                Expr::UnaryOp { op: UnaryOperator::Minus, expr } => pending.push((!plus, expr)),
                Expr::Value(value) => {
                    let literal = i128::from(integer_literal(&value.value)?);
                    constant += if plus { literal } else { -literal };
                }
                Expr::Identifier(_) => number.terms.push((plus, self.number_column(part)?)),
                other => return Err(not_allowed(other)),
            }
        }
        number.constant = i64::try_from(constant).map_err(|_| RuleError::CouldOverflow(shorten(&expr.to_string())))?;
        let ty = number_type(&number).ok_or_else(|| {
            type_error(expr, "instants stand alone, or as the difference of two: finished_at - accepted_at")
        })?;
        if ty == NumberType::Integer && number.bound() >= 1 << 62 {
            return Err(RuleError::CouldOverflow(shorten(&expr.to_string())));
        }
        Ok((number, ty))
    }

    fn number_column(&self, expr: &Expr) -> Result<ColumnRef, RuleError> {
        let column = self.any_column(expr)?;
        match column.physical {
            Physical::Integer | Physical::Instant => Ok(column),
            Physical::Code | Physical::Id => Err(type_error(expr, "a code is not a number; compare it with a 'code'")),
            Physical::Flag => Err(type_error(expr, "a yes-or-no column is a condition by itself; write it without =")),
            Physical::Pseudonym => Err(type_error(expr, "a person cannot be named by a rule")),
        }
    }

    fn code_column(&self, expr: &Expr) -> Result<Option<ColumnRef>, RuleError> {
        match strip(expr) {
            Expr::Identifier(_) => {
                Ok(Some(self.any_column(expr)?).filter(|c| matches!(c.physical, Physical::Code | Physical::Id)))
            }
            _ => Ok(None),
        }
    }

    fn any_column(&self, expr: &Expr) -> Result<ColumnRef, RuleError> {
        let Expr::Identifier(ident) = strip(expr) else {
            return Err(not_allowed(expr));
        };
        let found = self.table.columns().find(|column| column.name == ident.value && ident.quote_style.is_none());
        match found {
            Some(column) if column.physical == Physical::Pseudonym => {
                Err(type_error(expr, "a person cannot be named by a rule"))
            }
            Some(column) => Ok(column),
            None => Err(RuleError::UnknownColumn {
                table: self.table,
                name: shorten(&ident.value),
                near: nearest(&ident.value, self.table.columns().map(|column| column.name)),
            }),
        }
    }
}

fn strip(mut expr: &Expr) -> &Expr {
    while let Expr::Nested(inner) = expr {
        expr = inner;
    }
    expr
}

/// The parts of a chain of one operator, in order of writing.
fn chain<'a>(expr: &'a Expr, op: &BinaryOperator) -> Vec<&'a Expr> {
    let mut parts = Vec::new();
    let mut pending = vec![expr];
    while let Some(part) = pending.pop() {
        match strip(part) {
            Expr::BinaryOp { left, op: found, right } if found == op => pending.extend([&**right, &**left]),
            part => parts.push(part),
        }
    }
    parts
}

fn comparison(op: &BinaryOperator) -> Option<Comparison> {
    Some(match op {
        BinaryOperator::Eq => Comparison::Equal,
        BinaryOperator::NotEq => Comparison::NotEqual,
        BinaryOperator::Lt => Comparison::Less,
        BinaryOperator::LtEq => Comparison::LessOrEqual,
        BinaryOperator::Gt => Comparison::Greater,
        BinaryOperator::GtEq => Comparison::GreaterOrEqual,
        _ => return None,
    })
}

fn number_type(number: &Number) -> Option<NumberType> {
    let instants = number.terms.iter().filter(|(_, column)| column.physical == Physical::Instant);
    match instants.fold((0, 0), |(plus, minus), (sign, _)| if *sign { (plus + 1, minus) } else { (plus, minus + 1) }) {
        (plus, minus) if plus == minus => Some(NumberType::Integer),
        (1, 0) if number.terms.len() == 1 && number.constant == 0 => Some(NumberType::Instant),
        _ => None,
    }
}

fn text_literal(expr: &Expr) -> Result<String, RuleError> {
    match strip(expr) {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) if !text.is_empty() => Ok(text.clone()),
            Value::SingleQuotedString(_) => Err(type_error(expr, "an empty code is written IS NULL")),
            _ => Err(type_error(expr, "a code is compared with a text in single quotes")),
        },
        _ => Err(type_error(expr, "a code is compared with a text in single quotes")),
    }
}

fn integer_literal(value: &Value) -> Result<i64, RuleError> {
    match value {
        Value::Number(text, false) => text
            .parse()
            .map_err(|_| RuleError::Type { text: shorten(text), problem: "only whole numbers below 2^63 are allowed" }),
        other => Err(RuleError::Type { text: shorten(&other.to_string()), problem: "a whole number is needed here" }),
    }
}

fn type_error(expr: &Expr, problem: &'static str) -> RuleError {
    RuleError::Type { text: shorten(&expr.to_string()), problem }
}

fn not_allowed(expr: &Expr) -> RuleError {
    RuleError::NotAllowed(shorten(&expr.to_string()))
}

fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(80).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// The name closest to a mistyped one, if any is close.
pub(crate) fn nearest<'a>(wrong: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    let wrong: String = wrong.chars().take(60).collect();
    let best = names.map(|name| (edit_distance(&wrong, name), name)).min()?;
    (best.0 <= 1 + wrong.len() / 4).then(|| best.1.to_owned())
}

fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_lower_to_their_canonical_text() {
        let check = |text: &str, expect: &str| {
            let lowered = parse_predicate(text, Table::Case).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(lowered.to_string(), expect);
            let again = parse_predicate(expect, Table::Case).expect("canonical text is a rule");
            assert_eq!(again.to_string(), expect, "stable");
        };
        check("overdue", "overdue");
        check("NOT overdue AND (finished)", "(NOT overdue AND finished)");
        check("finished_at <= due_at", "finished_at <= due_at");
        check("finished_at - accepted_at < 10", "finished_at - accepted_at < 10");
        check("'x''y' = channel", "channel = 'x''y'");
        check("channel NOT IN ('b','a')", "NOT channel IN ('a', 'b')");
        check("minute_of_day BETWEEN 480 AND 1079", "(minute_of_day >= 480 AND minute_of_day <= 1079)");
        check("rating_level IN (4, 5)", "(rating_level = 4 OR rating_level = 5)");
        check("due_at IS NOT NULL", "NOT due_at IS NULL");
        check("1 - elapsed_seconds + 2 > -3", "-elapsed_seconds + 3 > -3");
        let forty = vec!["rating_level = 1"; 40].join(" OR ");
        check(&forty, &format!("({forty})"));
    }

    #[test]
    fn everything_else_is_refused_with_a_reason() {
        let check = |text: &str, expect: &str| {
            let error = parse_predicate(text, Table::Case).expect_err(text).to_string();
            assert!(error.contains(expect), "{text}: {error}");
        };
        check("", "not an expression");
        check("overdue; DROP TABLE x", "after the end");
        check("overdue overdue", "after the end");
        check("overdu", "did you mean `overdue`?");
        check("\"overdue\"", "no column");
        check("case.overdue", "not allowed");
        check("length(channel) > 1", "not allowed");
        check("elapsed_seconds / 2 > 1", "not allowed");
        check("elapsed_seconds * 2 > 1", "not allowed");
        check("elapsed_seconds % 2 = 1", "not allowed");
        check("CAST(channel AS INT) = 1", "not allowed");
        check("channel LIKE 'a%'", "not allowed");
        check("elapsed_seconds > (SELECT 1)", "not allowed");
        check("EXISTS (SELECT 1)", "not allowed");
        check("random() > 0", "not allowed");
        check("finished_at < now()", "not allowed");
        check("finished_at < CURRENT_TIMESTAMP", "not allowed");
        check("CASE WHEN overdue THEN TRUE ELSE FALSE END", "not allowed");
        check("channel || 'x' = 'y'", "not allowed");
        check("channel < 'a'", "no order");
        check("channel = 5", "single quotes");
        check("channel = ''", "IS NULL");
        check("channel = staff", "single quotes");
        check("overdue = TRUE", "write it without =");
        check("elapsed_seconds", "not yes-or-no");
        check("5", "a condition is needed");
        check("elapsed_seconds > 1.5", "whole numbers");
        check("elapsed_seconds > 99999999999999999999", "whole numbers");
        check("elapsed_seconds > 9223372036854775807 + 9223372036854775807", "could pass");
        check("elapsed_seconds = NULL", "whole number is needed");
        check("finished_at > 5", "only with an instant");
        check("finished_at + due_at > accepted_at", "instants stand alone");
        check("rater = 5", "person");
        check("rater IS NULL", "person");
        check("channel IN (SELECT 'a')", "not allowed");
        check("channel IN ()", "");
        check(&"(".repeat(200), "not an expression");
        check(&vec!["overdue"; 300].join(" OR "), "more than 256");
        check(&"NOT ".repeat(20).replace("NOT ", "NOT (").as_str().to_owned().add_closing(20), "deeper than 16");
        check(&"x".repeat(5000), "5000 bytes");
    }

    trait AddClosing {
        fn add_closing(self, count: usize) -> String;
    }

    impl AddClosing for String {
        fn add_closing(self, count: usize) -> String {
            format!("{self}overdue{}", ")".repeat(count))
        }
    }

    #[test]
    fn a_sum_that_could_overflow_is_refused() {
        assert_eq!(parse_sum("1", Table::Case).map(|n| n.to_string()).as_deref(), Ok("1"));
        assert!(parse_sum("elapsed_seconds", Table::Case).is_ok());
        assert!(parse_sum("finished_at - accepted_at", Table::Case).is_ok());
        assert!(matches!(parse_sum("finished_at", Table::Case), Err(RuleError::Type { .. })));
        let many = ["elapsed_seconds"; 3].join(" + ");
        assert!(matches!(parse_sum(&many, Table::Case), Err(RuleError::CouldOverflow(_))));
        assert!(matches!(parse_sum("4294967296", Table::Case), Err(RuleError::CouldOverflow(_))));
    }
}

//! The facts behind the indicators of one card. Every day is read once, whatever number of indicators asks it.

use super::{FactLine, IndicatorFacts, LeftOut};
use crate::AppError;
use crate::day::{manifest_of, overrides_of};
use crate::home::Home;
use crate::parallel::in_order;
use crate::period::{Cards, PeriodScores};
use lake::kernel::{Overrides, Query, Selection};
use model::fact::{Physical, Table};
use model::rule::{ColumnRef, Number, Predicate};
use model::scheme::{Mark, MarkEffect, MarkTarget, Measure, Merge, UnitKind};
use model::score::{Part, Scorecard, State};
use model::silence::Verdict;
use model::time::Day;
use std::collections::{BTreeMap, BTreeSet};
use store::SealedDay;
use tokio::runtime::Handle;

/// The facts behind every indicator of one card, by its position.
pub(super) fn facts(
    home: &Home,
    scores: &PeriodScores,
    card: usize,
    threads: usize,
    runtime: &Handle,
) -> Result<Vec<IndicatorFacts>, AppError> {
    let Cards::First(cards) = &scores.cards else { return Ok(Vec::new()) };
    let of = Of { scores, card: &cards[card], overrides: overrides_of(&scores.rulings) };
    let indicators = of.indicators();
    let wanted: Vec<Wanted<'_>> =
        indicators.iter().enumerate().flat_map(|(at, indicator)| of.wanted(at, *indicator)).collect();
    let asked: Vec<Asked<'_>> = wanted.iter().map(|wanted| Asked::of(&of, wanted)).collect();
    let days = days(home, scores, runtime)?;
    let mut found: Vec<Vec<FactLine>> = indicators.iter().map(|_| Vec::new()).collect();
    in_order(
        threads,
        days.len(),
        |at| of.day(home, &days[at], &asked, runtime),
        |_, lines| {
            for (at, line) in lines? {
                found[at].push(line);
            }
            Ok(())
        },
    )?;
    Ok(indicators.into_iter().zip(found).map(|(indicator, facts)| of.settled(indicator, facts)).collect())
}

/// The days that the score was made of, in the revisions that it was made of; those that only long indicators look back
/// on included.
fn days(home: &Home, scores: &PeriodScores, runtime: &Handle) -> Result<Vec<SealedDay>, AppError> {
    let Some(gathered) = &scores.gathered else { return Ok(Vec::new()) };
    let last = scores.period.days().1;
    let first = model::tally::PeriodSum::first_day(&scores.scheme.measures, scores.period);
    let wanted = gathered.days.iter().copied().filter(|(day, _)| (first..=last).contains(day)).collect();
    let sealed = runtime.block_on(home.store.sealed_as(&wanted))?;
    let found: BTreeSet<Day> = sealed.iter().map(|sealed| sealed.day).collect();
    match wanted.keys().find(|day| !found.contains(day)) {
        None => Ok(sealed),
        Some(day) => Err(AppError::Unreadable {
            what: format!("the revision of {day} that was scored"),
            problem: "it is not in the database".to_owned(),
        }),
    }
}

/// What the facts are those of.
struct Of<'a> {
    scores: &'a PeriodScores,
    card: &'a Scorecard,
    overrides: Overrides,
}

/// Facts of one table that count above the line, below it, or both.
struct Wanted<'a> {
    /// The indicator, by its place in the list.
    at: usize,
    measures: [Option<&'a Measure>; 2],
    table: Table,
    target: Option<MarkTarget>,
    /// Cases that stayed silent.
    silent: bool,
    conditions: [Predicate; 2],
    numbers: [Number; 2],
    rows: Predicate,
    marks: Vec<Mark>,
}

/// The same as a question to the facts files.
struct Asked<'a> {
    wanted: &'a Wanted<'a>,
    selection: Selection<'a>,
    /// From which day on each of both counts.
    from: [Option<Day>; 2],
}

impl<'a> Asked<'a> {
    fn of(of: &Of<'_>, wanted: &'a Wanted<'a>) -> Self {
        let texts: &[&'static str] = match wanted.target {
            Some(MarkTarget::Rating) => &["window", "rating_source", "rating_id"],
            _ => &["window", "source", "source_id"],
        };
        let selection = Selection::new(Query {
            table: wanted.table,
            wanted: Some(&wanted.rows),
            texts,
            numbers: &wanted.numbers,
            tests: &wanted.conditions,
            marks: &wanted.marks,
        });
        let period = of.scores.period;
        let from = wanted.measures.map(|measure| measure.map(|measure| period.trailing_from(measure.trail_months)));
        Self { wanted, selection, from }
    }

    fn looks_at(&self, day: Day) -> bool {
        self.from.iter().flatten().any(|from| *from <= day)
    }
}

impl<'a> Of<'a> {
    /// The indicators of the card that have facts.
    fn indicators(&self) -> Vec<usize> {
        let lines = self.card.parts.iter().flat_map(|part| &part.lines);
        let indicators: BTreeSet<usize> =
            lines.filter(|line| line.state != State::NotApplicable).map(|line| line.indicator).collect();
        indicators.into_iter().filter(|at| self.scores.scheme.indicators[*at].ratio.is_some()).collect()
    }

    fn wanted(&self, at: usize, indicator: usize) -> Vec<Wanted<'a>> {
        let scheme = &self.scores.scheme;
        let Some((above, below)) = scheme.indicators[indicator].ratio else { return Vec::new() };
        let (above, below) = (&scheme.measures[above], &scheme.measures[below]);
        let of_one_table = above.table == below.table && above.mark_target() == below.mark_target();
        let mut pairs = if of_one_table {
            vec![([Some(above), Some(below)], false)]
        } else {
            vec![([Some(above), None], false), ([None, Some(below)], false)]
        };
        if let Some(ratings) = scheme.ratings.as_ref().filter(|ratings| ratings.indicator == indicator) {
            let silent = Some(&scheme.measures[ratings.silent]);
            pairs.push(([silent, silent], true));
        }
        pairs.into_iter().filter_map(|(measures, silent)| self.of_table(at, measures, silent)).collect()
    }

    /// `None`: the table does not know whose its facts are.
    fn of_table(&self, at: usize, measures: [Option<&'a Measure>; 2], silent: bool) -> Option<Wanted<'a>> {
        let measure = measures.into_iter().flatten().next()?;
        let (table, target) = (measure.table, measure.mark_target());
        let name = if self.card.kind == UnitKind::Window { "window" } else { "staff" };
        let (_, column) = table.column(name)?;
        let conditions = measures.map(|measure| measure.map_or_else(|| Predicate::Constant(false), counted));
        let mine = Predicate::CodeIn { column, codes: BTreeSet::from([self.card.unit.clone()]), negated: false };
        let rows = mine.and(Predicate::Any(conditions.to_vec()));
        let numbers = measures.map(|measure| measure.map_or_else(|| Number::literal(0), |m| m.sum.clone()));
        let excludes = |mark: &&Mark| {
            mark.effect == MarkEffect::Exclude && target.is_some_and(|target| mark.targets.contains(&target))
        };
        let marks = self.scores.scheme.marks.iter().filter(excludes).cloned().collect();
        Some(Wanted { at, measures, table, target, silent, conditions, numbers, rows, marks })
    }

    /// The facts of one day, each with the place of its indicator in the list.
    fn day(
        &self,
        home: &Home,
        day: &SealedDay,
        asked: &[Asked<'_>],
        runtime: &Handle,
    ) -> Result<Vec<(usize, FactLine)>, AppError> {
        let mut by_table: BTreeMap<Table, Vec<&Asked<'_>>> = BTreeMap::new();
        for asked in asked.iter().filter(|asked| asked.looks_at(day.day)) {
            by_table.entry(asked.wanted.table).or_default().push(asked);
        }
        let mut lines = Vec::new();
        if by_table.is_empty() {
            return Ok(lines);
        }
        let manifest = manifest_of(day)?;
        for (table, asked) in by_table {
            let Some(file) = manifest.file(table) else { continue };
            let columns: BTreeSet<&str> = asked.iter().flat_map(|asked| asked.selection.columns()).collect();
            let columns: Vec<&str> = columns.into_iter().collect();
            let batches = runtime.block_on(home.files.batches(file, &columns))?.collect::<Result<Vec<_>, _>>()?;
            for asked in asked {
                let rows = asked.selection.rows(|_| Ok::<_, AppError>(batches.iter().cloned().map(Ok)))?;
                lines.extend(
                    rows.into_iter().filter_map(|row| Some((asked.wanted.at, self.line(day.day, asked, row)?))),
                );
            }
        }
        Ok(lines)
    }

    /// A row as a fact of the card; `None` if it lies before what either side of the line looks back on.
    fn line(&self, day: Day, asked: &Asked<'_>, row: lake::kernel::SelectedRow) -> Option<FactLine> {
        let counts = |at: usize| row.holds[at] && asked.from[at].is_some_and(|from| from <= day);
        if !(0..2).any(counts) {
            return None;
        }
        let value = |at: usize| if counts(at) { row.numbers[at].unwrap_or(0) } else { 0 };
        let (numerator, denominator) = (value(0), value(1));
        let mut texts = row.texts.into_iter();
        let mut text = || texts.next().unwrap_or_default();
        let (window, source, source_id) = (text(), text(), text());
        let mark = asked.wanted.marks.iter().zip(&row.marks).find(|(_, hit)| **hit).map(|(mark, _)| mark);
        let mut left_out = self.left_out(&source, &source_id, mark);
        if asked.wanted.silent && !self.silence_counts(&window) {
            left_out.get_or_insert(LeftOut::Silence);
        }
        let silent = asked.wanted.silent;
        Some(FactLine { day, window, source, source_id, numerator, denominator, silent, left_out })
    }

    fn left_out(&self, source: &str, source_id: &str, mark: Option<&Mark>) -> Option<LeftOut> {
        let identity = (source.to_owned(), source_id.to_owned());
        if self.overrides.excluded.contains(&identity) {
            let ruling = self.scores.rulings.on_fact(source, source_id);
            return Some(LeftOut::Ruling(ruling.map(|ruling| ruling.reason.clone()).unwrap_or_default()));
        }
        let mark = mark.filter(|_| !self.overrides.restored.contains(&identity))?;
        Some(LeftOut::Rule(mark.id.clone(), mark.reason.clone()))
    }

    /// Whether silence counts at a window.
    fn silence_counts(&self, window: &str) -> bool {
        let verdicts = self.scores.gathered.as_ref().map(|gathered| &gathered.silence);
        verdicts.and_then(|all| all.get(window)).is_some_and(Verdict::admits)
    }

    /// What only shows when all facts of an indicator are there: their order, and which of them stand aside.
    fn settled(&self, indicator: usize, mut facts: Vec<FactLine>) -> IndicatorFacts {
        let scheme = &self.scores.scheme;
        // Silent cases come after the ratings.
        facts.sort_by(|a, b| {
            (a.silent, a.day, &a.source, &a.source_id).cmp(&(b.silent, b.day, &b.source, &b.source_id))
        });
        let measures = scheme.indicators[indicator].ratio.map(|(above, below)| [above, below]);
        if measures.into_iter().flatten().any(|measure| scheme.measures[measure].merge == Merge::Last) {
            let last = facts.iter().filter(|fact| fact.left_out.is_none()).map(|fact| fact.day).max();
            for fact in facts.iter_mut().filter(|fact| fact.left_out.is_none() && Some(fact.day) != last) {
                fact.left_out = Some(LeftOut::Superseded);
            }
        }
        // A person's facts at a window whose type does not have the indicator count elsewhere.
        if self.card.kind == UnitKind::Staff {
            facts.retain(|fact| counts_at(self.card, indicator, &fact.window));
        }
        IndicatorFacts { indicator, facts }
    }
}

/// Whether facts at a window count for an indicator on a person's card.
fn counts_at(card: &Scorecard, indicator: usize, window: &str) -> bool {
    let has =
        |part: &&Part| part.lines.iter().any(|line| line.indicator == indicator && line.state != State::NotApplicable);
    card.parts.iter().filter(has).any(|part| part.takes.iter().any(|taken| taken == window))
}

/// A measure's condition with the rule that an empty value does not count.
fn counted(measure: &Measure) -> Predicate {
    let nullable = |column: &&ColumnRef| column.nullable && column.physical != Physical::Pseudonym;
    let columns: Vec<ColumnRef> = measure.sum.terms.iter().map(|(_, column)| *column).collect();
    columns.iter().filter(nullable).fold(measure.condition.clone(), |condition, column| {
        condition.and(Predicate::Not(Box::new(Predicate::IsNull(column))))
    })
}

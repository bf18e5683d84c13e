//! Where every point came from, down to the facts that count and those that are left out.

use crate::day::{manifest_of, overrides_of, rows_of};
use crate::home::Home;
use crate::parallel::in_order;
use crate::period::{Ask, Basis, Beside, Cards, PeriodScores, check_period, ranked, wrong_period};
use crate::{AppError, PeriodFix};
use lake::DayManifest;
use lake::kernel::{Query, Selection};
use model::fact::Physical;
use model::period::Period;
use model::rule::{ColumnRef, Number, Predicate};
use model::scheme::{Mark, MarkEffect, MarkTarget, Measure, Merge, Name, Scheme, UnitKind};
use model::score::{Part, Scorecard, State};
use model::silence::Verdict;
use model::time::Day;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tokio::runtime::Handle;

/// A fact behind an indicator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactLine {
    /// The day it is filed under.
    pub day: Day,
    /// The window.
    pub window: String,
    /// The system that reported it.
    pub source: String,
    /// Its id there.
    pub source_id: String,
    /// What it adds above the line.
    pub numerator: i64,
    /// What it adds below the line.
    pub denominator: i64,
    /// A case that was asked for a rating and stayed silent.
    pub silent: bool,
    /// Why it is left out, if it is.
    pub left_out: Option<LeftOut>,
}

/// Why a fact is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// A rule of the scheme marks it.
    Rule(String, Name),
    /// A ruling leaves it out.
    Ruling(String),
    /// A later day's figure stands instead.
    Superseded,
    /// Nobody rated, and silence does not count at this window.
    Silence,
}

/// The facts behind one indicator.
#[derive(Clone, Debug)]
pub struct IndicatorFacts {
    /// The indicator, by position in the scheme.
    pub indicator: usize,
    /// The facts, by day and id.
    pub facts: Vec<FactLine>,
}

/// A unit's card with the facts behind it.
#[derive(Debug)]
pub struct Explained {
    /// The period's scores.
    pub scores: PeriodScores,
    /// Which card.
    pub card: usize,
    /// The facts, indicator by indicator.
    pub facts: Vec<IndicatorFacts>,
    /// How sure the score is, and what makes it unsure; `None` if there is none.
    pub uncertainty: Option<insight::uncertainty::Explained>,
}

impl Explained {
    /// The card.
    #[must_use]
    pub fn card(&self) -> Option<&Scorecard> {
        match &self.scores.cards {
            Cards::First(cards) => cards.get(self.card),
            Cards::Longer(_) => None,
        }
    }

    /// The explanation as JSON: the unit as `score --json` has it, and the facts of every indicator.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut json = self.scores.to_json();
        let unit = json["units"].get(self.card).cloned().unwrap_or_default();
        let facts: serde_json::Map<String, Value> = self
            .facts
            .iter()
            .map(|of| {
                let id = self.scores.scheme.indicators[of.indicator].id.to_string();
                (id, of.facts.iter().map(FactLine::to_json).collect())
            })
            .collect();
        json["unit"] = unit;
        json["facts"] = Value::Object(facts);
        json["uncertainty"] = self.uncertainty.as_ref().map(|drawn| drawn.to_json(&self.scores.scheme)).into();
        if let Some(object) = json.as_object_mut() {
            object.remove("units");
            object.remove("outcomes");
        }
        json
    }
}

impl FactLine {
    fn to_json(&self) -> Value {
        json!({
            "day": self.day,
            "window": self.window,
            "source": self.source,
            "source_id": self.source_id,
            "numerator": self.numerator.to_string(),
            "denominator": self.denominator.to_string(),
            "left_out": self.left_out.as_ref().map(|why| match why {
                LeftOut::Rule(id, reason) => json!({"rule": id, "reason": reason.zh}),
                LeftOut::Ruling(reason) => json!({"ruling": reason}),
                LeftOut::Superseded => json!({"superseded": true}),
                LeftOut::Silence => json!({"silence": true}),
            }),
            "silent": self.silent,
        })
    }
}

/// Explains a window's or a person's score. The unit is looked for among windows first.
pub fn explain(
    home: &Home,
    unit: &str,
    period: Period,
    scheme: Option<&std::path::Path>,
    threads: usize,
    runtime: &Handle,
) -> Result<Explained, AppError> {
    let scheme = home.scheme(scheme)?;
    if check_period(&scheme, period).is_err() {
        return Err(wrong_period(&scheme, period, PeriodFix::ExplainBasePeriod));
    }
    let ask = Ask { period, scheme: None, kind: UnitKind::Window, beside: Beside::Nothing, threads };
    let basis = Basis::of(home, &scheme, &ask, runtime)?;
    let mut near = Vec::new();
    for kind in [UnitKind::Window, UnitKind::Staff] {
        let cards = ranked(&basis.inputs(&basis.scheme, &basis.gathered), kind);
        if let Some(card) = cards.iter().position(|card| card.unit == unit) {
            let uncertainty = basis.explain(kind, &cards, &cards[card]);
            let scores = basis.into_scores(cards);
            let facts = facts(home, &scores, card, threads, runtime)?;
            return Ok(Explained { scores, card, facts, uncertainty });
        }
        near.extend(
            cards
                .iter()
                .filter(|card| card.unit.contains(unit) || unit.contains(&card.unit))
                .map(|card| card.unit.clone())
                .take(5),
        );
    }
    Err(AppError::UnknownUnit { unit: unit.to_owned(), period: period.to_string(), near })
}

/// The facts behind every indicator of one card, by its position.
fn facts(
    home: &Home,
    scores: &PeriodScores,
    card: usize,
    threads: usize,
    runtime: &Handle,
) -> Result<Vec<IndicatorFacts>, AppError> {
    let Cards::First(cards) = &scores.cards else { return Ok(Vec::new()) };
    let card = &cards[card];
    let facts = Facts { home, scores, card, days: Vec::new(), runtime }.with_days()?;
    let lines = card.parts.iter().flat_map(|part| &part.lines);
    let indicators: BTreeSet<usize> =
        lines.filter(|line| line.state != State::NotApplicable).map(|line| line.indicator).collect();
    let indicators: Vec<usize> =
        indicators.into_iter().filter(|at| scores.scheme.indicators[*at].ratio.is_some()).collect();
    let mut found = Vec::with_capacity(indicators.len());
    in_order(
        threads,
        indicators.len(),
        |at| facts.of_indicator(indicators[at]),
        |_, facts| {
            found.extend(facts?);
            Ok(())
        },
    )?;
    Ok(found)
}

struct Facts<'a> {
    home: &'a Home,
    scores: &'a PeriodScores,
    card: &'a Scorecard,
    /// The days that the score was made of, those that only long indicators look back on included.
    days: Vec<DayManifest>,
    runtime: &'a Handle,
}

impl Facts<'_> {
    fn with_days(mut self) -> Result<Self, AppError> {
        let last = self.scores.period.days().1;
        let first = model::tally::PeriodSum::first_day(&self.scores.scheme.measures, self.scores.period);
        self.days = self.days(first, last)?;
        Ok(self)
    }

    fn of_indicator(&self, indicator: usize) -> Result<Option<IndicatorFacts>, AppError> {
        let scheme = &self.scores.scheme;
        let Some(ratio) = scheme.indicators[indicator].ratio else { return Ok(None) };
        let mut facts = self.of_ratio(scheme, ratio)?;
        if let Some(ratings) = scheme.ratings.as_ref().filter(|ratings| ratings.indicator == indicator) {
            facts.extend(self.silent(scheme, &scheme.measures[ratings.silent])?);
        }
        // A person's facts at a window whose type does not have the indicator count elsewhere.
        if self.card.kind == UnitKind::Staff {
            facts.retain(|fact| counts_at(self.card, indicator, &fact.window));
        }
        Ok(Some(IndicatorFacts { indicator, facts }))
    }

    /// The days that the score was made of, in the revisions that it was made of.
    fn days(&self, first: Day, last: Day) -> Result<Vec<DayManifest>, AppError> {
        let Some(gathered) = &self.scores.gathered else { return Ok(Vec::new()) };
        let mut days = Vec::new();
        for (day, facts) in gathered.days.iter().filter(|(day, _)| (first..=last).contains(day)) {
            let sealed = self.runtime.block_on(self.home.store.sealed_as(*day, *facts))?;
            let sealed = sealed.ok_or_else(|| AppError::Unreadable {
                what: format!("the revision of {day} that was scored"),
                problem: "it is not in the database".to_owned(),
            })?;
            days.push(manifest_of(&sealed)?);
        }
        Ok(days)
    }

    fn of_ratio(&self, scheme: &Scheme, ratio: (usize, usize)) -> Result<Vec<FactLine>, AppError> {
        let (above, below) = (&scheme.measures[ratio.0], &scheme.measures[ratio.1]);
        let mut facts = self.of_tables(scheme, above, below)?;
        facts.sort_by(|a, b| (a.day, &a.source, &a.source_id).cmp(&(b.day, &b.source, &b.source_id)));
        if above.merge == Merge::Last || below.merge == Merge::Last {
            let last = facts.iter().filter(|fact| fact.left_out.is_none()).map(|fact| fact.day).max();
            for fact in facts.iter_mut().filter(|fact| fact.left_out.is_none() && Some(fact.day) != last) {
                fact.left_out = Some(LeftOut::Superseded);
            }
        }
        Ok(facts)
    }

    /// Cases that stayed silent: counted above and below the line where the silence of their window counts.
    fn silent(&self, scheme: &Scheme, measure: &Measure) -> Result<Vec<FactLine>, AppError> {
        let verdicts = self.scores.gathered.as_ref().map(|gathered| &gathered.silence);
        let admits = |window: &str| verdicts.and_then(|all| all.get(window)).is_some_and(Verdict::admits);
        let mut facts = self.of_table(scheme, Some(measure), Some(measure))?;
        for fact in &mut facts {
            fact.silent = true;
            if !admits(&fact.window) {
                fact.left_out.get_or_insert(LeftOut::Silence);
            }
        }
        Ok(facts)
    }

    /// The facts of one table, or of two where numerator and denominator look at different ones.
    fn of_tables(&self, scheme: &Scheme, above: &Measure, below: &Measure) -> Result<Vec<FactLine>, AppError> {
        if above.table == below.table && above.mark_target() == below.mark_target() {
            return self.of_table(scheme, Some(above), Some(below));
        }
        let mut facts = self.of_table(scheme, Some(above), None)?;
        facts.extend(self.of_table(scheme, None, Some(below))?);
        Ok(facts)
    }

    fn of_table(
        &self,
        scheme: &Scheme,
        above: Option<&Measure>,
        below: Option<&Measure>,
    ) -> Result<Vec<FactLine>, AppError> {
        let Some(measure) = above.or(below) else { return Ok(Vec::new()) };
        let table = measure.table;
        let column = if self.card.kind == UnitKind::Window { "window" } else { "staff" };
        let Some((_, unit_column)) = table.column(column) else { return Ok(Vec::new()) };
        let never = || Predicate::Constant(false);
        let conditions = [above, below].map(|measure| measure.map_or_else(never, counted));
        let mine =
            Predicate::CodeIn { column: unit_column, codes: BTreeSet::from([self.card.unit.clone()]), negated: false };
        let wanted = mine.and(Predicate::Any(conditions.to_vec()));
        let numbers = [above, below].map(|measure| measure.map_or_else(|| Number::literal(0), |m| m.sum.clone()));
        let target = measure.mark_target();
        let marks: Vec<Mark> = scheme
            .marks
            .iter()
            .filter(|mark| {
                mark.effect == MarkEffect::Exclude && target.is_some_and(|target| mark.targets.contains(&target))
            })
            .cloned()
            .collect();
        let spans =
            [above, below].map(|measure| measure.map(|measure| self.scores.period.trailing_from(measure.trail_months)));
        let overrides = overrides_of(&self.scores.rulings);
        let texts: &[&'static str] = match target {
            Some(MarkTarget::Rating) => &["window", "rating_source", "rating_id"],
            _ => &["window", "source", "source_id"],
        };
        let query = Query { table, wanted: Some(&wanted), texts, numbers: &numbers, tests: &conditions, marks: &marks };
        let selection = Selection::new(query);
        let first = spans.iter().flatten().min().copied();
        let mut facts = Vec::new();
        for day in self.days.iter().filter(|day| first.is_some_and(|first| first <= day.day)) {
            for row in rows_of(self.home, day, &selection, self.runtime)? {
                let in_span = |at: usize| spans[at].is_some_and(|from| from <= day.day);
                let value = |at: usize| if row.holds[at] && in_span(at) { row.numbers[at].unwrap_or(0) } else { 0 };
                if !(0..2).any(|at| row.holds[at] && in_span(at)) {
                    continue;
                }
                let [window, source, source_id] = [&row.texts[0], &row.texts[1], &row.texts[2]].map(Clone::clone);
                let identity = (source.clone(), source_id.clone());
                let marked = marks.iter().zip(&row.marks).find(|(_, hit)| **hit).map(|(mark, _)| mark);
                let left_out = if overrides.excluded.contains(&identity) {
                    let ruling = self.scores.rulings.on_fact(&source, &source_id);
                    Some(LeftOut::Ruling(ruling.map(|ruling| ruling.reason.clone()).unwrap_or_default()))
                } else if overrides.restored.contains(&identity) {
                    None
                } else {
                    marked.map(|mark| LeftOut::Rule(mark.id.clone(), mark.reason.clone()))
                };
                facts.push(FactLine {
                    day: day.day,
                    window,
                    source,
                    source_id,
                    numerator: value(0),
                    denominator: value(1),
                    silent: false,
                    left_out,
                });
            }
        }
        Ok(facts)
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

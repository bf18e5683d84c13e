//! Where every point came from, down to the facts that count and those that are left out.

mod facts;

use crate::home::Home;
use crate::period::{Ask, Basis, Beside, Cards, PeriodScores, check_period, ranked, wrong_period};
use crate::{AppError, PeriodFix};
use facts::facts;
use model::period::Period;
use model::scheme::{Name, UnitKind};
use model::score::Scorecard;
use model::time::Day;
use serde_json::{Value, json};
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

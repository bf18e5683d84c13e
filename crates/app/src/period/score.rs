//! Scores of a period: from frozen inputs, or, while it is open, from what is sealed so far.

use super::freeze::Frozen;
use super::gather::{Gathered, Wanted, gather};
use super::outcomes::{Outcomes, outcomes};
use crate::day::open_days;
use crate::home::Home;
use crate::{AppError, PeriodFix};
use insight::uncertainty::Uncertainty;
use model::calendar::OfficeClock;
use model::canonical::Digest;
use model::outcome::grade;
use model::period::Period;
use model::register::Register;
use model::ruling::Rulings;
use model::scheme::{LongerPeriods, Scheme, UnitKind};
use model::score::{
    ALGORITHM, Inputs, LongerCard, Peers, Scorecard, mean_of_periods, rank, score, units_digest, units_json,
};
use model::tally::Tally;
use model::time::Day;
use serde_json::{Value, json};
use std::path::Path;
use tokio::runtime::Handle;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// The period.
    pub period: Period,
    /// Another scheme than the home's.
    pub scheme: Option<&'a Path>,
    /// Windows or people.
    pub kind: UnitKind,
    /// What is computed beside the scores.
    pub beside: Beside,
    /// Threads to count days and to draw with.
    pub threads: usize,
}

/// What is computed beside scores of first hand. No score depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Beside {
    /// Nothing.
    Nothing,
    /// How sure they are.
    Intervals,
    /// That, and what the quotas lead to.
    Outcomes,
}

/// How far a score can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeriodState {
    /// The inputs are frozen.
    Closed,
    /// The inputs may still change: the score is provisional.
    Open,
}

/// Scorecards of first hand, or means of base periods.
#[derive(Debug)]
pub enum Cards {
    /// Scored at first hand.
    First(Vec<Scorecard>),
    /// Means of base periods.
    Longer(Vec<LongerCard>),
}

/// The scores of a period.
#[derive(Debug)]
pub struct PeriodScores {
    /// The period.
    pub period: Period,
    /// Closed or open.
    pub state: PeriodState,
    /// The scheme.
    pub scheme: Scheme,
    /// The cards.
    pub cards: Cards,
    /// What was counted, for scores of first hand.
    pub gathered: Option<Gathered>,
    /// The decisions of people that entered.
    pub rulings: Rulings,
    /// The frozen inputs with their digests, if closed.
    pub inputs: Option<Value>,
    /// How sure the scores are, card by card, if it was asked.
    pub uncertainty: Option<Uncertainty>,
    /// What the quotas lead to, if it was asked and there are any.
    pub outcomes: Option<Outcomes>,
}

/// Whether a scheme scores a period at first hand.
#[must_use]
pub fn can_be_scored(scheme: &Scheme, period: Period) -> bool {
    check_period(scheme, period).is_ok()
}

/// Refuses a period that the scheme cannot score at first hand.
pub(crate) fn check_period(scheme: &Scheme, period: Period) -> Result<(), AppError> {
    if matches!(period, Period::Days { .. })
        || period.base() == Some(scheme.base_period)
        || scheme.longer_periods == LongerPeriods::Pooled
    {
        return Ok(());
    }
    Err(wrong_period(scheme, period, PeriodFix::CloseBasePeriods))
}

pub(crate) fn wrong_period(scheme: &Scheme, period: Period, fix: PeriodFix) -> AppError {
    let base = serde_json::to_value(scheme.base_period).ok().and_then(|base| base.as_str().map(str::to_owned));
    AppError::WrongPeriod { period: period.to_string(), base: base.unwrap_or_default(), fix }
}

/// The scores of a period.
pub fn score_period(home: &Home, ask: &Ask<'_>, runtime: &Handle) -> Result<PeriodScores, AppError> {
    let scheme = home.scheme(ask.scheme)?;
    if check_period(&scheme, ask.period).is_ok() {
        return first_hand(home, &scheme, ask, runtime);
    }
    let parts = ask.period.parts(scheme.base_period);
    let parts = parts.ok_or_else(|| wrong_period(&scheme, ask.period, PeriodFix::NameWholePeriods))?;
    let mut state = PeriodState::Closed;
    let mut periods = Vec::new();
    for part in &parts {
        let scores = match first_hand(home, &scheme, &Ask { period: *part, beside: Beside::Nothing, ..*ask }, runtime) {
            Err(AppError::NothingSealed { .. }) => continue,
            other => other?,
        };
        if scores.state == PeriodState::Open {
            state = PeriodState::Open;
        }
        if let Cards::First(cards) = scores.cards {
            periods.push((*part, cards));
        }
    }
    if periods.is_empty() {
        return Err(AppError::NothingSealed { period: ask.period.to_string() });
    }
    if periods.len() < parts.len() {
        state = PeriodState::Open;
    }
    let cards = Cards::Longer(mean_of_periods(&periods, parts.len()));
    Ok(PeriodScores {
        period: ask.period,
        state,
        scheme,
        cards,
        gathered: None,
        rulings: Rulings::default(),
        inputs: None,
        uncertainty: None,
        outcomes: None,
    })
}

fn first_hand(home: &Home, scheme: &Scheme, ask: &Ask<'_>, runtime: &Handle) -> Result<PeriodScores, AppError> {
    tracing::debug!(period = %ask.period, "reading inputs");
    let basis = Basis::of(home, scheme, ask, runtime)?;
    tracing::debug!(period = %ask.period, "scoring");
    let cards = ranked(&basis.inputs(&basis.scheme, &basis.gathered), ask.kind);
    let uncertainty = (ask.beside >= Beside::Intervals).then(|| basis.uncertainty(ask.kind, &cards, ask.threads));
    let outcomes = match &uncertainty {
        Some(drawn) if ask.beside == Beside::Outcomes => outcomes(home, &basis, (&cards, drawn), ask, runtime)?,
        _ => None,
    };
    Ok(PeriodScores { uncertainty, outcomes, ..basis.into_scores(cards) })
}

/// Everything that the scores of a period are made from.
pub(crate) struct Basis {
    pub(crate) period: Period,
    pub(crate) state: PeriodState,
    pub(crate) scheme: Scheme,
    pub(crate) register: Register,
    pub(crate) clock: OfficeClock,
    pub(crate) rulings: Rulings,
    pub(crate) gathered: Gathered,
    /// The frozen inputs with their digests, if closed.
    inputs: Option<Value>,
}

impl Basis {
    /// The frozen inputs of a period, or, while it is open, what is sealed so far.
    pub(crate) fn of(home: &Home, scheme: &Scheme, ask: &Ask<'_>, runtime: &Handle) -> Result<Self, AppError> {
        let period = ask.period;
        if let Some(frozen) = runtime.block_on(Frozen::load(home, period, scheme.digest()))? {
            let Frozen { scheme, register, clock, rulings, gathered, inputs, .. } = frozen;
            let state = PeriodState::Closed;
            return Ok(Self { period, state, scheme, register, clock, rulings, gathered, inputs: Some(inputs) });
        }
        let (first, last) = period.days();
        let open = runtime.block_on(open_days(home, last))?;
        let dirty: Vec<_> = open.iter().filter(|open| open.again && open.day >= first).map(|open| open.day).collect();
        if let Some(first) = dirty.first() {
            return Err(AppError::NotSealed { period: period.to_string(), count: dirty.len(), first: *first });
        }
        let basis = Self::so_far(home, scheme, (period, None), ask.threads, runtime)?;
        if !basis.gathered.days.iter().any(|(day, _)| *day >= first) {
            return Err(AppError::NothingSealed { period: period.to_string() });
        }
        Ok(basis)
    }

    /// What is sealed so far of an open period, with what the open day holds.
    pub(crate) fn so_far(
        home: &Home,
        scheme: &Scheme,
        (period, open): (Period, Option<(Day, &Tally)>),
        threads: usize,
        runtime: &Handle,
    ) -> Result<Self, AppError> {
        let wanted = Wanted { scheme, register: &home.register, rulings: &home.rulings, period, open };
        let gathered = gather(home, &wanted, threads, runtime)?;
        Ok(Self {
            period,
            state: PeriodState::Open,
            scheme: scheme.clone(),
            register: home.register.clone(),
            clock: home.clock.clone(),
            rulings: home.rulings.clone(),
            gathered,
            inputs: None,
        })
    }

    /// The scores that were made from it.
    pub(crate) fn into_scores(self, cards: Vec<Scorecard>) -> PeriodScores {
        let Self { period, state, scheme, rulings, gathered, inputs, .. } = self;
        let (cards, gathered) = (Cards::First(cards), Some(gathered));
        PeriodScores { period, state, scheme, cards, gathered, rulings, inputs, uncertainty: None, outcomes: None }
    }

    /// The inputs of a score under a scheme, which may be another one than the period's own.
    pub(crate) fn inputs<'a>(&'a self, scheme: &'a Scheme, gathered: &'a Gathered) -> Inputs<'a> {
        Inputs {
            scheme,
            period: self.period,
            register: &self.register,
            clock: &self.clock,
            tally: &gathered.tally,
            priors: &gathered.priors,
            history: &gathered.history,
            silence: &gathered.silence,
            incidents: &gathered.incidents,
            rulings: &self.rulings,
        }
    }
}

/// The cards with their places and grades.
pub(crate) fn ranked(inputs: &Inputs<'_>, kind: UnitKind) -> Vec<Scorecard> {
    let mut cards = score(inputs, kind);
    rank(&mut cards);
    let peers = Peers::new(inputs.register, inputs.period, kind, inputs.scheme.peers_at_least);
    grade(inputs.scheme.quota.as_ref(), &peers, &mut cards);
    cards
}

impl PeriodScores {
    /// SHA-256 over the canonical JSON of the units.
    #[must_use]
    pub fn digest(&self) -> Digest {
        match &self.cards {
            Cards::First(cards) => units_digest(&self.scheme, cards),
            Cards::Longer(cards) => Digest::of_json(&cards.iter().map(longer_unit).collect()),
        }
    }

    /// What `score --json` prints.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let units = match &self.cards {
            Cards::First(cards) => json!(units_json(&self.scheme, cards)),
            Cards::Longer(cards) => cards.iter().map(longer_unit).collect(),
        };
        json!({
            "period": self.period,
            "state": if self.state == PeriodState::Closed { "closed" } else { "open" },
            "scheme": {"id": self.scheme.id, "version": self.scheme.version, "digest": self.scheme.digest()},
            "algorithm": ALGORITHM,
            "units": units,
            "digest": self.digest(),
            "inputs": self.inputs,
            "uncertainty": self.uncertainty.as_ref().map(Uncertainty::to_json),
            "outcomes": self.outcomes.as_ref().map(Outcomes::to_json),
        })
    }
}

fn longer_unit(card: &LongerCard) -> Value {
    let nine = |ratio: &model::exact::Ratio| ratio.to_decimal(9, model::exact::Rounding::HalfEven);
    json!({
        "unit": card.unit,
        "kind": card.kind,
        "name": card.name,
        "score": card.score(),
        "exact": card.mean.as_ref().ok().map(nine),
        "periods": card.periods.iter().map(|(period, score)| json!({"period": period, "exact": nine(score)})).collect::<Vec<_>>(),
    })
}

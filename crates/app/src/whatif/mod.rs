//! What if another scheme had been in force: real history scored again, and who would stand where.
//!
//! Nothing is written but tallies under the candidate's rules, which are a cache.

mod json;
mod noise;

use crate::home::Home;
use crate::period::{Ask, Basis, Beside, Gathered, PeriodState, Wanted, gather, ranked};
use crate::{AppError, PeriodFix};
use model::canonical::Digest;
use model::outcome::Grade;
use model::period::Period;
use model::scheme::{Scheme, UnitKind};
use model::score::{Flip, Hundredths, Peers, Scorecard, flips, units_digest};
use model::silence::verdicts;
use std::path::Path;
use tokio::runtime::Handle;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The file of the candidate.
    pub candidate: &'a Path,
    /// The first and the last base period.
    pub periods: (Period, Period),
    /// Windows or people.
    pub kind: UnitKind,
    /// Threads to count days with.
    pub threads: usize,
}

/// The answer.
#[derive(Debug)]
pub struct WhatIf {
    /// The home's scheme.
    pub current: Scheme,
    /// The candidate.
    pub candidate: Scheme,
    /// Period by period.
    pub periods: Vec<Compared>,
    /// Of the last period under the candidate: the smallest change of one weight that would turn a window's grade.
    pub flips: Vec<(String, Flip)>,
}

/// One period under both schemes.
#[derive(Debug)]
pub struct Compared {
    /// The period.
    pub period: Period,
    /// How far the facts can be relied on.
    pub state: PeriodState,
    /// The digests of the scores under the current scheme and under the candidate.
    pub digests: (Digest, Digest),
    /// Every unit, those that move most first.
    pub units: Vec<Move>,
}

/// One unit under both schemes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The window or the work number.
    pub unit: String,
    /// What people call it.
    pub name: String,
    /// Under the current scheme.
    pub before: Standing,
    /// Under the candidate.
    pub after: Standing,
    /// Whether chance alone could make the change: the middle 95 % of the paired draws under both schemes lie on both
    /// sides of 0. `None` where there is no score under one of them, or nothing changes.
    pub within_noise: Option<bool>,
}

/// Where a unit stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The score as it is shown; `None` if there is none.
    pub score: Option<Hundredths>,
    /// The place among the peers.
    pub place: Option<usize>,
    /// The grade.
    pub grade: Option<Grade>,
}

impl Move {
    /// By how many hundredths the score changes; `None` where there is none under one of the schemes.
    #[must_use]
    pub fn change_hundredths(&self) -> Option<i32> {
        Some(i32::from(self.after.score?) - i32::from(self.before.score?))
    }

    /// Whether the grade is another one.
    #[must_use]
    pub fn turns(&self) -> bool {
        self.before.grade != self.after.grade
    }
}

/// Scores every base period of a span under the home's scheme and under a candidate. Call it outside the runtime.
pub fn what_if(home: &Home, question: &Question<'_>, runtime: &Handle) -> Result<WhatIf, AppError> {
    let current = home.scheme(None)?;
    let candidate = home.scheme(Some(question.candidate))?;
    let mut answer = WhatIf { periods: Vec::new(), flips: Vec::new(), current, candidate };
    let spans = base_periods(&answer.candidate, question.periods)?;
    for (at, period) in spans.iter().enumerate() {
        let (kind, threads) = (question.kind, question.threads);
        let ask = Ask { period: *period, scheme: None, kind, beside: Beside::Nothing, threads };
        let basis = Basis::of(home, &answer.current, &ask, runtime)?;
        let (compared, after) = compare(home, &basis, &answer.candidate, &ask, runtime)?;
        answer.periods.push(compared);
        if at + 1 == spans.len() {
            let peers = Peers::new(&basis.register, *period, UnitKind::Window, answer.candidate.peers_at_least);
            let found = flips(&answer.candidate, &peers, &after);
            answer.flips = found.into_iter().map(|flip| (after[flip.card].unit.clone(), flip)).collect();
        }
    }
    Ok(answer)
}

/// The base periods from one to another.
fn base_periods(scheme: &Scheme, (first, last): (Period, Period)) -> Result<Vec<Period>, AppError> {
    let base = Some(scheme.base_period);
    let wrong = |period: Period| AppError::WrongPeriod {
        period: period.to_string(),
        base: format!("{:?}", scheme.base_period).to_lowercase(),
        fix: PeriodFix::NameFirstAndLast,
    };
    if let Some(period) = [first, last].into_iter().find(|period| period.base() != base) {
        return Err(wrong(period));
    }
    let mut spans = vec![first];
    while let Some(next) = spans.last().filter(|period| **period != last).map(|period| period.before(-1)) {
        let next = next.filter(|next| next.days().0 <= last.days().0).ok_or_else(|| wrong(last))?;
        spans.push(next);
    }
    Ok(spans)
}

fn compare(
    home: &Home,
    basis: &Basis,
    candidate: &Scheme,
    ask: &Ask<'_>,
    runtime: &Handle,
) -> Result<(Compared, Vec<Scorecard>), AppError> {
    let again;
    let gathered = if candidate.counts_like(&basis.scheme) {
        &basis.gathered
    } else {
        again = gather_again(home, basis, candidate, ask, runtime)?;
        &again
    };
    let before = ranked(&basis.inputs(&basis.scheme, &basis.gathered), ask.kind);
    let after = ranked(&basis.inputs(candidate, gathered), ask.kind);
    let noise = noise::compare((basis, &before), (candidate, gathered, &after), ask);
    // Both lists are sorted by unit and hold the same ones: those of the register.
    let one = |((before, after), noise): ((&Scorecard, &Scorecard), Option<bool>)| Move {
        unit: after.unit.clone(),
        name: after.name.clone(),
        before: Standing::of(before),
        after: Standing::of(after),
        within_noise: noise,
    };
    let mut units: Vec<Move> = before.iter().zip(&after).zip(noise).map(one).collect();
    units.sort_by_key(|unit| (std::cmp::Reverse(unit.change_hundredths().map(i32::abs)), unit.unit.clone()));
    let digests = (units_digest(&basis.scheme, &before), units_digest(candidate, &after));
    Ok((Compared { period: basis.period, state: basis.state, digests, units }, after))
}

/// What is counted under the candidate, from the same days and with the same register and rulings.
fn gather_again(
    home: &Home,
    basis: &Basis,
    candidate: &Scheme,
    ask: &Ask<'_>,
    runtime: &Handle,
) -> Result<Gathered, AppError> {
    let (register, rulings) = (&basis.register, &basis.rulings);
    let wanted = Wanted { scheme: candidate, register, rulings, period: ask.period, open: None };
    let mut gathered = gather(home, &wanted, ask.threads, runtime)?;
    if basis.state == PeriodState::Closed {
        gathered.silence = verdicts(candidate, register, ask.period, &gathered.tally);
    }
    Ok(gathered)
}

impl Standing {
    fn of(card: &Scorecard) -> Self {
        Self {
            score: card.scored().map(model::score::Scored::hundredths),
            place: card.rank.as_ref().map(|rank| rank.place),
            grade: card.grade,
        }
    }
}

//! What quotas lead to (SCORING §6): seats, who takes them, and whether it is sure enough to act on.

use super::score::{Ask, Basis, ranked};
use crate::AppError;
use crate::home::Home;
use insight::uncertainty::Uncertainty;
use model::outcome::{Contender, CutReason, CutVerdict, HelpVerdict, Membership, Month, PoolOutcome, decide};
use model::period::Period;
use model::scheme::{Quota, Scheme};
use model::score::{Peers, Pool, Scorecard};
use model::time::Day;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tokio::runtime::Handle;

/// The outcomes of a period.
#[derive(Debug)]
pub struct Outcomes {
    /// The base period whose draws the help loop looks at besides; `None` if nothing is sealed of it.
    pub before: Option<Period>,
    /// The end of the trial run within which the period ends: nothing of this comes to pass.
    pub trial_until: Option<Day>,
    /// Pool by pool.
    pub pools: Vec<(Pool, PoolOutcome)>,
}

/// How every unit stood towards the help loop in a base period.
type Months = BTreeMap<String, Month>;

/// The outcomes of ranked cards and their draws; `None` if the scheme has no quotas. Call it outside the runtime.
pub(super) fn outcomes(
    home: &Home,
    basis: &Basis,
    (cards, drawn): (&[Scorecard], &Uncertainty),
    ask: &Ask<'_>,
    runtime: &Handle,
) -> Result<Option<Outcomes>, AppError> {
    let Some(quota) = &basis.scheme.quota else { return Ok(None) };
    let earlier = basis.period.before(1);
    let months = match earlier {
        Some(earlier) => month_before(home, &basis.scheme, quota, &Ask { period: earlier, ..*ask }, runtime)?,
        None => None,
    };
    let before = earlier.filter(|_| months.is_some());
    let pools = pools(basis, quota, (cards, drawn), ask, &months.unwrap_or_default());
    Ok(Some(Outcomes { before, trial_until: home.config.trial_of(basis.period), pools }))
}

/// The help loop of the base period before, under the same scheme.
fn month_before(
    home: &Home,
    scheme: &Scheme,
    quota: &Quota,
    ask: &Ask<'_>,
    runtime: &Handle,
) -> Result<Option<Months>, AppError> {
    let basis = match Basis::of(home, scheme, ask, runtime) {
        Err(AppError::NothingSealed { .. } | AppError::NotSealed { .. }) => return Ok(None),
        other => other?,
    };
    let cards = ranked(&basis.inputs(&basis.scheme, &basis.gathered), ask.kind);
    let drawn = basis.uncertainty(ask.kind, &cards, ask.threads);
    let pools = pools(&basis, quota, (&cards, &drawn), ask, &Months::new());
    let seated: BTreeSet<&str> = pools.iter().flat_map(|(_, outcome)| helped(outcome)).collect();
    let month = |(card, unit): (&Scorecard, &Option<insight::uncertainty::UnitUncertainty>)| {
        let membership = unit.as_ref()?.standing.as_ref()?.memberships?.help;
        Some((card.unit.clone(), Month { seated: seated.contains(card.unit.as_str()), membership }))
    };
    Ok(Some(cards.iter().zip(&drawn.units).filter_map(month).collect()))
}

fn helped(outcome: &PoolOutcome) -> Vec<&str> {
    match outcome {
        PoolOutcome::Decided { help, .. } => help.iter().map(|help| help.unit.as_str()).collect(),
        PoolOutcome::TooSmall { .. } => Vec::new(),
    }
}

fn pools(
    basis: &Basis,
    quota: &Quota,
    (cards, drawn): (&[Scorecard], &Uncertainty),
    ask: &Ask<'_>,
    months: &Months,
) -> Vec<(Pool, PoolOutcome)> {
    let peers = Peers::new(&basis.register, basis.period, ask.kind, basis.scheme.peers_at_least);
    let (first, last) = basis.period.days();
    let mut contenders: BTreeMap<&Pool, Vec<Contender<'_>>> = BTreeMap::new();
    for (card, unit) in cards.iter().zip(&drawn.units) {
        let (Some(scored), Some(pool)) = (card.scored(), &card.pool) else { continue };
        // Neither ranked nor vetoed: moved weights broke a bound of its type.
        let Some(standing) = unit.as_ref().and_then(|unit| unit.standing.as_ref()) else { continue };
        contenders.entry(pool).or_default().push(Contender {
            unit: &card.unit,
            score: scored.hundredths(),
            vetoed: scored.vetoed,
            memberships: standing.memberships.unwrap_or_default(),
            before: months.get(&card.unit).copied(),
            improving_until: basis.rulings.improving_until(&card.unit, first, last),
        });
    }
    let decided = |(pool, units): (&Pool, Vec<Contender<'_>>)| (pool.clone(), decide(quota, &peers, pool, &units));
    contenders.into_iter().map(decided).collect()
}

impl Outcomes {
    /// The outcomes in JSON: numbers are decimal strings.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let pools = self.pools.iter().map(|(pool, outcome)| {
            let mut json = pool_json(outcome);
            json["scope"] = json!(pool.to_string());
            json
        });
        json!({"before": self.before, "trial_until": self.trial_until, "pools": pools.collect::<Vec<_>>()})
    }
}

fn pool_json(outcome: &PoolOutcome) -> Value {
    let share = |membership: Membership| membership.share().to_plain();
    match outcome {
        PoolOutcome::TooSmall { size, needed } => {
            json!({"too_small": {"size": size.to_string(), "needed": needed.to_string()}})
        }
        PoolOutcome::Decided { seats, waived, top, cuts, help } => {
            let top = top
                .iter()
                .map(|top| json!({"unit": top.unit, "membership": share(top.membership), "unsure": top.unsure}));
            let cuts = cuts.iter().map(|cut| {
                let (reason, membership) = match cut.reason {
                    CutReason::Veto => ("veto", None),
                    CutReason::Quota(membership) => ("quota", Some(share(membership))),
                };
                let (verdict, until) = match cut.verdict {
                    CutVerdict::Due => ("due", None),
                    CutVerdict::Suspended(until) => ("suspended", Some(until)),
                    CutVerdict::NotSure => ("not_sure", None),
                };
                json!({
                    "unit": cut.unit, "reason": reason, "membership": membership, "verdict": verdict, "until": until,
                })
            });
            let help = help.iter().map(|help| {
                let verdict = match help.verdict {
                    HelpVerdict::Offered => "offered",
                    HelpVerdict::NotSure => "not_sure",
                    HelpVerdict::FirstMonth => "first_month",
                };
                json!({"unit": help.unit, "membership": help.pooled.map(share), "verdict": verdict})
            });
            json!({
                "of": seats.of.to_string(),
                "seats": {
                    "top": seats.top.to_string(),
                    "bottom": seats.bottom.to_string(),
                    "help": seats.help.to_string(),
                },
                "membership_waived": waived,
                "top": top.collect::<Vec<_>>(),
                "bottom": cuts.collect::<Vec<_>>(),
                "help": help.collect::<Vec<_>>(),
            })
        }
    }
}

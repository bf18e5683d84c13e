//! Rulings: decisions of people that enter a score beside the facts, each with a reason and two names.
//!
//! Until appeals have an office of their own, rulings are a file in the home, `rulings.toml`.

use crate::canonical::Digest;
use crate::time::Day;
use serde::{Deserialize, Serialize};

/// What a ruling does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Effect {
    /// The fact is left out of every measure.
    Exclude {
        /// The system that reported it.
        source: String,
        /// Its id there.
        source_id: String,
    },
    /// The fact counts although a rule of the scheme left it out.
    Restore {
        /// The system that reported it.
        source: String,
        /// Its id there.
        source_id: String,
    },
    /// The indicator has no data by the unit's own act (a device switched off): 0 points.
    OwnAct {
        /// The window or the member of staff.
        unit: String,
        /// The indicator.
        indicator: String,
        /// The first day of the span it holds for.
        from: Day,
        /// The last day.
        to: Day,
    },
    /// The unit is in an improvement period (改进期): cuts of its pay are suspended.
    Improvement {
        /// The window or the member of staff.
        unit: String,
        /// The first day.
        from: Day,
        /// The last day.
        to: Day,
    },
}

/// A decision, with its reason and the two people who stand for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// What it does.
    #[serde(flatten)]
    pub effect: Effect,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub decided_by: String,
    /// The second person.
    pub confirmed_by: String,
}

/// All rulings of a home.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rulings {
    /// The rulings, in the order of the file.
    #[serde(default, rename = "ruling")]
    pub rulings: Vec<Ruling>,
}

/// Why a file of rulings cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RulingError {
    /// Not TOML, or not of this shape.
    #[error("{0}")]
    Syntax(String),
    /// One person cannot confirm their own decision.
    #[error("ruling {number} ({reason}): decided_by and confirmed_by must be two different people")]
    OnePerson {
        /// Counted from 1.
        number: usize,
        /// Its reason.
        reason: String,
    },
}

impl Rulings {
    /// Reads `rulings.toml`.
    pub fn parse(text: &str) -> Result<Self, RulingError> {
        let rulings: Self =
            toml::from_str(text).map_err(|error| RulingError::Syntax(crate::toml_text::line(text, &error)))?;
        for (index, ruling) in rulings.rulings.iter().enumerate() {
            if ruling.decided_by.trim().is_empty() || ruling.decided_by.trim() == ruling.confirmed_by.trim() {
                return Err(RulingError::OnePerson { number: index + 1, reason: ruling.reason.clone() });
            }
        }
        Ok(rulings)
    }

    /// The ruling that excludes or restores a fact; the last one in the file wins.
    #[must_use]
    pub fn on_fact(&self, source: &str, id: &str) -> Option<&Ruling> {
        self.rulings.iter().rev().find(|ruling| match &ruling.effect {
            Effect::Exclude { source: s, source_id } | Effect::Restore { source: s, source_id } => {
                s == source && source_id == id
            }
            Effect::OwnAct { .. } | Effect::Improvement { .. } => false,
        })
    }

    /// The ruling by which a unit's missing data is its own act, anywhere in a span.
    #[must_use]
    pub fn own_act(&self, unit: &str, indicator: &str, first: Day, last: Day) -> Option<&Ruling> {
        self.rulings.iter().find(|ruling| match &ruling.effect {
            Effect::OwnAct { unit: u, indicator: i, from, to } => {
                u == unit && i == indicator && *from <= last && first <= *to
            }
            _ => false,
        })
    }

    /// The last day of a unit's improvement period, if one lies anywhere in a span.
    #[must_use]
    pub fn improving_until(&self, unit: &str, first: Day, last: Day) -> Option<Day> {
        let until = |ruling: &Ruling| match &ruling.effect {
            Effect::Improvement { unit: u, from, to } if u == unit && *from <= last && first <= *to => Some(*to),
            _ => None,
        };
        self.rulings.iter().filter_map(until).max()
    }

    /// The digest of all rulings.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of_json(&serde_json::json!(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ruling_needs_two_people() {
        let ruling = |second: &str| {
            Rulings::parse(&format!(
                "[[ruling]]\neffect = 'exclude'\nsource = 'kiosk'\nsource_id = 'r1'\nreason = 'outage'\n\
                 decided_by = 'Li'\nconfirmed_by = '{second}'\n"
            ))
        };
        let rulings = ruling("Wang").expect("valid");
        assert!(rulings.on_fact("kiosk", "r1").is_some());
        assert!(rulings.on_fact("kiosk", "r2").is_none());
        assert!(matches!(ruling("Li"), Err(RulingError::OnePerson { number: 1, .. })));
        assert!(matches!(Rulings::parse("[[ruling]]\neffect = 'forget'"), Err(RulingError::Syntax(_))));
        assert_eq!(Rulings::parse("").expect("empty"), Rulings::default());
    }

    #[test]
    fn s6_an_improvement_period_holds_for_every_span_it_touches() {
        let text = "[[ruling]]\neffect = 'improvement'\nunit = 'W1'\nfrom = '2026-04-10'\nto = '2026-06-10'\n\
                    reason = 'plan'\ndecided_by = 'Li'\nconfirmed_by = 'Wang'\n";
        let rulings = Rulings::parse(text).expect("valid");
        let day = |text: &str| Day::parse(text).expect(text);
        let check = |unit, first, last, expect: Option<&str>| {
            assert_eq!(rulings.improving_until(unit, day(first), day(last)), expect.map(day));
        };
        check("W1", "2026-03-01", "2026-03-31", None);
        check("W1", "2026-04-01", "2026-04-30", Some("2026-06-10"));
        check("W1", "2026-06-01", "2026-06-30", Some("2026-06-10"));
        check("W1", "2026-07-01", "2026-07-31", None);
        check("W2", "2026-04-01", "2026-04-30", None);
    }
}

//! Uncertainty in canonical JSON, with a digest of its own.

use super::{ALGORITHM, Contributor, Difference, Explained, Source, Standing, Uncertainty, UnitUncertainty};
use model::canonical::Digest;
use model::exact::{Ratio, Rounding};
use model::outcome::Membership;
use model::scheme::Scheme;
use model::score::{Hundredths, TeamSource};
use serde_json::{Value, json};

impl Uncertainty {
    /// Numbers are decimal strings; `digest` is SHA-256 over the canonical JSON of everything else.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut json = json!({
            "algorithm": ALGORITHM,
            "draws": self.draws.to_string(),
            "level": "95%",
            "seed": self.seed,
            "units": self.units.iter().flatten().map(UnitUncertainty::to_json).collect::<Vec<_>>(),
        });
        json["digest"] = json!(Digest::of_json(&json));
        json
    }

    /// The digest alone.
    #[must_use]
    pub fn digest(&self) -> String {
        self.to_json()["digest"].as_str().unwrap_or_default().to_owned()
    }
}

impl UnitUncertainty {
    /// The uncertainty of one unit.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let standing = self.standing.as_ref();
        json!({
            "unit": self.unit,
            "interval": [points(self.interval.lower), points(self.interval.upper)],
            "median": points(self.median),
            "rank": standing.and_then(|standing| standing.places).map(|places| {
                json!([places.best.to_string(), places.worst.to_string()])
            }),
            "membership": standing.and_then(memberships),
            "next": standing.and_then(|standing| standing.next.as_ref()).map(Difference::to_json),
        })
    }
}

impl Difference {
    /// The difference to one other unit.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let signed = |hundredths: i32| decimal(i128::from(hundredths), 100, 2);
        json!({
            "unit": self.unit,
            "difference": [signed(self.lower), signed(self.upper)],
            "distinguishable": self.is_distinguishable(),
        })
    }
}

impl Explained {
    /// The uncertainty of one card, and what it is made of.
    #[must_use]
    pub fn to_json(&self, scheme: &Scheme) -> Value {
        let contributor = |part: &Contributor| {
            let mut json = match &part.source {
                Source::Indicator(window, indicator) => {
                    json!({"indicator": scheme.indicators[*indicator].id, "window": window})
                }
                Source::Team(TeamSource::Window(window)) => json!({"team": window}),
                Source::Team(TeamSource::StandIn(window_type, centre)) => {
                    json!({"team": {"type": window_type, "centre": centre}})
                }
            };
            json["deviation"] = json!(format!("{:.4}", part.deviation));
            json["share"] = json!(format!("{:.4}", part.share));
            json
        };
        json!({
            "interval": [points(self.interval.lower), points(self.interval.upper)],
            "median": points(self.median),
            "contributors": self.contributors.iter().map(contributor).collect::<Vec<_>>(),
        })
    }
}

fn memberships(standing: &Standing) -> Option<Value> {
    let share = |of: Membership| decimal(of.inside.into(), of.draws.max(1).into(), 3);
    let of = standing.memberships?;
    Some(json!({"top": share(of.top), "bottom": share(of.bottom), "help": share(of.help)}))
}

fn points(hundredths: Hundredths) -> String {
    decimal(hundredths.into(), 100, 2)
}

fn decimal(above: i128, below: i128, places: u32) -> String {
    Ratio::new(above, below).unwrap_or(Ratio::ZERO).to_decimal(places, Rounding::HalfUp)
}

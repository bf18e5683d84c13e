//! The answer as JSON; numbers are decimal strings, as everywhere.

use super::{Compared, Move, Standing, WhatIf};
use model::scheme::Scheme;
use model::score::{Flip, Hundredths};
use serde_json::{Value, json};

impl WhatIf {
    /// What `whatif --json` prints.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let scheme = |scheme: &Scheme| json!({"id": scheme.id, "version": scheme.version, "digest": scheme.digest()});
        let flip = |(unit, flip): &(String, Flip)| {
            json!({
                "unit": unit,
                "indicator": self.candidate.indicators[flip.indicator].id,
                "weight": flip.weight.to_plain(),
                "change": decimal(flip.change_hundredths),
                "from": flip.from,
                "to": flip.to,
            })
        };
        json!({
            "current": scheme(&self.current),
            "candidate": scheme(&self.candidate),
            "periods": self.periods.iter().map(Compared::to_json).collect::<Vec<_>>(),
            "flips": self.flips.iter().map(flip).collect::<Vec<_>>(),
        })
    }
}

impl Compared {
    fn to_json(&self) -> Value {
        json!({
            "period": self.period,
            "digests": {"current": self.digests.0, "candidate": self.digests.1},
            "units": self.units.iter().map(Move::to_json).collect::<Vec<_>>(),
        })
    }
}

impl Move {
    fn to_json(&self) -> Value {
        json!({
            "unit": self.unit,
            "name": self.name,
            "before": self.before.to_json(),
            "after": self.after.to_json(),
            "within_noise": self.within_noise,
            "change": self.change_hundredths().map(|change| decimal(change.into())),
        })
    }
}

impl Standing {
    fn to_json(self) -> Value {
        json!({
            "score": self.score.map(|score: Hundredths| decimal(score.into())),
            "place": self.place.map(|place| place.to_string()),
            "grade": self.grade,
        })
    }
}

/// Hundredths with two decimals.
fn decimal(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let size = hundredths.unsigned_abs();
    format!("{sign}{}.{:02}", size / 100, size % 100)
}

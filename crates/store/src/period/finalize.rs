//! Final periods.

use crate::door::Trace;
use crate::sql::{Tx, statements};
use crate::{Store, StoreError};
use model::canonical::Digest;
use model::time::Day;
use serde_json::json;
use std::collections::BTreeSet;

/// A period whose scores stay as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinalPeriod {
    /// The period, as people write it.
    pub period: String,
    /// The digest of the scheme under which it was closed.
    pub scheme: Digest,
    /// The day on which it became final.
    pub day: Day,
}

statements! {
    INSERT = "INSERT INTO final_period (period, scheme, final_day, command) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (period, scheme) DO NOTHING";
    LIST = "SELECT period, scheme, final_day FROM final_period ORDER BY period, scheme";
}

pub(crate) async fn finalize(tx: &mut Tx, command: i64, row: &FinalPeriod) -> Result<Option<Trace>, StoreError> {
    let scheme = row.scheme.to_string();
    let values = [(&row.period).into(), (&scheme).into(), row.day.0.into(), command.into()];
    if tx.execute(INSERT, &values).await? == 0 {
        return Ok(None);
    }
    let detail = json!({"period": row.period, "scheme": scheme, "day": row.day});
    Ok(Some(Trace { action: "finalize_period", detail, windows: BTreeSet::new() }))
}

impl Store {
    /// Every final period.
    pub async fn final_periods(&self) -> Result<Vec<FinalPeriod>, StoreError> {
        let rows: Vec<(String, String, i32)> = self.database.all(LIST, &[]).await?;
        let row = |(period, scheme, day): (String, String, i32)| {
            let known = Digest::from_hex(&scheme);
            let scheme = known.ok_or_else(|| StoreError::corrupt("final_period", &period, "scheme", scheme))?;
            Ok(FinalPeriod { period, scheme, day: Day(day) })
        };
        rows.into_iter().map(row).collect()
    }
}

//! A closed period becomes final: its scores stay, and what is learned later counts where it is learned.

use crate::AppError;
use crate::home::Home;
use model::period::Period;
use model::time::Day;
use std::path::Path;
use store::{Change, Command, Done, FinalPeriod};

/// Declares a closed period final under the home's scheme or another one. Says whether it was not final yet.
pub async fn finalize_period(
    home: &Home,
    scheme_file: Option<&Path>,
    period: Period,
    change: Change<'_>,
) -> Result<bool, AppError> {
    let (name, scheme) = (period.to_string(), home.scheme(scheme_file)?.digest());
    if home.store.closed_period(&name, scheme).await?.is_none() {
        return Err(AppError::NotClosed { period: name });
    }
    let row = FinalPeriod { period: name, scheme, day: home.zone.day_of(change.at) };
    let done = home.store.write(change, Command::FinalizePeriod(&row)).await?;
    Ok(!matches!(done, Done::Nothing))
}

/// Refuses to close a final period again.
pub(super) async fn check_not_final(home: &Home, scheme_file: Option<&Path>, period: Period) -> Result<(), AppError> {
    let (name, scheme) = (period.to_string(), home.scheme(scheme_file)?.digest());
    let rows = home.store.final_periods().await?;
    match rows.into_iter().find(|row| row.period == name && row.scheme == scheme) {
        Some(row) => Err(AppError::Final { period: name, since: row.day }),
        None => Ok(()),
    }
}

/// The final periods of a home, each with its day.
pub(crate) async fn final_periods(home: &Home) -> Result<Vec<(Period, Day)>, AppError> {
    let rows = home.store.final_periods().await?;
    Ok(rows.into_iter().filter_map(|row| Some((Period::parse(&row.period)?, row.day))).collect())
}

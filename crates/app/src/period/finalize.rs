//! A closed period becomes final: its scores stay, and what is learned later counts where it is learned.

use crate::AppError;
use crate::home::Home;
use model::canonical::Digest;
use model::finals::Finals;
use model::period::Period;
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
    let done = home.store.write(change, Command::FinalizePeriod(row)).await?;
    Ok(!matches!(done, Done::Nothing))
}

/// Refuses to close a final period again.
pub(super) async fn check_not_final(home: &Home, scheme: Digest, period: Period) -> Result<(), AppError> {
    let name = period.to_string();
    let rows = home.store.final_periods().await?;
    match rows.into_iter().find(|row| row.period == name && row.scheme == scheme) {
        Some(row) => Err(AppError::Final { period: name, since: row.day }),
        None => Ok(()),
    }
}

/// The final periods of a home.
pub(crate) async fn finals(home: &Home) -> Result<Finals, AppError> {
    let of = |row: FinalPeriod| {
        let unreadable = || AppError::Unreadable { what: "a final period".to_owned(), problem: row.period.clone() };
        Ok((Period::parse(&row.period).ok_or_else(unreadable)?, row.day))
    };
    let rows = home.store.final_periods().await?;
    Ok(Finals::new(rows.into_iter().map(of).collect::<Result<_, AppError>>()?))
}

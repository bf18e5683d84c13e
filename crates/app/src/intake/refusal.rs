//! Why nothing of what a source sent was taken.

use crate::AppError;
use model::fact::Kind;
use store::{SourceToken, StoreError};

/// Why a request as a whole was not taken. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// More than are taken at once.
    #[error("{found} {what}; at most {most} are taken at once")]
    TooMany {
        /// How many there are.
        found: usize,
        /// Of what.
        what: &'static str,
        /// How many are taken.
        most: usize,
    },
    /// The token is not for this kind of fact.
    #[error("the token is not for facts of kind `{kind}`")]
    KindNotAllowed {
        /// The kind.
        kind: Kind,
    },
    /// The database refused, or too many wait already.
    #[error(transparent)]
    Store(StoreError),
    /// A file of known reports cannot be read.
    #[error(transparent)]
    Known(AppError),
}

impl From<AppError> for IntakeError {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Store(error) => Self::Store(error),
            other => Self::Known(other),
        }
    }
}

/// Whether a source may send so many facts of a kind at once.
pub(crate) fn check_may_send(
    token: &SourceToken,
    kind: Kind,
    (found, most, what): (usize, usize, &'static str),
) -> Result<(), IntakeError> {
    if found > most {
        return Err(IntakeError::TooMany { found, what, most });
    }
    if !token.is_for_kind(kind) {
        return Err(IntakeError::KindNotAllowed { kind });
    }
    Ok(())
}

//! Membership: the share of draws in which a unit stands inside a quota.

use crate::exact::Ratio;

/// In how many of how many draws a unit stands inside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Membership {
    /// Draws in which it stands inside.
    pub inside: u32,
    /// All draws.
    pub draws: u32,
}

/// The memberships of one unit in one period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memberships {
    /// At the top.
    pub top: Membership,
    /// At the bottom.
    pub bottom: Membership,
    /// Among those that are offered help.
    pub help: Membership,
}

impl Membership {
    /// The share, 0 … 1; 0 without draws.
    #[must_use]
    pub fn share(self) -> Ratio {
        Ratio::new(self.inside.into(), self.draws.into()).unwrap_or(Ratio::ZERO)
    }

    /// Whether the share is at least this one.
    #[must_use]
    pub fn reaches(self, share: &Ratio) -> bool {
        self.share() >= *share
    }

    /// The draws of two periods taken together.
    #[must_use]
    pub fn pooled(self, other: Self) -> Self {
        Self { inside: self.inside + other.inside, draws: self.draws + other.draws }
    }
}

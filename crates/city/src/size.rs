//! How large a city is.

/// Windows of the city that the others are measured by.
const WINDOWS: u32 = 120;
/// Months of it.
const MONTHS: u32 = 6;
/// Cases of one window in one month, as they come out on average over all types and half a year.
const CASES_PER_WINDOW_MONTH: u64 = 833;
/// Fewer windows than this would not hold every type and every story.
const MIN_WINDOWS: u32 = 12;

/// The size of a city.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Windows, at least 12: fewer would not hold every type and every story.
    pub windows: u32,
    /// Months from January 2026 on, 1 to 6.
    pub months: u32,
    /// How many people come, in permille of what the windows are used to.
    pub demand: i64,
}

impl Default for Size {
    /// 120 windows, half a year, about 600,000 cases.
    fn default() -> Self {
        Self { windows: WINDOWS, months: MONTHS, demand: 1_000 }
    }
}

impl Size {
    /// The city with about so many cases: more windows for more cases, fewer months for fewer, and in the end fewer
    /// people.
    #[must_use]
    pub fn of_cases(cases: u64) -> Self {
        let per_window = CASES_PER_WINDOW_MONTH * u64::from(MONTHS);
        let windows = u32::try_from(cases / per_window).unwrap_or(u32::MAX).max(MIN_WINDOWS);
        let per_month = CASES_PER_WINDOW_MONTH * u64::from(windows);
        let months = u32::try_from(cases.div_ceil(per_month)).unwrap_or(MONTHS).clamp(1, MONTHS);
        let usual = per_month * u64::from(months);
        let demand = i64::try_from(u128::from(cases) * 1_000 / u128::from(usual)).unwrap_or(1_000);
        Self { windows, months, demand }
    }

    /// The size with its numbers where they can be.
    pub(crate) fn bounded(self) -> Self {
        Self {
            windows: self.windows.max(MIN_WINDOWS),
            months: self.months.clamp(1, MONTHS),
            demand: self.demand.clamp(0, 2_000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_cases_are_more_windows_and_fewer_are_fewer_months() {
        let check = |cases, windows, months, demand| {
            assert_eq!(Size::of_cases(cases), Size { windows, months, demand }, "{cases}");
        };
        check(600_000, 120, 6, 1_000);
        check(10_000_000, 2_000, 6, 1_000);
        check(20_000, 12, 3, 666);
        check(10_000, 12, 2, 500);
        check(100, 12, 1, 10);
        check(0, 12, 1, 0);
    }
}

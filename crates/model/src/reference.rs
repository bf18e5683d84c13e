//! Reference times: how long a case of a kind usually takes, so that hard cases do not look slow (SCORING §4).
//!
//! Read from twelve months of sealed facts and frozen for a year, per item and way it came in, else per category of
//! items. Until there are twelve months the promised limit stands in, then the legal one.

use crate::canonical::Digest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// With fewer cases a kind has no reference of its own.
pub const MIN_CASES: u64 = 30;
/// The nearest-rank percentiles to which shorter and longer times are drawn in.
const PERCENTILES: (u64, u64) = (5, 95);

/// A reference time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// Office-time seconds from accepted to finished, net of documented pauses.
    pub seconds: i64,
    /// How many cases it rests on.
    pub cases: u64,
}

/// The references of a year.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct References {
    /// By item, then by the way it came in.
    items: BTreeMap<String, BTreeMap<String, Reference>>,
    /// By category of items.
    categories: BTreeMap<String, Reference>,
}

/// What a reference rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Cases of the item that came in the same way.
    Item,
    /// Cases of the item's category.
    Category,
    /// The promised limit.
    Promised,
    /// The legal limit.
    Legal,
}

impl Basis {
    /// The code in sealed files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Item => "item",
            Self::Category => "category",
            Self::Promised => "promised",
            Self::Legal => "legal",
        }
    }
}

impl References {
    /// The reference of a case, if there were enough like it.
    #[must_use]
    pub fn of(&self, item: &str, channel: &str, category: &str) -> Option<(Reference, Basis)> {
        let by_item = self.items.get(item).and_then(|channels| channels.get(channel));
        by_item
            .map(|reference| (*reference, Basis::Item))
            .or_else(|| Some((*self.categories.get(category)?, Basis::Category)))
    }

    /// The digest of every reference.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of_json(&serde_json::json!({"items": self.items, "categories": self.categories}))
    }
}

/// Handling times with their count.
type Times = BTreeMap<i64, u64>;

/// Cases on their way to references, in any order.
#[derive(Clone, Debug, Default)]
pub struct ReferenceCounts {
    items: BTreeMap<String, BTreeMap<String, Times>>,
    categories: BTreeMap<String, Times>,
}

impl ReferenceCounts {
    /// Takes a finished case; one that ended before it began says nothing.
    pub fn add(&mut self, item: &str, channel: &str, category: &str, handling_seconds: i64) {
        if handling_seconds < 0 {
            return;
        }
        if !item.is_empty() {
            let times = self.items.entry(item.to_owned()).or_default().entry(channel.to_owned()).or_default();
            *times.entry(handling_seconds).or_default() += 1;
        }
        if !category.is_empty() {
            let times = self.categories.entry(category.to_owned()).or_default();
            *times.entry(handling_seconds).or_default() += 1;
        }
    }

    /// The references of every kind with enough cases.
    #[must_use]
    pub fn finish(self) -> References {
        let channels = |channels: BTreeMap<String, Times>| -> BTreeMap<String, Reference> {
            channels.into_iter().filter_map(|(channel, times)| Some((channel, reference(&times)?))).collect()
        };
        let items = self.items.into_iter().map(|(item, of)| (item, channels(of)));
        References { items: items.filter(|(_, of)| !of.is_empty()).collect(), categories: channels(self.categories) }
    }
}

/// The mean, times below the 5th and above the 95th percentile drawn in to them, rounded half up to a second; `None`
/// with too few cases, or if it rounds to nothing.
fn reference(times: &Times) -> Option<Reference> {
    let cases: u64 = times.values().sum();
    if cases < MIN_CASES {
        return None;
    }
    let low = nearest_rank(times, cases, PERCENTILES.0)?;
    let high = nearest_rank(times, cases, PERCENTILES.1)?;
    let sum: i128 =
        times.iter().map(|(seconds, count)| i128::from((*seconds).clamp(low, high)) * i128::from(*count)).sum();
    let cases_wide = i128::from(cases);
    let seconds = i64::try_from((2 * sum + cases_wide) / (2 * cases_wide)).ok()?;
    (seconds > 0).then_some(Reference { seconds, cases })
}

/// The smallest time that at least so many percent of the cases do not exceed.
fn nearest_rank(times: &Times, cases: u64, percent: u64) -> Option<i64> {
    let rank = (cases * percent).div_ceil(100);
    let mut seen = 0;
    times
        .iter()
        .find(|(_, count)| {
            seen += **count;
            seen >= rank
        })
        .map(|(seconds, _)| *seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(times: &[i64]) -> Option<Reference> {
        let mut counts = ReferenceCounts::default();
        for seconds in times {
            counts.add("i", "window", "", *seconds);
        }
        counts.finish().of("i", "window", "").map(|(reference, _)| reference)
    }

    #[test]
    fn s4_times_are_winsorised_at_nearest_rank_and_rounded_half_up() {
        let check = |times: &[i64], seconds: i64| assert_eq!(of(times).map(|r| r.seconds), Some(seconds));
        check(&[100; 30], 100);
        // Of 40 the 5th percentile is the 2nd, the 95th the 38th: 1 and 2 become 2; 39 and 40 become 38.
        let forty: Vec<i64> = (1..=40).collect();
        let drawn: i64 = forty.iter().map(|n| (*n).clamp(2, 38)).sum();
        assert_eq!(drawn, 818);
        check(&forty, 20);
        // One that takes a hundred hours moves nothing.
        let mut odd = vec![60; 39];
        odd.push(360_000);
        check(&odd, 60);
        // 30 × 100 and 30 × 101: half a second rounds up.
        check(&[vec![100; 30], vec![101; 30]].concat(), 101);
        assert_eq!(of(&[0; 40]), None);
    }

    #[test]
    fn s4_thirty_cases_per_item_and_channel_else_the_category_else_nothing() {
        let mut counts = ReferenceCounts::default();
        (0..30).for_each(|_| counts.add("hard", "window", "permits", 7_200));
        (0..29).for_each(|_| counts.add("hard", "online", "permits", 3_600));
        (0..29).for_each(|_| counts.add("rare", "window", "rarities", 60));
        counts.add("hard", "window", "permits", -5);
        let references = counts.finish();
        let check = |item: &str, channel: &str, category: &str, expect: Option<(i64, Basis)>| {
            let found = references.of(item, channel, category).map(|(reference, basis)| (reference.seconds, basis));
            assert_eq!(found, expect, "{item} {channel}");
        };
        check("hard", "window", "permits", Some((7_200, Basis::Item)));
        check("hard", "online", "permits", Some((5_431, Basis::Category)));
        check("new", "window", "permits", Some((5_431, Basis::Category)));
        check("rare", "window", "rarities", None);
        check("new", "window", "", None);
    }
}

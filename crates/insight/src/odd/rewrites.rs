//! Finish times that one person rewrites.

use super::{Counts, FALSE_FINDINGS, Oddity, count, float};
use crate::distribution::binomial_at_least;
use model::id::StaffId;

/// Fewer are corrections.
const LEAST: i64 = 5;

pub(super) fn look(staff: &[(StaffId, Counts)]) -> Vec<Oddity> {
    let all = super::sum(staff.iter().map(|(_, counts)| counts));
    let people = float(i64::try_from(staff.len()).unwrap_or(i64::MAX));
    staff
        .iter()
        .filter(|(_, of)| {
            // As often as everybody else together, one more being granted so that a rare thing is not impossible.
            let usual = (float(all.rewritten - of.rewritten) + 1.0) / float((all.finished - of.finished).max(1));
            of.rewritten >= LEAST
                && binomial_at_least(count(of.rewritten), count(of.finished.max(of.rewritten)), usual.min(1.0)) * people
                    < FALSE_FINDINGS
        })
        .map(|(staff, of)| Oddity::Rewrites { staff: staff.clone(), of: *of })
        .collect()
}

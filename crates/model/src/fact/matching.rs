//! Which case a rating is about that names none: it was given on a device at a window (SCORING §1, §3).

use super::{Fact, Kind};
use crate::time::Instant;

/// A case that ended within so many seconds of a rating is the one, whatever is reported later.
const SURE_SECONDS: i64 = 120;

/// What a rating at a window is matched to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Matched<'a> {
    /// The case.
    Case(&'a Fact),
    /// It may be a case whose end, or of which anything at all, is not known yet.
    Later,
    /// No case ended near enough.
    Nothing,
}

/// The case at a window whose end is nearest to the moment of a rating, within so many seconds before or after it. A clerk
/// asks when the case is done, so the end tells more than the beginning: who rates late rates the case before, and not the
/// one that has just begun.
///
/// Reports come late. While a case is being served whose end is unknown, or one that ended a while ago could be followed by
/// one that nobody reported yet, nothing is decided, unless `at_last`: there is nothing more to come.
pub fn case_at<'a>(
    cases: impl IntoIterator<Item = &'a Fact>,
    window: &str,
    rated_at: Instant,
    seconds: i64,
    at_last: bool,
) -> Matched<'a> {
    let mut nearest: Option<(i64, &Fact)> = None;
    let mut serving: Option<(Instant, &Fact)> = None;
    // The window has gone on to a later case: those before it are known.
    let mut went_on = false;
    for case in cases.into_iter().filter(|case| case.kind() == Kind::Case && case.code("window") == Some(window)) {
        let Some(begun) = case.instant("called_at").or_else(|| case.instant("accepted_at")) else { continue };
        if begun > rated_at {
            went_on = true;
            continue;
        }
        match case.instant("finished_at") {
            Some(finished) => {
                let apart = (rated_at.0 - finished.0).abs();
                // Of two that ended equally near, the one with the smaller name: the order of reports must not decide.
                let nearer = |(best, known): (i64, &Fact)| (apart, case.identity()) < (best, known.identity());
                if apart <= seconds && nearest.is_none_or(nearer) {
                    nearest = Some((apart, case));
                }
            }
            None if rated_at.0 - begun.0 <= seconds => {
                let later = |(best, known): (Instant, &Fact)| (begun, known.identity()) > (best, case.identity());
                if serving.is_none_or(later) {
                    serving = Some((begun, case));
                }
            }
            // It began long ago and is worked on without the citizen.
            None => {}
        }
    }
    match (nearest, serving) {
        (_, Some(_)) | (None, None) if !at_last => Matched::Later,
        (Some((apart, _)), None) if !at_last && !went_on && apart > SURE_SECONDS => Matched::Later,
        (Some((_, case)), _) | (None, Some((_, case))) => Matched::Case(case),
        (None, None) => Matched::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Identity, Value};
    use super::*;
    use crate::id::Source;

    /// A case at W with the minutes of its beginning and its end.
    fn case(id: &str, window: &str, begun: i64, finished: Option<i64>) -> Fact {
        let at = |minutes: i64| Value::Instant(Instant(1_772_700_000 + 60 * minutes));
        let mut values = vec![("window", Value::Code(window.into())), ("called_at", at(begun))];
        values.extend(finished.map(|minutes| ("finished_at", at(minutes))));
        let identity = Identity { source: Source::new("s"), source_id: id.to_owned(), revision: 0 };
        Fact::new(Kind::Case, identity, false, None, values).expect("valid")
    }

    #[test]
    fn a_rating_goes_to_the_case_that_ended_nearest() {
        let cases = [
            case("a", "W", 0, Some(10)),
            case("b", "W", 11, Some(20)),
            case("c", "W", 30, None),
            case("other", "V", 12, Some(13)),
        ];
        let check = |minutes: i64, at_last: bool, expect: &str| {
            let at = Instant(1_772_700_000 + 60 * minutes);
            for reversed in [false, true] {
                let mut cases: Vec<&Fact> = cases.iter().collect();
                if reversed {
                    cases.reverse();
                }
                let said = match case_at(cases, "W", at, 900, at_last) {
                    Matched::Case(case) => case.identity().source_id.clone(),
                    Matched::Later => "later".to_owned(),
                    Matched::Nothing => "nothing".to_owned(),
                };
                assert_eq!(said, expect, "{minutes}");
            }
        };
        check(-1, false, "later");
        check(-1, true, "nothing");
        check(9, false, "a");
        // The next citizen was called already.
        check(12, false, "a");
        check(15, false, "a");
        check(16, false, "b");
        check(29, false, "b");
        // Somebody is being served, and it is not known until when.
        check(31, false, "later");
        check(31, true, "b");
        check(40, true, "c");
        check(46, false, "later");
        check(46, true, "nothing");
    }

    #[test]
    fn a_case_that_ended_a_while_ago_waits_until_the_window_goes_on() {
        let (first, next) = (case("a", "W", 0, Some(10)), case("b", "W", 20, Some(21)));
        let check = |minutes: i64, cases: &[&Fact], expect: Matched<'_>| {
            let at = Instant(1_772_700_000 + 60 * minutes);
            assert_eq!(case_at(cases.iter().copied(), "W", at, 900, false), expect, "{minutes}");
        };
        check(12, &[&first], Matched::Case(&first));
        // Perhaps somebody else is being served, and nobody has said so yet.
        check(13, &[&first], Matched::Later);
        check(13, &[&first, &next], Matched::Case(&first));
    }
}

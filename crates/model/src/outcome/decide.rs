//! Who takes a seat, and whether it is sure enough to act on (SCORING §6).

use super::membership::{Membership, Memberships};
use super::seats::Seats;
use crate::exact::Ratio;
use crate::scheme::Quota;
use crate::score::{Hundredths, Peers, Pool};
use crate::time::Day;

/// A unit that is ranked or vetoed, with everything that decides.
#[derive(Clone, Debug)]
pub struct Contender<'a> {
    /// The window or the work number.
    pub unit: &'a str,
    /// The score as it is shown.
    pub score: Hundredths,
    /// Whether a veto fails the period.
    pub vetoed: bool,
    /// In what share of the draws it stands inside each quota.
    pub memberships: Memberships,
    /// How it stood in the base period before, if it was there.
    pub before: Option<Month>,
    /// The last day of its improvement period (改进期), if it is in one.
    pub improving_until: Option<Day>,
}

/// How a unit stood towards the help loop in one base period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month {
    /// Whether it took one of the seats, by points.
    pub seated: bool,
    /// Its membership.
    pub membership: Membership,
}

/// What the quotas lead to in one pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PoolOutcome {
    /// Too few units for any outcome by rank.
    TooSmall {
        /// On the period's first day.
        size: usize,
        /// Asked for.
        needed: usize,
    },
    /// Seats and who takes them, each list from the best unit to the worst.
    Decided {
        /// The seats.
        seats: Seats,
        /// Whether the scheme acts without asking for membership, which is then printed beside the signature.
        waived: bool,
        /// 优秀
        top: Vec<Top>,
        /// 不合格: whose pay the quota or a veto cuts.
        cuts: Vec<Cut>,
        /// 帮扶
        help: Vec<Help>,
    },
}

/// A unit at the top, by points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Top {
    /// The unit.
    pub unit: String,
    /// In what share of draws it is there.
    pub membership: Membership,
    /// Less than half of the draws: it keeps its seat and is named.
    pub unsure: bool,
}

/// A unit at the bottom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The unit.
    pub unit: String,
    /// What brought it there.
    pub reason: CutReason,
    /// Whether its pay is cut.
    pub verdict: CutVerdict,
}

/// What brought a unit to the bottom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CutReason {
    /// A veto, which needs no membership.
    Veto,
    /// A seat by points, with the share of draws in which the unit is there.
    Quota(Membership),
}

/// Whether a cut is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CutVerdict {
    /// It is.
    Due,
    /// It would be, but the unit has time to improve until this day.
    Suspended(Day),
    /// The membership is below what a cut needs.
    NotSure,
}

/// A unit with a seat in the help loop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Help {
    /// The unit.
    pub unit: String,
    /// The draws of this base period and the one before taken together; `None` if it was not there before.
    pub pooled: Option<Membership>,
    /// Whether help is offered.
    pub verdict: HelpVerdict,
}

/// Whether help is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HelpVerdict {
    /// It is.
    Offered,
    /// The pooled membership is below what the help loop needs.
    NotSure,
    /// There is only one base period.
    FirstMonth,
}

/// Gives the seats of one pool to those who stand there.
#[must_use]
pub fn decide(quota: &Quota, peers: &Peers, pool: &Pool, contenders: &[Contender<'_>]) -> PoolOutcome {
    if !peers.enough(pool) {
        return PoolOutcome::TooSmall { size: peers.size(pool), needed: peers.at_least() };
    }
    let mut sorted: Vec<&Contender<'_>> = contenders.iter().collect();
    sorted.sort_by(|a, b| (a.vetoed, b.score, a.unit).cmp(&(b.vetoed, a.score, b.unit)));
    let ranked = sorted.partition_point(|unit| !unit.vetoed);
    let ascending: Vec<Hundredths> = sorted[..ranked].iter().rev().map(|unit| unit.score).collect();
    let seats = Seats::new(quota, sorted.len());
    let edges = seats.edges(&ascending, sorted.len() - ranked);
    let top = sorted[..ranked].iter().filter(|unit| edges.is_top(unit.score)).map(|unit| top(unit));
    let at_bottom = |unit: &&&Contender<'_>| unit.vetoed || edges.is_bottom(unit.score);
    let in_help = |unit: &&&Contender<'_>| if unit.vetoed { seats.help > 0 } else { edges.needs_help(unit.score) };
    PoolOutcome::Decided {
        seats,
        waived: quota.waive_membership,
        top: top.collect(),
        cuts: sorted.iter().filter(at_bottom).map(|unit| cut(quota, unit)).collect(),
        help: sorted.iter().filter(in_help).map(|unit| help(quota, unit)).collect(),
    }
}

fn top(unit: &Contender<'_>) -> Top {
    let membership = unit.memberships.top;
    let half = Ratio::new(1, 2).unwrap_or(Ratio::ONE);
    Top { unit: unit.unit.to_owned(), membership, unsure: !membership.reaches(&half) }
}

fn cut(quota: &Quota, unit: &Contender<'_>) -> Cut {
    let membership = unit.memberships.bottom;
    let reason = if unit.vetoed { CutReason::Veto } else { CutReason::Quota(membership) };
    let sure = unit.vetoed || quota.waive_membership || membership.reaches(&quota.cut_membership);
    let verdict = match unit.improving_until {
        _ if !sure => CutVerdict::NotSure,
        Some(until) => CutVerdict::Suspended(until),
        None => CutVerdict::Due,
    };
    Cut { unit: unit.unit.to_owned(), reason, verdict }
}

/// Two base periods: with membership, their draws together; where the scheme waives it, a seat in both.
fn help(quota: &Quota, unit: &Contender<'_>) -> Help {
    let pooled = unit.before.map(|before| before.membership.pooled(unit.memberships.help));
    let verdict = match (unit.before, pooled) {
        (Some(before), Some(pooled)) => {
            let offered = if quota.waive_membership { before.seated } else { pooled.reaches(&quota.help_membership) };
            if offered { HelpVerdict::Offered } else { HelpVerdict::NotSure }
        }
        _ => HelpVerdict::FirstMonth,
    };
    Help { unit: unit.unit.to_owned(), pooled, verdict }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::id::{CentreId, WindowId, WindowType};
    use crate::period::Period;
    use crate::register::{Centre, Register, Validity, Window};
    use crate::scheme::UnitKind;

    /// The quotas of the article.
    pub(in super::super) fn article() -> Quota {
        let share = |text| Ratio::parse(text).expect(text);
        Quota {
            top: share("20%"),
            top_at_most: share("25%"),
            bottom: share("5%"),
            bottom_from: 20,
            help: share("10%"),
            cut_membership: share("90%"),
            help_membership: share("50%"),
            waive_membership: false,
        }
    }

    fn of_thousand(inside: u32) -> Membership {
        Membership { inside, draws: 1000 }
    }

    /// A pool of windows W00, W01, … with so many contenders; the higher the number the lower the score.
    fn outcome(quota: &Quota, count: usize, change: impl Fn(usize, &mut Contender<'_>)) -> PoolOutcome {
        let (ty, centre) = (WindowType::new("simple"), CentreId::new("C"));
        let valid = Validity { from: Day::parse("2026-01-01").expect("day"), to: None };
        let names: Vec<String> = (0..count).map(|at| format!("W{at:02}")).collect();
        let window = |name: &String| Window {
            window: WindowId::new(name),
            name: name.clone(),
            centre: centre.clone(),
            window_type: ty.clone(),
            valid,
        };
        let centres = vec![Centre { centre: centre.clone(), name: String::new() }];
        let register = Register::new(centres, names.iter().map(window).collect(), vec![], vec![], vec![]);
        let period = Period::parse("2026-03").expect("month");
        let peers = Peers::new(&register.expect("register"), period, UnitKind::Window, 10);
        let contender = |(at, unit)| {
            let mut contender = Contender {
                unit,
                score: 9_000 - 50 * u16::try_from(at).expect("small"),
                vetoed: false,
                memberships: Memberships::default(),
                before: None,
                improving_until: None,
            };
            change(at, &mut contender);
            contender
        };
        let contenders: Vec<_> = names.iter().map(String::as_str).enumerate().map(contender).collect();
        decide(quota, &peers, &peers.pool(&ty, &centre), &contenders)
    }

    type Lists = (Vec<Top>, Vec<Cut>, Vec<Help>);

    fn lists(outcome: PoolOutcome) -> Lists {
        match outcome {
            PoolOutcome::Decided { top, cuts, help, .. } => (top, cuts, help),
            PoolOutcome::TooSmall { .. } => panic!("{outcome:?}"),
        }
    }

    fn verdicts(cuts: &[Cut]) -> Vec<(&str, CutVerdict)> {
        cuts.iter().map(|cut| (cut.unit.as_str(), cut.verdict)).collect()
    }

    #[test]
    fn story_3_of_two_bottom_seats_only_the_sure_one_is_cut_and_an_improvement_period_suspends_it() {
        let memberships = |at, unit: &mut Contender<'_>| match at {
            39 => unit.memberships.bottom = of_thousand(970),
            38 => unit.memberships.bottom = of_thousand(550),
            _ => {}
        };
        let (_, cuts, _) = lists(outcome(&article(), 40, memberships));
        assert_eq!(verdicts(&cuts), [("W38", CutVerdict::NotSure), ("W39", CutVerdict::Due)]);
        // The second is told why not: its membership stands beside the verdict.
        assert_eq!(cuts[0].reason, CutReason::Quota(of_thousand(550)));
        let until = Day::parse("2026-06-10").expect("day");
        let (_, cuts, _) = lists(outcome(&article(), 40, |at, unit| {
            memberships(at, unit);
            unit.improving_until = Some(until);
        }));
        assert_eq!(verdicts(&cuts), [("W38", CutVerdict::NotSure), ("W39", CutVerdict::Suspended(until))]);
    }

    #[test]
    fn story_2_asked_for_twelve_people_s_bottom_the_answer_is_no_seat() {
        let PoolOutcome::Decided { seats, cuts, .. } = outcome(&article(), 12, |_, unit| {
            unit.memberships.bottom = of_thousand(1000);
        }) else {
            panic!("a pool of twelve is large enough");
        };
        assert_eq!((seats.bottom, cuts), (0, vec![]));
    }

    #[test]
    fn s6_a_pool_below_ten_has_no_outcome() {
        assert_eq!(outcome(&article(), 9, |_, _| {}), PoolOutcome::TooSmall { size: 9, needed: 10 });
    }

    #[test]
    fn s6_the_vetoed_rank_last_fill_seats_and_need_no_membership() {
        let (_, cuts, _) = lists(outcome(&article(), 40, |at, unit| {
            unit.vetoed = at == 0;
            unit.memberships.bottom = of_thousand(950);
        }));
        assert_eq!(verdicts(&cuts), [("W39", CutVerdict::Due), ("W00", CutVerdict::Due)]);
        assert_eq!(cuts[1].reason, CutReason::Veto);
        // Below twenty there is no seat, and the veto fails the period all the same.
        let (_, cuts, _) = lists(outcome(&article(), 12, |at, unit| unit.vetoed = at == 0));
        assert_eq!(verdicts(&cuts), [("W00", CutVerdict::Due)]);
    }

    #[test]
    fn s6_the_top_goes_by_points_and_names_whom_the_draws_doubt() {
        let (top, _, _) = lists(outcome(&article(), 20, |at, unit| {
            unit.memberships.top = of_thousand(if at == 3 { 499 } else { 500 });
        }));
        let found: Vec<_> = top.iter().map(|top| (top.unit.as_str(), top.unsure)).collect();
        assert_eq!(found, [("W00", false), ("W01", false), ("W02", false), ("W03", true)]);
    }

    #[test]
    fn s6_the_help_loop_needs_half_of_the_draws_of_two_months() {
        let check = |quota: &Quota, now: u32, before: Option<(bool, u32)>, expect: HelpVerdict| {
            let (_, _, help) = lists(outcome(quota, 20, |_, unit| {
                unit.memberships.help = of_thousand(now);
                unit.before = before.map(|(seated, inside)| Month { seated, membership: of_thousand(inside) });
            }));
            let found: Vec<_> = help.iter().map(|help| (help.unit.as_str(), help.verdict)).collect();
            assert_eq!(found, [("W18", expect), ("W19", expect)]);
        };
        check(&article(), 1000, None, HelpVerdict::FirstMonth);
        check(&article(), 700, Some((false, 300)), HelpVerdict::Offered);
        check(&article(), 700, Some((true, 299)), HelpVerdict::NotSure);
        let waived = Quota { waive_membership: true, ..article() };
        check(&waived, 0, Some((true, 0)), HelpVerdict::Offered);
        check(&waived, 1000, Some((false, 1000)), HelpVerdict::NotSure);
    }

    #[test]
    fn s6_a_scheme_may_waive_membership_and_it_shows() {
        let waived = Quota { waive_membership: true, ..article() };
        let PoolOutcome::Decided { waived, cuts, .. } = outcome(&waived, 20, |_, _| {}) else { panic!("decided") };
        assert!(waived);
        assert_eq!(verdicts(&cuts), [("W19", CutVerdict::Due)]);
    }
}

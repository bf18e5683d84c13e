//! SCORING §3: the four conditions, against scipy and by hand.

use super::*;
use crate::exact::Rounding;
use crate::id::{CentreId, StaffId, WindowType};
use crate::register::{Centre, Validity, Window as Entry};
use crate::tally::TallyRow;
use crate::time::Day;

/// What scipy says, with how it was asked: `tests/data/silence.py`.
const SCIPY: &str = include_str!("../../tests/data/silence.csv");

#[test]
fn s3_wilson_newcombe_and_binomial_decide_as_scipy_does() {
    let r = |text: &str| Ratio::parse(text).expect("a number");
    let mut counts = BTreeMap::new();
    for line in SCIPY.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |at: usize| cells[at].parse::<i64>().expect("a whole number");
        let (a, b) = ((number(1), number(2)), (number(3), number(4)));
        match cells[0] {
            "wilson" => assert_eq!(wilson_lower_at_least(a, &r("0.8")), cells[5] == "1", "{line}"),
            "newcombe" => {
                assert_eq!(gap_at_most((a, b), &r("0.1"), false), cells[5] == "1", "{line}");
                assert_eq!(gap_at_most((a, b), &r("0.1"), true), cells[6] == "1", "{line}");
            }
            "binomial" => {
                let scipy: f64 = cells[5].parse().expect("a number");
                let ours: f64 = binomial_tail(a, b).to_decimal(17, Rounding::HalfEven).parse().expect("a number");
                assert!((scipy - ours).abs() <= 1e-12 * scipy.max(1e-3), "{line}: {ours}");
            }
            other => panic!("{other}"),
        }
        *counts.entry(cells[0]).or_insert(0) += 1;
    }
    assert_eq!(Vec::from_iter(counts), [("binomial", 250), ("newcombe", 400), ("wilson", 250)]);
}

#[test]
fn s3_wilson_is_the_inequality_of_the_rule_in_integers() {
    for n in 30..200_i128 {
        for x in 0..=n {
            let above = 5 * x - 4 * n;
            // (5x − 4n)² ≥ 4 · 2.705543 · n
            let rule = above >= 0 && above * above * 1_000_000 >= 4 * 2_705_543 * n;
            let share = (i64::try_from(x).expect("small"), i64::try_from(n).expect("small"));
            assert_eq!(wilson_lower_at_least(share, &Ratio::parse("0.8").expect("a number")), rule, "{x} of {n}");
        }
    }
}

/// A scheme whose measures are named by what the verdict asks for.
const SCHEME: &str = r#"
format = 1
id = "t"
version = "1"
name = "t"
base_period = "month"
profile = [{ id = "w", name = "w" }]
layer = [{ id = "l", name = "l", weight = 100 }]
group = [{ id = "g", name = "g", layer = "l" }]
measure = [
  { id = "satisfied", name = "", table = "survey" }, { id = "rated", name = "", table = "survey" },
  { id = "asked", name = "", table = "survey" }, { id = "answered", name = "", table = "survey" },
  { id = "silent", name = "", table = "survey" }, { id = "aside", name = "", table = "survey" },
  { id = "revisited_well", name = "", table = "survey" }, { id = "revisited", name = "", table = "survey" },
  { id = "surveyed_well", name = "", table = "survey" }, { id = "surveyed", name = "", table = "survey" },
  { id = "founded", name = "", table = "survey" }, { id = "cases", name = "", table = "survey" },
]
indicator = [{ id = "i", name = "i", group = "g", numerator = "satisfied", denominator = "rated", curve = { linear = { floor = 0, target = 1 } }, weights = { w = 100 } }]
[ratings]
indicator = "i"
asked = "asked"
answered = "answered"
silent = "silent"
set_aside = "aside"
[ratings.silence]
revisits = { satisfied = "revisited_well", answered = "revisited" }
surveys = { satisfied = "surveyed_well", answered = "surveyed" }
complaints = { founded = "founded", cases = "cases" }
"#;

/// Rated well of rated, answered of asked, revisits, surveys, complaints of cases; one hundred stay silent.
type Numbers = [Share; 5];

/// A window against which nothing speaks, and with both kinds of evidence.
const GOOD: Numbers = [(95, 100), (100, 200), (30, 30), (92, 100), (1, 200)];

fn verdicts_of(windows: &[Numbers]) -> Vec<Verdict> {
    let scheme = crate::scheme::parse(SCHEME).unwrap_or_else(|error| panic!("{error}"));
    let name = |at: usize| WindowId::new(&format!("W{at:02}"));
    let entry = |at: usize| Entry {
        window: name(at),
        name: String::new(),
        centre: CentreId::new("C"),
        window_type: WindowType::new("w"),
        valid: Validity { from: Day::parse("2026-01-01").expect("a day"), to: None },
    };
    let centre = Centre { centre: CentreId::new("C"), name: String::new() };
    let windows_in = (0..windows.len()).map(entry).collect();
    let register = Register::new(vec![centre], windows_in, vec![], vec![], vec![]).expect("a register");
    let row = |(at, [rated, asked, revisits, surveys, complaints]): (usize, &Numbers)| TallyRow {
        window: name(at),
        staff: StaffId::new(""),
        values: [
            rated.0,
            rated.1,
            asked.1,
            asked.0,
            100,
            0,
            revisits.0,
            revisits.1,
            surveys.0,
            surveys.1,
            complaints.0,
            complaints.1,
        ]
        .map(Some)
        .into(),
    };
    let tally = Tally { rows: windows.iter().enumerate().map(row).collect() };
    verdicts(&scheme, &register, Period::parse("2026-03").expect("a month"), &tally).into_values().collect()
}

#[test]
fn s3_silence_counts_on_evidence_and_only_if_nothing_speaks_against_it() {
    // The window that is looked at, among nine good ones.
    let check = |change: fn(&mut Numbers), expect: [&str; 4], admits: bool| {
        let mut windows = vec![GOOD; 10];
        change(&mut windows[0]);
        let verdict = verdicts_of(&windows).swap_remove(0);
        let found =
            [verdict.revisits.name(), verdict.gap.name(), verdict.complaints.name(), verdict.participation.name()];
        assert_eq!((found, verdict.admits()), (expect, admits), "{verdict:?}");
    };
    check(|_| (), ["passed", "passed", "passed", "passed"], true);
    // (i) needs thirty answers, and a lower bound of 80 %: 27 of 30 is too few, 28 of 30 enough.
    check(|of| of[2] = (29, 29), ["missing", "passed", "passed", "passed"], true);
    check(|of| of[2] = (28, 30), ["passed", "passed", "passed", "passed"], true);
    check(|of| of[2] = (27, 30), ["failed", "passed", "passed", "passed"], false);
    // (ii) where it stands alone, the gap must surely be small.
    check(|of| of[3] = (85, 100), ["passed", "passed", "passed", "passed"], true);
    check(|of| (of[2], of[3]) = ((0, 0), (85, 100)), ["missing", "failed", "passed", "passed"], false);
    check(|of| of[3] = (60, 100), ["passed", "failed", "passed", "passed"], false);
    // One of both must exist.
    check(|of| (of[2], of[3]) = ((5, 5), (20, 20)), ["missing", "missing", "passed", "passed"], false);
    check(|of| (of[0], of[2]) = ((29, 29), (5, 5)), ["missing", "missing", "passed", "passed"], false);
    // (iii) more complaints than chance would bring.
    check(|of| of[4] = (5, 200), ["passed", "passed", "failed", "passed"], false);
    check(|of| of[4] = (3, 200), ["passed", "passed", "passed", "passed"], true);
    // (iv) a tenth, and half the peers' median of one half.
    check(|of| of[1] = (49, 200), ["passed", "passed", "passed", "failed"], false);
    check(|of| of[1] = (50, 200), ["passed", "passed", "passed", "passed"], true);
}

#[test]
fn s3_the_median_of_an_even_number_is_the_mean_of_the_middle_two() {
    let mut windows = vec![GOOD; 4];
    for (window, rated) in windows.iter_mut().zip([10, 40, 60, 90]) {
        window[1] = (rated, 100);
    }
    let needed = verdicts_of(&windows)[0].participation.counts().1.to_plain();
    assert_eq!(needed, "0.25");
    windows.truncate(3);
    assert_eq!(verdicts_of(&windows)[0].participation.counts().1.to_plain(), "0.2");
    windows.truncate(1);
    assert_eq!(verdicts_of(&windows)[0].participation.counts().1.to_plain(), "0.1");
}

#[test]
fn s3_a_scheme_that_never_counts_silence_has_no_verdicts() {
    let (before, _) = SCHEME.split_once("[ratings.silence]").expect("the section");
    let scheme = crate::scheme::parse(before).unwrap_or_else(|error| panic!("{error}"));
    let period = Period::parse("2026-03").expect("a month");
    assert!(verdicts(&scheme, &Register::default(), period, &Tally::default()).is_empty());
}

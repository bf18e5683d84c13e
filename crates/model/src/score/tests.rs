//! The rules of SCORING §4 and §5, each on a world small enough for a pocket calculator.

use super::*;
use crate::calendar::Calendar;
use crate::exact::{Ratio, Rounding};
use crate::id::{CentreId, WindowType};
use crate::register::{Centre, Halves, Post, Staff, Validity, Window};
use crate::tally::TallyRow;
use crate::time::Zone;

/// Two layers (60/40); base has groups g (a 30, b 10) and h (c 20), the other layer group s (d 40).
const SCHEME: &str = r#"
format = 1
id = "t"
version = "1"
name = "t"
base_period = "month"
team = { share = "0.3", group = "s", ratings = "dn", own_ratings_at_most = "0.8" }
shrinkage = { periods = 6, at_least = 3 }
scored = { min_weight = 40, min_groups = 1 }
profile = [{ id = "w", name = "w" }, { id = "other", name = "o", uses = "w" }]
layer = [{ id = "base", name = "b", weight = 60 }, { id = "more", name = "m", weight = 40 }]
group = [
  { id = "g", name = "g", layer = "base" },
  { id = "h", name = "h", layer = "base" },
  { id = "s", name = "s", layer = "more" },
]
measure = [
  { id = "ax", name = "", table = "statistic", sum = "value" }, { id = "an", name = "", table = "survey" },
  { id = "bx", name = "", table = "statistic", sum = "value" }, { id = "bn", name = "", table = "survey" },
  { id = "cx", name = "", table = "statistic", sum = "value" }, { id = "cn", name = "", table = "survey" },
  { id = "dx", name = "", table = "statistic", sum = "value" }, { id = "dn", name = "", table = "survey" },
]
indicator = [
  { id = "a", name = "a", group = "g", numerator = "ax", denominator = "an", curve = { linear = { floor = 0, target = 1 } }, weights = { w = 30 }, min_n = 10, shrink = 10 },
  { id = "b", name = "b", group = "g", numerator = "bx", denominator = "bn", curve = { linear = { floor = 0, target = 1 } }, weights = { w = 10 }, empty = "not_applicable" },
  { id = "c", name = "c", group = "h", numerator = "cx", denominator = "cn", curve = { linear = { floor = 0, target = 1 } }, weights = { w = 20 }, tags = ["hard"] },
  { id = "d", name = "d", group = "s", numerator = "dx", denominator = "dn", curve = { linear = { floor = 0, target = 1 } }, weights = { w = 40 } },
]
bound = [{ profile = "w", tags = ["hard"], at_most = 45 }]
negative = [
  { id = "fraud", name = "fraud", table = "violation", where = "type = 'fraud'", effect = { veto = {} } },
  { id = "conflict", name = "conflict", table = "violation", where = "type = 'conflict'", effect = { points = 20 } },
  { id = "complaint", name = "complaint", table = "complaint", where = "verdict = 'founded'", effect = { share = { each = "0.10", at_most = 10 } } },
  { id = "careless", name = "careless", table = "violation", where = "type = 'careless'", effect = { cap = 60 } },
]
"#;

/// The values of a, b, c, d as (x, n); (0, 0) means no record.
type Values = [(i64, i64); 4];

const FULL: Values = [(50, 100), (100, 100), (80, 100), (90, 100)];

struct World {
    rows: Vec<(&'static str, &'static str, Values)>,
    /// Who, where, first and last day of March, halves.
    posts: Vec<(&'static str, &'static str, i8, i8, Halves)>,
    history: Vec<(i64, i64)>,
    incidents: Vec<(&'static str, usize, &'static str)>,
    silence: Verdicts,
    rulings: &'static str,
}

impl World {
    fn of(rows: Vec<(&'static str, &'static str, Values)>) -> Self {
        Self {
            rows,
            posts: Vec::new(),
            history: Vec::new(),
            incidents: Vec::new(),
            silence: Verdicts::new(),
            rulings: "",
        }
    }

    fn cards(&self, kind: UnitKind) -> Vec<Scorecard> {
        let scheme = crate::scheme::parse(SCHEME).unwrap_or_else(|error| panic!("{error}"));
        let day = |number: i8| Day::from_ymd(2026, 3, number).expect("a date");
        let always = Validity { from: Day::from_ymd(2026, 1, 1).expect("a date"), to: None };
        let window = |id: &str| Window {
            window: WindowId::new(id),
            name: id.to_owned(),
            centre: CentreId::new("C"),
            window_type: WindowType::new("w"),
            valid: always,
        };
        let staff = |id: &str| Staff { staff: StaffId::new(id), name: id.to_owned(), valid: always };
        let posts = self.posts.iter().map(|(staff, window, from, to, halves)| Post {
            staff: StaffId::new(staff),
            window: WindowId::new(window),
            halves: *halves,
            valid: Validity { from: day(*from), to: Some(day(*to)) },
        });
        let centre = Centre { centre: CentreId::new("C"), name: "C".to_owned() };
        let register = Register::new(
            vec![centre],
            ["V", "W"].map(window).into(),
            ["P", "Q"].map(staff).into(),
            posts.collect(),
            vec![],
        );
        let register = register.expect("a register");
        let tally = |rows: &[(&str, &str, Values)]| {
            let row = |(window, staff, values): &(&str, &str, Values)| TallyRow {
                window: WindowId::new(window),
                staff: StaffId::new(staff),
                values: values
                    .iter()
                    .flat_map(|(x, n)| [*x, *n])
                    .map(|v| Some(v).filter(|_| values.iter().any(|_| v != 0)))
                    .collect(),
            };
            let mut rows: Vec<TallyRow> = rows.iter().map(row).collect();
            rows.sort_by(|a, b| (&a.window, &a.staff).cmp(&(&b.window, &b.staff)));
            Tally { rows }
        };
        let before: Vec<(u8, Tally)> = (1..)
            .zip(&self.history)
            .map(|(before, (x, n))| (before, tally(&[("V", "", [(*x, *n), (0, 0), (0, 0), (0, 0)])])))
            .collect();
        let period = Period::parse("2026-03").expect("a period");
        let incidents: Vec<Incident> = self
            .incidents
            .iter()
            .map(|(incident, negative, source_id)| Incident {
                incident: (*incident).to_owned(),
                negative: *negative,
                window: WindowId::new("W"),
                staff: StaffId::new("P"),
                day: day(5),
                table: scheme.negatives[*negative].table,
                source: "s".to_owned(),
                source_id: (*source_id).to_owned(),
            })
            .collect();
        let calendar = Calendar::shipped(&[]).expect("a calendar");
        let inputs = Inputs {
            scheme: &scheme,
            period,
            register: &register,
            clock: &OfficeClock::new(&calendar, &Zone::utc()),
            tally: &tally(&self.rows),
            priors: &Priors::new(&scheme, &register, period, &before),
            history: &[],
            silence: &self.silence,
            incidents: &incidents,
            rulings: &Rulings::parse(self.rulings).expect("rulings"),
        };
        let mut cards = score(&inputs, kind);
        rank(&mut cards);
        // In every world: what is written is canonical as it is written.
        let written = serde_json::to_string(&units_json(&scheme, &cards)).expect("JSON");
        let sorted = serde_json::from_str(&written).expect("JSON");
        assert_eq!(written, crate::canonical::canonical_json(&sorted));
        assert_eq!(units_digest(&scheme, &cards), crate::canonical::Digest::of(written.as_bytes()));
        cards
    }

    fn card(&self, kind: UnitKind, unit: &str) -> Scorecard {
        self.cards(kind).into_iter().find(|card| card.unit == unit).expect("the unit")
    }

    fn scored(&self, kind: UnitKind, unit: &str) -> Scored {
        let card = self.card(kind, unit);
        card.scored().unwrap_or_else(|| panic!("{:?}", card.status)).clone()
    }
}

fn shown(ratio: &Ratio) -> String {
    ratio.to_decimal(4, Rounding::HalfUp)
}

fn window_score(values: Values) -> String {
    World::of(vec![("W", "", values)]).scored(UnitKind::Window, "W").score()
}

#[test]
fn s5_with_everything_there_the_score_is_the_weighted_sum() {
    // 50 × 30 % + 100 × 10 % + 80 × 20 % + 90 × 40 %
    assert_eq!(window_score(FULL), "77.00");
}

#[test]
fn s4_missing_weight_moves_inside_the_group_then_the_layer_then_the_total() {
    // b missing: a carries the group's 40. 50 × 40 + 80 × 20 + 90 × 40
    assert_eq!(window_score([(50, 100), (0, 0), (80, 100), (90, 100)]), "72.00");
    // c missing, its group is empty: g carries the layer's 60. (50 × 30 + 100 × 10) × 60/40 + 90 × 40
    assert_eq!(window_score([(50, 100), (100, 100), (0, 0), (90, 100)]), "73.50");
    // d missing, its layer is empty: base carries all. (50 × 30 + 100 × 10 + 80 × 20) × 100/60 = 68.333…
    assert_eq!(window_score([(50, 100), (100, 100), (80, 100), (0, 0)]), "68.33");
    // b and c missing: a carries the layer. 50 × 60 + 90 × 40
    assert_eq!(window_score([(50, 100), (0, 0), (0, 0), (90, 100)]), "66.00");
}

#[test]
fn s4_the_four_states_of_missing_are_told_apart() {
    let states = |values: Values, rulings: &'static str| {
        let world = World { rulings, ..World::of(vec![("W", "", values)]) };
        let card = world.card(UnitKind::Window, "W");
        card.parts[0].lines.iter().map(|line| line.state).collect::<Vec<_>>()
    };
    let found = states([(5, 9), (0, 0), (0, 0), (0, 100)], "");
    assert_eq!(found, [State::Suppressed, State::NotApplicable, State::NoData, State::Value]);
    // No data by the unit's own act, confirmed by two: 0 points instead of a moved weight.
    let ruling = "[[ruling]]\neffect = 'own_act'\nunit = 'W'\nindicator = 'c'\nfrom = '2026-03-01'\nto = '2026-03-31'\n\
                  reason = 'device off'\ndecided_by = 'A'\nconfirmed_by = 'B'\n";
    assert_eq!(states([(50, 100), (0, 0), (0, 0), (0, 100)], ruling)[2], State::OwnAct);
    let values = [(50, 100), (100, 100), (0, 0), (90, 100)];
    let world = World { rulings: ruling, ..World::of(vec![("W", "", values)]) };
    assert_eq!(world.scored(UnitKind::Window, "W").score(), "61.00");
}

#[test]
fn s4_a_unit_whose_moved_weights_break_a_bound_of_its_type_is_scored_and_not_ranked() {
    // c weighs 20 of 100; without a and b all of the layer's 60 are on it, more than the 45 it may have.
    let cards = World::of(vec![("W", "", [(0, 0), (0, 0), (80, 100), (90, 100)]), ("V", "", FULL)]);
    let cards = cards.cards(UnitKind::Window);
    let ranked: Vec<_> = cards.iter().map(|card| (card.scored().is_some(), card.rank.is_some())).collect();
    assert_eq!(ranked, [(true, true), (true, false)]);
    assert!(!cards[1].scored().expect("a score").broken_bounds.is_empty());
}

#[test]
fn s4_too_little_data_is_no_score_and_says_why() {
    let card = World::of(vec![("W", "", [(50, 100), (0, 0), (0, 0), (0, 0)])]).card(UnitKind::Window, "W");
    let Status::NotScored(reasons) = &card.status else { panic!("scored") };
    assert!(matches!(&reasons[0], NotScored::TooLittleWeight { present, .. } if *present == Ratio::whole(30)));
    assert!(card.rank.is_none());
}

#[test]
fn s4_small_numbers_are_drawn_towards_the_peers_of_at_least_three_periods() {
    let world = |history: Vec<(i64, i64)>| World { history, ..World::of(vec![("W", "", FULL)]) };
    let value = |world: World| world.card(UnitKind::Window, "W").parts[0].lines[0].value.clone().expect("a value");
    assert_eq!(value(world(vec![(90, 100), (90, 100)])).to_plain(), "0.5", "two periods are too few");
    // (50 + 10 × 0.9) ÷ (100 + 10)
    assert_eq!(value(world(vec![(90, 100), (80, 100), (100, 100)])).to_fraction(), "59/110");
}

#[test]
fn s5_deductions_come_in_their_order_and_one_incident_only_by_its_heaviest_entry() {
    let check = |incidents: Vec<(&'static str, usize, &'static str)>, s2: &str, s3: &str, vetoed: bool| {
        let scored = World { incidents, ..World::of(vec![("W", "", FULL)]) }.scored(UnitKind::Window, "W");
        assert_eq!((shown(&scored.s2).as_str(), shown(&scored.s3).as_str(), scored.vetoed), (s2, s3, vetoed));
        scored
    };
    check(vec![("i", 2, "1")], "69.3000", "69.3000", false);
    check(vec![("i", 2, "1"), ("j", 2, "2")], "61.6000", "61.6000", false);
    // The same incident by hotline and by letter: once.
    check(vec![("i", 2, "1"), ("i", 2, "2")], "69.3000", "69.3000", false);
    // A complaint of what is also a conflict: the conflict alone.
    check(vec![("i", 2, "1"), ("i", 1, "2")], "77.0000", "57.0000", false);
    // First the share, then the points: 77 × 0.9 − 20.
    check(vec![("i", 2, "1"), ("j", 1, "2")], "69.3000", "49.3000", false);
    // Never below 0, never more than ten shares.
    let many: Vec<_> =
        ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"].iter().map(|id| (*id, 2, *id)).collect();
    check(many, "0.0000", "0.0000", false);
    check(vec![("i", 1, "1"), ("j", 1, "2"), ("k", 1, "3"), ("l", 1, "4")], "77.0000", "0.0000", false);
    // A cap holds after everything else.
    check(vec![("i", 3, "1")], "77.0000", "60.0000", false);
    check(vec![("i", 3, "1"), ("j", 1, "2")], "77.0000", "57.0000", false);
    let vetoed = check(vec![("i", 0, "1")], "77.0000", "77.0000", true);
    assert_eq!(vetoed.aggregate().to_plain(), "59.99");
}

#[test]
fn s5_a_share_of_a_person_s_score_is_the_team_s() {
    let mut world = World::of(vec![
        ("W", "P", [(50, 100), (100, 100), (80, 100), (100, 100)]),
        ("W", "Q", [(0, 0), (0, 0), (0, 0), (40, 100)]),
        ("V", "Q", [(0, 0), (0, 0), (0, 0), (100, 200)]),
    ]);
    world.posts = vec![("P", "W", 2, 6, Halves::Day)];
    let scored = world.scored(UnitKind::Staff, "P");
    // Own 81; the window's satisfaction is 140 of 200.
    assert_eq!((shown(&scored.own).as_str(), shown(&scored.s1).as_str()), ("81.0000", "77.7000"));
    // Ten half-days at W (70 points), five at V (50 points): T = 63.33…
    world.posts.push(("P", "V", 9, 13, Halves::Morning));
    let team = world.scored(UnitKind::Staff, "P").team.expect("a team share");
    assert_eq!(shown(&team.points), "63.3333");
    // With nine tenths of the window's ratings the person would be their own team: type and centre stand in.
    world.rows[1].2[3] = (1, 10);
    world.posts.pop();
    let team = world.scored(UnitKind::Staff, "P").team.expect("a team share");
    assert!(team.parts[0].stand_in());
    assert_eq!(shown(&team.points), shown(&Ratio::new(201 * 100, 310).expect("a ratio")));
}

#[test]
fn s2_a_person_at_two_windows_is_merged_by_half_days_and_a_short_stint_goes_to_the_main_window() {
    let good = [(100, 100), (100, 100), (100, 100), (100, 100)];
    let poor = [(0, 100), (0, 100), (0, 100), (0, 100)];
    let mut world = World::of(vec![("W", "P", good), ("V", "P", poor)]);
    // Five whole days and five mornings, 9 to 13 March.
    world.posts = vec![("P", "W", 2, 6, Halves::Day), ("P", "V", 9, 13, Halves::Morning)];
    let card = world.card(UnitKind::Staff, "P");
    assert_eq!(card.parts.len(), 2);
    assert_eq!(shown(&card.scored().expect("a score").own), "66.6667");
    // Two days are too few to stand apart: their counts go to the main window.
    world.posts[1] = ("P", "V", 9, 10, Halves::Morning);
    let card = world.card(UnitKind::Staff, "P");
    assert_eq!(card.parts.len(), 1);
    assert_eq!((card.parts[0].half_days, card.parts[0].lines[0].denominator), (12, 200));
    // Without a post, facts at several windows are nobody's score.
    world.posts.clear();
    let card = world.card(UnitKind::Staff, "P");
    assert!(matches!(&card.status, Status::NotScored(reasons) if reasons == &[NotScored::NoPost]));
}

#[test]
fn s6_ties_at_two_decimals_share_a_place_and_the_failed_come_last() {
    let place = |cards: &[Scorecard], unit: &str| {
        let card = cards.iter().find(|card| card.unit == unit).expect("the unit");
        card.rank.as_ref().map(|rank| (rank.place, rank.of))
    };
    let almost: Values = [(50, 100), (100, 100), (80_000, 100_001), (90, 100)];
    let tied = World::of(vec![("W", "", FULL), ("V", "", almost)]).cards(UnitKind::Window);
    assert_eq!((place(&tied, "V"), place(&tied, "W")), (Some((1, 2)), Some((1, 2))));
    let failed =
        World { incidents: vec![("i", 0, "1")], ..World::of(vec![("W", "", FULL), ("V", "", [(11, 100); 4])]) };
    let cards = failed.cards(UnitKind::Window);
    assert_eq!((place(&cards, "V"), place(&cards, "W")), (Some((1, 2)), Some((2, 2))));
}

#[test]
fn s1_a_longer_period_is_the_mean_of_enough_months() {
    let month = |score: i64| World::of(vec![("W", "", [(score, 100); 4])]).cards(UnitKind::Window);
    let named = |text: &str, score| (Period::parse(text).expect("a period"), month(score));
    let two = mean_of_periods(&[named("2026-01", 50), named("2026-02", 61)], 3);
    let of = |cards: &[LongerCard]| cards.iter().find(|card| card.unit == "W").expect("the unit").score();
    assert_eq!(of(&two).as_deref(), Some("55.50"));
    assert_eq!(of(&mean_of_periods(&[named("2026-01", 50)], 3)), None);
}

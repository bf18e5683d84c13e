//! Draws of whole cards: the same bytes however the work is spread, and what is shared between units.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{ARTICLE, Size, World, staff_name, window_name};
use insight::uncertainty::{DRAWS, Question, Uncertainty, explain, paired, seed, uncertainty};
use model::id::{StaffId, WindowId};
use model::scheme::UnitKind;
use model::score::{Incident, Scorecard};
use model::time::Day;

const TOWN: Size = Size { windows: 80, centres: 2, staff_per_window: 2 };

fn position(cards: &[Scorecard], unit: &str) -> usize {
    cards.iter().position(|card| card.unit == unit).expect("the unit")
}

fn sorted(drawn: &Uncertainty) -> Vec<String> {
    let mut units: Vec<String> = drawn.units.iter().flatten().map(|unit| unit.to_json().to_string()).collect();
    units.sort();
    units
}

#[test]
fn the_same_bytes_on_any_number_of_threads_and_in_any_order() {
    let world = World::city(TOWN, ARTICLE, 1);
    for kind in [UnitKind::Window, UnitKind::Staff] {
        let (windows, cards) = (world.cards(UnitKind::Window), world.cards(kind));
        let expected = world.draw_cards(&windows, &cards, 1);
        assert_eq!(expected.draws, DRAWS);
        for threads in [2, 7] {
            let drawn = world.draw_cards(&windows, &cards, threads);
            assert_eq!(drawn.to_json().to_string(), expected.to_json().to_string());
        }
        let (mut windows, mut cards) = (windows, cards);
        windows.reverse();
        cards.rotate_left(17);
        assert_eq!(sorted(&world.draw_cards(&windows, &cards, 3)), sorted(&expected));
    }
}

#[test]
fn an_interval_lies_around_the_score_and_a_place_within_its_interval() {
    let world = World::city(TOWN, ARTICLE, 2);
    for kind in [UnitKind::Window, UnitKind::Staff] {
        let cards = world.cards(kind);
        let drawn = world.draw(kind, 2);
        let mut around = 0;
        for (card, unit) in cards.iter().zip(&drawn.units) {
            let (scored, unit) =
                (card.scored().unwrap_or_else(|| panic!("{:?}", card.status)), unit.as_ref().expect("an interval"));
            let (lower, upper) = (unit.interval.lower, unit.interval.upper);
            assert!(lower < upper && (lower..=upper).contains(&unit.median), "{unit:?}");
            around += usize::from((lower..=upper).contains(&scored.hundredths()));
            let places = unit.standing.as_ref().expect("a standing").places.expect("places");
            assert!(1 <= places.best && places.best <= places.worst && places.worst <= cards.len(), "{places:?}");
        }
        assert_eq!(around, cards.len());
    }
}

#[test]
fn whoever_is_ranked_last_has_no_next_and_neighbours_are_compared_in_pairs() {
    let world = World::city(TOWN, ARTICLE, 3);
    let (cards, drawn) = (world.cards(UnitKind::Window), world.draw(UnitKind::Window, 1));
    for (at, card) in cards.iter().enumerate() {
        let rank = card.rank.as_ref().expect("a rank");
        let standing = drawn.units[at].as_ref().and_then(|unit| unit.standing.as_ref()).expect("a standing");
        match &standing.next {
            None => assert_eq!(rank.place, rank.of),
            Some(next) => {
                let other = position(&cards, &next.unit);
                let below = cards[other].rank.as_ref().expect("a rank");
                assert!(below.scope == rank.scope && below.place >= rank.place);
                assert_eq!(drawn.difference(at, other).as_ref(), Some(next));
                // The other way round, bounds change places and signs.
                let back = drawn.difference(other, at).expect("a difference");
                assert_eq!((back.lower, back.upper), (-next.upper, -next.lower));
            }
        }
    }
}

#[test]
fn memberships_sum_to_the_seats_but_for_ties() {
    let world = World::city(TOWN, ARTICLE, 4);
    let (cards, drawn) = (world.cards(UnitKind::Staff), world.draw(UnitKind::Staff, 2));
    let pool = cards[0].pool.as_ref().expect("a pool");
    let in_pool = |card: &Scorecard| card.pool.as_ref() == Some(pool);
    let of = cards.iter().filter(|card| in_pool(card)).count();
    let seats = model::outcome::Seats::new(world.scheme.quota.as_ref().expect("quotas"), of);
    assert!(of >= 20 && seats.bottom > 0);
    let mut inside = [0_u32; 3];
    for (_, unit) in cards.iter().zip(&drawn.units).filter(|(card, _)| in_pool(card)) {
        let memberships = unit.as_ref().and_then(|unit| unit.standing.as_ref()?.memberships).expect("memberships");
        for (sum, of) in inside.iter_mut().zip([memberships.top, memberships.bottom, memberships.help]) {
            *sum += of.inside;
        }
    }
    for (inside, seats) in inside.into_iter().zip([seats.top, seats.bottom, seats.help]) {
        let filled = f64::from(inside) / f64::from(DRAWS);
        let seats = f64::from(u32::try_from(seats).expect("few"));
        assert!((filled - seats).abs() < 0.1 * seats, "{filled} of {seats}");
    }
}

#[test]
fn a_veto_is_no_matter_of_chance() {
    let mut world = World::city(TOWN, ARTICLE, 5);
    let fraud = world.scheme.negatives.iter().position(|negative| negative.id == "fraud").expect("an entry");
    world.incidents.push(Incident {
        incident: "i".to_owned(),
        negative: fraud,
        window: WindowId::new(&window_name(0)),
        staff: StaffId::new(&staff_name(0)),
        day: Day::parse("2026-03-05").expect("a day"),
        table: model::fact::Table::Violation,
        source: "s".to_owned(),
        source_id: "1".to_owned(),
    });
    let (cards, drawn) = (world.cards(UnitKind::Staff), world.draw(UnitKind::Staff, 1));
    let standing = drawn.units[position(&cards, &staff_name(0))].as_ref().and_then(|unit| unit.standing.clone());
    let standing = standing.expect("a standing");
    let memberships = standing.memberships.expect("memberships");
    assert_eq!((standing.places, standing.next), (None, None));
    assert_eq!((memberships.bottom.inside, memberships.top.inside), (DRAWS, 0));
}

/// Two people of one window whose own counts are beyond chance move only by what they share.
#[test]
fn s6_all_staff_of_a_window_share_its_team_draws() {
    let mut world = World::city(TOWN, ARTICLE, 6);
    let satisfaction =
        ["rated", "rated_satisfied", "revisited", "revisited_satisfied", "online_rated", "online_satisfied"];
    for row in &mut world.tally.rows {
        for (measure, value) in world.scheme.measures.iter().zip(&mut row.values) {
            if !satisfaction.contains(&measure.id.as_str()) {
                *value = value.map(|value| value * 100_000);
            }
        }
    }
    // Nothing but the team share is left to chance: nobody has ratings of their own, the windows' are others'.
    let team = world.scheme.team.as_ref().expect("a team share").group;
    for indicator in world.scheme.indicators.iter_mut().filter(|indicator| indicator.group == team) {
        indicator.units = vec![UnitKind::Window];
    }
    let (cards, drawn) = (world.cards(UnitKind::Staff), world.draw(UnitKind::Staff, 1));
    let moves = |unit: usize| {
        let at = position(&cards, &staff_name(unit));
        let draws = drawn.scores(at).expect("draws");
        draws.iter().map(|score| i32::from(*score) - i32::from(draws[0])).collect::<Vec<_>>()
    };
    let (one, colleague, other) = (moves(0), moves(1), moves(2));
    let apart = |a: &[i32], b: &[i32]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).max().expect("draws");
    assert!(one.iter().any(|by| by.abs() > 100), "the team share moves");
    assert!(apart(&one, &colleague) <= 25, "{}", apart(&one, &colleague));
    assert!(apart(&one, &other) > 100, "{}", apart(&one, &other));
}

/// Draws know nothing of the scheme: a candidate with other weights is compared draw by draw.
#[test]
fn two_schemes_on_the_same_facts_draw_alike() {
    let draw = |scheme: &str| World::city(TOWN, scheme, 7).draw(UnitKind::Window, 2);
    let candidate = ARTICLE.replace("floor = \"80%\", target = \"98%\"", "floor = \"78%\", target = \"98%\"");
    let (present, candidate) = (draw(ARTICLE), draw(&candidate));
    let variance = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / f64::from(DRAWS);
        values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / f64::from(DRAWS)
    };
    for at in 0..TOWN.windows {
        let scores = |drawn: &Uncertainty| {
            drawn.scores(at).expect("draws").iter().map(|score| f64::from(*score)).collect::<Vec<_>>()
        };
        let (before, after) = (scores(&present), scores(&candidate));
        let difference: Vec<f64> = before.iter().zip(&after).map(|(before, after)| after - before).collect();
        assert!(variance(&difference) < 0.1 * variance(&before), "{at}");
    }
}

#[test]
fn drawn_side_by_side_both_are_as_they_are_alone() {
    let candidate = ARTICLE.replace("floor = \"80%\", target = \"98%\"", "floor = \"78%\", target = \"98%\"");
    let (present, candidate) = (World::city(TOWN, ARTICLE, 7), World::city(TOWN, &candidate, 7));
    for kind in [UnitKind::Window, UnitKind::Staff] {
        let sides =
            [&present, &candidate].map(|world| (world.inputs(), world.cards(UnitKind::Window), world.cards(kind)));
        let seed = seed(present.period, &present.tally);
        let questions = [0, 1].map(|at| Question {
            inputs: &sides[at].0,
            windows: &sides[at].1,
            cards: &sides[at].2,
            dispersion: &[&present, &candidate][at].dispersion,
            seed,
        });
        let alone = questions.map(|question| uncertainty(&question, 1));
        for threads in [1, 3] {
            for (at, pair) in paired(&questions[0], &questions[1], threads).into_iter().enumerate() {
                let expect = alone[0].scores(at).zip(alone[1].scores(at));
                assert_eq!(pair.as_ref().map(|(first, second)| (&first[..], &second[..])), expect, "{at}");
            }
        }
    }
}

#[test]
fn what_makes_an_interval_wide_sums_to_its_width() {
    let world = World::city(TOWN, ARTICLE, 8);
    let windows = world.cards(UnitKind::Window);
    for kind in [UnitKind::Window, UnitKind::Staff] {
        let cards = world.cards(kind);
        let inputs = world.inputs();
        let seed = seed(world.period, &world.tally);
        let question =
            Question { inputs: &inputs, windows: &windows, cards: &cards, dispersion: &world.dispersion, seed };
        let explained = explain(&question, &cards[3]).expect("a score");
        let found = explained.contributors;
        assert!(found.windows(2).all(|pair| pair[0].share >= pair[1].share));
        assert!((found.iter().map(|of| of.share).sum::<f64>() - 1.0).abs() < 1e-9);
        let drawn = world.draw_cards(&windows, &cards, 1);
        assert_eq!(drawn.units[3].as_ref().map(|unit| unit.interval), Some(explained.interval));
        let scores: Vec<f64> = drawn.scores(3).expect("draws").iter().map(|score| f64::from(*score) / 100.0).collect();
        let mean = scores.iter().sum::<f64>() / f64::from(DRAWS);
        let variance = scores.iter().map(|score| (score - mean).powi(2)).sum::<f64>() / f64::from(DRAWS);
        let sum: f64 = found.iter().map(|of| of.deviation * of.deviation).sum();
        // Independent parts: their variances add up, but for the chance of 1,000 draws.
        assert!((sum / variance - 1.0).abs() < 0.2, "{sum} {variance}");
    }
}

#[test]
fn where_nothing_is_left_to_chance_there_is_one_draw() {
    let certain = ARTICLE
        .lines()
        .filter(|line| !line.starts_with("spread ="))
        .map(|line| if line.starts_with("noise =") { "noise = \"none\"" } else { line })
        .collect::<Vec<_>>()
        .join("\n");
    let world = World::city(TOWN, &certain, 9);
    let (cards, drawn) = (world.cards(UnitKind::Window), world.draw(UnitKind::Window, 2));
    assert_eq!(drawn.draws, 1);
    for (card, unit) in cards.iter().zip(&drawn.units) {
        let (score, unit) = (card.scored().expect("a score").hundredths(), unit.as_ref().expect("an interval"));
        // The exact score halfway between two hundredths may fall to either.
        assert!(unit.median.abs_diff(score) <= 1 && unit.interval.lower == unit.interval.upper);
    }
}

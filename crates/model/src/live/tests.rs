//! What an open day says as reports come in, and that it is the same whichever way they came.

use super::*;
use crate::calendar::{Calendar, OfficeClock};
use crate::fact::{Codes, Identity, Value};
use crate::finals::Finals;
use crate::reference::References;
use crate::register::Register;
use crate::time::Zone;
use proptest::prelude::*;

const DAY: Day = Day(20_517);
/// Nine o'clock of the day.
const NINE: i64 = 20_517 * 86_400 + 9 * 3_600;

/// What is told of a case or a rating: minutes after nine.
#[derive(Clone, Debug, Default)]
struct Told {
    id: String,
    revision: u32,
    window: &'static str,
    times: Vec<(&'static str, i64)>,
    /// Of a rating: the case it names, and its level of four.
    rating: Option<(String, i64)>,
}

fn fact(told: &Told) -> Fact {
    let at = |minutes: i64| Value::Instant(Instant(NINE + 60 * minutes));
    let identity = Identity { source: Source::new("s"), source_id: told.id.clone(), revision: told.revision };
    let window = Some(told.window).filter(|window| !window.is_empty());
    let mut values: Vec<_> = window.map(|window| ("window", Value::Code(window.into()))).into_iter().collect();
    values.extend(told.times.iter().map(|(column, minutes)| (*column, at(*minutes))));
    let kind = if let Some((case, level)) = &told.rating {
        values.extend([("case_id", Value::Code(case.as_str().into())), ("level", Value::Integer(*level))]);
        values.push(("scale", Value::Integer(4)));
        Kind::Rating
    } else {
        values.push(("asked", Value::Flag(true)));
        Kind::Case
    };
    Fact::new(kind, identity, false, None, values).expect("valid")
}

fn case(id: &str, window: &'static str, times: &[(&'static str, i64)]) -> Told {
    Told { id: id.to_owned(), window, times: times.to_vec(), ..Told::default() }
}

fn rating(id: &str, case: &str, minutes: i64, level: i64) -> Told {
    let rating = Some((case.to_owned(), level));
    Told { id: id.to_owned(), window: "W1", times: vec![("rated_at", minutes)], rating, ..Told::default() }
}

/// A home's reports, and the open day that follows them.
struct Ground {
    reports: Vec<Fact>,
    day: OpenDay,
    clock: OfficeClock,
}

impl Ground {
    fn new() -> Self {
        let calendar = Calendar::shipped(&["09:00-17:00".to_owned()]).expect("valid");
        Self { reports: Vec::new(), day: OpenDay::new(DAY), clock: OfficeClock::new(&calendar, &Zone::utc()) }
    }

    /// The report of each record with the highest revision, by its place.
    fn counting(&self) -> Arrived {
        let mut latest: HashMap<GroupKey, (i64, &Fact)> = HashMap::new();
        for (place, fact) in self.reports.iter().enumerate() {
            let known = latest.entry(GroupKey::record(fact)).or_insert((-1, fact));
            if known.0 < 0 || fact.identity().revision > known.1.identity().revision {
                *known = (i64::try_from(place).expect("few"), fact);
            }
        }
        let mut counting: Arrived = latest.into_values().map(|(place, fact)| (place, fact.clone())).collect();
        counting.sort_by_key(|(place, _)| *place);
        counting
    }

    fn put(&self, day: &mut OpenDay, keys: impl IntoIterator<Item = GroupKey>) {
        let (zone, codes) = (Zone::utc(), Codes::default());
        let ctx = RowContext {
            day: DAY,
            zone: &zone,
            register: &Register::default(),
            clock: &self.clock,
            references: &References::default(),
            finals: &Finals::default(),
            codes: &codes,
        };
        let counting = self.counting();
        for key in keys {
            let of_group = counting.iter().filter(|(_, fact)| GroupKey::of(fact) == key).cloned().collect();
            day.replace(&key, of_group, &ctx);
        }
    }

    fn take(&mut self, told: &Told) {
        let fact = fact(told);
        self.reports.push(fact.clone());
        let touched: BTreeSet<GroupKey> = self.day.touched(&fact).collect();
        let mut day = std::mem::replace(&mut self.day, OpenDay::new(DAY));
        self.put(&mut day, touched);
        self.day = day;
    }

    /// The day built at once from all reports.
    fn rebuilt(&self) -> OpenDay {
        let mut day = OpenDay::new(DAY);
        let keys: BTreeSet<GroupKey> = self.counting().iter().map(|(_, fact)| GroupKey::of(fact)).collect();
        self.put(&mut day, keys);
        day
    }

    fn at(&self, minutes: i64) -> Vec<WindowNow> {
        self.day.windows(Instant(NINE + 60 * minutes))
    }
}

/// Waiting, called, completed, completed in the last hour, rated, satisfied of a window.
fn shown(ground: &Ground, minutes: i64, window: &str) -> [i64; 6] {
    let windows = ground.at(minutes);
    let Some(of) = windows.iter().find(|of| of.window == window) else { return [0; 6] };
    [of.waiting, of.stats.called, of.stats.completed, of.completed_last_hour, of.stats.rated, of.stats.satisfied]
}

#[test]
fn a_case_goes_from_waiting_to_finished() {
    let mut ground = Ground::new();
    // A ticket that no window called yet waits at none.
    ground.take(&case("1", "", &[("ticketed_at", 0)]));
    assert_eq!(shown(&ground, 1, ""), [1, 0, 0, 0, 0, 0]);
    assert_eq!(ground.at(1)[0].waiting_since, Some(Instant(NINE)));
    let called = [("ticketed_at", 0), ("called_at", 12)];
    ground.take(&Told { revision: 1, ..case("1", "W1", &called) });
    assert_eq!((shown(&ground, 12, ""), shown(&ground, 12, "W1")), ([0; 6], [0, 1, 0, 0, 0, 0]));
    let finished = [("ticketed_at", 0), ("called_at", 12), ("accepted_at", 12), ("finished_at", 30)];
    ground.take(&Told { revision: 2, ..case("1", "W1", &finished) });
    assert_eq!(shown(&ground, 31, "W1"), [0, 1, 1, 1, 0, 0]);
    let stats = ground.at(31)[0].stats;
    assert_eq!((stats.waiting_seconds, stats.handled, stats.handling_seconds, stats.asked), (720, 1, 1_080, 1));
    // An hour later it was long ago.
    assert_eq!(shown(&ground, 90, "W1"), [0, 1, 1, 0, 0, 0]);
    // An earlier revision that comes late changes nothing.
    ground.take(&Told { revision: 1, ..case("1", "W1", &called) });
    assert_eq!(shown(&ground, 31, "W1"), [0, 1, 1, 1, 0, 0]);
    ground.take(&case("2", "W1", &[("ticketed_at", 5), ("abandoned_at", 9)]));
    assert_eq!(shown(&ground, 31, "W1")[0], 0);
    // What was finished yesterday is none of today's.
    ground.take(&case("3", "W1", &[("accepted_at", -1_000), ("finished_at", -990)]));
    assert_eq!(shown(&ground, 31, "W1"), [0, 1, 1, 1, 0, 0]);
}

#[test]
fn s8_ratings_show_in_blocks_of_five() {
    let mut ground = Ground::new();
    for n in 0..12_i64 {
        ground.take(&case(&n.to_string(), "W1", &[("accepted_at", n), ("finished_at", n + 1)]));
        // The third is a bad one; the first case is rated twice, and only once it counts.
        ground.take(&rating(&format!("r{n}"), &n.to_string(), n + 2, if n == 2 { 1 } else { 4 }));
        ground.take(&rating("again", "0", 50, 1));
        let rated = (n + 1) / 5 * 5;
        let satisfied = if rated >= 3 { rated - 1 } else { rated };
        assert_eq!(shown(&ground, 60, "W1")[4..], [rated, satisfied], "{n}");
    }
    assert_eq!(ground.at(60)[0].stats.asked, 12);
}

#[test]
fn a_rating_that_moves_from_case_to_case_leaves_none_behind() {
    let mut ground = Ground::new();
    // Groups are replaced in the order of their keys, whichever of them is the new one.
    for (revision, case) in (0..).zip(["2", "0", "1", "2"]) {
        ground.take(&Told { revision, ..rating("r", case, 0, 1) });
        assert_eq!(ground.day.facts().len(), 1, "{case}");
    }
}

#[test]
fn a_window_that_has_nothing_left_is_told_once_more() {
    let mut ground = Ground::new();
    ground.take(&case("1", "W1", &[("ticketed_at", 0)]));
    let before = ground.at(0);
    ground.take(&Told { revision: 1, ..case("1", "W2", &[("ticketed_at", 0)]) });
    let told = changed(&before, &ground.at(0));
    let told: Vec<_> = told.iter().map(|of| (of.window.as_str(), of.waiting)).collect();
    assert_eq!(told, [("W2", 1), ("W1", 0)]);
    assert_eq!(changed(&ground.at(0), &ground.at(0)), []);
}

fn told() -> impl Strategy<Value = Told> {
    let window = || prop::sample::select(vec!["", "W1", "W2"]);
    let steps = || prop::sample::subsequence(vec!["ticketed_at", "called_at", "accepted_at", "finished_at"], 1..=4);
    let case =
        (0..4_u8, 0..4_u32, window(), steps(), -2_000..500_i64).prop_map(|(id, revision, window, steps, from)| {
            let times = steps.into_iter().zip(from..).collect();
            Told { id: id.to_string(), revision, window, times, rating: None }
        });
    let rating =
        (0..6_u8, 0..3_u32, 0..5_u8, -100..500_i64, 1..=4_i64).prop_map(|(id, revision, case, minutes, level)| Told {
            revision,
            ..rating(&format!("r{id}"), &case.to_string(), minutes, level)
        });
    prop_oneof![case, rating]
}

proptest! {
    #[test]
    fn an_open_day_that_followed_is_the_one_that_is_built_at_once(reports in prop::collection::vec(told(), 0..40)) {
        let mut ground = Ground::new();
        let mut seen = BTreeSet::new();
        for told in &reports {
            // Two reports of one revision that differ are a conflict, which is the database's to decide.
            if seen.insert((told.rating.is_some(), told.id.clone(), told.revision)) {
                ground.take(told);
            }
        }
        let rebuilt = ground.rebuilt();
        prop_assert_eq!(ground.at(100), rebuilt.windows(Instant(NINE + 6_000)));
        prop_assert_eq!(ground.day.facts().len(), rebuilt.facts().len());
    }
}

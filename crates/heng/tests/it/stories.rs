//! Stories by which an office would accept this, as far as they concern computing. Stories 2 and 3 stand by what they
//! test: `model/src/outcome` and `finals.rs`.

use crate::common::{TestHome, path};
use serde_json::{Value, json};

const SCHEME: &str = r#"
format = 1
id = "story"
version = "1"
name = "Two indicators"
base_period = "month"
profile = [{ id = "simple", name = "Simple" }]
layer = [{ id = "base", name = "Base", weight = 100 }]
group = [
  { id = "efficiency", name = "Efficiency", layer = "base" },
  { id = "satisfaction", name = "Satisfaction", layer = "base" },
]
team = { share = "0.3", group = "satisfaction", ratings = "rated", own_ratings_at_most = "0.8" }
measure = [
  { id = "finished", name = "finished", table = "case", on = "finish" },
  { id = "quick", name = "within the hour", table = "case", on = "finish", where = "handling_seconds <= 3600" },
  { id = "rated", name = "rated", table = "case", on = "rating" },
  { id = "satisfied", name = "satisfied", table = "case", on = "rating", where = "rating_satisfied" },
]

[[indicator]]
id = "quick_rate"
name = "Within the hour"
group = "efficiency"
numerator = "quick"
denominator = "finished"
curve = { linear = { floor = "0%", target = "100%" } }
weights = { simple = 50 }

[[indicator]]
id = "satisfied_rate"
name = "Satisfied"
group = "satisfaction"
numerator = "satisfied"
denominator = "rated"
curve = { linear = { floor = "0%", target = "100%" } }
weights = { simple = 50 }

[[negative]]
id = "complaint"
name = "Founded complaint, caused by the person"
table = "complaint"
where = "verdict = 'founded' AND cause = 'person' AND confirmed_by IS NOT NULL"
effect = { share = { each = "0.10", at_most = 10 } }
"#;

const MAPS: [(&str, &str); 3] = [
    (
        "case",
        "kind = 'case'\nsource = 'hall'\nid = ['id']\n[fields]\ncase_id = 'id'\nwindow = 'window'\nstaff = 'staff'\n\
         accepted_at = 'from'\nfinished_at = 'to'\n",
    ),
    (
        "rating",
        "kind = 'rating'\nsource = 'kiosk'\nid = ['id']\n[fields]\ncase_id = 'case'\nwindow = 'window'\n\
         staff = 'staff'\nrated_at = 'at'\nscale = { const = '5' }\nlevel = 'level'\nrevision = 'revision'\n\
         cause = 'cause'\nconfirmed_by = 'confirmed'\n",
    ),
    (
        "complaint",
        "kind = 'complaint'\nsource = 'hotline'\nid = ['id']\n[fields]\nwindow = 'window'\nstaff = 'staff'\n\
         occurred_at = 'at'\nverdict = { const = 'founded' }\ncause = { const = 'person' }\n\
         confirmed_by = { const = 'second' }\nincident = 'incident'\nrevision = 'revision'\n",
    ),
];

fn import(home: &TestHome, kind: &str, rows: &[Value]) {
    let (_, map) = MAPS.iter().find(|(name, _)| *name == kind).expect("a mapping");
    let map = home.file(&format!("{kind}.toml"), map);
    let lines: Vec<String> = rows.iter().map(Value::to_string).collect();
    home.ok(&["import", "--map", path(&map), path(&home.file("rows.ndjson", lines.join("\n")))]);
}

/// Li and Zhao sit at A1, Wang and Qian at A2; each serves ten citizens, Wang nine, and all are pleased but one.
fn office() -> TestHome {
    let home = TestHome::empty();
    home.ok(&["init", "--scheme", path(&home.file("story.toml", SCHEME))]);
    home.home_file("register/centres.csv", "centre,name\nC,C\n");
    home.home_file("register/windows.csv", "window,centre,type,name\nA1,C,simple,A1\nA2,C,simple,A2\n");
    let people = ["Li", "Zhao", "Wang", "Qian"].map(|name| format!("{name},{name}\n")).concat();
    home.home_file("register/staff.csv", &format!("staff,name\n{people}"));
    let sits = |name: &str, window: &str| format!("{name},{window},,,day\n");
    let posts = [("Li", "A1"), ("Zhao", "A1"), ("Wang", "A2"), ("Qian", "A2")].map(|(who, where_)| sits(who, where_));
    home.home_file("register/posts.csv", &format!("staff,window,from,to,halves\n{}", posts.concat()));
    let (mut cases, mut ratings) = (Vec::new(), Vec::new());
    for (name, window, count) in [("Li", "A1", 10), ("Zhao", "A1", 10), ("Wang", "A2", 9), ("Qian", "A2", 10)] {
        for number in 0..count {
            let (id, hour) = (format!("{name}{number}"), 9 + number % 3);
            let at = |minute| format!("2026-03-10 {hour:02}:{minute:02}:00");
            cases.push(json!({"id": id, "window": window, "staff": name, "from": at(0), "to": at(20)}));
            // The citizen of Li's last case is not pleased with whoever sat there.
            let bad = id == "Li9";
            ratings.push(rating(&id, window, name, if bad { 1 } else { 5 }, 0));
        }
    }
    import(&home, "case", &cases);
    import(&home, "rating", &ratings);
    home
}

fn rating(case: &str, window: &str, staff: &str, level: u8, revision: u8) -> Value {
    let cause = (level == 1).then_some("person");
    json!({"id": case, "case": case, "window": window, "staff": staff, "at": "2026-03-10 15:00:00", "level": level,
           "revision": revision, "cause": cause, "confirmed": cause.map(|_| "second")})
}

/// The hotline's report, and a letter about the same.
fn complaints(staff: &str, revision: u8) -> [Value; 2] {
    ["12345", "letter"].map(|id| {
        json!({"id": id, "window": "A1", "staff": staff, "at": "2026-03-10 15:00:00", "incident": "I1",
               "revision": revision})
    })
}

/// Score, own score, the team's points and the incidents of a person.
fn card(home: &TestHome, staff: &str) -> [String; 4] {
    let scores = home.scores(&["2026-03", "--unit", "staff", "--no-intervals"]);
    let units = scores["units"].as_array().expect("units");
    let card = units.iter().find(|card| card["unit"] == staff).expect("a card");
    let incidents: Vec<&str> =
        card["deductions"].as_array().into_iter().flatten().filter_map(|taken| taken["incident"].as_str()).collect();
    let text = |json: &Value| json.as_str().unwrap_or_default().to_owned();
    [text(&card["score"]), text(&card["own"]), text(&card["team"]["points"]), incidents.join(" ")]
}

#[test]
fn scoring_5_story_1_the_swapped_seat_moves_the_rating_and_one_tenth_and_no_more() {
    let home = office();
    import(&home, "complaint", &complaints("Li", 0));
    home.ok(&["close", "--period", "2026-03"]);
    // Li: nine of ten are pleased, 50 + 45 = 95; the window's nineteen of twenty are 95 as well;
    // one incident of two reports takes a tenth: 95 − 9.5.
    assert_eq!(card(&home, "Li"), ["85.50", "95.000000000", "95.000000000", "I1"]);
    assert_eq!(card(&home, "Wang"), ["100.00", "100.000000000", "100.000000000", ""]);
    let others = ["Zhao", "Qian"].map(|name| card(&home, name));

    // Li disputes it: they had swapped seats for the day. The roster is mended, the reports are moved to Wang.
    let posts = "staff,window,from,to,halves\n\
                 Li,A1,,2026-03-09,day\nLi,A2,2026-03-10,2026-03-10,day\nLi,A1,2026-03-11,,day\n\
                 Wang,A2,,2026-03-09,day\nWang,A1,2026-03-10,2026-03-10,day\nWang,A2,2026-03-11,,day\n\
                 Zhao,A1,,,day\nQian,A2,,,day\n";
    home.home_file("register/posts.csv", posts);
    import(&home, "rating", &[rating("Li9", "A1", "Wang", 1, 1)]);
    import(&home, "complaint", &complaints("Wang", 1));
    home.ok(&["close", "--period", "2026-03"]);
    // 22 workdays are 44 half-days, 2 of them at the other window: the team share of both is 42 parts of one window
    // and 2 of the other. The windows' own points stay: 95 and 100.
    // Li: T = (42 × 95 + 2 × 100) ÷ 44 = 95.2272…; 0.7 × 100 + 0.3 × T = 98.568…
    assert_eq!(card(&home, "Li"), ["98.57", "100.000000000", "95.227272727", ""]);
    // Wang: nine of ten, 95; T = (42 × 100 + 2 × 95) ÷ 44 = 99.7727…; 0.7 × 95 + 0.3 × T = 96.4318…, less a tenth.
    assert_eq!(card(&home, "Wang"), ["86.79", "95.000000000", "99.772727273", "I1"]);
    assert_eq!(["Zhao", "Qian"].map(|name| card(&home, name)), others);
}

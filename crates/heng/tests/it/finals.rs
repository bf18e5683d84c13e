//! Final periods, with the real program.

use crate::common::office::{COMPLAINTS_MAP, Facts, facts, home, import, import_all};
use crate::common::{TestHome, path};
use app::home::{Given, Home};
use app::period::{close_period, finalize_period};
use model::period::Period;
use model::time::{Day, Instant};
use store::Change;

const MONTHS: [&str; 3] = ["2026-01", "2026-02", "2026-03"];

/// What happened in January, founded in March.
const LATE: &str = r#"{"编号":"T90001","窗口":"B2","工号":"S6","时间":"2026-01-14 10:00:00","结论":"founded",
    "原因":"person","内容":"后来核实","核实":"2026-03-16 09:00:00"}"#;

/// An office whose January becomes final on 20 February: the program itself would take today.
fn office(facts: &Facts) -> TestHome {
    let home = home();
    import_all(&home, facts);
    home.ok(&["close", "--period", "2026-01"]);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let day = Day::parse("2026-02-20").expect("a day");
    let change = Change { actor: "test", at: Instant(i64::from(day.0) * 86_400) };
    let january = Period::parse("2026-01").expect("a month");
    runtime.block_on(async {
        let opened = Home::open(&home.home(), "close", &Given::default()).await.expect("a home");
        assert!(finalize_period(&opened, None, january, change).await.expect("closed"));
        assert!(!finalize_period(&opened, None, january, change).await.expect("closed"));
        opened.store.clone().close().await;
    });
    home
}

fn import_late(home: &TestHome) {
    let more = "verdict_at = \"核实\"\nreported_at = \"核实\"\n";
    let map = home.file("late.toml", format!("{COMPLAINTS_MAP}{more}"));
    let file = home.file("late.ndjson", LATE.replace('\n', ""));
    home.ok(&["import", "--map", path(&map), path(&file)]);
}

fn close(home: &TestHome, months: &[&str]) {
    for month in months {
        home.ok(&["close", "--period", month]);
    }
}

/// The incidents for which something is taken from a unit.
fn taken(home: &TestHome, unit: &str, month: &str) -> Vec<String> {
    let kind = if unit.starts_with('S') { "staff" } else { "window" };
    let scores = home.scores(&[month, "--unit", kind, "--no-intervals"]);
    let units = scores["units"].as_array().expect("units");
    let card = units.iter().find(|card| card["unit"] == unit).expect("a card");
    let list = card["deductions"].as_array().unwrap_or_else(|| panic!("{unit} has no score in {month}: {card}"));
    list.iter().map(|taken| taken["incident"].as_str().expect("an incident").to_owned()).collect()
}

#[test]
fn scoring_1_story_3_a_complaint_founded_after_its_month_is_final_counts_in_the_month_of_the_verdict() {
    let facts = Facts { complaints: Vec::new(), ..facts() };
    let home = office(&facts);
    close(&home, &MONTHS[1..]);
    let digests = |home: &TestHome| MONTHS.map(|month| home.scores(&[month, "--no-intervals"])["digest"].clone());
    let before = digests(&home);
    import_late(&home);
    close(&home, &MONTHS[1..]);
    let after = digests(&home);
    assert_eq!((&before[..2], &after[..2]), (&after[..2], &before[..2]), "January stays, February knows nothing");
    for unit in ["B2", "S6"] {
        let found = MONTHS.map(|month| taken(&home, unit, month));
        assert_eq!(found, [vec![], vec![], vec!["12345/T90001".to_owned()]], "{unit}");
    }
    let refused = home.fails(1, &["close", "--period", "2026-01"]);
    assert!(refused.contains("2026-01 is final since 2026-02-20"), "{refused}");
    // Somebody else, who hears of everything at once, computes the same.
    let other = office(&facts);
    import_late(&other);
    close(&other, &MONTHS[1..]);
    assert_eq!(digests(&other), after);
}

#[test]
fn only_a_closed_period_becomes_final() {
    let home = home();
    import(&home, "cases", &facts().cases);
    let said = home.ok(&["close", "--period", "2026-03", "--final"]);
    assert!(said.contains("2026-03: final, its scores stay"), "{said}");
    let refused = home.fails(1, &["close", "--period", "2026-03"]);
    assert!(refused.contains("is final since"), "{refused}");
    assert!(home.fails(2, &["close", "2026-03-02", "--final"]).contains("--period"));
}

#[test]
fn scoring_1_no_period_closes_before_its_cut_off() {
    let home = home();
    import(&home, "cases", &facts().cases);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    // The 8th and the fifth working day of April 2026, after Qingming on the 6th, are the same day.
    let close_on = |text: &str| {
        let day = Day::parse(text).expect("a day");
        let change = Change { actor: "test", at: Instant(i64::from(day.0) * 86_400) };
        let opened = runtime.block_on(Home::open(&home.home(), "close", &Given::default())).expect("a home");
        let march = Period::parse("2026-03").expect("a month");
        let done = close_period(&opened, None, march, change, 1, runtime.handle(), &mut |_| {});
        runtime.block_on(opened.store.clone().close());
        done.map(|_| ()).map_err(|error| error.to_string())
    };
    assert!(close_on("2026-03-31").expect_err("not over").contains("is not over"));
    let refused = close_on("2026-04-08").expect_err("before the cut-off");
    assert!(refused.contains("before its cut-off") && refused.contains("2026-04-08"), "{refused}");
    close_on("2026-04-09").expect("after the cut-off");
}

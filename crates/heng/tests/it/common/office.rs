//! A small office: two centres, six windows, nine people, three months of cases, ratings and complaints.
//!
//! Everything comes from a counter, so that each run makes the same facts.

use super::{TestHome, path, project};
use std::fmt::Write as _;

/// A sequence of numbers that looks random and is not.
pub(crate) struct Sequence(u64);

impl Sequence {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `below`.
    pub(crate) fn next(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }

    /// Reorders a list.
    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            let other = usize::try_from(self.next(at as u64 + 1)).expect("small");
            list.swap(at, other);
        }
    }
}

pub(crate) const CASES_MAP: &str = r#"
kind = "case"
source = "hall"
id = ["办件编号", "轮"]
[fields]
case_id = "办件编号"
window = "窗口"
staff = "工号"
item = "事项"
channel = { column = "渠道", codes = { "窗口" = "window", "网上" = "online" } }
ticketed_at = "取号"
called_at = "叫号"
accepted_at = "受理"
finished_at = "办结"
due_at = "期限"
asked = { const = "true" }
revision = "版本"
void = "作废"
"#;

pub(crate) const RATINGS_MAP: &str = r#"
kind = "rating"
source = "kiosk"
id = ["评价编号"]
[fields]
case_id = "办件编号"
rated_at = "时间"
scale = { const = "4" }
level = { column = "评价", codes = { "非常满意" = 4, "满意" = 3, "一般" = 2, "不满意" = 1 } }
channel = { const = "kiosk" }
rater = "手机"
"#;

pub(crate) const COMPLAINTS_MAP: &str = r#"
kind = "complaint"
source = "12345"
id = ["编号"]
[fields]
window = "窗口"
staff = "工号"
occurred_at = "时间"
verdict = "结论"
cause = "原因"
confirmed_by = { const = "second" }
text = "内容"
"#;

pub(crate) const EXAMS_MAP: &str = r#"
kind = "exam"
source = "training"
id = ["工号", "科目"]
[fields]
staff = "工号"
held_on = { const = "2026-01-15" }
subject = "科目"
due = { const = "1" }
passed = "合格"
asked = { const = "20" }
correct = "答对"
"#;

pub(crate) const INSPECTIONS_MAP: &str = r#"
kind = "inspection"
source = "visitor"
id = ["编号"]
[fields]
window = "窗口"
staff = "工号"
visited_at = "时间"
topic = "主题"
checked = { const = "30" }
passed = "合格"
"#;

/// The facts of the office, one JSON text a line, by mapping.
#[derive(Clone, Default)]
pub(crate) struct Facts {
    pub cases: Vec<String>,
    pub ratings: Vec<String>,
    pub complaints: Vec<String>,
    pub exams: Vec<String>,
    pub inspections: Vec<String>,
}

pub(crate) const WINDOWS: [(&str, &str, &str); 6] = [
    ("A1", "甲", "simple"),
    ("A2", "甲", "simple"),
    ("A3", "甲", "approval"),
    ("B1", "乙", "simple"),
    ("B2", "乙", "consulting"),
    ("B3", "乙", "self_service"),
];

/// Facts of the workdays of January to March 2026.
pub(crate) fn facts() -> Facts {
    let mut facts = Facts::default();
    let mut sequence = Sequence::new(7);
    let mut number = 0;
    for month in 1..=3 {
        for day in 1..=28 {
            let date = format!("2026-{month:02}-{day:02}");
            if model::time::Day::parse(&date).expect("a date").weekday() >= 5 {
                continue;
            }
            for (index, (window, ..)) in WINDOWS.iter().enumerate() {
                for _ in 0..4 {
                    number += 1;
                    one_case(&mut facts, &mut sequence, number, &date, window, index);
                }
            }
        }
    }
    for person in 0..9 {
        for subject in ["business", "policy"] {
            let (passed, correct) = (u64::from(sequence.next(5) > 0), 12 + sequence.next(8));
            let exam =
                serde_json::json!({"工号": format!("S{person}"), "科目": subject, "合格": passed, "答对": correct});
            facts.exams.push(exam.to_string());
        }
    }
    for (index, (window, ..)) in WINDOWS.iter().enumerate() {
        for (visit, topic) in ["conduct", "conduct", "notice", "answers", "files"].iter().enumerate() {
            let inspection = serde_json::json!({
                "编号": format!("V{window}{visit}"), "窗口": window, "工号": format!("S{}", index * 3 / 2),
                "时间": clock("2026-01-20", 600), "主题": topic, "合格": 25 + sequence.next(6),
            });
            facts.inspections.push(inspection.to_string());
        }
    }
    facts
}

fn clock(date: &str, minute: u64) -> String {
    format!("{date} {:02}:{:02}:00", minute / 60, minute % 60)
}

fn one_case(facts: &mut Facts, sequence: &mut Sequence, number: u32, date: &str, window: &str, index: usize) {
    let staff = format!("S{}", index * 3 / 2 + usize::try_from(sequence.next(2)).expect("small"));
    let ticket = 9 * 60 + sequence.next(150);
    let called = ticket + sequence.next(25);
    let minutes = 5 + sequence.next(40);
    let late = sequence.next(12) == 0;
    let due = if late { called + minutes - 3 } else { called + 60 };
    let mut json = serde_json::json!({
        "办件编号": format!("C{number:05}"), "轮": "1", "窗口": window, "工号": staff, "事项": format!("I{}", number % 3),
        "渠道": if number.is_multiple_of(5) { "网上" } else { "窗口" },
        "取号": clock(date, ticket), "叫号": clock(date, called), "受理": clock(date, called),
        "期限": clock(date, due), "版本": 0, "作废": "否", "办结": null,
    });
    // A few are never finished, a few the next week.
    match sequence.next(40) {
        0 => {}
        1 => {
            let day = model::time::Day::parse(date).expect("a date").plus(7);
            json["办结"] = clock(&day.to_string(), called).into();
        }
        2 => json["办结"] = clock(date, called - 1).into(),
        _ => json["办结"] = clock(date, called + minutes).into(),
    }
    facts.cases.push(json.to_string());
    if sequence.next(3) > 0 {
        let level = ["非常满意", "满意", "满意", "一般", "不满意"][usize::try_from(sequence.next(5)).expect("small")];
        // On the 5th and the 25th somebody rates for everybody.
        let phone = if date.ends_with('5') { 0 } else { sequence.next(9000) };
        let rating = serde_json::json!({
            "评价编号": format!("R{number:05}"), "办件编号": format!("C{number:05}"),
            "时间": clock(date, called + minutes + 1), "评价": level, "手机": format!("1380000{phone:04}"),
        });
        facts.ratings.push(rating.to_string());
    }
    if sequence.next(180) == 0 {
        let complaint = serde_json::json!({
            "编号": format!("T{number:05}"), "窗口": window, "工号": staff, "时间": clock(date, called + 90),
            "结论": if sequence.next(3) == 0 { "unfounded" } else { "founded" }, "原因": "person", "内容": "态度不好,金丝雀",
        });
        facts.complaints.push(complaint.to_string());
    }
}

/// A home with the office's register and the preset of the article.
pub(crate) fn home() -> TestHome {
    home_with(&[])
}

/// The same, with more words for `heng init`.
pub(crate) fn home_with(words: &[&str]) -> TestHome {
    home_in(TestHome::empty(), words)
}

/// The same, where there is no home yet.
pub(crate) fn home_in(home: TestHome, words: &[&str]) -> TestHome {
    let scheme = project().join("schemes/article.toml");
    home.ok(&[&["init", "--scheme", path(&scheme)], words].concat());
    let mut windows = String::from("window,from,to,name,centre,type\n");
    let mut staff = String::from("staff,from,to,name\n");
    let mut posts = String::from("staff,window,from,to,halves\n");
    for (index, (window, centre, ty)) in WINDOWS.iter().enumerate() {
        let _ = writeln!(windows, "{window},2025-01-01,,{window} 号窗口,{centre},{ty}");
        for person in 0..2 {
            let id = index * 3 / 2 + person;
            let line = format!("S{id},2025-01-01,,员工{id}\n");
            if !staff.contains(&line) {
                staff.push_str(&line);
            }
            let _ = writeln!(posts, "S{id},{window},2025-01-01,,{}", if person == 0 { "day" } else { "morning" });
        }
    }
    home.home_file("register/centres.csv", "centre,name\n甲,甲中心\n乙,乙中心\n");
    home.home_file("register/windows.csv", &windows);
    home.home_file("register/staff.csv", &staff);
    home.home_file("register/posts.csv", &posts);
    home.home_file(
        "register/items.csv",
        "item,from,to,name,category,promised,legal\nI0,,,备案,简,20m,1h\nI1,,,查询,简,30m,\nI2,,,许可,繁,1h,2h\n",
    );
    home.file("cases.toml", CASES_MAP);
    home.file("ratings.toml", RATINGS_MAP);
    home.file("complaints.toml", COMPLAINTS_MAP);
    home.file("exams.toml", EXAMS_MAP);
    home.file("inspections.toml", INSPECTIONS_MAP);
    home
}

/// Imports lines under a mapping of the office; returns what was said.
pub(crate) fn import(home: &TestHome, mapping: &str, lines: &[String]) -> String {
    let file = home.file(&format!("{mapping}.ndjson"), lines.join("\n"));
    let mapping = home.home().with_file_name(format!("{mapping}.toml"));
    home.ok(&["import", "--map", path(&mapping), path(&file)])
}

/// Imports everything.
pub(crate) fn import_all(home: &TestHome, facts: &Facts) {
    import(home, "cases", &facts.cases);
    import(home, "ratings", &facts.ratings);
    import(home, "complaints", &facts.complaints);
    import_rest(home, facts);
}

/// Imports what comes once in the three months.
pub(crate) fn import_rest(home: &TestHome, facts: &Facts) {
    import(home, "exams", &facts.exams);
    import(home, "inspections", &facts.inspections);
}

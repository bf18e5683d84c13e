//! The hall screen: what people waiting may know, readable from five metres.

use super::Frame;
use super::frame::Site;
use crate::{Lang, RenderError};
use app::hall::{HallFigures, HallNow, RATED_DAYS, TypeFigures};
use askama::Template;
use model::id::WindowType;
use model::live::WindowStats;
use model::scheme::Scheme;
use model::time::{Day, Instant, Zone};
use std::collections::BTreeSet;

/// The fewest records a rate is shown for.
const FEWEST: i64 = 5;

/// What the screen shows.
#[derive(Clone, Copy, Debug)]
pub struct Hall<'a> {
    /// The figures.
    pub figures: &'a HallFigures,
    /// What is going on, if anything is known of today.
    pub now: Option<&'a HallNow>,
    /// The zone of the times that are shown.
    pub zone: &'a Zone,
    /// The scheme, for the names of types.
    pub scheme: &'a Scheme,
    /// The day on which it is looked at.
    pub today: Day,
    /// The workday before it: figures of an older day are stale.
    pub yesterday: Day,
}

#[derive(Template)]
#[template(path = "screen.html")]
struct Page {
    lang: Lang,
    frame: Frame,
    title: String,
    name: String,
    day: Option<String>,
    days: i32,
    stale: Option<String>,
    windows: usize,
    /// How many wait, and as of when; without it the figures are those of the last sealed day.
    now: Option<Now>,
    total: Cells,
    rows: Vec<(String, Cells)>,
    banner: Option<String>,
}

/// What only the open day has.
struct Now {
    day: String,
    time: String,
    waiting: i64,
}

/// Figures as they are shown; a dash where there are too few records.
struct Cells {
    finished: String,
    waited: String,
    satisfied: String,
    rated: i64,
    participation: String,
}

/// The hall screen of a centre.
pub fn screen(lang: Lang, site: &Site, hall: &Hall<'_>) -> Result<String, RenderError> {
    let Hall { figures, now, zone, scheme, today, yesterday } = *hall;
    let old = figures.day.filter(|day| *day < yesterday).map(|day| today.0 - day.0);
    let old = old.filter(|_| now.is_none()).map(|days| match lang {
        Lang::Zh => format!("数据已 {days} 天未更新"),
        Lang::En => format!("not updated for {days} days"),
    });
    let lost =
        now.filter(|now| now.stale).map(|_| lang.pick("连接中断,数据未更新", "no connection: not updated").to_owned());
    let name_of =
        |id: &str| scheme.profile(id).map_or_else(|| id.to_owned(), |profile| lang.name(&profile.name).to_owned());
    let types: BTreeSet<&WindowType> =
        figures.types.keys().chain(now.iter().flat_map(|now| now.types.keys())).collect();
    let row = |id: &'_ WindowType| {
        let of = figures.types.get(id).copied().unwrap_or_default();
        (id.to_string(), of, now.map(|now| now.types.get(id).copied().unwrap_or_default()))
    };
    let rows: Vec<(String, TypeFigures, Option<WindowStats>)> = types.into_iter().map(row).collect();
    let page = Page {
        lang,
        frame: Frame::Site(site.clone()),
        title: format!("{} · {}", figures.name, lang.pick("大厅屏", "hall screen")),
        name: figures.name.clone(),
        day: figures.day.map(|day| day.to_string()),
        days: RATED_DAYS,
        stale: old.or(lost),
        windows: figures.total().windows,
        now: now.map(|now| Now { day: now.day.to_string(), time: time_of(zone, now.at), waiting: now.waiting }),
        total: cells(lang, &figures.total(), now.map(HallNow::total)),
        rows: rows.into_iter().map(|(id, of, now)| (name_of(&id), cells(lang, &of, now))).collect(),
        banner: site.banner.clone(),
    };
    Ok(page.render()?)
}

/// Figures of the open day where there is one, else of the last sealed day; ratings of the month in either case.
fn cells(lang: Lang, of: &TypeFigures, now: Option<WindowStats>) -> Cells {
    let (finished, seconds, called) = match now {
        Some(now) => (now.completed, now.waiting_seconds, now.called),
        None => (of.day.finished, of.day.waiting_seconds, of.day.called),
    };
    Cells {
        finished: finished.to_string(),
        waited: waited(lang, seconds, called),
        satisfied: percent(of.month.satisfied, of.month.rated),
        rated: of.month.rated,
        participation: percent(of.month.rated.min(of.month.asked), of.month.asked),
    }
}

/// The time of day, to a second.
fn time_of(zone: &Zone, at: Instant) -> String {
    let second = zone.local(at).1;
    format!("{:02}:{:02}:{:02}", second / 3_600, second / 60 % 60, second % 60)
}

/// Whole minutes, rounded half up; under one minute said so.
fn waited(lang: Lang, seconds: i64, called: i64) -> String {
    if called < FEWEST {
        return "–".to_owned();
    }
    let minutes = (seconds + 30 * called) / (60 * called);
    match (minutes == 0, lang) {
        (true, Lang::Zh) => "不到 1 分".to_owned(),
        (true, Lang::En) => "< 1 min".to_owned(),
        (false, Lang::Zh) => format!("{minutes} 分"),
        (false, Lang::En) => format!("{minutes} min"),
    }
}

/// A rate in tenths of a percent, rounded half up.
fn percent(some: i64, all: i64) -> String {
    if all < FEWEST {
        return "–".to_owned();
    }
    let tenths = (2_000 * some + all) / (2 * all);
    format!("{}.{}%", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_and_rates_are_rounded_and_small_numbers_held_back() {
        let check = |seconds, called, expect: &str| assert_eq!(waited(Lang::Zh, seconds, called), expect);
        check(10_000, 4, "–");
        check(100, 10, "不到 1 分");
        check(300, 10, "1 分");
        check(8_990, 100, "1 分");
        check(9_000, 100, "2 分");
        assert_eq!(percent(4, 4), "–");
        assert_eq!(percent(9, 10), "90.0%");
        assert_eq!(percent(2, 3_000), "0.1%");
    }
}

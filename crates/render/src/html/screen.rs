//! The hall screen: what people waiting may know, readable from five metres.

use super::Frame;
use super::frame::Site;
use crate::{Lang, RenderError};
use app::hall::{HallFigures, RATED_DAYS, TypeFigures};
use askama::Template;
use model::scheme::Scheme;
use model::time::Day;

/// The fewest records a rate is shown for.
const FEWEST: i64 = 5;

/// What the screen shows.
#[derive(Clone, Copy, Debug)]
pub struct Hall<'a> {
    /// The figures.
    pub figures: &'a HallFigures,
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
    total: Cells,
    rows: Vec<(String, Cells)>,
    banner: Option<String>,
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
    let Hall { figures, scheme, today, yesterday } = *hall;
    let old = figures.day.filter(|day| *day < yesterday).map(|day| today.0 - day.0);
    let name_of =
        |id: &str| scheme.profile(id).map_or_else(|| id.to_owned(), |profile| lang.name(&profile.name).to_owned());
    let page = Page {
        lang,
        frame: Frame::Site(site.clone()),
        title: format!("{} · {}", figures.name, lang.pick("大厅屏", "hall screen")),
        name: figures.name.clone(),
        day: figures.day.map(|day| day.to_string()),
        days: RATED_DAYS,
        stale: old.map(|days| match lang {
            Lang::Zh => format!("数据已 {days} 天未更新"),
            Lang::En => format!("not updated for {days} days"),
        }),
        windows: figures.total().windows,
        total: cells(lang, &figures.total()),
        rows: figures.types.iter().map(|(id, of)| (name_of(id.as_str()), cells(lang, of))).collect(),
        banner: site.banner.clone(),
    };
    Ok(page.render()?)
}

fn cells(lang: Lang, of: &TypeFigures) -> Cells {
    Cells {
        finished: of.day.finished.to_string(),
        waited: waited(lang, of.day.waiting_seconds, of.day.called),
        satisfied: percent(of.month.satisfied, of.month.rated),
        rated: of.month.rated,
        participation: percent(of.month.rated.min(of.month.asked), of.month.asked),
    }
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

//! The ranking of one type of window: scores, how sure they are, who can be told apart, and what is odd.

use super::Frame;
use super::frame::{Choice, Site, segment};
use crate::oddities::{kind, line, unit};
use crate::ranking::{grade_name, remarks, state_text, title};
use crate::uncertainty::{interval_text, on_scale};
use crate::{Lang, RenderError};
use app::period::{Cards, PeriodScores, PeriodState};
use askama::Template;
use insight::odd::Oddity;
use insight::uncertainty::{Uncertainty, UnitUncertainty};
use model::outcome::Grade;
use model::period::Period;
use model::register::Register;
use model::scheme::UnitKind;
use model::score::{Pool, Rank, Scorecard};
use model::time::Day;
use std::collections::BTreeMap;

/// What a ranking shows.
#[derive(Clone, Copy, Debug)]
pub struct Ranking<'a> {
    /// Windows or people.
    pub kind: UnitKind,
    /// The type of window.
    pub window_type: &'a str,
    /// The scores of the period, with their draws.
    pub scores: &'a PeriodScores,
    /// The scores of the period before, if there are any.
    pub before: Option<&'a PeriodScores>,
    /// Records that cleaning rules leave out, by window.
    pub left_out: &'a BTreeMap<String, u64>,
    /// What is odd, and on which days it was looked for.
    pub odd: (&'a [Oddity], (Day, Day)),
    /// The names of windows and people.
    pub register: &'a Register,
    /// The periods that can be shown, the latest first.
    pub periods: &'a [Period],
}

#[derive(Template)]
#[template(path = "ranking.html")]
struct Page<'a> {
    lang: Lang,
    frame: &'a Frame,
    title: String,
    heading: String,
    state: &'static str,
    provisional: bool,
    until: String,
    people: bool,
    window_type: &'a str,
    action: String,
    periods: Vec<Choice>,
    types: Vec<Choice>,
    downloads: Vec<Choice>,
    pools: Vec<PoolView>,
    unranked: Vec<Row>,
    odd: Vec<Found>,
    odd_span: String,
    digest: String,
    scheme_digest: String,
}

/// Those who are compared with each other.
struct PoolView {
    name: String,
    summary: String,
    /// Whether chance has a say, so that bands mean something.
    banded: bool,
    bands: Vec<Band>,
}

/// Units that cannot be told apart from the first of them.
struct Band {
    name: String,
    note: String,
    rows: Vec<Row>,
}

struct Row {
    place: String,
    moved: Option<String>,
    unit: String,
    name: String,
    href: String,
    score: String,
    interval: Option<Interval>,
    same_as_next: bool,
    places: String,
    n: String,
    chips: Vec<(&'static str, String)>,
    remark: String,
}

struct Interval {
    text: String,
    left: String,
    width: String,
    dot: String,
}

/// Something odd, and the card of whom it is about.
struct Found {
    text: String,
    href: Option<String>,
}

/// The ranking of one type of window, as a page of a site.
pub fn ranking(lang: Lang, site: &Site, of: &Ranking<'_>) -> Result<String, RenderError> {
    let Cards::First(cards) = &of.scores.cards else { return Err(RenderError::NoCard) };
    let scores = of.scores;
    let here: Vec<usize> = (0..cards.len()).filter(|at| type_of(&cards[*at]) == Some(of.window_type)).collect();
    let view = View { lang, site, of, cards, drawn: scores.uncertainty.as_ref().filter(|drawn| drawn.draws > 1) };
    let (ranked, unranked): (Vec<usize>, Vec<usize>) = here.iter().partition(|at| cards[**at].rank.is_some());
    let profile = scores.scheme.profile(of.window_type);
    let type_name = profile.map_or(of.window_type, |profile| lang.name(&profile.name));
    let people = of.kind == UnitKind::Staff;
    let (odd, (first, last)) = of.odd;
    let page = Page {
        lang,
        frame: &Frame::Site(site.clone()),
        title: title(lang, &scores.scheme, scores.period),
        heading: match (lang, people) {
            (Lang::Zh, false) => format!("{type_name} · 排名"),
            (Lang::Zh, true) => format!("{type_name} · 人员排名"),
            (Lang::En, false) => format!("{type_name}: ranking"),
            (Lang::En, true) => format!("{type_name}: ranking of people"),
        },
        state: state_text(lang, scores.state),
        provisional: scores.state == PeriodState::Open,
        until: until(lang, scores),
        people,
        window_type: of.window_type,
        action: site.link("/ranking"),
        periods: view.periods(),
        types: view.types(),
        downloads: view.downloads(),
        pools: view.pools(&ranked),
        unranked: unranked.into_iter().map(|at| view.row(at, None)).collect(),
        odd: odd.iter().filter(|oddity| view.is_of_type(oddity)).map(|oddity| view.found(oddity)).collect(),
        odd_span: match lang {
            Lang::Zh => format!("{first} 至 {last} 的封存数据。异常只供人核查,不影响得分。"),
            Lang::En => format!("Sealed days from {first} to {last}. No score depends on what is odd."),
        },
        digest: scores.digest().to_string(),
        scheme_digest: scores.scheme.digest().to_string(),
    };
    Ok(page.render()?)
}

/// The type of window that a card is compared within.
fn type_of(card: &Scorecard) -> Option<&str> {
    card.window_type().map(model::id::WindowType::as_str)
}

/// Up to which day facts are in.
fn until(lang: Lang, scores: &PeriodScores) -> String {
    let last = scores.gathered.as_ref().and_then(|gathered| gathered.days.last());
    let Some((day, _)) = last else { return String::new() };
    match lang {
        Lang::Zh => format!("数据截至 {day} 日结"),
        Lang::En => format!("figures up to the close of {day}"),
    }
}

struct View<'a> {
    lang: Lang,
    site: &'a Site,
    of: &'a Ranking<'a>,
    cards: &'a [Scorecard],
    drawn: Option<&'a Uncertainty>,
}

impl View<'_> {
    fn query(&self, period: Period, window_type: &str) -> String {
        let unit = if self.of.kind == UnitKind::Staff { "staff" } else { "window" };
        format!("/ranking?period={period}&type={}&unit={unit}", segment(window_type))
    }

    /// In a form the value is what is sent, and the form adds the rest.
    fn periods(&self) -> Vec<Choice> {
        let choice = |period: &Period| Choice {
            name: period.to_string(),
            href: period.to_string(),
            current: *period == self.of.scores.period,
        };
        self.of.periods.iter().map(choice).collect()
    }

    fn types(&self) -> Vec<Choice> {
        let choice = |profile: &model::scheme::Profile| Choice {
            name: self.lang.name(&profile.name).to_owned(),
            href: self.site.link(&self.query(self.of.scores.period, profile.id.as_str())),
            current: profile.id.as_str() == self.of.window_type,
        };
        let inhabited = |profile: &&model::scheme::Profile| {
            self.cards.iter().any(|card| type_of(card) == Some(profile.id.as_str()))
        };
        self.of.scores.scheme.profiles.iter().filter(inhabited).map(choice).collect()
    }

    fn downloads(&self) -> Vec<Choice> {
        let unit = if self.of.kind == UnitKind::Staff { "staff" } else { "window" };
        let choice = |name: &str, ending: &str| Choice {
            name: name.to_owned(),
            href: self.site.link(&format!("/scores/{}/{unit}.{ending}", self.of.scores.period)),
            current: false,
        };
        vec![choice("CSV", "csv"), choice("Excel", "xlsx"), choice("JSON", "json")]
    }

    /// The pools of a type, each the best first.
    fn pools(&self, ranked: &[usize]) -> Vec<PoolView> {
        let mut pools: BTreeMap<&Pool, Vec<(&Rank, usize)>> = BTreeMap::new();
        for at in ranked {
            if let Some(rank) = &self.cards[*at].rank {
                pools.entry(&rank.scope).or_default().push((rank, *at));
            }
        }
        pools.into_iter().map(|(pool, order)| self.pool(pool, order)).collect()
    }

    fn pool(&self, pool: &Pool, mut order: Vec<(&Rank, usize)>) -> PoolView {
        order.sort_by_key(|(rank, at)| (rank.place, &self.cards[*at].unit));
        let order: Vec<usize> = order.into_iter().map(|(_, at)| at).collect();
        let alike = |first: usize, second: usize| {
            let difference = self.drawn.and_then(|drawn| drawn.difference(first, second));
            difference.is_some_and(|difference| !difference.is_distinguishable())
        };
        let mut bands: Vec<Vec<usize>> = Vec::new();
        for at in &order {
            match bands.last_mut() {
                Some(band) if self.drawn.is_none() || alike(band[0], *at) => band.push(*at),
                _ => bands.push(vec![*at]),
            }
        }
        let told = order.windows(2).filter(|pair| !alike(pair[0], pair[1])).count();
        let (units, pairs) = (order.len(), order.len().saturating_sub(1));
        let summary = match (self.lang, self.drawn.is_some()) {
            (Lang::Zh, true) => {
                format!("{units} 个单位参与排名。相邻名次 {pairs} 处,其中 {told} 处的差距能与偶然区分。")
            }
            (Lang::En, true) => format!("{units} ranked. Of {pairs} neighbouring pairs, {told} can be told apart."),
            (Lang::Zh, false) => format!("{units} 个单位参与排名。"),
            (Lang::En, false) => format!("{units} ranked."),
        };
        let bands = bands.into_iter().enumerate().map(|(at, band)| self.band(at, &band));
        PoolView { name: self.pool_name(pool), summary, banded: self.drawn.is_some(), bands: bands.collect() }
    }

    fn band(&self, at: usize, band: &[usize]) -> Band {
        let count = band.len();
        let rows = band.iter().map(|at| {
            let next = self.drawn_of(*at).and_then(|drawn| drawn.standing.as_ref()?.next.as_ref());
            self.row(*at, next.map(|next| !next.is_distinguishable()))
        });
        Band {
            name: match self.lang {
                Lang::Zh => format!("第 {} 带", at + 1),
                Lang::En => format!("Band {}", at + 1),
            },
            note: match (self.lang, count) {
                (Lang::Zh, 1) => "仅此一个".to_owned(),
                (Lang::En, 1) => "alone".to_owned(),
                (Lang::Zh, _) => format!("{count} 个,与带首无显著差异"),
                (Lang::En, _) => format!("{count}, not distinguishable from the first of them"),
            },
            rows: rows.collect(),
        }
    }

    fn pool_name(&self, pool: &Pool) -> String {
        let Some(centre) = &pool.centre else {
            return self.lang.pick("全部中心", "All centres").to_owned();
        };
        let name = self.of.register.centre(centre.as_str()).map(|centre| centre.name.as_str());
        name.map_or_else(|| centre.to_string(), |name| format!("{name}({centre})"))
    }

    fn drawn_of(&self, at: usize) -> Option<&UnitUncertainty> {
        self.drawn?.units.get(at)?.as_ref()
    }

    fn row(&self, at: usize, same_as_next: Option<bool>) -> Row {
        let (lang, card, drawn) = (self.lang, &self.cards[at], self.drawn_of(at));
        let places = drawn.and_then(|drawn| drawn.standing.as_ref()?.places);
        let interval = drawn.zip(card.scored()).map(|(drawn, scored)| {
            let [left, width, dot] = on_scale(drawn.interval, scored.hundredths());
            Interval { text: interval_text(drawn.interval), left, width, dot }
        });
        Row {
            place: card.rank.as_ref().map_or("–".to_owned(), |rank| rank.place.to_string()),
            moved: self.moved(card),
            unit: card.unit.clone(),
            name: card.name.clone(),
            href: self.card_href(&card.unit),
            score: card.scored().map_or("–".to_owned(), model::score::Scored::score),
            interval,
            same_as_next: same_as_next == Some(true),
            places: places.map_or(String::new(), |places| format!("{}–{}", places.best, places.worst)),
            n: if card.n() > 0 { card.n().to_string() } else { "–".to_owned() },
            chips: self.chips(card),
            remark: if card.grade.is_some() && card.rank.is_some() {
                String::new()
            } else {
                remarks(lang, self.of.scores, card)
            },
        }
    }

    fn card_href(&self, unit: &str) -> String {
        self.site.link(&format!("/units/{}/{}", segment(unit), self.of.scores.period))
    }

    /// Places gained or lost since the period before, within the same pool.
    fn moved(&self, card: &Scorecard) -> Option<String> {
        let rank = card.rank.as_ref()?;
        let Cards::First(before) = &self.of.before?.cards else { return None };
        let old = before.iter().find(|old| old.unit == card.unit)?.rank.as_ref()?;
        if old.scope != rank.scope {
            return None;
        }
        Some(match old.place.cmp(&rank.place) {
            std::cmp::Ordering::Greater => format!("▲ {}", old.place - rank.place),
            std::cmp::Ordering::Less => format!("▼ {}", rank.place - old.place),
            std::cmp::Ordering::Equal => "=".to_owned(),
        })
    }

    fn chips(&self, card: &Scorecard) -> Vec<(&'static str, String)> {
        let grade = match card.grade {
            Some(grade @ Grade::Excellent) => Some(("good", grade_name(self.lang, grade).to_owned())),
            Some(grade @ Grade::Failed) => Some(("bad", grade_name(self.lang, grade).to_owned())),
            Some(Grade::Qualified) | None => None,
        };
        let odd = self.of.odd.0.iter().filter(|oddity| unit(oddity) == card.unit);
        let odd = odd.map(|oddity| ("warn", kind(self.lang, oddity).to_owned()));
        let left_out = self.of.left_out.get(&card.unit).filter(|count| **count > 0 && card.kind == UnitKind::Window);
        let left_out = left_out.map(|count| match self.lang {
            Lang::Zh => ("", format!("剔除 {count} 条")),
            Lang::En => ("", format!("{count} left out")),
        });
        grade.into_iter().chain(odd).chain(left_out).collect()
    }

    /// Whether a finding is about somebody in this ranking.
    fn is_of_type(&self, oddity: &Oddity) -> bool {
        self.cards.iter().any(|card| card.unit == unit(oddity) && type_of(card) == Some(self.of.window_type))
    }

    fn found(&self, oddity: &Oddity) -> Found {
        let known = self.cards.iter().any(|card| card.unit == unit(oddity));
        Found { text: line(self.lang, self.of.register, oddity), href: known.then(|| self.card_href(unit(oddity))) }
    }
}

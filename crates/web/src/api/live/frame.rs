//! What a stream says, as server-sent events.

use app::live::{Look, WindowNow, average};
use app::period::{Cards, PeriodScores};
use bytes::Bytes;
use model::time::{Day, Instant};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value as Json, json};

/// The open day at a moment. Everything in it is provisional: the close of the day makes it final.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct LiveDay<'a> {
    /// The open day.
    #[schemars(with = "String")]
    day: Day,
    /// When it was looked, in seconds since 1970.
    #[schemars(with = "i64")]
    at: Instant,
    /// Every change of the home up to this one is counted.
    command: i64,
    /// Always true.
    provisional: bool,
    /// The windows: all of them, or those of which something else is said than before.
    windows: Vec<LiveWindow<'a>>,
}

impl<'a> LiveDay<'a> {
    pub(super) fn of(look: &Look, windows: Vec<LiveWindow<'a>>) -> Self {
        Self { day: look.day, at: look.at, command: look.command, provisional: true, windows }
    }
}

/// A window at a moment.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct LiveWindow<'a> {
    /// The window; empty for tickets that no window called yet.
    window: &'a str,
    /// Tickets drawn today that nobody called, and that were not given up.
    waiting: i64,
    /// When the first of them was drawn, in seconds since 1970.
    #[schemars(with = "Option<i64>")]
    waiting_since: Option<Instant>,
    /// Tickets called so far.
    called: i64,
    /// Seconds from ticket to call on average, rounded half up; null of nothing.
    avg_waiting_time: Option<i64>,
    /// Cases finished so far.
    completed: i64,
    /// Of these, the ones of the last hour: throughput.
    completed_last_hour: i64,
    /// Seconds from acceptance to finish on average, in office time without documented pauses, rounded half up; null of
    /// nothing.
    avg_process_time: Option<i64>,
    /// Finished cases whose citizen was asked for a rating.
    asked: i64,
    /// Ratings given, in blocks of five: participation is `rated` of `asked`.
    rated: i64,
    /// Of these, the satisfied ones.
    satisfied: i64,
}

impl<'a> LiveWindow<'a> {
    pub(super) fn of(of: &'a WindowNow) -> Self {
        let stats = &of.stats;
        Self {
            window: &of.window,
            waiting: of.waiting,
            waiting_since: of.waiting_since,
            called: stats.called,
            avg_waiting_time: average(stats.waiting_seconds, stats.called),
            completed: stats.completed,
            completed_last_hour: of.completed_last_hour,
            avg_process_time: average(stats.handling_seconds, stats.handled),
            asked: stats.asked,
            rated: stats.rated,
            satisfied: stats.satisfied,
        }
    }
}

/// Everything about every window.
pub(super) fn whole(look: &Look) -> Bytes {
    event("state", Some(look.command), &LiveDay::of(look, look.windows.iter().map(LiveWindow::of).collect()))
}

/// What is said otherwise than before.
pub(super) fn change(look: &Look) -> Bytes {
    event("change", Some(look.command), &LiveDay::of(look, look.changed.iter().map(LiveWindow::of).collect()))
}

/// Nothing was learned since a moment.
pub(super) fn stale(since: Instant) -> Bytes {
    event("stale", None, &json!({"since": since}))
}

/// Provisional scores of the open period.
pub(super) fn scores(made: &PeriodScores, at: Instant) -> Json {
    let cards = match &made.cards {
        Cards::First(cards) => cards.as_slice(),
        Cards::Longer(_) => &[],
    };
    let units = cards.iter().map(|card| {
        json!({
            "unit": card.unit,
            "name": card.name,
            "type": card.window_type(),
            "score": card.scored().map(model::score::Scored::score),
            "place": card.rank.as_ref().map(|rank| rank.place),
            "n": card.n(),
        })
    });
    let units: Vec<Json> = units.collect();
    let scheme = json!({"id": made.scheme.id, "version": made.scheme.version});
    json!({"period": made.period, "at": at, "provisional": true, "scheme": scheme, "units": units})
}

/// One event. JSON has no line breaks of its own.
pub(super) fn event(name: &str, id: Option<i64>, data: &impl Serialize) -> Bytes {
    let mut text = id.map_or_else(String::new, |id| format!("id: {id}\n"));
    text.push_str("event: ");
    text.push_str(name);
    text.push_str("\ndata: ");
    // Names and numbers of our own always become JSON.
    text.push_str(&serde_json::to_string(data).unwrap_or_default());
    text.push_str("\n\n");
    text.into()
}

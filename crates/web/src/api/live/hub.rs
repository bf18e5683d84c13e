//! What is told to everybody who listens: written once, shared by all.

use super::frame::{self, LiveWindow};
use app::AppError;
use app::home::Home;
use app::live::{Follower, Look, provisional};
use app::period::PeriodScores;
use bytes::Bytes;
use model::scheme::UnitKind;
use model::time::Instant;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::runtime::Handle;
use tokio::sync::broadcast::{self, Receiver, Sender};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Streams of one server at once.
pub(super) const MOST_STREAMS: usize = 2_000;
/// Frames that a slow listener may be behind; who is further behind is told everything anew.
const FRAMES_BEHIND: usize = 8;
/// Provisional scores are computed at most so often.
pub(super) const SCORES_SECONDS: i64 = 30;

/// What is known at the moment.
#[derive(Default)]
struct Known {
    look: Option<Look>,
    /// The frame that says everything, once somebody asked.
    whole: Option<Bytes>,
    /// The last look failed.
    stale: bool,
}

/// Provisional scores, and what they rest on.
struct Scored {
    at: Instant,
    command: i64,
    frame: Option<Bytes>,
    json: Arc<serde_json::Value>,
}

/// Follows the open day, and tells everybody who listens.
pub(crate) struct Hub {
    follower: tokio::sync::Mutex<Follower>,
    known: Mutex<Known>,
    scored: tokio::sync::Mutex<Option<Scored>>,
    frames: Sender<Bytes>,
    places: Arc<Semaphore>,
    now: Arc<dyn Fn() -> Instant + Send + Sync>,
    threads: usize,
}

/// Somebody who listens.
pub(super) struct Listener {
    pub(super) frames: Receiver<Bytes>,
    /// Given back when the stream ends.
    _place: OwnedSemaphorePermit,
}

impl Hub {
    pub(crate) fn new(home: Arc<Home>, now: Arc<dyn Fn() -> Instant + Send + Sync>, threads: usize) -> Self {
        Self {
            follower: tokio::sync::Mutex::new(Follower::new(home)),
            known: Mutex::default(),
            scored: tokio::sync::Mutex::new(None),
            frames: broadcast::channel(FRAMES_BEHIND).0,
            places: Arc::new(Semaphore::new(MOST_STREAMS)),
            now,
            threads,
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at what came in, and tells it.
    pub(crate) async fn tick(&self) {
        let look = self.follower.lock().await.tick((self.now)()).await;
        let mut known = self.known();
        let frame = match look {
            Ok(look) => {
                let again = std::mem::take(&mut known.stale);
                let frame = if look.anew || again {
                    Some(frame::whole(&look))
                } else {
                    (!look.changed.is_empty()).then(|| frame::change(&look))
                };
                known.whole = frame.clone().filter(|_| look.anew || again);
                known.look = Some(look);
                frame
            }
            Err(_) if known.stale => None,
            Err(error) => {
                tracing::error!(cause = app::causes(&error, ToString::to_string), "the open day cannot be followed");
                known.stale = true;
                known.look.as_ref().map(|look| frame::stale(look.at))
            }
        };
        // With the lock held, so that who begins to listen misses nothing and hears nothing twice.
        if let Some(frame) = frame {
            // Nobody may be listening.
            let _ = self.frames.send(frame);
        }
    }

    /// Scores anew what somebody listens to, if something came in since.
    pub(crate) async fn tell_scores(&self) {
        if self.frames.receiver_count() == 0 {
            return;
        }
        let before = self.scored.lock().await.as_ref().map(|scored| scored.at);
        match self.scores().await {
            Ok((at, Some(frame))) if Some(at) != before => _ = self.frames.send(frame),
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(cause = app::causes(&error, ToString::to_string), "the open period cannot be scored");
            }
        }
    }

    /// When the provisional scores were computed, and the frame that tells them; none before there is anything to score.
    async fn scores(&self) -> Result<(Instant, Option<Bytes>), AppError> {
        let mut scored = self.scored.lock().await;
        let (now, command) = ((self.now)(), self.known().look.as_ref().map_or(0, |look| look.command));
        let lately = |scored: &Scored| scored.frame.is_some() && now.0 < scored.at.0 + SCORES_SECONDS;
        let fresh = |scored: &Scored| scored.command == command || lately(scored);
        if let Some(scored) = scored.as_ref().filter(|scored| fresh(scored)) {
            return Ok((scored.at, scored.frame.clone()));
        }
        let facts = self.follower.lock().await.facts();
        let (threads, runtime) = (self.threads, Handle::current());
        let made = match facts {
            Some(facts) => {
                let work = move || provisional(&facts, UnitKind::Window, now, threads, &runtime);
                tokio::task::spawn_blocking(work).await.map_err(|_| AppError::Worker)??
            }
            None => None,
        };
        let json =
            Arc::new(made.as_ref().map_or(serde_json::Value::Null, |made: &PeriodScores| frame::scores(made, now)));
        let frame = made.is_some().then(|| frame::event("scores", None, &*json));
        let told = (now, frame.clone());
        *scored = Some(Scored { at: now, command, frame, json });
        Ok(told)
    }

    /// Everything that is known, as JSON, with the provisional scores; `None` before the first look. What cannot be learned
    /// now is what it was.
    pub(super) async fn everything(&self) -> Option<serde_json::Value> {
        let (look, stale) = {
            let known = self.known();
            (known.look.clone()?, known.stale)
        };
        if !stale && let Err(error) = self.scores().await {
            tracing::warn!(cause = app::causes(&error, ToString::to_string), "the open period cannot be scored");
        }
        let scores = self.scored.lock().await.as_ref().map(|scored| scored.json.clone());
        let windows: Vec<LiveWindow<'_>> = look.windows.iter().map(LiveWindow::of).collect();
        let mut json = serde_json::json!(frame::LiveDay::of(&look, windows));
        json["stale"] = stale.into();
        json["scores"] = scores.map_or(serde_json::Value::Null, |scores| (*scores).clone());
        Some(json)
    }

    /// The last look, and whether nothing was learned since.
    pub(crate) fn look(&self) -> Option<(Look, bool)> {
        let known = self.known();
        Some((known.look.clone()?, known.stale))
    }

    /// Who follows the open day.
    pub(crate) fn follower(&self) -> &tokio::sync::Mutex<Follower> {
        &self.follower
    }

    /// Begins to listen, if there is a place.
    pub(super) fn listen(&self) -> Option<Listener> {
        let place = self.places.clone().try_acquire_owned().ok()?;
        Some(Listener { frames: self.frames.subscribe(), _place: place })
    }

    /// The frames that say everything, and from which a listener goes on: the state, and the scores if there are any.
    pub(super) fn begin(&self, listener: &mut Listener) -> Vec<Bytes> {
        // Who comes while scores are computed is told them with everybody else.
        let scored = self.scored.try_lock();
        let scores = scored.ok().and_then(|scored| scored.as_ref().and_then(|scored| scored.frame.clone()));
        let mut known = self.known();
        // What was told before is part of the whole.
        listener.frames = self.frames.subscribe();
        if known.whole.is_none() {
            known.whole = known.look.as_ref().map(frame::whole);
        }
        let stale = known.look.as_ref().filter(|_| known.stale).map(|look| frame::stale(look.at));
        [known.whole.clone(), scores, stale].into_iter().flatten().collect()
    }
}

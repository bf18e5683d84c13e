//! The close of a period: its inputs are frozen, each with its digest, and scored from then on.

use super::bundle::{Bundle, Opened};
use super::gather::{Gathered, Wanted, gather};
use crate::AppError;
use crate::day::{Closed, close_through, holds_within};
use crate::home::Home;
use lake::{Stored, read_tally, write_tally};
use model::calendar::{OfficeClock, cut_off};
use model::canonical::{Digest, canonical_json};
use model::fact::Table;
use model::id::{StaffId, WindowId};
use model::period::Period;
use model::register::Register;
use model::ruling::Rulings;
use model::scheme::Scheme;
use model::score::{ALGORITHM, Incident};
use model::silence::verdicts;
use model::time::Day;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::path::Path;
use store::{Change, ClosedPeriod, Command, Done};
use tokio::runtime::Handle;

/// The frozen inputs of a period, read back and checked.
#[derive(Debug)]
pub struct Frozen {
    /// How often the period was closed under this scheme.
    pub revision: i64,
    /// The digest of all inputs.
    pub digest: Digest,
    /// The names and digests of all inputs, for the card.
    pub inputs: serde_json::Value,
    /// The scheme.
    pub scheme: Scheme,
    /// The register.
    pub register: Register,
    /// The calendar, ready to measure office time.
    pub clock: OfficeClock,
    /// Decisions of people.
    pub rulings: Rulings,
    /// What was counted.
    pub gathered: Gathered,
}

/// What is recorded of a close.
#[derive(Serialize, Deserialize)]
struct Inputs {
    algorithm: String,
    period: String,
    scheme: Digest,
    register: Digest,
    calendar: Digest,
    /// The references of the years that the period lies in, by their first day.
    references: Vec<(Day, Digest)>,
    rulings: Digest,
    texts: Stored,
    tally: Stored,
    priors: Stored,
    /// What intervals look at, and no score.
    dispersion: Stored,
    history: Vec<(String, Stored)>,
    silence: Stored,
    incidents: Stored,
    days: Vec<(Day, Digest)>,
}

/// An incident as it is written down.
#[derive(Serialize, Deserialize)]
struct IncidentFile {
    incident: String,
    negative: usize,
    window: String,
    staff: String,
    day: Day,
    table: Table,
    source: String,
    source_id: String,
}

/// Closes a period under the home's scheme or another one: seals its days, gathers, and freezes the inputs.
///
/// Returns the days that were sealed, and whether the inputs changed since the last close.
pub fn close_period(
    home: &Home,
    scheme_file: Option<&Path>,
    period: Period,
    change: Change<'_>,
    threads: usize,
    runtime: &Handle,
    progress: &mut dyn FnMut(&Closed),
) -> Result<(Vec<Closed>, bool), AppError> {
    let (last, today) = (period.days().1, home.zone.day_of(change.at));
    if last >= today {
        return Err(AppError::NotOver { what: period.to_string(), last, today });
    }
    let cut_off = cut_off(period, &home.clock);
    if today <= cut_off {
        return Err(AppError::BeforeCutOff { period: period.to_string(), cut_off, today });
    }
    let scheme = home.scheme(scheme_file)?;
    super::score::check_period(&scheme, period)?;
    runtime.block_on(super::finalize::check_not_final(home, scheme.digest(), period))?;
    let days = close_through(home, last, change, threads, runtime, progress)?;
    tracing::debug!(%period, "gathering");
    let (register, rulings) = (&home.register, &home.rulings);
    let wanted = Wanted { scheme: &scheme, register, rulings, period, open: None };
    let mut gathered = gather(home, &wanted, threads, runtime)?;
    if gathered.days.is_empty() {
        return Err(AppError::NothingSealed { period: period.to_string() });
    }
    gathered.silence = verdicts(&scheme, &home.register, period, &gathered.tally);
    tracing::debug!(%period, "freezing inputs");
    let bundle = Bundle::of(home, scheme_file)?;
    let inputs = runtime.block_on(store_inputs(home, &scheme, period, &bundle, &gathered))?;
    let json = serde_json::to_value(&inputs)
        .map_err(|error| AppError::Unreadable { what: "inputs".to_owned(), problem: error.to_string() })?;
    let closed = ClosedPeriod { period: period.to_string(), scheme: scheme.digest(), inputs: canonical_json(&json) };
    let done = runtime.block_on(home.store.write(change, Command::ClosePeriod(closed)))?;
    Ok((days, !matches!(done, Done::Nothing)))
}

async fn store_inputs(
    home: &Home,
    scheme: &Scheme,
    period: Period,
    bundle: &Bundle,
    gathered: &Gathered,
) -> Result<Inputs, AppError> {
    let folder = format!("periods/{period}");
    let ids: Vec<String> = scheme.measures.iter().map(|measure| measure.id.to_string()).collect();
    let mut history = Vec::new();
    for (before, tally) in &gathered.history {
        let bytes = write_tally(&ids, tally)?;
        history
            .push((before.to_string(), home.files.put(&folder, &format!("before-{before}"), "parquet", bytes).await?));
    }
    let opened = bundle.open("the texts of the home")?;
    let (first, last) = period.days();
    let sets = home.store.reference_sets().await?;
    let used = sets.iter().filter(|set| holds_within(set.from, first, last));
    Ok(Inputs {
        algorithm: ALGORITHM.to_owned(),
        period: period.to_string(),
        scheme: scheme.digest(),
        register: opened.register.digest(),
        calendar: opened.calendar.digest(),
        references: used.map(|set| (set.from, set.digest)).collect(),
        rulings: opened.rulings.digest(),
        texts: home.files.put(&folder, "texts", "json", bundle.to_bytes()).await?,
        tally: home.files.put(&folder, "tally", "parquet", write_tally(&ids, &gathered.tally)?).await?,
        priors: home.files.put(&folder, "priors", "json", json_bytes(&gathered.priors)).await?,
        dispersion: home.files.put(&folder, "dispersion", "json", json_bytes(&gathered.dispersion)).await?,
        history,
        silence: home.files.put(&folder, "silence", "json", json_bytes(&gathered.silence)).await?,
        incidents: home.files.put(&folder, "incidents", "json", incidents_bytes(&gathered.incidents)).await?,
        days: gathered.days.clone(),
    })
}

/// The files that frozen inputs are kept in.
pub(crate) fn frozen_files(text: &str) -> Result<Vec<Stored>, AppError> {
    let inputs: Inputs = serde_json::from_str(text)
        .map_err(|error| AppError::Unreadable { what: "frozen inputs".to_owned(), problem: error.to_string() })?;
    let Inputs { texts, tally, priors, dispersion, history, silence, incidents, .. } = inputs;
    let history = history.into_iter().map(|(_, file)| file);
    Ok([texts, tally, priors, dispersion, silence, incidents].into_iter().chain(history).collect())
}

async fn frozen_json<T: DeserializeOwned>(home: &Home, stored: &Stored) -> Result<T, AppError> {
    let bytes = home.files.get(stored).await?;
    serde_json::from_slice(&bytes)
        .map_err(|error| AppError::Unreadable { what: stored.path.clone(), problem: error.to_string() })
}

fn json_bytes(input: &impl Serialize) -> Vec<u8> {
    serde_json::to_value(input).map(|json| json.to_string().into_bytes()).unwrap_or_default()
}

fn incidents_bytes(incidents: &[Incident]) -> Vec<u8> {
    let files: Vec<IncidentFile> = incidents
        .iter()
        .map(|incident| IncidentFile {
            incident: incident.incident.clone(),
            negative: incident.negative,
            window: incident.window.to_string(),
            staff: incident.staff.to_string(),
            day: incident.day,
            table: incident.table,
            source: incident.source.clone(),
            source_id: incident.source_id.clone(),
        })
        .collect();
    json_bytes(&files)
}

impl Frozen {
    /// The inputs of a period as last closed under a scheme, if it was.
    pub async fn load(home: &Home, period: Period, scheme: Digest) -> Result<Option<Self>, AppError> {
        let Some((revision, text)) = home.store.closed_period(&period.to_string(), scheme).await? else {
            return Ok(None);
        };
        let unreadable = |what: &str, problem: String| AppError::Unreadable { what: what.to_owned(), problem };
        let json: serde_json::Value =
            serde_json::from_str(&text).map_err(|error| unreadable("frozen inputs", error.to_string()))?;
        let inputs: Inputs =
            serde_json::from_value(json.clone()).map_err(|error| unreadable("frozen inputs", error.to_string()))?;
        let texts = home.files.get(&inputs.texts).await?;
        let Opened { scheme, register, clock, rulings, .. } =
            Bundle::from_bytes(&inputs.texts.path, &texts)?.open(&inputs.texts.path)?;
        let tally = read_tally(&inputs.tally.path, home.files.get(&inputs.tally).await?)?;
        let mut history = Vec::new();
        for (before, stored) in &inputs.history {
            let before = before.parse().map_err(|_| unreadable("frozen inputs", format!("history `{before}`")))?;
            history.push((before, read_tally(&stored.path, home.files.get(stored).await?)?));
        }
        let incidents: Vec<IncidentFile> = frozen_json(home, &inputs.incidents).await?;
        let incidents = incidents.into_iter().map(|file| Incident {
            incident: file.incident,
            negative: file.negative,
            window: WindowId::new(&file.window),
            staff: StaffId::new(&file.staff),
            day: file.day,
            table: file.table,
            source: file.source,
            source_id: file.source_id,
        });
        let gathered = Gathered {
            days: inputs.days,
            tally,
            priors: frozen_json(home, &inputs.priors).await?,
            dispersion: frozen_json(home, &inputs.dispersion).await?,
            history,
            silence: frozen_json(home, &inputs.silence).await?,
            incidents: incidents.collect(),
        };
        let digest = Digest::of(text.as_bytes());
        Ok(Some(Self { revision, digest, inputs: json, scheme, register, clock, rulings, gathered }))
    }
}

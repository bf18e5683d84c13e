//! Asking a system for the records of a day, page by page. They are taken once all pages are there, or not at all.

use super::file::facts_mapping;
use super::http::token;
use super::incoming::Incoming;
use super::pages::fetch;
use super::{CollectError, Environment, Taken};
use crate::home::{Api, Home};
use crate::import::mapping::Format;
use crate::import::{Options, import_file};
use model::time::Day;
use store::Change;
use tokio::runtime::Handle;

/// Asks a system for a day and takes what it says, as `heng import` takes NDJSON. `attempt` names nobody else's work. Call it
/// outside the runtime: it waits.
pub fn collect_api(
    home: &Home,
    api: &Api,
    day: Day,
    environment: &Environment,
    attempt: &str,
    change: Change<'_>,
    runtime: &Handle,
) -> Result<Taken, CollectError> {
    let places = (api.token_env.as_deref(), api.token_file.as_deref());
    let token = token(home.folder(), &api.source, places, environment)?;
    let mut mapping = facts_mapping(home, &api.mapping)?;
    mapping.format = Some(Format::Ndjson);
    let url = url_of(home, api, day);
    let incoming = Incoming::of(home, attempt)?;
    // The bad records are called by this name.
    let path = incoming.file(&format!("{}.{day}.ndjson", api.source));
    fetch(api, &url, token.as_deref(), &path)?;
    let options = Options { change, dry_run: false, rejects: None };
    let report = import_file(home, &mapping, &path, options, runtime, &mut |_| {});
    Ok(report.map_err(|source| CollectError::Import { place: url, source: source.into() })?.into())
}

/// The address of the first page of a day.
fn url_of(home: &Home, api: &Api, day: Day) -> String {
    let begin = |day: Day| {
        let at = home.zone.start_of(day);
        let seconds = home.zone.offset(at);
        let (sign, ahead) = (if seconds < 0 { "-" } else { "%2B" }, seconds.abs());
        let time = home.zone.show(at).replace(' ', "T");
        format!("{time}{sign}{:02}:{:02}", ahead / 3_600, ahead / 60 % 60)
    };
    let url = api.url.replace("{day}", &day.to_string());
    url.replace("{from}", &begin(day)).replace("{to}", &begin(day.plus(1)))
}

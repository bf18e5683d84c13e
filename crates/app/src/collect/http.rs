//! Asking another system by HTTP: one answer, of bounded length, from nobody but the one that was asked.

use super::{CollectError, Environment};
use std::path::Path;
use std::time::Duration;

/// A question.
pub(super) struct Request<'a> {
    /// Where.
    pub url: &'a str,
    /// What is added to the address.
    pub query: &'a [(&'a str, &'a str)],
    /// The token, if one is needed.
    pub token: Option<&'a str>,
    /// How long the answer may take.
    pub timeout_seconds: u64,
    /// How long it may be.
    pub max_bytes: u64,
}

/// The token of a source: of the environment, or of a file of the home; none if neither is named.
pub(super) fn token(
    folder: &Path,
    source: &str,
    (variable, file): (Option<&str>, Option<&str>),
    environment: &Environment,
) -> Result<Option<String>, CollectError> {
    let missing = |place: String| CollectError::NoToken { source_name: source.to_owned(), place };
    let text = match (variable, file) {
        (Some(name), _) => environment(name).ok_or_else(|| missing(format!("set {name} in the environment")))?,
        (None, Some(file)) => {
            let path = folder.join(file);
            std::fs::read_to_string(&path).map_err(|error| missing(format!("{}: {error}", path.display())))?
        }
        (None, None) => return Ok(None),
    };
    Ok(Some(text.trim().to_owned()))
}

/// Asks, and reads the answer to its end. Redirects are not followed: they would take the token elsewhere.
pub(super) fn get(request: &Request<'_>) -> Result<String, CollectError> {
    let failed = |problem: String| CollectError::NoAnswer { url: request.url.to_owned(), problem };
    let timeout = Some(Duration::from_secs(request.timeout_seconds));
    let config = ureq::Agent::config_builder().timeout_global(timeout).max_redirects(0).http_status_as_error(false);
    let agent = ureq::Agent::new_with_config(config.build());
    let mut call = agent.get(request.url);
    if let Some(token) = request.token {
        call = call.header("Authorization", format!("Bearer {token}"));
    }
    for (name, value) in request.query {
        call = call.query(name, value);
    }
    let mut response = call.call().map_err(|error| failed(error.to_string()))?;
    let status = response.status();
    if status.is_redirection() {
        let to = response.headers().get("location").map(|to| String::from_utf8_lossy(to.as_bytes()).into_owned());
        let to: String = to.unwrap_or_default().chars().filter(|c| !c.is_control()).take(200).collect();
        return Err(failed(format!(
            "it answered {status} and sends on to `{to}`, which is not followed; name the place itself"
        )));
    }
    if status != 200 {
        return Err(failed(format!("it answered {status}")));
    }
    let body = response.body_mut().with_config().limit(request.max_bytes).read_to_string();
    body.map_err(|error| match error {
        ureq::Error::BodyExceedsLimit(limit) => failed(format!("the answer has more than {limit} bytes")),
        error => failed(error.to_string()),
    })
}

//! Tickets for a rating: one for each case, printed as a QR code. A ticket carries its case and is signed, so that none has to
//! be kept, and none can be made up.

use crate::home::{Home, PseudonymKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use model::fact::Kind;
use model::id::MAX_ID_BYTES;
use model::time::Instant;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use store::SourceToken;

/// How the text of a ticket begins.
const PREFIX: &str = "hengr_";
/// What the key of tickets is made for.
const PURPOSE: &[u8] = b"heng rating tickets 1";
/// Bytes of the signature: nobody finds one by trying.
const SIGNATURE_BYTES: usize = 16;
/// A ticket is good for a week: then silence is silence (SCORING §3).
const GOOD_SECONDS: i64 = 7 * 86_400;
/// The most tickets that are asked for at once.
pub const MAX_TICKETS: usize = 500;
/// The longest text that can be a ticket.
const MAX_BYTES: usize = 2_000;

/// What a ticket says: the case that may be rated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ticket {
    /// The case.
    #[serde(rename = "c")]
    pub case_id: String,
    /// The window.
    #[serde(rename = "w")]
    pub window: String,
    /// The work number, if the ticket names one.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub staff: Option<String>,
    /// Until when it is good, in seconds since 1970.
    #[serde(rename = "u")]
    pub until: i64,
}

/// A case of which a ticket is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ticketed {
    /// The case.
    pub case_id: String,
    /// The window.
    pub window: String,
    /// The work number.
    #[serde(default)]
    pub staff: Option<String>,
}

/// Why no ticket is issued, or none is taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// More than are issued at once.
    #[error("{found} cases; at most {MAX_TICKETS} tickets are issued at once")]
    TooMany {
        /// How many there are.
        found: usize,
    },
    /// The token is not for cases and not for ratings.
    #[error("the token is for neither cases nor ratings")]
    KindNotAllowed,
    /// The token is not for this window.
    #[error("case {at}: the token is not for window `{window}`")]
    WindowNotAllowed {
        /// Its place, from 0.
        at: usize,
        /// The window.
        window: String,
    },
    /// A name that is none.
    #[error("case {at}: `{field}` must have 1 to {MAX_ID_BYTES} bytes and no control characters")]
    BadName {
        /// Its place, from 0.
        at: usize,
        /// The field.
        field: &'static str,
    },
    /// It is no ticket of this home.
    #[error("this is no ticket of this home")]
    Unknown,
    /// It was good once.
    #[error("the ticket was good until {until}")]
    Over {
        /// Until when, in local time.
        until: String,
    },
}

/// Issues a ticket for each case. They can be issued as often as wanted: a case is rated once.
pub fn issue_tickets(
    home: &Home,
    token: &SourceToken,
    cases: &[Ticketed],
    now: Instant,
) -> Result<Vec<(String, Ticket)>, TicketError> {
    if cases.len() > MAX_TICKETS {
        return Err(TicketError::TooMany { found: cases.len() });
    }
    if ![Kind::Case, Kind::Rating].into_iter().any(|kind| token.is_for_kind(kind)) {
        return Err(TicketError::KindNotAllowed);
    }
    let mut tickets = Vec::with_capacity(cases.len());
    for (at, case) in cases.iter().enumerate() {
        for (field, text) in
            [("case_id", Some(&case.case_id)), ("window", Some(&case.window)), ("staff", case.staff.as_ref())]
        {
            if text.is_some_and(|text| !is_name(text)) {
                return Err(TicketError::BadName { at, field });
            }
        }
        if !token.is_for_window(&case.window) {
            return Err(TicketError::WindowNotAllowed { at, window: case.window.clone() });
        }
        let Ticketed { case_id, window, staff } = case.clone();
        let ticket = Ticket { case_id, window, staff, until: now.0 + GOOD_SECONDS };
        tickets.push((text_of(&home.key, &ticket), ticket));
    }
    Ok(tickets)
}

fn is_name(text: &str) -> bool {
    (1..=MAX_ID_BYTES).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// The ticket with this text; `None` if it does not even look like one.
#[must_use]
pub fn ticket_of(home: &Home, text: &str, now: Instant) -> Option<Result<Ticket, TicketError>> {
    let rest = text.strip_prefix(PREFIX)?;
    let ticket = read(&home.key, rest).ok_or(TicketError::Unknown);
    Some(ticket.and_then(|ticket| {
        if now.0 <= ticket.until {
            return Ok(ticket);
        }
        let (day, second) = home.zone.local(Instant(ticket.until));
        Err(TicketError::Over { until: format!("{day} {:02}:{:02}", second / 3_600, second / 60 % 60) })
    }))
}

fn text_of(key: &PseudonymKey, ticket: &Ticket) -> String {
    // Names and numbers of our own always become JSON.
    let said = URL_SAFE_NO_PAD.encode(serde_json::to_vec(ticket).unwrap_or_default());
    let signature = signature(key, said.as_bytes()).map(|mac| mac.finalize().into_bytes());
    let signature = signature.map(|bytes| URL_SAFE_NO_PAD.encode(&bytes[..SIGNATURE_BYTES]));
    format!("{PREFIX}{said}.{}", signature.unwrap_or_default())
}

fn read(key: &PseudonymKey, text: &str) -> Option<Ticket> {
    let (said, given) = text.split_once('.').filter(|_| text.len() <= MAX_BYTES)?;
    let given = URL_SAFE_NO_PAD.decode(given).ok().filter(|given| given.len() == SIGNATURE_BYTES)?;
    // Compared in constant time.
    signature(key, said.as_bytes())?.verify_truncated_left(&given).ok()?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(said).ok()?).ok()
}

/// HMAC-SHA-256 under a key of its own that is made from the home's.
fn signature(key: &PseudonymKey, said: &[u8]) -> Option<Hmac<Sha256>> {
    let mut of_key = Hmac::<Sha256>::new_from_slice(&key.0).ok()?;
    of_key.update(PURPOSE);
    let mut mac = Hmac::<Sha256>::new_from_slice(&of_key.finalize().into_bytes()).ok()?;
    mac.update(said);
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tickets_of_this_home_are_read() {
        let key = PseudonymKey([1; 32]);
        let ticket =
            Ticket { case_id: "C-1".to_owned(), window: "甲1".to_owned(), staff: Some("110023".to_owned()), until: 7 };
        let text = text_of(&key, &ticket);
        let rest = text.strip_prefix(PREFIX).expect("a ticket");
        assert!(rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)), "{rest}");
        assert_eq!(read(&key, rest), Some(ticket));
        assert_eq!(read(&PseudonymKey([2; 32]), rest), None);
        let (said, given) = rest.split_once('.').expect("signed");
        let other = URL_SAFE_NO_PAD.encode(r#"{"c":"C-2","w":"甲1","u":9999999999}"#);
        for wrong in [
            format!("{other}.{given}"),
            format!("{said}."),
            format!("{said}.{}", &given[..given.len() - 2]),
            format!("{said}{given}"),
            format!("{said}.{given}.{given}"),
            "a".repeat(MAX_BYTES + 1),
            String::new(),
        ] {
            assert_eq!(read(&key, &wrong), None, "{wrong}");
        }
    }
}

//! `[[api]]`: systems that answer in pages of JSON.

use super::collect::{collect_at, timeout_seconds};
use super::{check_url, clock_seconds, is_name};
use serde::Deserialize;

/// A system that is asked for the records of a day and answers in pages of JSON.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// The name under which it stands in `heng status`; the mapping says as whose reports its records count.
    pub source: String,
    /// What is asked for; `{day}`, `{from}` and `{to}` stand for the day, its begin and its end.
    pub url: String,
    /// The variable of the environment that holds its token.
    pub token_env: Option<String>,
    /// The file that holds its token, relative to the home.
    pub token_file: Option<String>,
    /// The mapping, as for `heng import` of NDJSON, relative to the home.
    pub mapping: String,
    /// Where the list of records is in an answer, as a JSON pointer; empty if the answer is the list.
    pub items: String,
    /// Where an answer says how many records all pages have together, as a JSON pointer.
    pub total: Option<String>,
    /// How to come to the next page; without it there is one.
    #[serde(default)]
    pub page: Paging,
    /// When it is asked for yesterday, as `01:00`; `never` leaves it to people.
    #[serde(default = "collect_at")]
    pub at: String,
    /// How long a page may take.
    #[serde(default = "timeout_seconds")]
    pub timeout_seconds: u64,
}

/// How to come to the next page: by a link, by a cursor, or by its number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paging {
    /// Where an answer has the address of the next page, as a JSON pointer; the last page has none.
    pub next: Option<String>,
    /// Where an answer has what to ask for next, as a JSON pointer; the last page has none.
    pub cursor: Option<String>,
    /// The parameter that says the cursor, or without one the number of the page, up to an empty page.
    pub parameter: Option<String>,
    /// The number of the first page.
    pub first: Option<u32>,
}

impl Api {
    pub(super) fn check(&self) -> Result<(), String> {
        let of = |problem: String| Err::<(), _>(format!("[[api]] `{}`: {problem}", self.source));
        if !is_name(&self.source) {
            return of("source is a name without a slash".to_owned());
        }
        check_url(&self.url).or_else(of)?;
        if let Some(unknown) = placeholders(&self.url).find(|name| !matches!(*name, "day" | "from" | "to")) {
            return of(format!("url has `{{{unknown}}}`; there are {{day}}, {{from}} and {{to}}"));
        }
        if !placeholders(&self.url).any(|name| matches!(name, "day" | "from")) {
            return of("url must say which day is asked for: {day}, or {from} and {to}".to_owned());
        }
        if self.token_env.is_some() && self.token_file.is_some() {
            return of("say token_env or token_file, not both".to_owned());
        }
        if self.mapping.is_empty() {
            return of("it needs a mapping".to_owned());
        }
        let pointers = [Some(&self.items), self.total.as_ref(), self.page.next.as_ref(), self.page.cursor.as_ref()];
        if let Some(wrong) = pointers.into_iter().flatten().find(|at| !(at.is_empty() || at.starts_with('/'))) {
            return of(format!("`{wrong}` is no JSON pointer; write one like \"/data/list\""));
        }
        if !(1..=600).contains(&self.timeout_seconds) {
            return of("timeout_seconds is from 1 to 600".to_owned());
        }
        self.page.check().or_else(of)?;
        clock_seconds("at", &self.at).map(|_| ())
    }
}

impl Paging {
    fn check(&self) -> Result<(), String> {
        let is_way = match (&self.next, &self.cursor, &self.parameter) {
            (None | Some(_), None, None) | (None, Some(_), Some(_)) => self.first.is_none(),
            (None, None, Some(_)) => true,
            _ => false,
        };
        if !is_way || self.parameter.as_ref().is_some_and(String::is_empty) {
            let ways = "{ next = \"/links/next\" }, { cursor = \"/cursor\", parameter = \"cursor\" } or \
                { parameter = \"page\", first = 1 }";
            return Err(format!("page is {ways}"));
        }
        Ok(())
    }
}

/// The names between braces.
fn placeholders(url: &str) -> impl Iterator<Item = &str> {
    url.split('{').skip(1).map(|part| part.split('}').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_interface_is_refused() {
        let good = "source = 's'\nurl = 'http://x/{day}'\nmapping = 'm.toml'\nitems = '/data'\n";
        let check = |text: &str| toml::from_str::<Api>(text).map_err(|error| error.to_string())?.check();
        for more in [
            "",
            "page = { next = '/next' }",
            "page = { cursor = '/next', parameter = 'cursor' }",
            "page = { parameter = 'page', first = 0 }",
            "page = { parameter = 'page' }",
            "total = '/total'\ntoken_env = 'T'",
        ] {
            assert_eq!(check(&format!("{good}{more}")), Ok(()), "{more}");
        }
        for (from, to, part) in [
            ("'s'", "'a/b'", "without a slash"),
            ("http://x", "https://x", "plain HTTP"),
            ("http://x", "ftp://x", "http://"),
            ("{day}", "{date}", "`{date}`"),
            ("{day}", "today", "which day"),
            ("'m.toml'", "''", "mapping"),
            ("'/data'", "'data'", "no JSON pointer"),
            ("items", "at = 'noon'\nitems", "write a time like"),
            ("items", "timeout_seconds = 0\nitems", "timeout_seconds"),
            ("items", "token_env = 'T'\ntoken_file = 'f'\nitems", "not both"),
            ("items", "page = { cursor = '/c' }\nitems", "page is"),
            ("items", "page = { next = '/c', parameter = 'p' }\nitems", "page is"),
            ("items", "page = { next = '/c', first = 1 }\nitems", "page is"),
            ("items", "page = { first = 1 }\nitems", "page is"),
            ("items", "page = { nxt = '/c' }\nitems", "nxt"),
        ] {
            let problem = check(&good.replacen(from, to, 1)).expect_err(part);
            assert!(problem.contains(part), "{part}: {problem}");
        }
    }
}

//! The pages of an answer, one after another, into a file with one record a line.

use super::CollectError;
use super::http::{Request, get};
use super::link::follow;
use crate::home::{Api, Paging};
use model::canonical::Digest;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

/// The most pages of a day.
const MAX_PAGES: u32 = 1_000;
/// The most records of a day.
const MAX_ITEMS: u64 = 1_000_000;
/// The longest page.
const MAX_PAGE_BYTES: u64 = 16 << 20;
/// The most bytes of all pages of a day.
const MAX_BYTES: u64 = 512 << 20;

/// What a page says.
struct Page<'a> {
    items: Vec<&'a RawValue>,
    /// Where to go on: a link or a cursor.
    next: Option<String>,
    /// How many records all pages have.
    total: Option<u64>,
}

/// Where the next page is.
enum Step {
    /// At an address.
    Link(String),
    /// With this value of the parameter.
    Parameter(String),
}

/// Fetches every page and writes its records down. Anything that is not as it should be refuses all of it.
pub(super) fn fetch(api: &Api, url: &str, token: Option<&str>, path: &Path) -> Result<u64, CollectError> {
    let kept =
        |error: std::io::Error| CollectError::NoFile { path: path.display().to_string(), problem: error.to_string() };
    let mut file = BufWriter::new(File::create(path).map_err(kept)?);
    let mut walk =
        Walk { api, url, at: url.to_owned(), asked: BTreeSet::new(), answers: BTreeSet::new(), items: 0, bytes: 0 };
    let mut step = Some(first_step(&api.page));
    let mut number = 0;
    while let Some(now) = step {
        number += 1;
        if number > MAX_PAGES {
            return Err(walk.wrong(format!("it has more than {MAX_PAGES} pages for one day")));
        }
        let text = walk.ask(&now, token)?;
        let page = read(&text, api).map_err(|problem| walk.wrong(format!("page {number}: {problem}")))?;
        walk.count(&page)?;
        for item in &page.items {
            // Line breaks stand between the parts of a record only, never within a text.
            let line = item.get().replace(['\n', '\r'], " ");
            file.write_all(line.as_bytes()).and_then(|()| file.write_all(b"\n")).map_err(kept)?;
        }
        step = walk.next(&page, number, &text)?;
        if let (None, Some(total)) = (&step, page.total)
            && total != walk.items
        {
            return Err(walk.wrong(format!("it speaks of {total} records and sends {}", walk.items)));
        }
    }
    file.flush().map_err(kept)?;
    Ok(walk.items)
}

/// The first page: by its number, if pages have numbers.
fn first_step(paging: &Paging) -> Step {
    match (&paging.cursor, &paging.parameter) {
        (None, Some(_)) => Step::Parameter(paging.first.unwrap_or(1).to_string()),
        _ => Step::Link(String::new()),
    }
}

/// How far it is.
struct Walk<'a> {
    api: &'a Api,
    /// The first page.
    url: &'a str,
    /// The page that was asked for last.
    at: String,
    /// Where and with what was asked already.
    asked: BTreeSet<String>,
    /// What was answered already.
    answers: BTreeSet<Digest>,
    items: u64,
    bytes: u64,
}

impl Walk<'_> {
    fn wrong(&self, problem: String) -> CollectError {
        CollectError::NotWhole { url: self.at.clone(), problem }
    }

    fn ask(&mut self, step: &Step, token: Option<&str>) -> Result<String, CollectError> {
        let parameter = self.api.page.parameter.as_deref().unwrap_or_default();
        let query: Vec<(&str, &str)> = match step {
            Step::Link(to) => {
                self.at = follow(self.url, &self.at, to).map_err(|problem| self.wrong(problem))?;
                Vec::new()
            }
            Step::Parameter(value) => vec![(parameter, value)],
        };
        if !self.asked.insert(format!("{} {query:?}", self.at)) {
            return Err(self.wrong("its pages lead in a circle".to_owned()));
        }
        let timeout_seconds = self.api.timeout_seconds;
        let text = get(&Request { url: &self.at, query: &query, token, timeout_seconds, max_bytes: MAX_PAGE_BYTES })?;
        self.bytes += text.len() as u64;
        if self.bytes > MAX_BYTES {
            return Err(self.wrong(format!("its pages have more than {MAX_BYTES} bytes for one day")));
        }
        Ok(text)
    }

    fn count(&mut self, page: &Page<'_>) -> Result<(), CollectError> {
        self.items += page.items.len() as u64;
        if self.items > MAX_ITEMS {
            return Err(self.wrong(format!("it has more than {MAX_ITEMS} records for one day")));
        }
        Ok(())
    }

    fn next(&mut self, page: &Page<'_>, number: u32, text: &str) -> Result<Option<Step>, CollectError> {
        let paging = &self.api.page;
        if paging.next.is_some() {
            return Ok(page.next.clone().map(Step::Link));
        }
        if paging.cursor.is_some() {
            return Ok(page.next.clone().map(Step::Parameter));
        }
        if paging.parameter.is_none() || page.items.is_empty() {
            return Ok(None);
        }
        // Who does not know the parameter sends the first page for ever.
        if !self.answers.insert(Digest::of(text.as_bytes())) {
            return Err(self.wrong(format!("page {number} is one that was there already; does it know the parameter?")));
        }
        Ok(Some(Step::Parameter((u64::from(paging.first.unwrap_or(1)) + u64::from(number)).to_string())))
    }
}

fn read<'a>(text: &'a str, api: &Api) -> Result<Page<'a>, String> {
    let whole: &RawValue = serde_json::from_str(text).map_err(|error| format!("no JSON: {error}"))?;
    let shown = if api.items.is_empty() { "the answer" } else { &api.items };
    let list = at(whole, &api.items).ok_or_else(|| format!("there is no `{shown}`"))?;
    let items = serde_json::from_str(list.get()).map_err(|_| format!("`{shown}` is no list"))?;
    let pointer = api.page.next.as_ref().or(api.page.cursor.as_ref());
    let next = match pointer.and_then(|pointer| at(whole, pointer)).map(|next| serde_json::from_str(next.get())) {
        None | Some(Ok(serde_json::Value::Null | serde_json::Value::Bool(false))) => None,
        Some(Ok(serde_json::Value::String(next))) => Some(next).filter(|next| !next.is_empty()),
        Some(Ok(serde_json::Value::Number(next))) => Some(next.to_string()),
        Some(_) => return Err(format!("`{}` is neither a text nor a number", pointer.map_or("", String::as_str))),
    };
    let total = match &api.total {
        None => None,
        Some(pointer) => {
            let total = at(whole, pointer).and_then(|total| serde_json::from_str(total.get()).ok());
            Some(total.ok_or_else(|| format!("`{pointer}` is no number of records"))?)
        }
    };
    Ok(Page { items, next, total })
}

/// What a JSON pointer (RFC 6901) leads to, as it is written.
fn at<'a>(mut value: &'a RawValue, pointer: &str) -> Option<&'a RawValue> {
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        value = match value.get().as_bytes().first()? {
            b'{' => *serde_json::from_str::<BTreeMap<String, &RawValue>>(value.get()).ok()?.get(&step)?,
            b'[' => *serde_json::from_str::<Vec<&RawValue>>(value.get()).ok()?.get(step.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Items, where to go on, and the total.
    type Shown = (Vec<String>, Option<String>, Option<u64>);

    fn check(more: &str, text: &str) -> Result<Shown, String> {
        let toml = format!("source = 's'\nurl = 'http://x/{{day}}'\nmapping = 'm.toml'\n{more}");
        let api: Api = toml::from_str(&toml).expect("valid");
        let page = read(text, &api)?;
        Ok((page.items.iter().map(|item| item.get().to_owned()).collect(), page.next, page.total))
    }

    #[test]
    fn a_page_is_read_as_it_is_written_or_refused() {
        let items = vec!["{\"a\": 0.10}".to_owned(), "3".to_owned()];
        let text = r#"{"data": {"list": [{"a": 0.10}, 3], "n/x": "7"}, "total": 2, "next": null}"#;
        let list = "items = '/data/list'\n";
        assert_eq!(check(list, text), Ok((items.clone(), None, None)));
        assert_eq!(check("items = ''", "[{\"a\": 0.10}, 3]"), Ok((items.clone(), None, None)));
        let all = format!("{list}total = '/total'\npage = {{ cursor = '/data/n~1x', parameter = 'c' }}");
        assert_eq!(check(&all, text), Ok((items, Some("7".to_owned()), Some(2))));
        assert_eq!(check("items = '/0/0'", "[[[]]]"), Ok((Vec::new(), None, None)));
        for (more, text, part) in [
            (list, "<html>", "no JSON"),
            (list, "{\"data\": {\"list\": [1}", "no JSON"),
            (list, "{\"data\": []}", "there is no `/data/list`"),
            (list, "{\"data\": {\"list\": {}}}", "`/data/list` is no list"),
            (list, "{\"data\": {\"list\": null}}", "`/data/list` is no list"),
            ("items = ''", "{}", "`the answer` is no list"),
            (&format!("{list}total = '/sum'"), text, "`/sum` is no number"),
            (&format!("{list}page = {{ next = '/data' }}"), text, "`/data` is neither"),
        ] {
            let problem = check(more, text).expect_err(part);
            assert!(problem.contains(part), "{part}: {problem}");
        }
    }
}

//! Who asks, in which language, with which look.

use crate::problem::Problem;
use crate::views::Views;
use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use render::Lang;
use render::html::{Choice, Frame, Site, problem};
use std::convert::Infallible;
use std::sync::Arc;

/// The cookie that keeps the look.
const THEME: &str = "theme";

/// One visit of a page.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub(crate) lang: Lang,
    /// What stands around the page.
    pub(crate) site: Site,
    /// A look that was chosen just now, to be kept.
    chosen: Option<Look>,
}

/// How pages look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// As the system has it.
    System,
    Light,
    Dark,
}

impl Look {
    fn parse(name: &str) -> Self {
        match name {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }

    /// The name that the style sheet knows it by.
    fn theme(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }
}

impl FromRequestParts<Arc<Views>> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, views: &Arc<Views>) -> Result<Self, Infallible> {
        // Within a nested router the address has lost its prefix.
        let uri = match parts.extensions.get::<OriginalUri>() {
            Some(OriginalUri(uri)) => uri.clone(),
            None => parts.uri.clone(),
        };
        let cookies = parts.headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let kept = cookies.flat_map(|line| line.split(';')).find_map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            (name == THEME).then(|| Look::parse(value))
        });
        Ok(Self::new(uri.path(), uri.query().unwrap_or_default(), kept, views))
    }
}

impl Visit {
    fn new(full_path: &str, query: &str, kept: Option<Look>, views: &Views) -> Self {
        let english = full_path.strip_prefix("/en").filter(|rest| rest.is_empty() || rest.starts_with('/'));
        let lang = if english.is_some() { Lang::En } else { Lang::Zh };
        let path = match english {
            Some("") => "/",
            Some(rest) => rest,
            None => full_path,
        };
        let mut chosen = None;
        let mut rest: Vec<&str> = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.strip_prefix("theme=") {
                Some(name) => chosen = Some(Look::parse(name)),
                None => rest.push(pair),
            }
        }
        let look = chosen.or(kept).unwrap_or(Look::System);
        let mut site = Site {
            lang,
            css: crate::pages::assets::css_path(),
            icon: crate::pages::assets::icon_path(),
            path: path.to_owned(),
            theme: look.theme(),
            banner: views.banner(lang),
            other_language: String::new(),
            themes: Vec::new(),
        };
        let with = |extra: Option<&str>| {
            let pairs: Vec<&str> = rest.iter().copied().chain(extra).collect();
            if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
        };
        let other = if lang == Lang::Zh { Lang::En } else { Lang::Zh };
        site.other_language = Site { lang: other, ..site.clone() }.link(path) + &with(None);
        let choice = |name: &str, query: &str, is: Look| Choice {
            name: name.to_owned(),
            href: site.link(path) + &with(Some(query)),
            current: look == is,
        };
        site.themes = vec![
            choice(lang.pick("自动", "Auto"), "theme=auto", Look::System),
            choice(lang.pick("浅色", "Light"), "theme=light", Look::Light),
            choice(lang.pick("深色", "Dark"), "theme=dark", Look::Dark),
        ];
        Self { lang, site, chosen }
    }

    /// The page, or the page that says why there is none.
    pub(crate) fn answer(self, page: Result<String, Problem>) -> Response {
        match page {
            Ok(html) => self.keep_theme(Html(html).into_response()),
            Err(problem) => self.refuse(&problem),
        }
    }

    /// Leads to another page of the site.
    pub(crate) fn lead(self, path: Result<String, Problem>) -> Response {
        match path {
            Ok(path) => {
                let to = self.site.link(&path);
                self.keep_theme(Redirect::to(&to).into_response())
            }
            Err(problem) => self.refuse(&problem),
        }
    }

    /// The page that says why there is none.
    pub(crate) fn refuse(&self, why: &Problem) -> Response {
        let status = why.status();
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(path = self.site.path, error = %why, "a page could not be shown");
        }
        let frame = Frame::Site(self.site.clone());
        let next = why.next(self.lang);
        match problem(self.lang, &frame, why.title(self.lang), &why.cause(self.lang), &next) {
            Ok(html) => (status, Html(html)).into_response(),
            Err(_) => (status, why.to_string()).into_response(),
        }
    }

    fn keep_theme(&self, mut response: Response) -> Response {
        if let Some(chosen) = self.chosen {
            let cookie = match chosen.theme() {
                Some(theme) => format!("{THEME}={theme}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"),
                None => format!("{THEME}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"),
            };
            if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                response.headers_mut().append(SET_COOKIE, cookie);
            }
        }
        response
    }
}

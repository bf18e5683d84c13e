//! What stands around a page: nothing in a file, the site's head and links in the browser.

use crate::Lang;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Where a page is read.
#[derive(Clone, Debug)]
pub enum Frame {
    /// In a file of its own: everything is inside, and nothing leads elsewhere.
    File,
    /// On the site.
    Site(Site),
}

/// The site around a page.
#[derive(Clone, Debug)]
pub struct Site {
    /// The language.
    pub lang: Lang,
    /// The path of the style sheet.
    pub css: String,
    /// The path of the icon.
    pub icon: String,
    /// The page's path, the language's prefix left out.
    pub path: String,
    /// `light` or `dark`, if somebody chose.
    pub theme: Option<&'static str>,
    /// What every page says at its top: that this is a demonstration, a trial run.
    pub banner: Option<String>,
    /// The same page in the other language.
    pub other_language: String,
    /// The looks that can be chosen.
    pub themes: Vec<Choice>,
}

/// Something that can be chosen by a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What people call it.
    pub name: String,
    /// Where it leads.
    pub href: String,
    /// Whether it is what is shown.
    pub current: bool,
}

/// What stays as it is in a segment of a path.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A segment of a path, or a value of a query.
pub(super) fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

impl Frame {
    /// The theme that was chosen.
    pub(crate) fn theme(&self) -> Option<&'static str> {
        match self {
            Self::File => None,
            Self::Site(site) => site.theme,
        }
    }

    /// A link within the site; nothing in a file.
    pub(crate) fn link(&self, path: &str) -> Option<String> {
        match self {
            Self::File => None,
            Self::Site(site) => Some(site.link(path)),
        }
    }

    /// Whether this is a file, where nothing can be opened by a link.
    pub(super) fn is_file(&self) -> bool {
        matches!(self, Self::File)
    }
}

impl Site {
    /// The address of a path in the page's language.
    #[must_use]
    pub fn link(&self, path: &str) -> String {
        let prefix = self.lang.pick("", "/en");
        if path == "/" && !prefix.is_empty() { prefix.to_owned() } else { format!("{prefix}{path}") }
    }

    /// Whether the page lies at a path or below it.
    pub(crate) fn is_at(&self, path: &str) -> bool {
        self.path.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_keep_the_language_and_escape_ids() {
        let site = |lang, path: &str| Site {
            lang,
            css: String::new(),
            icon: String::new(),
            path: path.to_owned(),
            theme: None,
            banner: None,
            other_language: String::new(),
            themes: Vec::new(),
        };
        let check = |lang, path: &str, expect: &str| assert_eq!(site(lang, "/").link(path), expect);
        check(Lang::Zh, "/", "/");
        check(Lang::En, "/", "/en");
        check(Lang::En, "/ranking", "/en/ranking");
        assert!(site(Lang::Zh, "/ranking").is_at("/ranking"));
        assert!(!site(Lang::Zh, "/rankings").is_at("/ranking"));
        assert_eq!(segment("甲/1 号"), "%E7%94%B2%2F1%20%E5%8F%B7");
    }
}

//! Chinese first, English second.

use clap::ValueEnum;
use model::scheme::Name;

/// The language of what is printed for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    /// 中文
    Zh,
    /// English
    En,
}

impl Lang {
    /// The language of the environment: English where it asks for English, else Chinese.
    #[expect(clippy::disallowed_methods, reason = "the binary is where the environment is read")]
    pub(crate) fn of_environment() -> Self {
        let asked = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
        if asked.is_some_and(|asked| asked.starts_with("en")) { Self::En } else { Self::Zh }
    }

    /// The text in this language.
    pub(crate) fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }

    /// A name in this language.
    pub(crate) fn name(self, name: &Name) -> &str {
        self.pick(&name.zh, &name.en)
    }
}

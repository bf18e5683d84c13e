//! Exact numbers in a scheme file: whole, or in quotes.

use crate::exact::Ratio;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};
use std::fmt;

/// A number of a scheme file: `20`, `"1.40"`, `"99.5%"` or `"25/6"`.
///
/// A bare `1.40` is refused: TOML would make a binary fraction of it, which is another number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exact(pub Ratio);

impl Exact {
    /// So many parts of so many, for values that a file leaves out.
    pub(super) fn parts(some: i128, all: i128) -> Self {
        Self(Ratio::new(some, all).unwrap_or(Ratio::ZERO))
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ExactVisitor;

        impl Visitor<'_> for ExactVisitor {
            type Value = Exact;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number, or an exact one in quotes such as \"1.40\", \"99.5%\" or \"25/6\"")
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Exact, E> {
                Ok(Exact(Ratio::whole(number.into())))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Exact, E> {
                Ok(Exact(Ratio::whole(number.into())))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Exact, E> {
                Err(E::custom(format!("write \"{number}\" in quotes: scores are computed with exact numbers only")))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Exact, E> {
                Ratio::parse(text).map(Exact).ok_or_else(|| {
                    let short: String = text.chars().take(40).collect();
                    E::custom(format!("`{short}` is not a number such as \"1.40\", \"99.5%\" or \"25/6\""))
                })
            }
        }

        deserializer.deserialize_any(ExactVisitor)
    }
}

impl JsonSchema for Exact {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Exact".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A whole number, or an exact one in quotes: \"1.40\", \"99.5%\", \"25/6\".",
            "anyOf": [{"type": "integer"}, {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?(%|/[0-9]+(\.[0-9]+)?)?$"}]
        })
    }
}

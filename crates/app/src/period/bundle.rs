//! The frozen texts of a period: scheme, register, calendar, rulings, as they stood at its close.

use crate::AppError;
use crate::home::{Home, HomeError, Noun, parse_register};
use model::calendar::{Calendar, OfficeClock};
use model::register::Register;
use model::ruling::Rulings;
use model::scheme::Scheme;
use model::time::Zone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// The texts, in one file of the lake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Bundle {
    scheme: String,
    register: BTreeMap<String, String>,
    workdays: String,
    rulings: String,
    timezone: String,
    office_hours: Vec<String>,
}

/// What the texts say.
pub(super) struct Opened {
    pub(super) scheme: Scheme,
    pub(super) register: Register,
    pub(super) calendar: Calendar,
    pub(super) clock: OfficeClock,
    pub(super) rulings: Rulings,
}

impl Bundle {
    /// The texts as they stand in a home now.
    pub(super) fn of(home: &Home, scheme: Option<&Path>) -> Result<Self, HomeError> {
        let folder = home.folder();
        let optional = |path: &Path| if path.exists() { crate::home::read(path) } else { Ok(String::new()) };
        let mut register = BTreeMap::new();
        for noun in Noun::ALL {
            register.insert(noun.name().to_owned(), optional(&folder.join("register").join(noun.file()))?);
        }
        let scheme = scheme.map_or_else(|| folder.join(&home.config.scheme), Path::to_owned);
        Ok(Self {
            scheme: crate::home::read(&scheme)?,
            register,
            workdays: optional(&folder.join("register/workdays.csv"))?,
            rulings: optional(&folder.join("rulings.toml"))?,
            timezone: home.config.timezone.clone(),
            office_hours: home.config.office_hours.clone(),
        })
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_value(self).map(|json| json.to_string().into_bytes()).unwrap_or_default()
    }

    pub(super) fn from_bytes(path: &str, bytes: &[u8]) -> Result<Self, AppError> {
        serde_json::from_slice(bytes)
            .map_err(|error| AppError::Unreadable { what: path.to_owned(), problem: error.to_string() })
    }

    /// Reads the texts again, by the same code that read them from the home.
    pub(super) fn open(&self, path: &str) -> Result<Opened, AppError> {
        let failed = |problem: String| AppError::Unreadable { what: path.to_owned(), problem };
        let zone = Zone::named(&self.timezone).ok_or_else(|| failed("unknown time zone".to_owned()))?;
        let mut calendar = Calendar::shipped(&self.office_hours).map_err(|error| failed(error.to_string()))?;
        calendar.add(&self.workdays).map_err(|error| failed(error.to_string()))?;
        Ok(Opened {
            scheme: model::scheme::parse(&self.scheme).map_err(|error| failed(error.to_string()))?,
            register: parse_register(&self.register).map_err(|error| failed(error.to_string()))?,
            clock: OfficeClock::new(&calendar, &zone),
            calendar,
            rulings: Rulings::parse(&self.rulings).map_err(|error| failed(error.to_string()))?,
        })
    }
}

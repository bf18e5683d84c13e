//! A typed id per noun.
//!
//! Ids are codes that people choose (`W12`, `010001`), so they are text; the types keep a window from being
//! passed where a person is meant.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// The longest id taken from anywhere, in bytes.
pub const MAX_ID_BYTES: usize = 200;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The id with this text.
            #[must_use]
            pub fn new(text: &str) -> Self {
                Self(Arc::from(text))
            }

            /// The text of the id.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )*};
}

ids! {
    /// A service centre (中心).
    CentreId,
    /// A window (窗口).
    WindowId,
    /// A member of staff (工作人员), by work number (工号).
    StaffId,
    /// A service item (事项), by its code.
    ItemCode,
    /// A type of window (窗口类型): the name of a weight profile in a scheme.
    WindowType,
    /// A system that reports facts.
    Source,
    /// An indicator (指标) of a scheme.
    IndicatorId,
    /// A measure (度量) of a scheme.
    MeasureId,
}

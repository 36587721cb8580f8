//! What one poll brings home.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Fact, Kind};

/// Where the next poll of a source continues. Opaque to everybody but the connector that wrote it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor(pub Option<serde_json::Value>);

impl Cursor {
    /// Reads the connector's own form. `None`: first poll, or a form this version does not know any more (then the
    /// connector begins anew, which is safe because ingest is idempotent).
    pub fn read<T: serde::de::DeserializeOwned>(&self) -> Option<T> {
        self.0.clone().and_then(|value| serde_json::from_value(value).ok())
    }

    /// Writes the connector's own form. A form that has no JSON becomes the empty cursor.
    pub fn write<T: Serialize>(value: &T) -> Self {
        Self(serde_json::to_value(value).ok())
    }
}

/// What a batch says about entities it does not list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Coverage {
    /// Nothing.
    Delta,
    /// The batch lists every open entity of these kinds: an open entity that is not listed is gone.
    Complete(Vec<Kind>),
}

/// What becomes of an open entity that a complete answer no longer lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// It is over at once: an alert that is not listed no longer fires.
    Resolved,
    /// It is marked as no longer visible after this many complete answers without it.
    Hidden {
        /// Complete answers in a row.
        after: u32,
    },
}

impl Absence {
    /// What absence means for a kind.
    pub fn of(kind: Kind) -> Self {
        match kind {
            Kind::Alert => Self::Resolved,
            Kind::Run | Kind::Deployment | Kind::Ticket => Self::Hidden { after: 2 },
        }
    }
}

/// What one poll brings home.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// Entities as they are now. An entity listed twice counts with its last mention.
    pub facts: Vec<Fact>,
    /// What the batch says about the others.
    pub coverage: Coverage,
    /// Where the next poll continues. Stored in the transaction that stores the facts.
    pub next: Cursor,
    /// More is waiting: poll again at once (back-fill, next page).
    pub more: bool,
    /// Since when everything that began is told, by this batch and those before it, whoever was looking meanwhile: a list of
    /// runs holds last night's, too. Counts where nothing more is waiting. `None`: the backend only tells what is now; an
    /// alert that is over is listed nowhere.
    pub told_since: Option<DateTime<Utc>>,
    /// Things that could not be read, as short sentences without secrets: shown under the connection's problems.
    pub problems: Vec<String>,
}

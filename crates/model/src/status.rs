//! The one status vocabulary of the window.

use serde::{Deserialize, Serialize};

/// What a row, a cell or a service shows: one glyph, one word.
///
/// The order is the order of attention, worst first; [`Status::Ok`] is last but for `Inactive`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// A critical alert fires.
    Paging,
    /// Something is broken.
    Failing,
    /// Something is not as it should be.
    Warn,
    /// Waits for a person.
    Waiting,
    /// No data, or a word we do not know. Never counted as ok.
    Unknown,
    /// Under way.
    Running,
    /// Seen, recently, to be fine.
    Ok,
    /// Skipped, cancelled, silenced, superseded: says nothing about health.
    Inactive,
}

impl Status {
    /// All of them, in the order of attention.
    pub const ALL: [Self; 8] = [
        Self::Paging,
        Self::Failing,
        Self::Warn,
        Self::Waiting,
        Self::Unknown,
        Self::Running,
        Self::Ok,
        Self::Inactive,
    ];

    /// The word of the API and of `status:` queries.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Paging => "paging",
            Self::Failing => "failing",
            Self::Warn => "warn",
            Self::Waiting => "waiting",
            Self::Unknown => "unknown",
            Self::Running => "running",
            Self::Ok => "ok",
            Self::Inactive => "inactive",
        }
    }

    /// Whether `qd` ends with exit code 3 because of it.
    pub fn is_failing(self) -> bool {
        matches!(self, Self::Paging | Self::Failing)
    }
}

/// What one fact contributes to the status of its service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// The status on its own.
    pub status: Status,
    /// Somebody has taken it, or silenced it.
    pub acknowledged: bool,
}

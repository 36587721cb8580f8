//! Feedback and work tickets (CDEvents `ticket`).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Observed, Origin, Signal, Status};

/// Where a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketStatus {
    /// Nobody works on it.
    Todo,
    /// Somebody does.
    InProgress,
    /// Closed, whatever the reason.
    Done,
    /// A status of the backend's own that is neither.
    Other,
}

impl TicketStatus {
    /// The word of `state:` queries and of the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Todo => "todo",
            Self::InProgress => "in_progress",
            Self::Done => "done",
            Self::Other => "other",
        }
    }

    /// Everything but done.
    pub fn is_open(self) -> bool {
        self != Self::Done
    }
}

/// What a ticket is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketType {
    /// Something is broken.
    Bug,
    /// Something is wished for.
    Enhancement,
    /// Something broke for users.
    Incident,
    /// Work.
    Task,
    /// Somebody asks.
    Question,
    /// The backend's type is none of these, or it has none.
    Other,
}

impl TicketType {
    /// The word of `type:` queries and of the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bug => "bug",
            Self::Enhancement => "enhancement",
            Self::Incident => "incident",
            Self::Task => "task",
            Self::Question => "question",
            Self::Other => "other",
        }
    }
}

/// One ticket or issue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ticket {
    /// Identity and links.
    #[serde(flatten)]
    pub origin: Origin,
    /// The name people use: `#331`, `HARB-912`.
    pub key: String,
    /// One line. Untrusted.
    pub summary: String,
    /// What it is about.
    pub ticket_type: Observed<TicketType>,
    /// Where it stands.
    pub status: Observed<TicketStatus>,
    /// Why it was closed, when the backend tells.
    #[serde(default)]
    pub resolution: Option<String>,
    /// Priority in the backend's word.
    #[serde(default)]
    pub priority: Option<String>,
    /// Who works on it.
    #[serde(default)]
    pub assignees: Vec<String>,
    /// Labels or categories.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Milestone or target version.
    #[serde(default)]
    pub milestone: Option<String>,
    /// Versions that carry the fix.
    #[serde(default)]
    pub fix_versions: Vec<String>,
    /// Who opened it.
    #[serde(default)]
    pub reporter: Option<String>,
    /// When it was opened.
    #[serde(default)]
    pub created_at: Option<DateTime<Utc>>,
    /// When it was closed.
    #[serde(default)]
    pub closed_at: Option<DateTime<Utc>>,
    /// Number of comments, when the list tells.
    #[serde(default)]
    pub comments: Option<u32>,
}

impl Ticket {
    /// What it says of its service: an open incident or bug warns, everything else is quiet.
    pub fn signal(&self) -> Signal {
        let status = match (self.status.state, self.ticket_type.state) {
            (TicketStatus::Done, _) => Status::Ok,
            (_, TicketType::Incident) => Status::Warn,
            _ => Status::Inactive,
        };
        Signal { status, acknowledged: !self.assignees.is_empty() }
    }
}

//! Alerts and silences (Prometheus Alertmanager v2 vocabulary).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Observed, Signal, Status};

/// Where an alert stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// It fires and nobody has taken it.
    Firing,
    /// It fires and somebody said so.
    Acknowledged,
    /// It fires but is silenced or inhibited.
    Suppressed,
    /// It no longer fires.
    Resolved,
    /// A word we do not know. Shown, never counted as resolved.
    Unknown,
}

impl AlertState {
    /// The word of `state:` queries and of the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Firing => "firing",
            Self::Acknowledged => "acknowledged",
            Self::Suppressed => "suppressed",
            Self::Resolved => "resolved",
            Self::Unknown => "unknown",
        }
    }

    /// Everything but resolved.
    pub fn is_open(self) -> bool {
        self != Self::Resolved
    }
}

/// How bad it is, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Wakes people (`critical`, `page`, `sev1`, `p1`).
    Critical,
    /// Needs attention today (`high`, `error`, `major`).
    High,
    /// Needs attention (`warning`, `minor`).
    Warning,
    /// For information.
    Info,
    /// Hardly worth a look (`low`, `none`).
    Low,
    /// No severity, or a word we do not know: shown like a warning.
    Unknown,
}

impl Severity {
    /// The word of `severity:` queries and of the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Warning => "warning",
            Self::Info => "info",
            Self::Low => "low",
            Self::Unknown => "unknown",
        }
    }

    /// Reads the usual spellings, in any case. Anything else is `Unknown`.
    pub fn from_word(word: &str) -> Self {
        match word.trim().to_ascii_lowercase().as_str() {
            "critical" | "page" | "fatal" | "emergency" | "disaster" | "sev1" | "p1" => Self::Critical,
            "high" | "error" | "major" | "sev2" | "p2" => Self::High,
            "warning" | "warn" | "medium" | "minor" | "average" | "sev3" | "p3" => Self::Warning,
            "info" | "informational" | "information" | "notice" | "sev4" | "p4" => Self::Info,
            "low" | "none" | "ok" | "debug" | "sev5" | "p5" => Self::Low,
            _ => Self::Unknown,
        }
    }
}

with_origin! {
    /// One alert.
    pub struct Alert {
        /// Identity of the label set, the same in every source that carries it.
        pub fingerprint: String,
        /// Name of the rule (`alertname`).
        pub name: String,
        /// Labels: identity.
        pub labels: BTreeMap<String, String>,
        /// Annotations: prose. Untrusted.
        pub annotations: BTreeMap<String, String>,
        /// How bad, in our word and theirs.
        pub severity: Observed<Severity>,
        /// Where it stands.
        pub state: Observed<AlertState>,
        /// When it began to fire.
        #[serde(default)]
        pub starts_at: Option<DateTime<Utc>>,
        /// When it stopped. `None` while it fires, and when it merely disappeared from a complete answer.
        #[serde(default)]
        pub ends_at: Option<DateTime<Utc>>,
        /// The silences that hold it, as far as the backend showed them.
        #[serde(default)]
        pub silenced_by: Vec<Silence>,
        /// Fingerprints of the alerts that inhibit it.
        #[serde(default)]
        pub inhibited_by: Vec<String>,
        /// Who is told of it.
        #[serde(default)]
        pub receivers: Vec<String>,
        /// How many notifications it stands for; 1 where the backend does not count.
        pub count: u32,
    }
}

impl Alert {
    /// The one-line explanation: `summary`, else `description`, else `message`. Untrusted.
    pub fn summary(&self) -> Option<&str> {
        ["summary", "description", "message"]
            .iter()
            .find_map(|key| self.annotations.get(*key))
            .map(String::as_str)
    }

    /// What it says of its service.
    pub fn signal(&self) -> Signal {
        let firing = match self.severity.state {
            Severity::Critical => Status::Paging,
            Severity::High => Status::Failing,
            Severity::Warning | Severity::Unknown => Status::Warn,
            Severity::Info | Severity::Low => Status::Inactive,
        };
        match self.state.state {
            AlertState::Firing => Signal { status: firing, acknowledged: false },
            AlertState::Acknowledged => Signal { status: firing, acknowledged: true },
            AlertState::Suppressed => Signal { status: Status::Inactive, acknowledged: true },
            AlertState::Resolved => Signal { status: Status::Ok, acknowledged: false },
            AlertState::Unknown => Signal { status: Status::Unknown, acknowledged: false },
        }
    }
}

/// One condition of a silence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matcher {
    /// Label name.
    pub name: String,
    /// Value or, when `is_regex`, an anchored regular expression.
    pub value: String,
    /// `=~` or `!~` instead of `=` or `!=`.
    pub is_regex: bool,
    /// `=` or `=~` instead of `!=` or `!~`.
    pub is_equal: bool,
}

/// Whether a silence holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SilenceState {
    /// Begins later.
    Pending,
    /// Holds.
    Active,
    /// Over.
    Expired,
    /// Its own end has passed since its server was read: whether somebody had it end later is not known. No backend says so.
    Lapsed,
    /// A word we do not know, or the backend showed only the id.
    Unknown,
}

/// A silence: alerts that match all conditions do not notify.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// The backend's id.
    pub id: String,
    /// All must match.
    pub matchers: Vec<Matcher>,
    /// Begin.
    #[serde(default)]
    pub starts_at: Option<DateTime<Utc>>,
    /// End.
    #[serde(default)]
    pub ends_at: Option<DateTime<Utc>>,
    /// Who made it. Untrusted text, and only a claim.
    pub created_by: String,
    /// Why. Untrusted text.
    pub comment: String,
    /// Whether it holds.
    pub state: SilenceState,
}

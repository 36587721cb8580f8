//! Health of a source: how far its data can be trusted right now.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::SourceId;

/// Whether a source answers, and what keeps it from answering.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum HealthState {
    /// Configured, never polled.
    New,
    /// The last poll was complete and recent.
    Fresh,
    /// It could not be reached, or answered with an error of its own (5xx, time-out).
    Unreachable {
        /// What happened, without secrets: `connection refused`.
        cause: String,
    },
    /// It asked us to wait.
    Throttled {
        /// No request before this instant.
        until: DateTime<Utc>,
    },
    /// No credential, or it was rejected. Polling is paused until the credential changes.
    NeedsSignIn {
        /// Machine word of the reason (`rejected`, `credential_missing`, `locked`, …), with what it is about after a space,
        /// where it is about something: see [`sign_in_reason`].
        reason: String,
    },
    /// The credential works but lacks a permission.
    Forbidden {
        /// What is missing, in the backend's words.
        missing: String,
    },
    /// It answered something that is not its contract (a login page, broken JSON, too large).
    Unexpected {
        /// What was wrong, and where.
        what: String,
    },
    /// Settings are wrong; polling is paused until they change.
    Misconfigured {
        /// What to mend.
        what: String,
    },
    /// Switched off by the person.
    Paused,
}

/// The machine word of a [`HealthState::NeedsSignIn`], and what it is about: the variable of `env_unset`, `none` where no
/// credential is missing by mistake but none is configured.
pub fn sign_in_reason(reason: &str) -> (&str, Option<&str>) {
    reason.split_once(' ').map_or((reason, None), |(code, about)| (code, Some(about)))
}

impl HealthState {
    /// Machine word of the state.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Fresh => "fresh",
            Self::Unreachable { .. } => "unreachable",
            Self::Throttled { .. } => "throttled",
            Self::NeedsSignIn { .. } => "needs_sign_in",
            Self::Forbidden { .. } => "forbidden",
            Self::Unexpected { .. } => "unexpected",
            Self::Misconfigured { .. } => "misconfigured",
            Self::Paused => "paused",
        }
    }
}

/// What a backend said of its request quota.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// Requests allowed per window.
    pub limit: u64,
    /// Requests left in the window.
    pub remaining: u64,
    /// When the window begins anew.
    pub resets_at: Option<DateTime<Utc>>,
}

/// Health of one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Which source.
    pub source: SourceId,
    /// Whether it answers.
    #[serde(flatten)]
    pub state: HealthState,
    /// Since when it is in this state.
    pub since: DateTime<Utc>,
    /// When a complete poll last succeeded: the age of what is shown. `None`: never.
    pub as_of: Option<DateTime<Utc>>,
    /// When it is tried next. `None` while paused.
    pub next_at: Option<DateTime<Utc>>,
    /// How often it is polled, seconds: data older than two intervals is stale.
    pub interval_secs: u64,
    /// Its quota, when it tells.
    pub quota: Option<Quota>,
    /// Its clock minus ours, seconds, when it differs by more than a minute.
    #[serde(default)]
    pub clock_skew_secs: Option<i64>,
    /// Version the backend reports. `None` until a check or poll told.
    #[serde(default)]
    pub version: Option<String>,
}

impl Health {
    /// A source that was never polled.
    pub fn new(source: SourceId, now: DateTime<Utc>, interval_secs: u64) -> Self {
        Self {
            source,
            state: HealthState::New,
            since: now,
            as_of: None,
            next_at: Some(now),
            interval_secs,
            quota: None,
            clock_skew_secs: None,
            version: None,
        }
    }

    /// Whether what this source said may be drawn as current at `now`: it is fresh, and its last complete poll is not
    /// older than [`Health::trusted_secs`].
    pub fn is_current(&self, now: DateTime<Utc>) -> bool {
        let young = |as_of: DateTime<Utc>| (now - as_of).num_seconds() <= self.trusted_secs();
        self.state == HealthState::Fresh && self.as_of.is_some_and(young)
    }

    /// How long a complete poll is trusted, seconds: two poll intervals, at least 30 s so that one slow answer is no alarm.
    pub fn trusted_secs(&self) -> i64 {
        i64::try_from(self.interval_secs.saturating_mul(2).max(30)).unwrap_or(i64::MAX)
    }
}

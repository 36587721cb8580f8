//! Health of a source: how far its data can be trusted right now.

use std::fmt;

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
        /// Why.
        reason: SignIn,
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

/// Why a source needs a sign-in. As text it is the machine word, and after a space what that is about (`env_unset TOKEN`): so
/// health is stored, and so it is told to who has one text for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct SignIn {
    /// Machine word: `rejected`, `credential_missing`, `locked`, …
    pub code: String,
    /// What it is about: the variable of `env_unset`, `none` where no credential is missing by mistake but none is configured.
    /// `None`: the word says all.
    pub about: Option<String>,
}

impl From<&str> for SignIn {
    fn from(text: &str) -> Self {
        match text.split_once(' ') {
            Some((code, about)) => Self { code: code.to_owned(), about: Some(about.to_owned()) },
            None => Self { code: text.to_owned(), about: None },
        }
    }
}

impl From<String> for SignIn {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<SignIn> for String {
    fn from(reason: SignIn) -> Self {
        reason.to_string()
    }
}

impl fmt::Display for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code)?;
        self.about.iter().try_for_each(|about| write!(f, " {about}"))
    }
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

/// A time of which a backend has told all that began in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Its begin.
    pub since: DateTime<Utc>,
    /// Its end: the last poll after which nothing more was waiting.
    pub until: DateTime<Utc>,
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
    /// Through which time everything that began there is told, though nobody looked meanwhile. `None`: it only tells what is
    /// at each poll, or was never read to the end.
    #[serde(default)]
    pub told: Option<Told>,
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
            told: None,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_a_sign_in_is_needed_is_stored_as_one_text() {
        for (text, code, about) in [
            ("rejected", "rejected", None),
            ("env_unset HUB_TOKEN", "env_unset", Some("HUB_TOKEN")),
            ("credential_missing none", "credential_missing", Some("none")),
        ] {
            let state = HealthState::NeedsSignIn { reason: text.into() };
            let stored = serde_json::json!({ "state": "needs_sign_in", "reason": text });
            assert_eq!(serde_json::to_value(&state).expect("it is JSON"), stored);
            assert_eq!(serde_json::from_value::<HealthState>(stored).expect("it is health"), state);
            let HealthState::NeedsSignIn { reason } = state else { panic!("{text}") };
            assert_eq!((reason.code.as_str(), reason.about.as_deref()), (code, about));
        }
    }
}

//! Sources: their health, and when they were not read.

use chrono::{DateTime, Utc};
use qd_model::Kind;
use serde::Serialize;
use ts_rs::TS;

use super::KindTs;

/// Health of a source, ready to be shown.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct HealthView {
    /// `new`, `fresh`, `unreachable`, `throttled`, `needs_sign_in`, `forbidden`, `unexpected`, `misconfigured`, `paused`.
    pub state: String,
    /// Whether what the source said may be drawn as current.
    pub current: bool,
    /// Since when it is in this state.
    pub since: DateTime<Utc>,
    /// When a complete poll last succeeded.
    pub as_of: Option<DateTime<Utc>>,
    /// When it is tried next.
    pub next_at: Option<DateTime<Utc>>,
    /// Cause, missing permission, or machine word of the reason; belongs to the state.
    pub cause: Option<String>,
    /// What the machine word in `cause` is about: the variable of `env_unset`; `none` where no credential is configured.
    pub about: Option<String>,
    /// No request before this instant (throttled).
    pub until: Option<DateTime<Utc>>,
    /// Seconds between polls.
    pub interval_secs: u32,
    /// Requests allowed per window.
    pub quota_limit: Option<u32>,
    /// Requests left.
    pub quota_remaining: Option<u32>,
    /// When the window begins anew.
    pub quota_resets_at: Option<DateTime<Utc>>,
    /// The source's clock minus ours, seconds, when it is off by more than a minute.
    pub clock_skew_secs: Option<i32>,
    /// Version of the backend.
    pub version: Option<String>,
}

/// A source in the status bar and beside totals.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct SourceView {
    /// Connection id.
    pub id: String,
    /// Backend word (`github`).
    pub backend: String,
    /// Backend name (`GitHub`).
    pub backend_name: String,
    /// Kinds it observes.
    #[ts(as = "Vec<KindTs>")]
    pub kinds: Vec<Kind>,
    /// Its health.
    pub health: HealthView,
    /// When it was first read, where the time that is asked for lies before: then nothing is known of it, whatever its health
    /// is by now. `None`: it had been read by then, or never was.
    pub unknown_before: Option<DateTime<Utc>>,
    /// When it was not read within the span of time that is asked for (`during:`): what happened then may be missing. `None`: no
    /// span is asked for, or it was read through all of it.
    pub unread: Option<UnreadView>,
}

/// Times in which a source was not read.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct UnreadView {
    /// It was not read in the span at all.
    pub whole: bool,
    /// The first few, oldest first.
    pub times: Vec<TimesView>,
    /// How many more there are.
    pub more: u32,
}

/// From one instant to another.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct TimesView {
    /// Inclusive.
    pub from: DateTime<Utc>,
    /// Exclusive.
    pub to: DateTime<Utc>,
}

//! What a credential can see, and what choosing it costs.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What can be chosen for a setting of a connection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, TS)]
pub struct ProposalsView {
    /// The latest first.
    pub items: Vec<ProposalView>,
    /// There is more than this.
    pub more: bool,
    /// Why nothing is proposed, or what could not be read.
    pub notes: Vec<String>,
    /// Requests of the backend's quota window, as it told with this answer. `None`: it tells none.
    pub quota_limit: Option<u32>,
}

/// A value that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ProposalView {
    /// What is written into the setting.
    pub value: String,
    /// When something last happened there.
    pub active_at: Option<DateTime<Utc>>,
    /// What it is, in a few words; may be empty.
    pub about: String,
    /// To be taken unless the person chooses otherwise.
    pub preselected: bool,
}

/// Asks what a connection will cost.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct EstimateReq {
    /// Backend word.
    pub backend: String,
    /// How many values are chosen.
    pub values: u32,
    /// Seconds between polls. `None`: the backend's own.
    pub interval_secs: Option<u32>,
    /// Requests of the backend's quota window, where it is known.
    pub quota_limit: Option<u32>,
    /// It has a credential.
    pub signed_in: bool,
}

/// What a connection will cost in an hour, at the most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct EstimateView {
    /// Nobody looks and nothing runs; the window shows what it observes; something runs at one of the values.
    pub hours: Vec<HourView>,
    /// Unchanged answers are free of the quota.
    pub unchanged_is_free: bool,
    /// Percent of the quota after which polls wait for the next window (`[polling] budget_percent`).
    pub ceiling_percent: u32,
}

/// What an hour costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct HourView {
    /// `idle`, `watched`, `running`.
    pub pace: String,
    /// Requests sent.
    pub requests: u32,
    /// Those that count against the quota.
    pub counted: u32,
    /// Their share of the quota, rounded up. `None`: the quota is not known.
    pub percent: Option<u32>,
}

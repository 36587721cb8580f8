//! What may have started an alert.

use chrono::{DateTime, Utc};
use qd_model::Status;
use serde::Serialize;
use ts_rs::TS;

use super::StatusTs;

/// The deployment of an alert's service that came shortly before it.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct LikelyView {
    /// The deployment.
    pub id: String,
    /// What went there. `None`: nobody tells.
    pub version: Option<String>,
    /// Where to.
    pub environment: Option<String>,
    /// Who or what started it.
    pub author: Option<String>,
    /// How it ended, or that it has not.
    #[ts(as = "StatusTs")]
    pub status: Status,
    /// When it began.
    pub began: DateTime<Utc>,
    /// How many seconds before the alert that was.
    pub before_secs: u32,
    /// How many more deployments of the service began within the hour before the alert.
    pub others: u32,
}

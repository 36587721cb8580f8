//! The model's words, spelled for TypeScript: the model itself knows nothing of TypeScript. A test in
//! `typescript.rs` keeps them equal to the model's.

use serde::Serialize;
use ts_rs::TS;

/// See `qd_model::Kind`.
#[derive(Serialize, TS)]
#[ts(rename = "Kind", rename_all = "snake_case")]
#[allow(dead_code, reason = "exists only as TypeScript")]
pub enum KindTs {
    /// Run.
    Run,
    /// Deployment.
    Deployment,
    /// Alert.
    Alert,
    /// Ticket.
    Ticket,
}

/// See `qd_model::Status`.
#[derive(Serialize, TS)]
#[ts(rename = "Status", rename_all = "snake_case")]
#[allow(dead_code, reason = "exists only as TypeScript")]
pub enum StatusTs {
    /// Paging.
    Paging,
    /// Failing.
    Failing,
    /// Warn.
    Warn,
    /// Waiting.
    Waiting,
    /// Unknown.
    Unknown,
    /// Running.
    Running,
    /// Ok.
    Ok,
    /// Inactive.
    Inactive,
}

/// See `qd_model::Severity`.
#[derive(Serialize, TS)]
#[ts(rename = "Severity", rename_all = "snake_case")]
#[allow(dead_code, reason = "exists only as TypeScript")]
pub enum SeverityTs {
    /// Critical.
    Critical,
    /// High.
    High,
    /// Warning.
    Warning,
    /// Info.
    Info,
    /// Low.
    Low,
    /// Unknown.
    Unknown,
}

/// See `qd_model::Tier`.
#[derive(Serialize, TS)]
#[ts(rename = "Tier", rename_all = "snake_case")]
#[allow(dead_code, reason = "exists only as TypeScript")]
pub enum TierTs {
    /// Production.
    Production,
    /// Staging.
    Staging,
    /// Test.
    Test,
    /// Development.
    Development,
    /// Other.
    Other,
}

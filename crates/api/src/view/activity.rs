//! What happened in the last hours.

use chrono::{DateTime, Utc};
use serde::Serialize;
use ts_rs::TS;

/// What happened to each service in each part of a span.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ActivityView {
    /// Begin of the first part.
    pub from: DateTime<Utc>,
    /// End of the last.
    pub to: DateTime<Utc>,
    /// Seconds of each part.
    pub part_secs: u32,
    /// How many parts.
    pub parts: u32,
    /// Services with anything to tell; the others had nothing.
    pub services: Vec<ServiceActivity>,
    /// Which parts each source was not read in from begin to end: nothing is known of them.
    pub unread: Vec<SourceGaps>,
}

/// What happened to one service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ServiceActivity {
    /// Its name.
    pub name: String,
    /// Alerts that fired at any moment of each part.
    pub alerts: Vec<u32>,
    /// Of these the ones that page.
    pub paging: Vec<u32>,
    /// Runs that began in each part and failed.
    pub failed: Vec<u32>,
}

/// Parts that a source was not read in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SourceGaps {
    /// Its id.
    pub source: String,
    /// The parts, from 0.
    pub parts: Vec<u32>,
}

//! The watch strip, and what views can be narrowed to.

use chrono::{DateTime, Utc};
use qd_model::{Kind, Status, Tier};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{KindTs, StatusTs, TierTs};

/// Asks for the watch strip.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct StripReq {
    /// From, inclusive.
    pub from: DateTime<Utc>,
    /// To, exclusive. May lie ahead: nothing is there yet.
    pub to: DateTime<Utc>,
    /// Width of a bucket, seconds: what happened in one is drawn as one mark of each sort. The span holds at most 400.
    pub step_secs: u32,
    /// Of which services and environments; empty: all.
    #[serde(default)]
    pub query: String,
    /// Answer `unchanged` when nothing changed since. Only for the same span and query.
    pub seen_seq: Option<u64>,
}

/// The watch strip.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct StripView {
    /// Nothing changed since `seen_seq`: keep what you have (the rest is empty).
    pub unchanged: bool,
    /// Moments, oldest first.
    pub marks: Vec<StripMark>,
    /// Times in which alerts fired, one row of spans for each status; spans of one status do not overlap.
    pub spans: Vec<StripSpan>,
    /// Times in which not every source was read, for each kind: what is not drawn there may have happened all the same.
    pub gaps: Vec<StripGap>,
    /// More happened than is counted here; the oldest is missing.
    pub truncated: bool,
    /// Number of the latest change.
    pub seq: u64,
}

/// What happened in one bucket, of one sort. `happened` with its times tells which rows made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct StripMark {
    /// `deployed`, `rolled_back`, `deployment_failed`, `run_failed`, `ticket_opened`.
    pub what: String,
    /// When the first of them happened.
    pub at: DateTime<Utc>,
    /// When the last of them happened; equals `at` for one.
    pub last: DateTime<Utc>,
    /// How many.
    pub count: u32,
    /// The first of them.
    pub first: Happened,
}

/// A time in which alerts fired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct StripSpan {
    /// The status they drew: `paging`, `failing`, `warn`, `unknown`, or `inactive` for silenced ones and information.
    #[ts(as = "StatusTs")]
    pub status: Status,
    /// When the first of them began.
    pub from: DateTime<Utc>,
    /// When the last of them ended. `None`: it has not, as far as is known.
    pub to: Option<DateTime<Utc>>,
    /// How many alerts.
    pub count: u32,
}

/// A time in which not every source of a kind was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct StripGap {
    /// Of which kind.
    #[ts(as = "KindTs")]
    pub kind: Kind,
    /// From.
    pub from: DateTime<Utc>,
    /// To. `None`: until now.
    pub to: Option<DateTime<Utc>>,
    /// Which sources were not read. Empty: there is none that observes the kind.
    pub sources: Vec<String>,
    /// None was read.
    pub whole: bool,
}

/// Asks which rows made a part of the strip.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct HappenedReq {
    /// From, inclusive.
    pub from: DateTime<Utc>,
    /// To, exclusive.
    pub to: DateTime<Utc>,
    /// Of which services and environments; empty: all.
    #[serde(default)]
    pub query: String,
    /// At most so many of each kind, and 500.
    pub limit: u32,
}

/// What happened in a span of time.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct HappenedView {
    /// What happened, oldest first.
    pub items: Vec<Happened>,
    /// How many entities of each sort; sorts of which there are none are left out.
    pub counts: Vec<HappenedCount>,
    /// There are more than were counted.
    pub at_least: bool,
    /// More happened than is listed; the oldest is missing.
    pub truncated: bool,
    /// Sources that were not read all the time: what happened then may be missing.
    pub unread: Vec<String>,
}

/// How many entities something happened to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct HappenedCount {
    /// As in [`Happened`].
    pub what: String,
    /// Entities; one to which it happened twice counts once.
    pub count: u32,
}

/// One thing that happened to an entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Happened {
    /// Entity id.
    pub id: String,
    /// `deployed`, `rolled_back`, `deployment_failed`, `run_failed`, `alert_fired`, `ticket_opened`.
    pub what: String,
    /// Status it gave.
    #[ts(as = "StatusTs")]
    pub status: Status,
    /// Its title.
    pub title: String,
    /// Its service.
    pub service: Option<String>,
    /// Its environment.
    pub environment: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
    /// Until when an alert fired. `None` while it does, and for all others.
    pub until: Option<DateTime<Utc>>,
}

/// What views can be narrowed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct NarrowView {
    /// Services that are configured, or that something current belongs to.
    pub services: Vec<ServiceChoice>,
    /// Owners that are configured.
    pub owners: Vec<String>,
    /// Environments of what is current, production first.
    pub environments: Vec<EnvironmentChoice>,
}

/// A service to narrow views to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ServiceChoice {
    /// Its name.
    pub name: String,
    /// Its owner.
    pub owner: Option<String>,
}

/// An environment to narrow views to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct EnvironmentChoice {
    /// Its name.
    pub name: String,
    /// Its tier, inferred from the name.
    #[ts(as = "TierTs")]
    pub tier: Tier,
}

//! What happened in a span of time, and when anybody looked.

use chrono::{DateTime, Utc};
use qd_model::{EntityId, Filter, Kind, SourceId, Status};

/// A span of the timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelineQuery {
    /// From, inclusive.
    pub from: DateTime<Utc>,
    /// To, exclusive.
    pub to: DateTime<Utc>,
    /// Of which kinds; empty: all.
    pub kinds: Vec<Kind>,
    /// How many at the most.
    pub limit: u32,
}

/// Asks for what happened within a span.
#[derive(Debug, Clone, PartialEq)]
pub struct HappenedQuery {
    /// From, inclusive.
    pub from: DateTime<Utc>,
    /// To, exclusive.
    pub to: DateTime<Utc>,
    /// Of which entities.
    pub filter: Filter,
    /// For `age:` terms.
    pub now: DateTime<Utc>,
    /// How many of each kind at the most; of more, the newest.
    pub limit: u32,
}

/// The answer to a [`HappenedQuery`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Happened {
    /// What happened, oldest first.
    pub items: Vec<Happening>,
    /// There was more than the limit: the oldest are missing.
    pub truncated: bool,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// A deployment went to an environment, or is on its way.
    Deployed,
    /// A deployment went back to an earlier version.
    RolledBack,
    /// A deployment failed.
    DeploymentFailed,
    /// A run failed.
    RunFailed,
    /// An alert fired.
    AlertFired,
    /// A ticket was opened.
    TicketOpened,
}

impl What {
    /// The machine word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deployed => "deployed",
            Self::RolledBack => "rolled_back",
            Self::DeploymentFailed => "deployment_failed",
            Self::RunFailed => "run_failed",
            Self::AlertFired => "alert_fired",
            Self::TicketOpened => "ticket_opened",
        }
    }
}

/// One thing that happened to an entity.
#[derive(Debug, Clone, PartialEq)]
pub struct Happening {
    /// To which.
    pub id: EntityId,
    /// What.
    pub what: What,
    /// The status it drew then (alerts) or draws now (all others).
    pub status: Status,
    /// One line that names the entity.
    pub title: String,
    /// Its service.
    pub service: Option<String>,
    /// Its environment.
    pub environment: Option<String>,
    /// When: the begin of a deployment or alert, the end of a failed run, the opening of a ticket. As the backend says, and
    /// where it does not, as we saw it.
    pub at: DateTime<Utc>,
    /// Until when an alert fired. `None` while it does, and for all others.
    pub until: Option<DateTime<Utc>>,
}

/// A time through which a source was read without a longer pause than its data is trusted for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Which source.
    pub source: SourceId,
    /// The first complete poll.
    pub from: DateTime<Utc>,
    /// The last complete poll.
    pub until: DateTime<Utc>,
    /// Until when what the last one brought is trusted.
    pub trusted_until: DateTime<Utc>,
}

/// Asks for what changed again and again.
#[derive(Debug, Clone, PartialEq)]
pub struct RestlessQuery {
    /// Of which kind.
    pub kind: Kind,
    /// From, inclusive.
    pub from: DateTime<Utc>,
    /// To, exclusive.
    pub to: DateTime<Utc>,
    /// Only what changed its state at least so often.
    pub at_least: u32,
    /// How many entities at the most.
    pub limit: u32,
}

/// An entity that changed again and again.
#[derive(Debug, Clone, PartialEq)]
pub struct Restless {
    /// Which.
    pub id: EntityId,
    /// Its changes within the span, oldest first.
    pub changes: Vec<StateChange>,
}

/// A change of a state word, without the entity's body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateChange {
    /// The word before. `None`: it was new.
    pub from: Option<String>,
    /// The word since; `gone` when a complete answer no longer lists it.
    pub to: String,
    /// When we saw it.
    pub at: DateTime<Utc>,
}

/// A span cut into equal parts, to count what happened in each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TallyQuery {
    /// Begin of the first part.
    pub from: DateTime<Utc>,
    /// End of the last part.
    pub to: DateTime<Utc>,
    /// How many parts: at least 1.
    pub parts: u32,
    /// What was known then is counted, and nothing later. `None`: what is known now.
    pub as_of: Option<DateTime<Utc>>,
    /// Sources whose word does not count.
    pub except: Vec<SourceId>,
}

/// What happened to one service in one part of a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// Of which kind.
    pub kind: Kind,
    /// Of which service. `None`: of none.
    pub service: Option<String>,
    /// In which part, from 0.
    pub part: u32,
    /// With which status.
    pub status: Status,
    /// Runs, deployments and tickets that began in it; alerts that fired at any moment of it.
    pub count: u64,
    /// Those that began in it: for alerts fewer than `count`.
    pub began: u64,
}

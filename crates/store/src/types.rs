//! What travels to and from a store.

use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use qd_model::{Coverage, Cursor, EntityId, Fact, Filter, Kind, Links, SourceId, Status, Target};

/// Number of a change set; 0 before the first.
pub type Seq = u64;

/// Decides to which service and environment a fact belongs.
pub type Linker = Arc<dyn Fn(&Fact) -> Links + Send + Sync>;

/// Which earlier runs are wanted beside what is current.
#[derive(Clone)]
pub struct Recent {
    /// So many of each line.
    pub runs: u32,
    /// Of lines whose latest run passes this. There may be thousands of lines, one for every branch there ever was.
    pub of: Arc<dyn Fn(&Fact) -> bool + Send + Sync>,
}

impl Recent {
    /// None.
    pub fn none() -> Self {
        Self::of_every_line(0)
    }

    /// So many of each line there is.
    pub fn of_every_line(runs: u32) -> Self {
        Self { runs, of: Arc::new(|_| true) }
    }
}

/// What a poll brought, linked.
#[derive(Debug, Clone, PartialEq)]
pub struct Ingest {
    /// Facts with their service and environment. An entity listed twice counts with its last mention.
    pub facts: Vec<(Fact, Links)>,
    /// What the batch says about entities it does not list.
    pub coverage: Coverage,
    /// Where the next poll continues.
    pub next: Cursor,
}

/// What a transaction changed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChangeSet {
    /// Its number. 0: nothing was changed.
    pub seq: Seq,
    /// Entities that changed in any way, at most 10,000; more are left out and `truncated` is set.
    pub touched: Vec<EntityId>,
    /// Those whose state word changed (or that are new).
    pub transitions: Vec<Transition>,
    /// Services whose status may have changed.
    pub services: Vec<String>,
    /// Not everything is listed.
    pub truncated: bool,
}

impl ChangeSet {
    /// Whether anything changed.
    pub fn is_empty(&self) -> bool {
        self.seq == 0
    }
}

/// One entity as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Entity {
    /// What was observed last.
    pub fact: Fact,
    /// Its service and environment.
    pub links: Links,
    /// When it was first seen by us.
    pub first_seen: DateTime<Utc>,
    /// When it last changed, as seen by us.
    pub changed: DateTime<Utc>,
    /// Number of its last change: `act` refuses when it is newer than what the person saw.
    pub seq: Seq,
    /// A complete answer no longer lists it (deleted, or access lost). Its state is the last one seen.
    pub gone_at: Option<DateTime<Utc>>,
}

/// A change of an entity's state word.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// Of whom.
    pub id: EntityId,
    /// Its title at that moment.
    pub title: String,
    /// Its service at that moment.
    pub service: Option<String>,
    /// Its environment at that moment.
    pub environment: Option<String>,
    /// The word before. `None`: it was new.
    pub from: Option<String>,
    /// The word since. `gone` when a complete answer no longer lists it.
    pub to: String,
    /// The backend's own word.
    pub raw: String,
    /// The status it draws since.
    pub status: Status,
    /// When we saw it. The backend's own times stand in the fact.
    pub at: DateTime<Utc>,
    /// The change set it came with.
    pub seq: Seq,
}

/// Which entities of a list are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// What is current: open tickets, alerts that fire or are suppressed, the latest run and deployment of each line.
    Current,
    /// Everything stored.
    All,
}

/// Order of a list. Ties are broken by id, so pages never overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Worst status first, then newest.
    Attention,
    /// Newest first; what has no time comes last.
    Newest,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListQuery {
    /// Of which kinds; empty: all.
    pub kinds: Vec<Kind>,
    /// Current or all.
    pub scope: Scope,
    /// What they must match.
    pub filter: Filter,
    /// As they were then. `None`: now.
    pub as_of: Option<DateTime<Utc>>,
    /// For `age:` terms.
    pub now: DateTime<Utc>,
    /// In which order.
    pub order: Order,
    /// How many to skip.
    pub offset: u64,
    /// How many at the most.
    pub limit: u32,
}

impl ListQuery {
    /// The first 200 current entities of a kind, worst first.
    pub fn current(kind: Kind, now: DateTime<Utc>) -> Self {
        Self {
            kinds: vec![kind],
            scope: Scope::Current,
            filter: Filter::default(),
            as_of: None,
            now,
            order: Order::Attention,
            offset: 0,
            limit: 200,
        }
    }
}

/// The answer to a [`ListQuery`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// The entities, at most `limit`.
    pub items: Vec<Entity>,
    /// How many there are in all, or when `capped` how many were counted.
    pub total: u64,
    /// There are more than `total`: counting them all would have taken longer than showing them.
    pub capped: bool,
    /// The store's number when it was read.
    pub seq: Seq,
}

/// Which part of a line is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinePart {
    /// All of it.
    Whole,
    /// What occurred before the entity.
    Before,
}

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

/// How many current entities of a source and a kind have a status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// Who observed them; it may not be configured any more.
    pub source: SourceId,
    /// Which kind.
    pub kind: Kind,
    /// Which status.
    pub status: Status,
    /// How many.
    pub count: u64,
}

/// A span cut into equal parts, to count what happened in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TallyQuery {
    /// Begin of the first part.
    pub from: DateTime<Utc>,
    /// End of the last part.
    pub to: DateTime<Utc>,
    /// How many parts: at least 1.
    pub parts: u32,
    /// What was known then is counted, and nothing later. `None`: what is known now.
    pub as_of: Option<DateTime<Utc>>,
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

/// A part of the actions log.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ActionsQuery {
    /// Only those aimed at it.
    pub target: Option<Target>,
    /// Only those that are not settled, or settled as unknown.
    pub unsettled: bool,
    /// How many at the most; 0 means 100.
    pub limit: u32,
}

/// An answer kept for conditional requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CachedAnswer {
    /// The `ETag` header, quotes and weakness mark included.
    pub etag: String,
    /// The body.
    pub body: Bytes,
    /// The `Link` header that came with it, which a 304 does not repeat.
    pub link: Option<String>,
    /// When it was kept.
    pub stored_at: DateTime<Utc>,
}

/// A process that polls.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Holder(pub String);

/// Why a store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another version of the product wrote it.
    #[error(
        "the history was written by a newer Quarterdeck (schema {found}, this one knows up to {known}); update this one, or point QUARTERDECK_HOME elsewhere"
    )]
    Newer {
        /// Its schema.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// The disk is full, read-only or failing.
    #[error("the history could not be written: {0}")]
    Write(String),
    /// It could not be read.
    #[error("the history could not be read: {0}")]
    Read(String),
    /// The store is closed.
    #[error("the history is closed")]
    Closed,
}

/// What a store had to do when it was opened, to be told to the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// Source of the copy: where the damaged file now lies.
    pub path: std::path::PathBuf,
    /// What was wrong with it.
    pub why: String,
}

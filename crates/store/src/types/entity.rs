//! What a store keeps of a fact, and what changes it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use qd_model::{Coverage, Cursor, EntityId, Fact, Links, Status};

/// Number of a change set; 0 before the first.
pub type Seq = u64;

/// Decides to which service and environment a fact belongs.
pub type Linker = Arc<dyn Fn(&Fact) -> Links + Send + Sync>;

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

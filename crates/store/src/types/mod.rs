//! What travels to and from a store.

mod entity;
mod list;
mod notes;
mod past;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use qd_model::Target;

pub use entity::{ChangeSet, Entity, Ingest, Linker, Seq, Transition};
pub use list::{Count, LinePart, ListQuery, Order, Page, Recent, Scope};
pub use notes::{NotesPage, NotesQuery};
pub use past::{
    Happened, HappenedQuery, Happening, Reading, Restless, RestlessQuery, StateChange, Tally, TallyQuery,
    TimelineQuery, What,
};

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
    /// Where the damaged file now lies.
    pub path: std::path::PathBuf,
    /// What was wrong with it.
    pub why: String,
}

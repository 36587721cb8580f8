//! What is there now, or was at a time: lists, lines, counts.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use qd_model::{Fact, Filter, Kind, SourceId, Status};

use super::{Entity, Seq};

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

/// Which part of a line is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinePart {
    /// All of it.
    Whole,
    /// What occurred before the entity.
    Before,
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

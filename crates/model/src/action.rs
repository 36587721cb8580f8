//! Actions: what people ask of a backend, and what became of it.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{EntityId, IdError, SourceId};

/// What an action is aimed at.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Target {
    /// One entity (re-run this run).
    Entity(EntityId),
    /// The source itself (create a ticket there, force a build there).
    Source(SourceId),
}

impl Target {
    /// The source that carries the action out.
    pub fn source(&self) -> &SourceId {
        match self {
            Self::Entity(id) => &id.source,
            Self::Source(source) => source,
        }
    }

    /// The entity, when there is one.
    pub fn entity(&self) -> Option<&EntityId> {
        match self {
            Self::Entity(id) => Some(id),
            Self::Source(_) => None,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entity(id) => id.fmt(f),
            Self::Source(source) => source.fmt(f),
        }
    }
}

impl FromStr for Target {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        if text.contains('/') { text.parse().map(Self::Entity) } else { text.parse().map(Self::Source) }
    }
}

/// Where an action stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionState {
    /// Written down, not yet sent.
    Proposed,
    /// Sent; no answer yet.
    Sent,
    /// Ended; the outcome tells how.
    Settled,
}

/// How an action ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum ActionOutcome {
    /// The backend took it. The entity changes when a poll has seen it change.
    Accepted {
        /// What the backend gave back, in plain words: `silence 8c2f created`.
        message: String,
        /// What takes it back. `None`: nothing can.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        undo: Option<Undo>,
    },
    /// It was so already.
    AlreadyDone {
        /// In plain words.
        message: String,
    },
    /// The backend, or we, said no. Nothing was changed.
    Refused {
        /// Why.
        reason: String,
        /// What kept it from being done, when that was neither the backend's own no nor a mistake of ours.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kept_by: Option<KeptBy>,
    },
    /// It was sent and no answer came: it may or may not have happened. Never sent again; the next poll settles it.
    Unknown {
        /// What cut the answer off.
        cause: String,
    },
}

/// What has to be mended before an action that was refused can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeptBy {
    /// The credential was rejected, or may not do it.
    SignIn,
    /// The source was not reached, or asked us to wait.
    Unreachable,
}

impl ActionOutcome {
    /// A no of the backend or ours.
    pub fn refused(reason: impl Into<String>) -> Self {
        Self::Refused { reason: reason.into(), kept_by: None }
    }
}

/// What takes an accepted action back, at the same target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// A verb of the connector; it need not be one that is offered by itself.
    pub verb: String,
    /// Its arguments. Never a secret.
    pub args: BTreeMap<String, String>,
}

/// One row of the actions log (the audit log). Written before anything is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionRecord {
    /// One key, one write at the most.
    pub idempotency_key: String,
    /// What it is aimed at.
    pub target: Target,
    /// The connector's verb: `silence`, `rerun`, `comment`.
    pub verb: String,
    /// Arguments. Never a secret.
    pub args: BTreeMap<String, String>,
    /// Who asked: `window`, `qd`.
    pub actor: String,
    /// When it was written down.
    pub proposed_at: DateTime<Utc>,
    /// Where it stands.
    pub state: ActionState,
    /// How it ended. `None` until it has.
    pub outcome: Option<ActionOutcome>,
    /// When it ended.
    pub settled_at: Option<DateTime<Utc>>,
}

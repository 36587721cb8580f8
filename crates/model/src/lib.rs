//! The nouns of Quarterdeck.
//!
//! Four kinds of [`Fact`] are observed in backends: pipeline runs, deployments, alerts and tickets. Everything here is
//! plain data and pure decisions over it.
//!
//! *Invariant:* no I/O, no async, no clock of its own: whoever needs the time passes `now`.
//! *Invariant:* unknown is a state. A word of a backend that we do not know becomes `Unknown` and is kept as `raw`;
//! absent times stay absent.

#[macro_use]
mod flat;

pub mod action;
pub mod alert;
pub mod batch;
pub mod clock;
pub mod deployment;
pub mod fact;
pub mod filter;
pub mod health;
pub mod id;
pub mod near;
pub mod note;
pub mod run;
pub mod service;
pub mod status;
pub mod ticket;

pub use action::{ActionOutcome, ActionRecord, ActionState, KeptBy, Target, Undo};
pub use alert::{Alert, AlertState, Matcher, Severity, Silence, SilenceState};
pub use batch::{Absence, Batch, Coverage, Cursor};
pub use clock::{Clock, ManualClock, SystemClock};
pub use deployment::{Deployment, DeploymentKind, DeploymentOrigin, DeploymentStatus};
pub use fact::{Fact, Link, LinkKind, Links, Origin};
pub use filter::{Filter, FilterError, Seen};
pub use health::{Health, HealthState, Quota, SignIn, Told};
pub use id::{EntityId, IdError, Kind, SourceId};
pub use near::{meant_or, nearest};
pub use note::{LONGEST_NOTE, NewNote, Note, NoteError, Subject, note_text};
pub use run::{PipelineRun, RunResult, RunState};
pub use service::{Environment, Service, ServiceRef, Tier};
pub use status::{Signal, Status};
pub use ticket::{Ticket, TicketStatus, TicketType};

use serde::{Deserialize, Serialize};

/// Something a backend said, in our word and in its own: decide with `state`, show `raw`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed<S> {
    /// Our canonical word.
    pub state: S,
    /// The backend's own word, untouched. Empty when the backend has no word for it.
    pub raw: String,
}

impl<S> Observed<S> {
    /// Pairs our word with the backend's.
    pub fn new(state: S, raw: impl Into<String>) -> Self {
        Self { state, raw: raw.into() }
    }
}

//! The engine: schedules polls, ingests what they bring, runs actions; owns every task.
//!
//! *Invariant:* polls of one source never overlap.
//! *Invariant:* an entity's state changes only by observation: an action writes the log, never an entity.
//! *Invariant:* no task is spawned outside [`tasks`].
//! *Invariant:* the engine never formats a sentence for a person beyond what an error carries.

mod act;
mod ask;
mod clients;
mod config;
mod engine;
mod estimate;
mod etags;
mod failure;
mod linking;
mod maintenance;
mod poll;
mod refusal;
mod schedule;
mod settle;
mod source;
mod tasks;
mod turns;
mod unread;

pub use act::ActRequest;
pub use ask::{AskError, Preview, Version};
pub use config::{ConnectionSpec, EngineConfig};
pub use engine::{Engine, Parts, Quiet, SourceReport, Usage};
pub use estimate::{HourlyCost, estimate};
pub use poll::first_read_key;
pub use refusal::{ActRefusal, check_offered};
pub use schedule::{Backoff, Tier};
pub use unread::unread;

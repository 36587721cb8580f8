//! Harbour: a company that does not exist, for looking around, for tests and for measurements.
//!
//! [`World`] is everything that ever happens there, made from a scale and a seed. [`Moment`] is what of it can be seen
//! at an instant, after the deeds people did: pure, so the same seed, instant and deeds always show the same. [`Harbour`]
//! puts it behind three loopback servers that speak GitHub's, Alertmanager's and Redmine's wire formats, and
//! [`DemoClock`] is its time, which can be stopped, hurried and set.
//!
//! *Invariant:* nothing here knows a connector, and nothing leaves this machine: servers listen on 127.0.0.1 only.

mod alertmanager;
mod clock;
mod config;
mod github;
mod harbour;
mod http;
mod moment;
mod redmine;
mod serve;
mod story;
pub mod world;

pub use clock::DemoClock;
pub use config::TOKEN;
pub use harbour::Harbour;
pub use moment::{Act, Deed, Moment};
pub use story::{CHAPTERS, Chapter, END, PRELUDE, START, chapter_at};
pub use world::{Scale, World};

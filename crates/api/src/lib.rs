//! What any front end may ask. The window, `qd` and the tests are three hosts of the same [`App`].
//!
//! *Invariant:* no answer ever holds a secret.
//! *Invariant:* text of a backend passes through [`plain`] before it leaves.

mod actions;
pub mod activity;
mod apart;
mod app;
mod around;
mod board;
pub mod charts;
pub mod commands;
mod compare;
pub mod config;
mod connections;
pub mod deep_link;
mod demo;
pub mod deploys;
pub mod desktop;
mod detail;
mod entity;
pub mod error;
mod follow;
mod health_words;
mod item;
mod lapsed;
mod likely;
mod line;
mod links;
mod listed;
mod live;
mod narrow;
pub mod notes;
mod overview;
mod paths;
mod plain;
mod problems;
mod propose;
mod prose;
mod readings;
mod readme;
mod removed;
mod rows;
pub mod services;
mod settings;
mod setup;
mod silences;
mod sources;
mod states;
mod status;
mod strip;
mod twin;
pub mod typescript;
pub mod unheard;
pub mod view;

pub use app::{App, AppParts, LinkOpener};
pub use demo::{Demo, Relaunch};
pub use error::ApiError;
pub use health_words::{health_why, health_word, health_words};
pub use item::{document, item, service_item, silence_item};
pub use links::{LinkRefusal, checked_link};
pub use listed::{Listed, Listing};
pub use live::Bell;
pub use paths::Paths;
pub use plain::plain;
pub use setup::{Setup, Verb};
pub use sources::Sources;

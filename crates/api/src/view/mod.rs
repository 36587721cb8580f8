//! What a front end sees. These types travel to the window as JSON; `cargo xtask codegen` writes their TypeScript.
//!
//! They are not the domain's types: storage, wire and domain move apart. All text that came from a backend is untrusted;
//! it is cleaned of control and direction characters in [`crate::plain`], and the window shows it as text nodes only.

mod action;
mod activity;
mod board;
mod charts;
mod compare;
mod demo;
mod deploys;
mod likely;
mod line;
mod notes;
mod overview;
mod problems;
mod propose;
mod prose;
mod rows;
mod services;
mod settings;
mod setup;
mod silences;
mod sources;
mod strip;
mod words;

pub use action::*;
pub use activity::*;
pub use board::*;
pub use charts::*;
pub use compare::*;
pub use demo::*;
pub use deploys::*;
pub use likely::*;
pub use line::*;
pub use notes::*;
pub use overview::*;
pub use problems::*;
pub use propose::*;
pub use prose::*;
pub use rows::*;
pub use services::*;
pub use settings::*;
pub use setup::*;
pub use silences::*;
pub use sources::*;
pub use strip::*;
pub use words::*;

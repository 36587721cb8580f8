//! The window, end to end.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "clippy allows them in test functions, not in their helpers"
)]

mod alerts;
mod credential;
mod demo_story;
mod first_run;
mod hardening;
mod keyboard;
mod pictures;
mod support;
